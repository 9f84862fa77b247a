//! The `registry-console` program.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// Compressing a page takes a short-lived buffer of 300 KiB, allocated between long-lived memory of
/// connections. The C library's allocator fragmented the heap: each buffer got new memory of its
/// own.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    // ring is the only provider of this program, so an installed provider is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    registry_console::cli::run()
}

//! The `registry-console` program.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// Each page is compressed in 300 KiB that are there for a moment, beside connections that stay:
/// the C library's allocator put each of these into a new gap of its own.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    // ring is the only provider of this program; whoever came first would have had to be us.
    let _ = rustls::crypto::ring::default_provider().install_default();
    registry_console::cli::run()
}

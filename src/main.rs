//! The `registry-console` program.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// Each page is compressed in 300 KiB that are allocated for a moment, next to connections that
/// stay open. With these sizes, the allocator of the C library fragments the memory.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    // An error means that a provider is installed already; this is the only place that installs
    // one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    registry_console::cli::run()
}

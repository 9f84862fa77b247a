//! The `registry-console` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    // ring is the only provider of this program; whoever came first would have had to be us.
    let _ = rustls::crypto::ring::default_provider().install_default();
    registry_console::cli::run()
}

//! The command line.

#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
pub mod serve;

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
#[cfg(feature = "demo")]
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use thiserror::Error;

use crate::config::{ProcessEnvironment, SettingsError, VARIABLES};
use crate::outbound::SetupError;
use crate::server::certificates::CertificateError;
use crate::telemetry::ErrorChain;
#[cfg(feature = "demo")]
use openshift_standin::StandinError;

/// What `--version` prints after the name: the version, and what the program was built from and for.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (commit ",
    env!("BUILD_COMMIT"),
    ", ",
    env!("BUILD_TARGET"),
    ")"
);

/// Web console for OpenShift's integrated image registry.
#[derive(Debug, Parser)]
#[command(name = "registry-console", version = VERSION, after_help = environment_help())]
struct Cli {
    #[command(subcommand)]
    command: Option<CliCommand>,
}

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Serve the console (the default). Configured by environment variables.
    Serve,
    /// Serve the console together with an embedded OpenShift with sample data. Needs nothing else
    /// and listens on 127.0.0.1 only.
    #[cfg(feature = "demo")]
    Demo(Box<demo::DemoArgs>),
    /// Check the console that these environment variables configure, and print what is wrong and
    /// how to fix it. Needs no credentials and changes nothing.
    Doctor(doctor::DoctorArgs),
}

/// Why the program ends without success.
#[derive(Debug, Error)]
pub enum CliError {
    /// Variables are missing or invalid.
    #[error(transparent)]
    InvalidConfig(#[from] SettingsError),
    /// The address or the certificates of an upstream cannot be used.
    #[error("the configuration cannot be used")]
    UpstreamSetup(#[from] SetupError),
    /// The certificate cannot be used.
    #[error("cannot use the certificate")]
    Certificate(#[from] CertificateError),
    /// An address is not available.
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    /// A port of the demo is not available.
    #[cfg(feature = "demo")]
    #[error(
        "cannot listen on port {port} of 127.0.0.1 for {server}: stop what listens there, or choose another port, where 0 is any free one: \
         registry-console demo {option} NUMBER, or make demo {variable}=NUMBER"
    )]
    DemoPort {
        port: u16,
        /// The server that was to listen there.
        server: &'static str,
        /// The option that chooses it.
        option: &'static str,
        /// The variable of the Makefile that sets it.
        variable: &'static str,
        #[source]
        source: io::Error,
    },
    /// A file cannot be written.
    #[cfg(feature = "demo")]
    #[error("cannot write {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A file cannot be read.
    #[cfg(feature = "demo")]
    #[error("cannot read {}", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The embedded cluster cannot be started.
    #[cfg(feature = "demo")]
    #[error("cannot start the demo")]
    StandinStart(#[from] StandinError),
    /// The operating system refuses threads or signals.
    #[error("cannot start")]
    OsResources(#[source] io::Error),
}

/// `EX_CONFIG` of sysexits.h.
const EX_CONFIG: u8 = 78;

impl CliError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::InvalidConfig(_) | Self::UpstreamSetup(_) | Self::Certificate(_) => {
                ExitCode::from(EX_CONFIG)
            }
            Self::Listen { .. } | Self::OsResources(_) => ExitCode::FAILURE,
            #[cfg(feature = "demo")]
            Self::DemoPort { .. }
            | Self::Write { .. }
            | Self::Read { .. }
            | Self::StandinStart(_) => ExitCode::FAILURE,
        }
    }
}

/// Runs the command line and returns the exit code: 0, 78 for mistakes in the configuration, 2 for
/// mistakes in the command line, otherwise 1.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command.unwrap_or(CliCommand::Serve) {
        CliCommand::Serve => serve::run(&ProcessEnvironment),
        #[cfg(feature = "demo")]
        CliCommand::Demo(arguments) => demo::run(&arguments, &ProcessEnvironment),
        CliCommand::Doctor(arguments) => {
            return doctor::run(
                arguments,
                &ProcessEnvironment,
                &mut std::io::stdout().lock(),
            );
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("registry-console: {}", ErrorChain(&failed));
            failed.exit_code()
        }
    }
}

fn environment_help() -> String {
    let mut text = "Environment variables:".to_owned();
    for variable in VARIABLES {
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "\n  {}\n          {}\n          default: {}\n          example: {}",
            variable.name, variable.description, variable.default, variable.example
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn command_line_without_subcommand_serves() {
        Cli::command().debug_assert();
        assert!(Cli::parse_from(["registry-console"]).command.is_none());
    }

    #[test]
    fn help_lists_every_setting() {
        let help = Cli::command().render_help().to_string();
        for variable in VARIABLES {
            assert!(help.contains(variable.name), "{}", variable.name);
        }
    }

    #[test]
    fn configuration_error_exits_with_ex_config() {
        let mistakes =
            crate::config::Config::from_variables(&crate::config::FixedVariables::default())
                .expect_err("nothing is set");
        assert_eq!(CliError::from(mistakes).exit_code(), ExitCode::from(78));
    }
}

//! The command line.

#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
pub mod serve;

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use thiserror::Error;

use crate::config::{Environment, Mistakes, VARIABLES};
use crate::outbound::Unusable;
use crate::server::certificates::CertificateError;
use crate::telemetry::Chain;
#[cfg(feature = "demo")]
use openshift_standin::DemoError;

/// Web console for OpenShift's integrated image registry.
#[derive(Debug, Parser)]
#[command(name = "registry-console", version, after_help = variables())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console (what is done without a command). Configured by environment variables.
    Serve,
    /// Serve the console of an embedded OpenShift with sample data: nothing else is needed, nothing
    /// is opened to the network.
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
    /// Say what is wrong with the console of these environment variables, and what to run. Needs no
    /// login, changes nothing.
    Doctor(doctor::Arguments),
}

/// Why the program ends without success.
#[derive(Debug, Error)]
pub enum Failed {
    /// Variables are missing or wrong.
    #[error(transparent)]
    Configuration(#[from] Mistakes),
    /// An upstream's address or certificates are of no use.
    #[error("the configuration cannot be used")]
    Upstream(#[from] Unusable),
    /// The certificate to show is of no use.
    #[error("cannot show a certificate")]
    Certificate(#[from] CertificateError),
    /// An address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A port of the demo cannot be had.
    #[cfg(feature = "demo")]
    #[error(
        "cannot listen on port {port} of 127.0.0.1 for {server}: stop what listens there, or choose another port, where 0 is any free one: \
         registry-console demo {option} NUMBER, or make demo {variable}=NUMBER"
    )]
    DemoPort {
        /// The port.
        port: u16,
        /// What was to listen there.
        server: &'static str,
        /// The option that chooses it.
        option: &'static str,
        /// The variable of the Makefile that does.
        variable: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file cannot be written.
    #[cfg(feature = "demo")]
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The embedded cluster cannot be started.
    #[cfg(feature = "demo")]
    #[error("cannot start the demo")]
    Demo(#[from] DemoError),
    /// The operating system refuses threads or signals.
    #[error("cannot start")]
    Start(#[source] io::Error),
}

/// `EX_CONFIG` of sysexits.h.
const EX_CONFIG: u8 = 78;

impl Failed {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) | Self::Upstream(_) | Self::Certificate(_) => {
                ExitCode::from(EX_CONFIG)
            }
            Self::Listen { .. } | Self::Start(_) => ExitCode::FAILURE,
            #[cfg(feature = "demo")]
            Self::DemoPort { .. } | Self::Write { .. } | Self::Demo(_) => ExitCode::FAILURE,
        }
    }
}

/// Does what the command line says, and gives the exit code: 0, 78 for mistakes in the
/// configuration, 2 for mistakes in the command line, else 1.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&Environment),
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => demo::run(&arguments, &Environment),
        Command::Doctor(arguments) => {
            return doctor::run(arguments, &Environment, &mut std::io::stdout().lock());
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("registry-console: {}", Chain(&failed));
            failed.exit_code()
        }
    }
}

fn variables() -> String {
    let mut text = "Environment variables:".to_owned();
    for variable in VARIABLES {
        // A String takes everything.
        let _ = write!(
            text,
            "\n  {}\n          {}\n          default: {}\n          example: {}",
            variable.name, variable.what, variable.default, variable.example
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_serves_without_a_command() {
        Arguments::command().debug_assert();
        assert!(
            Arguments::parse_from(["registry-console"])
                .command
                .is_none()
        );
    }

    #[test]
    fn help_describes_every_variable() {
        let help = Arguments::command().render_help().to_string();
        for variable in VARIABLES {
            assert!(help.contains(variable.name), "{}", variable.name);
        }
    }

    #[test]
    fn a_mistake_in_the_configuration_has_the_exit_code_for_that() {
        let mistakes = crate::config::Config::read(&crate::config::Fixed::default())
            .expect_err("nothing is set");
        assert_eq!(Failed::from(mistakes).exit_code(), ExitCode::from(78));
    }
}

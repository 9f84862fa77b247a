//! `registry-console doctor`: what is wrong with the console of these environment variables, and
//! what to run.

mod text;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};

use super::EX_CONFIG;
use crate::app::Console;
use crate::app::doctor;
use crate::app::doctor::{Doctor, Finding, Settings, State};
use crate::config::{Config, Pod, Vars};
use crate::i18n::Lang;
use crate::openshift::Master;
use crate::outbound::{Limits, Name, Unusable, Upstream, UserToken};
use crate::registry::Registry;
use crate::web::doctor::Report;
use crate::web::links;
use registry_model::Clock;

/// How the doctor looks.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Look as the owner of this OpenShift token too. It shows in the list of processes: better
    /// give a file.
    #[arg(long, conflicts_with = "token_file")]
    token: Option<SecretString>,
    /// Look as the owner of the token in this file; - is standard input, as in: oc whoami -t |
    /// registry-console doctor --token-file -
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// More than any token.
const TOKEN_BYTES: u64 = 64 << 10;

/// Prints what was found. Ends with 0 where everything works, 1 where something does not, 2 without
/// the token that was asked for, and 78 where the configuration cannot be read.
pub fn run(arguments: Arguments, vars: &dyn Vars, out: &mut dyn Write) -> ExitCode {
    let on_command_line = arguments.token.is_some();
    let token = match token(arguments.token, arguments.token_file.as_deref()) {
        Ok(token) => token,
        Err(error) => {
            eprintln!("registry-console: the token cannot be read: {error}");
            return ExitCode::from(2);
        }
    };
    let config = Config::read(vars);
    let findings = match &config {
        Err(mistakes) => doctor::mistakes(mistakes, Pod::project_of(vars).as_deref()),
        Ok(config) => {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            else {
                return ExitCode::FAILURE;
            };
            let mut findings = runtime.block_on(examine(config, token.as_ref()));
            findings.extend(on_command_line.then(doctor::token_on_command_line));
            findings
        }
    };
    let report = Report::new(Lang::English, findings);
    if print(&report, arguments.format, out).is_err() {
        return ExitCode::FAILURE;
    }
    match (config.is_err(), report.state) {
        (true, _) => ExitCode::from(EX_CONFIG),
        (_, State::Failure) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

async fn examine(config: &Config, token: Option<&UserToken>) -> Vec<Finding> {
    let clock = Clock::system();
    let doctor = Doctor::new(Settings::of(config, links::CALLBACK), clock);
    let own = async {
        match (token, console(config)) {
            (Some(token), Ok(console)) => console.as_user(token).examine(&doctor, None).await,
            (None, _) => vec![doctor::token_not_given()],
            // The certificates that cannot be read are told with the server that they are for.
            (Some(_), Err(_)) => Vec::new(),
        }
    };
    let (common, own) = tokio::join!(doctor.examine(None), own);
    common.into_iter().chain(own).collect()
}

fn console(config: &Config) -> Result<Console, Unusable> {
    let limits = Limits::default();
    let master = Upstream::new(
        Name::Master,
        &config.cluster.api,
        &config.cluster.trust,
        limits,
    )?;
    Ok(Console::new(
        Master::new(master),
        Registry::configured(&config.registry, limits)?,
        config.registry.public_host.clone(),
    ))
}

fn token(given: Option<SecretString>, file: Option<&Path>) -> io::Result<Option<UserToken>> {
    let mut text = String::new();
    match file {
        Some(path) if path == Path::new("-") => io::stdin()
            .lock()
            .take(TOKEN_BYTES)
            .read_to_string(&mut text)?,
        Some(path) => File::open(path)?
            .take(TOKEN_BYTES)
            .read_to_string(&mut text)?,
        None => return Ok(given.map(|token| UserToken::from(token.expose_secret().trim()))),
    };
    if text.trim().is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file is empty",
        ));
    }
    Ok(Some(UserToken::from(text.trim())))
}

fn print(report: &Report, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => out.write_all(text::of(report).as_bytes()),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report)?;
            out.write_all(b"\n")
        }
    }
}

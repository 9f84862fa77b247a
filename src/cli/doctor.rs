//! `registry-console doctor`: reports what is wrong with the console that the environment variables
//! configure, and how to fix it.

mod text;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};

use super::EX_CONFIG;
use crate::app::App;
use crate::app::doctor;
use crate::app::doctor::{Doctor, Finding, Settings, Severity};
use crate::config::{Config, Pod, VariableSource};
use crate::i18n::Lang;
use crate::index::IndexReader;
use crate::outbound::{SetupError, TimeLimits, Upstream, UserToken};
use crate::web::doctor::FindingsReport;
use crate::web::links;
use registry_model::Clock;

/// The options of the doctor.
#[derive(Args, Clone, Debug)]
pub struct DoctorArgs {
    /// Also check with this OpenShift token what its user can do. The list of processes shows it:
    /// prefer a file.
    #[arg(long, conflicts_with = "token_file")]
    token: Option<SecretString>,
    /// Also check with the token in this file; - is standard input, as in: oc whoami -t |
    /// registry-console doctor --token-file -
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The output format.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReportFormat {
    /// For reading.
    Text,
    /// For programs.
    Json,
}

/// Larger than any token.
const MAX_TOKEN_BYTES: u64 = 64 << 10;

/// Prints the findings. The exit code is 0 if everything works, 1 if something does not, 2 if the
/// given token cannot be read, and 78 if the configuration cannot be read.
pub fn run(arguments: DoctorArgs, vars: &dyn VariableSource, out: &mut dyn Write) -> ExitCode {
    let on_command_line = arguments.token.is_some();
    let token = match read_token(arguments.token, arguments.token_file.as_deref()) {
        Ok(token) => token,
        Err(error) => {
            eprintln!("registry-console: the token cannot be read: {error}");
            return ExitCode::from(2);
        }
    };
    let config = Config::from_variables(vars);
    let findings = match &config {
        Err(mistakes) => doctor::settings_findings(mistakes, Pod::read_project(vars).as_deref()),
        Ok(config) => {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            else {
                return ExitCode::FAILURE;
            };
            let mut findings = runtime.block_on(run_checks(config, token.as_ref()));
            findings.extend(on_command_line.then(doctor::token_on_command_line));
            findings
        }
    };
    let report = FindingsReport::new(Lang::English, findings);
    if print_report(&report, arguments.format, out).is_err() {
        return ExitCode::FAILURE;
    }
    match (config.is_err(), report.state) {
        (true, _) => ExitCode::from(EX_CONFIG),
        (_, Severity::Failure) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

async fn run_checks(config: &Config, token: Option<&UserToken>) -> Vec<Finding> {
    let clock = Clock::system();
    let app = build_app(config, &clock);
    let doctor = Doctor::new(Settings::from_config(config, links::OAUTH_CALLBACK), clock);
    let own = async {
        match (token, app) {
            (Some(token), Ok(app)) => app.for_user(token).run_doctor(&doctor, None).await,
            (None, _) => vec![doctor::token_not_given()],
            // Certificates that cannot be read are reported with the server that they are for.
            (Some(_), Err(_)) => Vec::new(),
        }
    };
    let (common, own) = tokio::join!(doctor.shared_findings(None), own);
    common.into_iter().chain(own).collect()
}

/// The app that is served with these settings, except that it has no index.
fn build_app(config: &Config, clock: &Clock) -> Result<App, SetupError> {
    let limits = TimeLimits::default();
    let api_server = Upstream::for_api_server(&config.cluster, limits)?;
    App::from_config(config, api_server, IndexReader::disabled(), clock, limits)
}

fn read_token(given: Option<SecretString>, file: Option<&Path>) -> io::Result<Option<UserToken>> {
    let mut text = String::new();
    match file {
        Some(path) if path == Path::new("-") => io::stdin()
            .lock()
            .take(MAX_TOKEN_BYTES)
            .read_to_string(&mut text)?,
        Some(path) => File::open(path)?
            .take(MAX_TOKEN_BYTES)
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

fn print_report(
    report: &FindingsReport,
    format: ReportFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        ReportFormat::Text => out.write_all(text::format_report(report).as_bytes()),
        ReportFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, report)?;
            out.write_all(b"\n")
        }
    }
}

//! Findings that only the command line can have.

use super::finding::{Component, FactName, Finding};
use crate::app::doctor::check_result::CheckResult;
use crate::app::remediation;
use crate::config::SettingsError;

/// No token was given, so user checks are skipped.
#[must_use]
pub fn token_not_given() -> Finding {
    Finding::new("user", Component::Person, CheckResult::TokenNotGiven)
        .with_command(remediation::run_doctor_with_token())
}

/// The token is readable by every process of the computer.
#[must_use]
pub fn token_on_command_line() -> Finding {
    Finding::new("token", Component::Person, CheckResult::TokenOnCommandLine)
        .with_command(remediation::run_doctor_with_token())
}

/// One finding for each mistake in the settings; there is nothing else to check then. `project` is
/// that of the pod, where it is known.
#[must_use]
pub fn settings_findings(problems: &SettingsError, project: Option<&str>) -> Vec<Finding> {
    problems
        .iter()
        .map(|problem| {
            Finding::new(
                "configuration",
                Component::Console,
                CheckResult::ConfigurationWrong,
            )
            .with_fact(FactName::Setting, problem.variable)
            .with_fact(FactName::Problem, problem.to_string())
            .with_command(remediation::list_variables(project))
        })
        .collect()
}

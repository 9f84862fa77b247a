//! What the command line alone can find.

use super::finding::{Component, FactName, Finding};
use super::settings::DEFAULT_PROJECT;
use crate::app::doctor::check_result::CheckResult;
use crate::app::shell_command::ShellCommand;
use crate::config::SettingsError;

/// Nobody to look as.
#[must_use]
pub fn token_not_given() -> Finding {
    Finding::new("user", Component::Person, CheckResult::TokenNotGiven)
        .with_command(run_with_token())
}

/// A token that every process of the machine can read.
#[must_use]
pub fn token_on_command_line() -> Finding {
    Finding::new("token", Component::Person, CheckResult::TokenOnCommandLine)
        .with_command(run_with_token())
}

fn run_with_token() -> ShellCommand {
    ShellCommand::new("oc whoami -t")
        .pipe_to(ShellCommand::new("registry-console doctor --token-file -"))
}

/// One finding for each mistake. `project` is that of the pod, where it is known. There is nothing
/// else to look at then.
#[must_use]
pub fn settings_findings(mistakes: &SettingsError, project: Option<&str>) -> Vec<Finding> {
    let project = project.unwrap_or(DEFAULT_PROJECT);
    let look = || {
        ShellCommand::new("oc set env dc/registry-console")
            .with_option("-n", project)
            .with_flag("--list")
    };
    mistakes
        .iter()
        .map(|mistake| {
            Finding::new(
                "configuration",
                Component::Console,
                CheckResult::ConfigurationWrong,
            )
            .with_fact(FactName::Setting, mistake.variable)
            .with_fact(FactName::Problem, mistake.to_string())
            .with_command(look())
        })
        .collect()
}

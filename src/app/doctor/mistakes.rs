//! What the command line alone can find.

use super::finding::{About, FactName, Finding};
use super::settings::DEFAULT_PROJECT;
use super::what::What;
use crate::app::shell_command::ShellCommand;
use crate::config::Mistakes;

/// Nobody to look as.
#[must_use]
pub fn token_not_given() -> Finding {
    Finding::new("user", About::Person, What::TokenNotGiven).run(look_with_token())
}

/// A token that every process of the machine can read.
#[must_use]
pub fn token_on_command_line() -> Finding {
    Finding::new("token", About::Person, What::TokenOnCommandLine).run(look_with_token())
}

fn look_with_token() -> ShellCommand {
    ShellCommand::new("oc whoami -t")
        .pipe_to(ShellCommand::new("registry-console doctor --token-file -"))
}

/// One finding for each mistake. `project` is that of the pod, where it is known. There is nothing
/// else to look at then.
#[must_use]
pub fn mistakes(mistakes: &Mistakes, project: Option<&str>) -> Vec<Finding> {
    let project = project.unwrap_or(DEFAULT_PROJECT);
    let look = || {
        ShellCommand::new("oc set env dc/registry-console")
            .option("-n", project)
            .flag("--list")
    };
    mistakes
        .iter()
        .map(|mistake| {
            Finding::new("configuration", About::Console, What::ConfigurationWrong)
                .fact(FactName::Setting, mistake.variable)
                .fact(FactName::Problem, mistake.to_string())
                .run(look())
        })
        .collect()
}

//! What the command line alone can find.

use super::finding::{About, FactName, Finding};
use super::run::Run;
use super::what::What;
use crate::config::Mistakes;

/// Nobody to look as.
#[must_use]
pub fn token_not_given() -> Finding {
    Finding::new("user", About::Person, What::TokenNotGiven).run(Run::piped("oc whoami -t", "registry-console doctor --token-file -"))
}

/// A token that every process of the machine can read.
#[must_use]
pub fn token_on_command_line() -> Finding {
    Finding::new("token", About::Person, What::TokenOnCommandLine).run(Run::piped("oc whoami -t", "registry-console doctor --token-file -"))
}

/// One finding for each mistake. There is nothing else to look at then.
#[must_use]
pub fn mistakes(mistakes: &Mistakes) -> Vec<Finding> {
    let look = || Run::new("oc", ["set", "env", "dc/registry-console", "-n", "default", "--list"]);
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

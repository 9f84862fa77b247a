//! Problems of the configuration.

use std::fmt;

use super::variables;

/// A variable that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    pub variable: &'static str,
    /// What is wrong. Contains the value only if the variable is not a secret.
    pub problem: String,
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.variable, self.problem)?;
        match variables::find(self.variable) {
            Some(variable) => write!(f, "; example of a valid value: {}", variable.example),
            None => Ok(()),
        }
    }
}

/// All mistakes of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsError(Vec<SettingProblem>);

impl SettingsError {
    /// The mistakes, in the order in which the settings are read.
    pub fn iter(&self) -> impl Iterator<Item = &SettingProblem> {
        self.0.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, problem: SettingProblem) {
        self.0.push(problem);
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        self.0
            .iter()
            .try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for SettingsError {}

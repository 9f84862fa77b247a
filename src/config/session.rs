//! The sealing of sessions, and how long they last.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretSlice};

use super::{SettingsError, VariableSource};
use crate::config::reader::SettingsReader;

/// The least size of a key in bytes: half of them encrypt, half would sign.
const MIN_KEY_BYTES: usize = 64;

/// No session lasts longer, whatever the token and the settings say (S9).
const LONGEST_SESSION: TimeDelta = TimeDelta::hours(24);
/// Shorter limits would end sessions between a form and its confirmation.
const SHORTEST_LIMIT: TimeDelta = TimeDelta::minutes(5);

/// The keys and limits of sessions.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// The first key seals, all of them open (S22). Empty: a key is created at start, and sessions
    /// end with the process.
    pub keys: Vec<SecretSlice<u8>>,
    pub limits: SessionLimits,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// From the sign-in. A token that expires earlier ends the session earlier.
    pub max_lifetime: TimeDelta,
    /// From the last page. `None`: unused sessions do not end.
    pub idle_timeout: Option<TimeDelta>,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            max_lifetime: LONGEST_SESSION,
            idle_timeout: None,
        }
    }
}

impl SessionLimits {
    fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let max_lifetime = read_limit(reader, "SESSION_MAX");
        let idle_timeout = read_limit(reader, "SESSION_IDLE");
        Some(Self {
            max_lifetime: max_lifetime?.unwrap_or(LONGEST_SESSION),
            idle_timeout: idle_timeout?,
        })
    }
}

/// `Some(None)` if `variable` is unset, `None` if it is wrong.
fn read_limit(
    reader: &mut SettingsReader<'_>,
    variable: &'static str,
) -> Option<Option<TimeDelta>> {
    let Some(text) = reader.text(variable) else {
        return Some(None);
    };
    match parse_minutes(&text) {
        Some(limit) if (SHORTEST_LIMIT..=LONGEST_SESSION).contains(&limit) => Some(Some(limit)),
        _ => reader.reject(
            variable,
            format!("is {text:?}, but must be a time from 5m to 24h, such as 30m or 8h"),
        ),
    }
}

/// A whole number of minutes or hours: `30m`, `8h`.
fn parse_minutes(text: &str) -> Option<TimeDelta> {
    let (number, minutes) = match text.strip_suffix('h') {
        Some(hours) => (hours, 60),
        None => (text.strip_suffix('m')?, 1),
    };
    let number: i64 = number.parse().ok().filter(|number| *number > 0)?;
    TimeDelta::try_minutes(number.checked_mul(minutes)?)
}

impl SessionSettings {
    /// Reads only the keys of the configuration.
    ///
    /// # Errors
    /// What is wrong with the keys.
    pub fn from_variables(vars: &dyn VariableSource) -> Result<Self, SettingsError> {
        let mut reader = SettingsReader::new(vars);
        let session = Self::read(&mut reader);
        session.ok_or_else(|| reader.into_problems().0)
    }

    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let limits = SessionLimits::read(reader);
        let variable = if reader.text("SESSION_KEY_FILE").is_some() {
            "SESSION_KEY_FILE"
        } else {
            "SESSION_KEY"
        };
        if reader.text(variable).is_none() {
            return Some(Self {
                keys: Vec::new(),
                limits: limits?,
            });
        }
        let text = reader.secret("SESSION_KEY", "SESSION_KEY_FILE")?;
        let holder = match reader.text("SESSION_KEY_FILE") {
            Some(path) => format!("names {path:?}, which "),
            None => String::new(),
        };
        let mut keys = Vec::new();
        for (index, word) in text.expose_secret().split_whitespace().enumerate() {
            match STANDARD.decode(word) {
                Ok(key) if key.len() >= MIN_KEY_BYTES => keys.push(SecretSlice::from(key)),
                Ok(key) => {
                    return reader.reject(
                        variable,
                        format!(
                            "{holder}has {} bytes in key {}, but needs {MIN_KEY_BYTES}",
                            key.len(),
                            index + 1
                        ),
                    );
                }
                Err(_) => {
                    return reader.reject(
                        variable,
                        format!("{holder}contains invalid base64 in key {}", index + 1),
                    );
                }
            }
        }
        Some(Self {
            keys,
            limits: limits?,
        })
    }
}

//! The sealing of sessions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretSlice};

use super::{SettingsError, VariableSource};
use crate::config::reader::SettingsReader;

/// The least size of a key in bytes: half of them encrypt, half would sign.
const MIN_KEY_BYTES: usize = 64;

/// The keys of session cookies.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// The first key seals, all of them open (S22). Empty: a key is created at start, and sessions
    /// end with the process.
    pub keys: Vec<SecretSlice<u8>>,
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
        let variable = if reader.text("SESSION_KEY_FILE").is_some() {
            "SESSION_KEY_FILE"
        } else {
            "SESSION_KEY"
        };
        if reader.text(variable).is_none() {
            return Some(Self { keys: Vec::new() });
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
        Some(Self { keys })
    }
}

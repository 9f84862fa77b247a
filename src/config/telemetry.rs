//! The settings of the log.

use std::str::FromStr;

use crate::config::reader::SettingsReader;

/// The target of the events of the audit log, which are logged at every level.
pub const AUDIT_TARGET: &str = "registry_console::audit";

/// What is logged and how.
#[derive(Clone, Copy, Debug)]
pub struct LogSettings {
    /// Text or JSON.
    pub format: LogFormat,
    pub level: LogLevel,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// `key=value`.
    Text,
    /// One JSON object per line.
    Json,
}

/// The lowest level that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    Error,
    /// Also events that an administrator should look at.
    Warn,
    /// Also a line for each request.
    Info,
    /// Also a line for each upstream request.
    Debug,
    Trace,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

impl FromStr for LogLevel {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "error" => Ok(Self::Error),
            "warn" => Ok(Self::Warn),
            "info" => Ok(Self::Info),
            "debug" => Ok(Self::Debug),
            "trace" => Ok(Self::Trace),
            _ => Err(()),
        }
    }
}

impl LogSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let format = reader.parse_or_default("LOG_FORMAT", "text", "log format (text, json)");
        let level = reader.parse_or_default(
            "LOG_LEVEL",
            "info",
            "log level (error, warn, info, debug, trace)",
        );
        Some(Self {
            format: format?,
            level: level?,
        })
    }
}

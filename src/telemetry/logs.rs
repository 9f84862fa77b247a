//! The log: one line for each event, whatever is in it (S45).
//!
//! Values come from everywhere, so each is cut, and whatever could start a new line or move a terminal's cursor is written as an escape. The
//! crates below ours are heard only when they warn: their finer levels print headers, and with them cookies and tokens (S44).

mod line;
mod value;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogLevel, Telemetry};

/// Starts to log to standard error, for the whole process.
///
/// A second call has no effect: the first decides.
pub fn start(settings: &Telemetry) {
    if subscriber(settings, std::io::stderr).try_init().is_err() {
        tracing::debug!("logging has started already");
    }
}

/// What [`start`] installs, with another writer.
pub fn subscriber<W>(settings: &Telemetry, writer: W) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match settings.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let filter = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("registry_console", level);
    let lines =
        layer().with_ansi(false).with_writer(writer).event_format(line::Line(settings.format)).fmt_fields(line::Pairs(settings.format));
    tracing_subscriber::registry().with(filter).with(lines)
}

#[cfg(test)]
mod tests;

//! The log: one line for each event, whatever it contains (S45).
//!
//! Values come from anywhere, so each is cut, and whatever could start a new line or move a
//! terminal's cursor is escaped. Dependencies log only warnings: their finer levels print headers,
//! and with them cookies and tokens (S44).

mod format;
mod queue;
mod value;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io;
use std::panic::PanicHookInfo;
use std::time::Duration;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{AUDIT_TARGET, LogLevel, LogSettings};
use queue::{LineQueue, QueueBounds};

/// How long the end of the process waits until the last lines are written.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// The log of the process. Dropping it waits a second at most until all lines are written.
#[must_use = "lines that are not written yet are lost where nothing waits for them"]
pub struct LogGuard(LineQueue);

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.0.drain(DRAIN_TIMEOUT);
    }
}

/// Starts to log to standard error for the whole process, including panics. Logging never blocks:
/// lines that cannot be written fast enough are dropped and counted (R26).
///
/// Only the first call has an effect.
///
/// # Errors
/// The operating system does not start the thread that writes.
pub fn init(settings: &LogSettings) -> io::Result<LogGuard> {
    let queue = LineQueue::start(io::stderr(), QueueBounds::default())?;
    if subscriber(settings, queue.clone()).try_init().is_ok() {
        // The default hook writes to standard error itself, which may block.
        std::panic::set_hook(Box::new(log_panic));
    } else {
        tracing::debug!("logging has started already");
    }
    Ok(LogGuard(queue))
}

/// One event for each panic, with what the default hook would print.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let (thread, trace) = (std::thread::current(), Backtrace::capture());
    let backtrace =
        (trace.status() == BacktraceStatus::Captured).then(|| tracing::field::display(&trace));
    tracing::error!(
        reason = panic.payload_as_str().unwrap_or("not a text"),
        location = panic.location().map(tracing::field::display),
        thread = thread.name().unwrap_or("unnamed"),
        backtrace,
        "panicked"
    );
}

/// What [`init`] installs, with another writer.
pub fn subscriber<W>(settings: &LogSettings, writer: W) -> impl Subscriber + Send + Sync + use<W>
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
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("registry_console", level)
        .with_target(AUDIT_TARGET, LevelFilter::INFO.max(level));
    let lines = layer()
        .with_ansi(false)
        .with_writer(writer)
        .event_format(format::LogEventFormat(settings.format))
        .fmt_fields(format::LogFieldFormat(settings.format));
    tracing_subscriber::registry().with(filter).with(lines)
}

#[cfg(test)]
mod tests;

//! Everything that is logged while a test runs.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use registry_console::config::{LogFormat, LogLevel, LogSettings};
use registry_console::telemetry::logs;
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// What this thread logs, at every level: a test's server runs on the test's own thread.
pub(crate) struct Log {
    lines: Lines,
    _here: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

/// Keeps every event enabled for subscribers to come. While there is a single subscriber in the
/// process, `tracing` asks the thread that first reaches an event whether it is enabled, and caches
/// a no for all threads: a test would not see the events that another test's thread reached first.
pub(crate) fn keep_all_events() {
    static SINKS: LazyLock<[Dispatch; 2]> = LazyLock::new(|| {
        [(); 2].map(|()| {
            Dispatch::new(
                tracing_subscriber::fmt()
                    .with_max_level(tracing::Level::TRACE)
                    .with_writer(std::io::sink)
                    .finish(),
            )
        })
    });
    LazyLock::force(&SINKS);
}

impl Log {
    pub(crate) fn start() -> Self {
        keep_all_events();
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(lines.clone());
        Self {
            lines,
            _here: tracing::subscriber::set_default(subscriber.finish()),
        }
    }

    /// As the console writes its own log, at the finest level.
    pub(crate) fn start_as(format: LogFormat) -> Self {
        keep_all_events();
        let lines = Lines::default();
        let level = LogLevel::Trace;
        let subscriber = logs::subscriber(&LogSettings { format, level }, lines.clone());
        Self {
            lines,
            _here: tracing::subscriber::set_default(subscriber),
        }
    }

    /// Ends the capture: everything that was logged.
    pub(crate) fn stop(self) -> String {
        self.text()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

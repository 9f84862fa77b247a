use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::subscriber::with_default;
use tracing_subscriber::fmt::MakeWriter;

use super::subscriber;
use crate::config::{LogFormat, LogLevel, LogSettings};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn logged(format: LogFormat, level: LogLevel, events: impl FnOnce()) -> String {
    let written = Written::default();
    with_default(
        subscriber(&LogSettings { format, level }, written.clone()),
        events,
    );
    let bytes = written.0.lock().unwrap().clone();
    String::from_utf8(bytes).expect("text")
}

const HOSTILE: &str = "a\r\nINFO forged\u{1b}[2J\u{2028}\u{202e}\u{9b}b\"c\\d";

fn hostile_event() {
    let span = tracing::info_span!("request", user = HOSTILE, late = tracing::field::Empty);
    span.record("late", HOSTILE);
    let _entered = span.enter();
    let error = io::Error::other(HOSTILE);
    tracing::info!(path = HOSTILE, debug = ?HOSTILE, error = &error as &dyn std::error::Error, status = 200, fine = true, "said {HOSTILE}");
}

#[test]
fn logged_value_stays_on_one_line_without_control_characters() {
    // S45.
    for format in [LogFormat::Text, LogFormat::Json] {
        let line = logged(format, LogLevel::Info, hostile_event);
        let (line, rest) = line.split_once('\n').expect("a line");
        assert_eq!(rest, "", "{format:?}");
        assert!(line.contains("forged"), "{line}");
        assert!(
            !line.contains(|c: char| c.is_control() || "\u{2028}\u{202e}".contains(c)),
            "{line:?}"
        );
    }
}

#[test]
fn json_line_keeps_every_value() {
    let line = logged(LogFormat::Json, LogLevel::Info, hostile_event);
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    for field in ["path", "error", "user", "late"] {
        assert_eq!(line[field], HOSTILE, "{field}");
    }
    assert_eq!(
        (
            line["status"].as_u64(),
            line["fine"].as_bool(),
            line["level"].as_str()
        ),
        (Some(200), Some(true), Some("INFO"))
    );
}

#[test]
fn audit_events_are_logged_at_every_level() {
    for level in [LogLevel::Error, LogLevel::Trace] {
        let line = logged(LogFormat::Text, level, || {
            tracing::info!(target: crate::config::AUDIT_TARGET, event = "sign-in", "signed in");
        });
        assert!(line.contains("event=sign-in"), "{line}");
    }
}

#[test]
fn text_line_quotes_ambiguous_values() {
    let line = logged(LogFormat::Text, LogLevel::Info, || {
        tracing::info!(path = "/a status=500 \"", status = 200, "answered")
    });
    assert!(
        line.contains(r#": answered path="/a status=500 \"" status=200"#),
        "{line}"
    );
}

#[test]
fn long_value_is_truncated() {
    // S45.
    for format in [LogFormat::Text, LogFormat::Json] {
        let line = logged(
            format,
            LogLevel::Info,
            || tracing::info!(a = "x".repeat(1 << 20), b = ?"y".repeat(1 << 20), c = "end"),
        );
        assert!(
            line.len() < 3000 && line.contains("x…") && line.contains("y…") && line.contains("end"),
            "{}",
            line.len()
        );
    }
}

#[derive(Debug, thiserror::Error)]
#[error("outer")]
struct Outer(#[source] io::Error);

#[test]
fn error_is_logged_with_its_sources() {
    let error = Outer(io::Error::other("inner"));
    let line = logged(LogFormat::Json, LogLevel::Warn, || {
        tracing::warn!(error = &error as &dyn std::error::Error, "failed")
    });
    assert!(line.contains(r#""error":"outer: inner""#), "{line}");
}

#[test]
fn other_crates_log_from_warn_level_only() {
    // S44: h2 writes whole headers at its finest level.
    let line = logged(LogFormat::Text, LogLevel::Trace, || {
        tracing::debug!(target: "h2::frame", "cookie");
        tracing::warn!(target: "h2::frame", "heard");
        tracing::trace!("ours");
    });
    assert!(
        !line.contains("cookie") && line.contains("heard") && line.contains("ours"),
        "{line}"
    );
}

#[test]
fn panic_is_logged_on_one_line_with_its_location() {
    let line = logged(LogFormat::Json, LogLevel::Error, || {
        std::thread::scope(|threads| {
            let dispatch = tracing::dispatcher::get_default(Clone::clone);
            let failing = threads.spawn(move || {
                let _here = tracing::dispatcher::set_default(&dispatch);
                let earlier = std::panic::take_hook();
                std::panic::set_hook(Box::new(super::log_panic));
                let panicked = std::panic::catch_unwind(|| panic!("said {HOSTILE}"));
                std::panic::set_hook(earlier);
                assert!(panicked.is_err());
            });
            failing.join().unwrap();
        });
    });
    let line: serde_json::Value = serde_json::from_str(&line).expect("one line of JSON");
    assert_eq!(line["reason"], format!("said {HOSTILE}"));
    assert!(
        line["location"]
            .as_str()
            .unwrap()
            .contains("logs/tests.rs:"),
        "{line}"
    );
}

//! One event, on one line.

use std::error::Error;
use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber, span};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::value::Value;
use crate::config::LogFormat;
use crate::telemetry::Chain;

/// Time, level, module, message, the event's fields, those of its spans.
pub(super) struct Line(pub(super) LogFormat);

/// Fields, each with what separates it from the one before.
pub(super) struct Pairs(pub(super) LogFormat);

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (level, target) = (event.metadata().level(), event.metadata().target());
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        match self.0 {
            LogFormat::Text => write!(writer, "{time} {level:>5} {target}:")?,
            LogFormat::Json => write!(
                writer,
                r#"{{"time":"{time}","level":"{level}","target":"{target}""#
            )?,
        }
        Pairs(self.0).format_fields(writer.by_ref(), event)?;
        for span in context.event_scope().into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                writer.write_str(fields)?;
            }
        }
        writer.write_str(match self.0 {
            LogFormat::Text => "\n",
            LogFormat::Json => "}\n",
        })
    }
}

impl<'w> FormatFields<'w> for Pairs {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut visitor = Visitor {
            format: self.0,
            writer,
            result: Ok(()),
        };
        fields.record(&mut visitor);
        visitor.result
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &span::Record<'_>,
    ) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

struct Visitor<'w> {
    format: LogFormat,
    writer: Writer<'w>,
    result: fmt::Result,
}

impl Visitor<'_> {
    fn value(&mut self, field: &Field, value: &Value) {
        let written = match (self.format, field.name()) {
            (LogFormat::Text, "message") => write!(self.writer, " {}", value.bare()),
            (LogFormat::Text, name) => write!(self.writer, " {name}={}", value.quoted()),
            (LogFormat::Json, name) => write!(self.writer, r#","{name}":{}"#, value.json()),
        };
        self.result = self.result.and(written);
    }

    /// A value that needs no quotes in either format.
    fn raw(&mut self, field: &Field, value: impl fmt::Display) {
        let written = match self.format {
            LogFormat::Text => write!(self.writer, " {}={value}", field.name()),
            LogFormat::Json => write!(self.writer, r#","{}":{value}"#, field.name()),
        };
        self.result = self.result.and(written);
    }
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.value(field, &Value::of(format_args!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.value(field, &Value::of(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.raw(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.raw(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.raw(field, value);
    }

    /// The error and its causes, the nearest first.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.value(field, &Value::of(Chain(value)));
    }
}

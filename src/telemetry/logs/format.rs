//! The format of an event: one line.

use std::error::Error;
use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber, span};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::value::LogValue;
use crate::config::LogFormat;
use crate::telemetry::ErrorChain;

/// Time, level, module, message, the event's fields, those of its spans.
pub(super) struct LogEventFormat(pub(super) LogFormat);

/// Fields, each with what separates it from the one before.
pub(super) struct LogFieldFormat(pub(super) LogFormat);

impl<S, N> FormatEvent<S, N> for LogEventFormat
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
        LogFieldFormat(self.0).format_fields(writer.by_ref(), event)?;
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

impl<'w> FormatFields<'w> for LogFieldFormat {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut visitor = FieldWriter {
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

struct FieldWriter<'w> {
    format: LogFormat,
    writer: Writer<'w>,
    result: fmt::Result,
}

impl FieldWriter<'_> {
    fn write_value(&mut self, field: &Field, value: &LogValue) {
        let written = match (self.format, field.name()) {
            (LogFormat::Text, "message") => write!(self.writer, " {}", value.to_escaped()),
            (LogFormat::Text, name) => write!(self.writer, " {name}={}", value.to_quoted()),
            (LogFormat::Json, name) => write!(self.writer, r#","{name}":{}"#, value.to_json()),
        };
        self.result = self.result.and(written);
    }

    /// A value that needs no quotes in either format.
    fn write_raw(&mut self, field: &Field, value: impl fmt::Display) {
        let written = match self.format {
            LogFormat::Text => write!(self.writer, " {}={value}", field.name()),
            LogFormat::Json => write!(self.writer, r#","{}":{value}"#, field.name()),
        };
        self.result = self.result.and(written);
    }
}

impl Visit for FieldWriter<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.write_value(field, &LogValue::from_display(format_args!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write_value(field, &LogValue::from_display(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write_raw(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write_raw(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write_raw(field, value);
    }

    /// The error and its causes, the nearest first.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.write_value(field, &LogValue::from_display(ErrorChain(value)));
    }
}

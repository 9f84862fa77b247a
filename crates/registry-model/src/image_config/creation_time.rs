//! Build dates, which can be placeholders.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// When something was built. Reproducible builds omit the date, or set it to the zero value of a
/// language or file system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "is", content = "at", rename_all = "kebab-case")]
pub enum CreationTime {
    /// Absent, unreadable, or the zero of a language or file system: any time up to the end of
    /// 1970-01-01 (the zero of Go, in the year 1, and of Unix), and the first two seconds of 1980,
    /// the zero of FAT and ZIP, which buildpacks write.
    #[default]
    NotSet,
    /// Any other date.
    At(DateTime<Utc>),
}

/// The first second of 1970-01-02, UTC.
const MIN_PLAUSIBLE_UNIX_SECONDS: i64 = 24 * 60 * 60;

/// The first second of 1980, UTC, and the next one, which the lifecycle of Cloud Native Buildpacks
/// writes.
const PLACEHOLDER_UNIX_SECONDS_OF_1980: [i64; 2] = [315_532_800, 315_532_801];

impl PartialSchema for CreationTime {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let date_time = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new()
            .property("is", text().enum_values(Some(["not-set", "at"])))
            .property("at", text().format(Some(date_time)))
            .required("is")
            .into()
    }
}

impl ToSchema for CreationTime {}

impl CreationTime {
    /// Reads a time in the format of RFC 3339.
    #[must_use]
    pub fn parse(text: Option<&str>) -> Self {
        text.and_then(|text| DateTime::parse_from_rfc3339(text.trim()).ok())
            .map_or(Self::NotSet, |time| time.to_utc().into())
    }

    /// The date, unless it is a placeholder.
    #[must_use]
    pub fn time(self) -> Option<DateTime<Utc>> {
        match self {
            Self::NotSet => None,
            Self::At(time) => Some(time),
        }
    }
}

impl From<DateTime<Utc>> for CreationTime {
    fn from(time: DateTime<Utc>) -> Self {
        if time.timestamp() < MIN_PLAUSIBLE_UNIX_SECONDS
            || PLACEHOLDER_UNIX_SECONDS_OF_1980.contains(&time.timestamp())
        {
            Self::NotSet
        } else {
            Self::At(time)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_times_of_languages_and_file_systems_are_not_set() {
        for text in [
            None,
            Some(""),
            Some("yesterday"),
            Some("0001-01-01T00:00:00Z"),
            Some("1970-01-01T00:00:00Z"),
            Some("1970-01-01T00:00:01Z"),
            Some("1970-01-01T00:00:00+01:00"),
            Some("1969-12-31T23:59:59.999Z"),
            Some("9999999-01-01T00:00:00Z"),
            Some("1980-01-01T00:00:00Z"),
            Some("1980-01-01T00:00:01Z"),
        ] {
            assert_eq!(CreationTime::parse(text), CreationTime::NotSet, "{text:?}");
        }
        let meant = CreationTime::parse(Some("2026-07-21T21:03:04.123456789+02:00"));
        assert_eq!(
            meant.time().unwrap().to_rfc3339(),
            "2026-07-21T19:03:04.123456789+00:00"
        );
        for text in [
            "1979-12-31T23:59:59Z",
            "1980-01-01T00:00:02Z",
            "1970-01-02T00:00:00Z",
        ] {
            assert_ne!(
                CreationTime::parse(Some(text)),
                CreationTime::NotSet,
                "{text}"
            );
        }
    }
}

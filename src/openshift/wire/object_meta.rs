//! The JSON of the metadata that all objects have.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Datelike as _, Utc};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// `metadata` of an object or of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::openshift) struct WireObjectMeta {
    #[serde(deserialize_with = "null_to_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "null_to_default")]
    pub(super) namespace: String,
    pub(super) uid: Option<String>,
    pub(in crate::openshift) resource_version: Option<String>,
    pub(super) creation_timestamp: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    pub(super) annotations: BTreeMap<String, Option<String>>,
    #[serde(deserialize_with = "null_to_default")]
    pub(super) labels: BTreeMap<String, Option<String>>,
    /// Of a list: the continuation of its next chunk.
    #[serde(rename = "continue")]
    pub(in crate::openshift) continuation: Option<String>,
}

impl WireObjectMeta {
    /// The labels, by key.
    pub(super) fn take_labels(&mut self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.labels)
            .into_iter()
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect()
    }

    pub(super) fn created(&self) -> Option<DateTime<Utc>> {
        parse_time(self.creation_timestamp.as_deref())
    }

    /// An annotation with a value that is not empty.
    pub(super) fn annotation(&self, key: &str) -> Option<String> {
        self.annotations
            .get(key)?
            .clone()
            .filter(|text| !text.is_empty())
    }
}

/// Decodes `null` as the default, like a missing field.
pub(super) fn null_to_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Converts a string with `read` without copying it. `None` for `null`.
pub(super) fn deserialize_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: fn(&str) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    struct Text<T>(fn(&str) -> Option<T>);

    impl<T> Visitor<'_> for Text<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text, or null")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok((self.0)(text))
        }
    }

    deserializer.deserialize_any(Text(read))
}

/// A point in time. `None` where it is invalid or unset.
pub(super) fn deserialize_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    deserialize_text(deserializer, |text| parse_time(Some(text)))
}

/// A point in time. Go writes an unset time as the year 1.
pub(super) fn parse_time(text: Option<&str>) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text?).ok()?.to_utc();
    (time.year() > 1).then_some(time)
}

/// A string that is not empty.
pub(super) fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::parse_time;

    #[test]
    fn zero_time_is_absent() {
        assert_eq!(parse_time(Some("0001-01-01T00:00:00Z")), None);
        assert_eq!(parse_time(Some("yesterday")), None);
        assert_eq!(parse_time(None), None);
        assert!(
            parse_time(Some("1970-01-01T00:00:00Z")).is_some(),
            "a reproducible build's fixed date was set"
        );
        assert!(parse_time(Some("2026-11-22T17:49:20.123456789+02:00")).is_some());
    }
}

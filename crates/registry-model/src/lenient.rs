//! Tolerant reading of documents with unpredictable content: manifests and image configs. A field
//! of the wrong type counts as absent, and the other fields are still read.
//!
//! Use [`from_slice`] of this module for documents that arbitrary clients push to a registry. The
//! implementations that `serde` derives fail at the first field of a wrong type and collect lists
//! of any length; here at most [`MAX_ITEMS`] or [`MAX_MAP_ENTRIES`] are kept, which bounds the
//! memory of a document. If a key is repeated, the last value counts, as in Go, whose reading of
//! the same bytes decides what is pulled.
//!
//! For objects whose shape is fixed, such as those of the API server, derive `Deserialize` and use
//! [`json::from_slice`]. That module handles invalid Unicode only, and this one builds on it.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Truncated, json};

/// The number of items of a list that are kept (S37).
pub(super) const MAX_ITEMS: usize = 1_000;

/// The number of entries of a map that are kept (S37).
pub(super) const MAX_MAP_ENTRIES: usize = 500;

/// The number of items that are kept of a list or map inside an item of a list. The memory of a
/// document grows with the product of both limits.
pub(super) const MAX_NESTED_ITEMS: usize = 20;

/// How a type is read from each form of JSON value. A form that is not overridden is read as the
/// default: absent.
pub(super) trait LenientDeserialize: Default {
    fn from_string(_: &str) -> Self {
        Self::default()
    }

    fn from_number(_: u64) -> Self {
        Self::default()
    }

    fn from_bool(_: bool) -> Self {
        Self::default()
    }

    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn from_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// A value read by its [`LenientDeserialize`].
pub(super) struct Lenient<T>(pub(super) T);

impl<'de, T: LenientDeserialize> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(LenientVisitor(PhantomData))
            .map(Self)
    }
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: LenientDeserialize> Visitor<'de> for LenientVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        Ok(T::from_bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        Ok(T::from_number(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        Ok(T::from_string(value))
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::from_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::from_object(object)
    }
}

/// Reads a whole document as Go decodes it ([`json`]). Fails only if the bytes are not JSON, or are
/// nested deeper than 128 (S37).
pub(super) fn from_slice<T: LenientDeserialize>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    json::from_slice::<Lenient<T>>(bytes).map(|read| read.0)
}

impl LenientDeserialize for Option<String> {
    fn from_string(value: &str) -> Self {
        Some(value.to_owned())
    }
}

impl LenientDeserialize for Option<u64> {
    fn from_number(value: u64) -> Self {
        Some(value)
    }
}

impl LenientDeserialize for Option<bool> {
    fn from_bool(value: bool) -> Self {
        Some(value)
    }
}

impl<T: LenientDeserialize> LenientDeserialize for Truncated<Vec<T>> {
    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        first_items(list, MAX_ITEMS)
    }
}

fn first_items<'de, T: LenientDeserialize, A: SeqAccess<'de>>(
    mut list: A,
    most: usize,
) -> Result<Truncated<Vec<T>>, A::Error> {
    let mut kept = Truncated::<Vec<T>>::default();
    while kept.items.len() < most {
        match list.next_element::<Lenient<T>>()? {
            Some(item) => kept.items.push(item.0),
            None => return Ok(kept),
        }
    }
    while list.next_element::<IgnoredAny>()?.is_some() {
        kept.more += 1;
    }
    Ok(kept)
}

/// Distinguishes an absent list from an empty one.
impl<T: LenientDeserialize> LenientDeserialize for Option<Truncated<Vec<T>>> {
    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        Truncated::<Vec<T>>::from_list(list).map(Some)
    }
}

/// A list of texts; other items are skipped. Docker also writes a single text for a list of one.
impl LenientDeserialize for Truncated<Vec<String>> {
    fn from_string(value: &str) -> Self {
        Self {
            items: vec![value.to_owned()],
            ..Self::default()
        }
    }

    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        Truncated::<Vec<Option<String>>>::from_list(list)
            .map(|texts| texts.filter_map(|text| text).0)
    }
}

impl LenientDeserialize for Truncated<BTreeMap<String, String>> {
    fn from_object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        first_entries(object, MAX_MAP_ENTRIES)
    }
}

fn first_entries<'de, A: MapAccess<'de>>(
    mut object: A,
    most: usize,
) -> Result<Truncated<BTreeMap<String, String>>, A::Error> {
    let mut kept = Truncated::<BTreeMap<String, String>>::default();
    while let Some((key, value)) = object.next_entry::<String, Lenient<Option<String>>>()? {
        let Some(value) = value.0 else { continue };
        if kept.items.len() < most || kept.items.contains_key(&key) {
            kept.items.insert(key, value);
        } else {
            kept.more += 1;
        }
    }
    Ok(kept)
}

/// A list or map inside an item of a list: at most [`MAX_NESTED_ITEMS`] are kept.
#[derive(Default)]
pub(super) struct TruncatedNested<C>(pub(super) Truncated<C>);

impl LenientDeserialize for TruncatedNested<Vec<String>> {
    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        let texts = first_items::<Option<String>, A>(list, MAX_NESTED_ITEMS)?;
        Ok(Self(texts.filter_map(|text| text).0))
    }
}

impl LenientDeserialize for TruncatedNested<BTreeMap<String, String>> {
    fn from_object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        first_entries(object, MAX_NESTED_ITEMS).map(Self)
    }
}

/// The keys of an object, without the values. Go writes a set in this form (`{"8080/tcp": {}}`).
#[derive(Default)]
pub(super) struct KeySet(pub(super) Truncated<Vec<String>>);

impl LenientDeserialize for KeySet {
    fn from_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut kept = Truncated::<Vec<String>>::default();
        while let Some((key, _)) = object.next_entry::<String, IgnoredAny>()? {
            if kept.items.len() < MAX_ITEMS {
                kept.items.push(key);
            } else {
                kept.more += 1;
            }
        }
        Ok(Self(kept))
    }
}

/// Whether a field is present with any value except `null`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Present(pub(super) bool);

impl LenientDeserialize for Present {
    fn from_string(_: &str) -> Self {
        Self(true)
    }

    fn from_number(_: u64) -> Self {
        Self(true)
    }

    fn from_bool(_: bool) -> Self {
        Self(true)
    }

    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self(true))
    }

    fn from_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self(true))
    }
}

/// Declares the fields of a JSON object that are read: key, field, type. Other keys are skipped.
macro_rules! object {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($key:literal => $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Default)]
        $vis struct $name {
            $($vis $field: $type,)*
        }

        impl $crate::lenient::LenientDeserialize for $name {
            fn from_object<'de, A: serde::de::MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
                let mut read = Self::default();
                while let Some(key) = object.next_key::<String>()? {
                    match key.as_str() {
                        $($key => read.$field = object.next_value::<$crate::lenient::Lenient<$type>>()?.0,)*
                        _ => drop(object.next_value::<serde::de::IgnoredAny>()?),
                    }
                }
                Ok(read)
            }
        }
    };
}

pub(super) use object;

#[cfg(test)]
mod tests {
    use super::*;

    object! {
        struct Sample {
            "text" => text: Option<String>,
            "number" => number: Option<u64>,
            "flag" => flag: Option<bool>,
            "texts" => texts: Truncated<Vec<String>>,
            "map" => map: Truncated<BTreeMap<String, String>>,
        }
    }

    /// Each field with each kind of value: a matching value is read, another counts as absent, and
    /// the other fields are not affected.
    #[test]
    fn a_field_of_the_wrong_type_is_absent_and_the_rest_is_read() {
        for value in [
            "null",
            "true",
            "-1",
            "7",
            "1.5",
            "1e400",
            "\"x\"",
            "[]",
            "[[]]",
            "{}",
            "{\"a\":{\"b\":[]}}",
            "[1,\"y\"]",
        ] {
            for field in ["text", "number", "flag", "texts", "map", "unknown"] {
                let json = format!("{{\"{field}\": {value}, \"after\": 1, \"text\": \"kept\"}}");
                match from_slice::<Sample>(json.as_bytes()) {
                    Ok(sample) => assert_eq!(sample.text.as_deref(), Some("kept"), "{json}"),
                    Err(error) => assert!(value == "1e400", "{json}: {error}"),
                }
            }
        }
        let sample: Sample = from_slice(
            br#"{"number": 7, "flag": true, "texts": [1, "y", null], "map": {"a": "b", "c": 1}}"#,
        )
        .unwrap();
        assert_eq!((sample.number, sample.flag), (Some(7), Some(true)));
        assert_eq!(sample.texts.items, ["y"]);
        assert_eq!(sample.map.items.len(), 1);
    }

    #[test]
    fn an_invalid_utf_8_byte_replaces_only_its_character() {
        let sample: Sample = from_slice(
            b"{\"text\": \"M\xfcller \\ud800\", \"map\": {\"\xff\": \"a\"}, \"number\": 7}",
        )
        .unwrap();
        assert_eq!(
            (sample.text.as_deref(), sample.number),
            (Some("M\u{fffd}ller \u{fffd}"), Some(7))
        );
        assert_eq!(sample.map.items["\u{fffd}"], "a");
    }

    /// S37: items after the thousandth are counted, not kept.
    #[test]
    fn long_lists_are_truncated_and_counted() {
        let list = format!("{{\"texts\": [{}\"last\"]}}", "\"a\",".repeat(99_999));
        let sample: Sample = from_slice(list.as_bytes()).unwrap();
        assert_eq!(
            (
                sample.texts.items.len(),
                sample.texts.more,
                sample.texts.total()
            ),
            (1_000, 99_000, 100_000)
        );
        let map: String = (0..2_000).map(|n| format!("\"{n}\": \"\",")).collect();
        let sample: Sample =
            from_slice(format!("{{\"map\": {{{map} \"0\": \"again\"}}}}").as_bytes()).unwrap();
        assert_eq!((sample.map.items.len(), sample.map.more), (500, 1_500));
        assert_eq!(sample.map.items["0"], "again");
    }

    /// S37: deep nesting neither overflows the stack nor is kept.
    #[test]
    fn deep_nesting_neither_fails_nor_overflows() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(from_slice::<Sample>(deep.as_bytes()).is_ok());
        assert!(
            from_slice::<Sample>(format!("{{\"texts\": {deep}, \"text\": \"kept\"}}").as_bytes())
                .is_ok()
        );
        let _ = from_slice::<Sample>("[{\"a\":".repeat(10_000).as_bytes());
    }
}

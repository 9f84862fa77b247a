//! The JSON of lists of objects.

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::super::ApiError;
use crate::openshift::wire::object_meta::{WireObjectMeta, null_to_default};
use registry_model::json;

/// The longest continuation: a key of etcd and a revision, in Base64. It is sent in a query.
const MAX_CONTINUATION_BYTES: usize = 4 << 10;

/// The continuation in the metadata of a chunk. `None` if it is the last chunk.
///
/// # Errors
/// [`ApiError::Unexpected`] where it is longer than 4 KiB.
pub(in crate::openshift) fn check_continuation(
    next: Option<String>,
) -> Result<Option<String>, ApiError> {
    match next.filter(|next| !next.is_empty()) {
        Some(next) if next.len() > MAX_CONTINUATION_BYTES => Err(ApiError::malformed(
            "a list with a continuation that is too long",
        )),
        next => Ok(next),
    }
}

/// A list whose items are decoded one by one, each directly from its own text: an item that cannot
/// be read is counted, and the others are kept.
#[derive(Debug, Deserialize)]
#[serde(bound = "")]
pub(in crate::openshift) struct List<T: DeserializeOwned> {
    #[serde(default, deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(default, deserialize_with = "deserialize_items")]
    items: Items<T>,
}

#[derive(Debug)]
struct Items<T> {
    parsed: Vec<T>,
    unreadable_count: usize,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self {
            parsed: Vec::new(),
            unreadable_count: 0,
        }
    }
}

impl<T: DeserializeOwned> List<T> {
    /// Decodes a long list and passes each item to `take` before decoding the next, so that only
    /// one item is in memory. Returns the list without items, but with the number of those that
    /// cannot be read. Of a list that cannot be read to its end, some items may have been passed.
    /// # Errors
    /// The text is not a list.
    pub(in crate::openshift) fn for_each_item(
        text: &[u8],
        mut take: impl FnMut(T),
    ) -> serde_json::Result<Self> {
        let text = &json::to_valid_unicode(text)[..];
        let mut given = 0;
        let counted = |item| {
            given += 1;
            take(item);
        };
        // Nearly always every item can be read. Decoding the whole text in one pass is faster than
        // item by item.
        let sound = std::str::from_utf8(text).ok().and_then(|text| {
            let mut reader = serde_json::Deserializer::from_str(text);
            let metadata = StrictList {
                take: counted,
                item: PhantomData,
            }
            .deserialize(&mut reader)
            .ok()?;
            reader.end().ok().map(|()| metadata)
        });
        if let Some(metadata) = sound {
            return Ok(Self {
                metadata,
                items: Items::default(),
            });
        }
        let Self {
            metadata,
            items:
                Items {
                    parsed: read,
                    unreadable_count: unreadable,
                },
        } = serde_json::from_slice(text)?;
        // The items before the first unreadable one have been passed already.
        read.into_iter().skip(given).for_each(take);
        Ok(Self {
            metadata,
            items: Items {
                parsed: Vec::new(),
                unreadable_count: unreadable,
            },
        })
    }

    /// The resource version of the list, and the continuation of its next chunk.
    pub(in crate::openshift) fn into_revision_and_continuation(
        self,
    ) -> (Option<String>, Option<String>) {
        (self.metadata.resource_version, self.metadata.continuation)
    }

    /// The number of items that cannot be read.
    pub(in crate::openshift) fn unreadable_count(&self) -> usize {
        self.items.unreadable_count
    }

    /// The items that `into_model` converts, and the number of those left out, here or before.
    pub(in crate::openshift) fn into_models<M>(
        self,
        into_model: impl Fn(T) -> Option<M>,
    ) -> (Vec<M>, usize) {
        let mut unreadable = self.items.unreadable_count;
        let mut models = Vec::with_capacity(self.items.parsed.len());
        for item in self.items.parsed {
            into_model(item).map_or_else(|| unreadable += 1, |model| models.push(model));
        }
        (models, unreadable)
    }
}

/// A list that is decoded in one pass and passes its items on. Only its metadata is kept.
struct StrictList<T, F> {
    take: F,
    item: PhantomData<T>,
}

/// The members of a list that are used.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ListField {
    Metadata,
    Items,
    #[serde(other)]
    Other,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for StrictList<T, F> {
    type Value = WireObjectMeta;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<WireObjectMeta, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for StrictList<T, F> {
    type Value = WireObjectMeta;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<WireObjectMeta, A::Error> {
        let mut metadata = None;
        while let Some(member) = members.next_key()? {
            match member {
                ListField::Metadata => metadata = members.next_value()?,
                ListField::Items => members.next_value_seed(StrictItems {
                    take: &mut self.take,
                    item: self.item,
                })?,
                ListField::Other => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(metadata.unwrap_or_default())
    }
}

struct StrictItems<'a, T, F> {
    take: &'a mut F,
    item: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for StrictItems<'_, T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for StrictItems<'_, T, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list, or null")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            (self.take)(item);
        }
        Ok(())
    }
}

fn deserialize_items<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Items<T>, D::Error> {
    struct LenientItems<T>(PhantomData<T>);

    impl<'de, T: DeserializeOwned> Visitor<'de> for LenientItems<T> {
        type Value = Items<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list, or null")
        }

        fn visit_unit<E>(self) -> Result<Items<T>, E> {
            Ok(Items::default())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Items<T>, A::Error> {
            let mut items = Items::default();
            while let Some(item) = sequence.next_element::<&RawValue>()? {
                match serde_json::from_str(item.get()) {
                    Ok(item) => items.parsed.push(item),
                    Err(_) => items.unreadable_count += 1,
                }
            }
            Ok(items)
        }
    }

    deserializer.deserialize_any(LenientItems(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::List;
    use crate::openshift::wire::WireNamedObject;

    #[test]
    fn item_with_invalid_utf8_is_read() {
        let mut found = 0;
        let list =
            List::<WireNamedObject>::for_each_item(b"{\"items\": [{\"metadata\": {\"name\": \"M\xfcller\"}}, {\"metadata\": {\"name\": \"b\"}}]}", |_| {
                found += 1
            });
        assert_eq!((found, list.unwrap().unreadable_count()), (2, 0));
    }
}

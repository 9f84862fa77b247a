//! Lists of objects.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::meta::{Meta, or_default};

/// A list whose items are read one by one, each straight from its own text: an item that makes no sense is counted, and the others stand.
#[derive(Debug, Deserialize)]
#[serde(bound = "")]
pub(in crate::openshift) struct List<T: DeserializeOwned> {
    #[serde(default, deserialize_with = "or_default")]
    metadata: Meta,
    #[serde(default, deserialize_with = "items")]
    items: Items<T>,
}

#[derive(Debug)]
struct Items<T> {
    read: Vec<T>,
    unreadable: usize,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { read: Vec::new(), unreadable: 0 }
    }
}

/// The same list where every item makes sense.
#[derive(Deserialize)]
#[serde(bound = "")]
struct Sound<T: DeserializeOwned> {
    #[serde(default, deserialize_with = "or_default")]
    metadata: Meta,
    #[serde(default, deserialize_with = "or_default")]
    items: Vec<T>,
}

impl<T: DeserializeOwned> List<T> {
    /// Reads a long list. Nearly always every item makes sense; then none is built up as a tree of values first, which takes several times as long.
    ///
    /// # Errors
    /// The text is no list at all.
    pub(in crate::openshift) fn from_json(text: &[u8]) -> serde_json::Result<Self> {
        // Looked through at once: text by text takes longer.
        let sound = std::str::from_utf8(text).ok().and_then(|text| serde_json::from_str(text).ok());
        match sound {
            Some(Sound { metadata, items }) => Ok(Self { metadata, items: Items { read: items, unreadable: 0 } }),
            None => serde_json::from_slice(text),
        }
    }

    /// Where the next chunk starts, if there is one.
    pub(in crate::openshift) fn next(&mut self) -> Option<String> {
        self.metadata.next.take().filter(|next| !next.is_empty())
    }

    /// The revision of the cluster that the list shows, where it is a number.
    pub(in crate::openshift) fn revision(&self) -> Option<u64> {
        self.metadata.resource_version.as_deref()?.parse().ok()
    }

    /// The items that `into_model` takes, and how many were left out, here or before.
    pub(in crate::openshift) fn read<M>(self, into_model: impl Fn(T) -> Option<M>) -> (Vec<M>, usize) {
        let mut models = Vec::with_capacity(self.items.read.len());
        let unreadable = self.read_each(into_model, |model| models.push(model));
        (models, unreadable)
    }

    /// Gives those items to `take`, one by one; says how many were left out.
    pub(in crate::openshift) fn read_each<M>(self, into_model: impl Fn(T) -> Option<M>, mut take: impl FnMut(M)) -> usize {
        let mut unreadable = self.items.unreadable;
        for item in self.items.read {
            into_model(item).map_or_else(|| unreadable += 1, &mut take);
        }
        unreadable
    }
}

fn items<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Items<T>, D::Error> {
    struct Visitor<T>(PhantomData<T>);

    impl<'de, T: DeserializeOwned> serde::de::Visitor<'de> for Visitor<T> {
        type Value = Items<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list, or null")
        }

        fn visit_unit<E>(self) -> Result<Items<T>, E> {
            Ok(Items::default())
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut sequence: A) -> Result<Items<T>, A::Error> {
            let mut items = Items::default();
            while let Some(item) = sequence.next_element::<&RawValue>()? {
                match serde_json::from_str(item.get()) {
                    Ok(item) => items.read.push(item),
                    Err(_) => items.unreadable += 1,
                }
            }
            Ok(items)
        }
    }

    deserializer.deserialize_any(Visitor(PhantomData))
}

//! The metadata of stored objects.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

/// An object's `metadata`.
#[derive(Clone, Debug)]
pub(crate) struct ObjectMetadata {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) uid: String,
    pub(crate) resource_version: u64,
    /// Only of image streams.
    pub(crate) generation: Option<i64>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
}

impl ObjectMetadata {
    pub(crate) fn with_annotations(
        mut self,
        annotations: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Self {
        self.annotations.extend(
            annotations
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value)),
        );
        self
    }
}

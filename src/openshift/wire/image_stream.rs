//! Image streams.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::meta::{Meta, filled, or_default, time};
use crate::model::{self, ImportFailure, TagEvent, TagName, TagSource, version_order};

/// `image.openshift.io/v1` `ImageStream`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct ImageStream {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    spec: Spec,
    #[serde(deserialize_with = "or_default")]
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    docker_image_repository: Option<String>,
    #[serde(deserialize_with = "or_default")]
    tags: Vec<SpecTag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SpecTag {
    #[serde(deserialize_with = "or_default")]
    name: String,
    from: Option<From>,
    #[serde(deserialize_with = "or_default")]
    reference: bool,
    #[serde(deserialize_with = "or_default")]
    import_policy: ImportPolicy,
    #[serde(deserialize_with = "or_default")]
    reference_policy: ReferencePolicy,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReferencePolicy {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct From {
    #[serde(deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    namespace: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ImportPolicy {
    #[serde(deserialize_with = "or_default")]
    insecure: bool,
    #[serde(deserialize_with = "or_default")]
    scheduled: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    docker_image_repository: Option<String>,
    public_docker_image_repository: Option<String>,
    #[serde(deserialize_with = "or_default")]
    tags: Vec<StatusTag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StatusTag {
    #[serde(deserialize_with = "or_default")]
    tag: String,
    #[serde(deserialize_with = "or_default")]
    items: Vec<Event>,
    #[serde(deserialize_with = "or_default")]
    conditions: Vec<Condition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event {
    created: Option<String>,
    #[serde(deserialize_with = "or_default")]
    docker_image_reference: String,
    #[serde(deserialize_with = "or_default")]
    image: String,
    generation: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Condition {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    status: String,
    #[serde(deserialize_with = "or_default")]
    reason: String,
    #[serde(deserialize_with = "or_default")]
    message: String,
    last_transition_time: Option<String>,
}

impl ImageStream {
    /// Nothing without a valid project and name.
    pub(in crate::openshift) fn into_model(mut self) -> Option<model::ImageStream> {
        let labels = self.metadata.labels();
        let created = self.metadata.created();
        let (tags, unreadable_tags) = tags(self.spec.tags, self.status.tags);
        Some(model::ImageStream {
            project: self.metadata.namespace.parse().ok()?,
            name: self.metadata.name.parse().ok()?,
            resource_version: filled(self.metadata.resource_version),
            created,
            annotations: self.metadata.annotations.into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect(),
            labels,
            internal_repository: filled(self.status.docker_image_repository),
            public_repository: filled(self.status.public_docker_image_repository),
            follows: filled(self.spec.docker_image_repository),
            tags,
            unreadable_tags,
        })
    }
}

/// The tags of both halves, by name, and how many names were not valid.
fn tags(spec: Vec<SpecTag>, status: Vec<StatusTag>) -> (Vec<model::Tag>, usize) {
    let mut tags: BTreeMap<TagName, model::Tag> = BTreeMap::new();
    let mut unreadable = BTreeSet::new();
    for wanted in spec {
        match wanted.name.parse::<TagName>() {
            Ok(name) => drop(tags.insert(name.clone(), wanted.into_model(name))),
            Err(_) => drop(unreadable.insert(wanted.name)),
        }
    }
    for found in status {
        match found.tag.parse::<TagName>() {
            Ok(name) => found.fill(tags.entry(name.clone()).or_insert_with(|| pushed(name))),
            Err(_) => drop(unreadable.insert(found.tag)),
        }
    }
    let mut tags: Vec<_> = tags.into_values().collect();
    tags.sort_by(|a, b| version_order::compare(a.name.as_str(), b.name.as_str()));
    (tags, unreadable.len())
}

/// A tag that is in `status` only.
fn pushed(name: TagName) -> model::Tag {
    model::Tag {
        name,
        source: TagSource::Pushed,
        scheduled: false,
        insecure: false,
        reference: false,
        local: false,
        history: Vec::new(),
        import_failure: None,
    }
}

impl SpecTag {
    fn into_model(self, name: TagName) -> model::Tag {
        model::Tag {
            source: self.from.map_or_else(|| TagSource::Unknown(String::new()), From::into_model),
            scheduled: self.import_policy.scheduled,
            insecure: self.import_policy.insecure,
            reference: self.reference,
            local: self.reference_policy.kind == "Local",
            ..pushed(name)
        }
    }
}

impl From {
    fn into_model(self) -> TagSource {
        let name = if self.namespace.is_empty() { self.name } else { format!("{}/{}", self.namespace, self.name) };
        match self.kind.as_str() {
            "DockerImage" => TagSource::External(name),
            "ImageStreamTag" => TagSource::StreamTag(name),
            "ImageStreamImage" => TagSource::StreamImage(name),
            _ => TagSource::Unknown(name),
        }
    }
}

impl StatusTag {
    fn fill(self, tag: &mut model::Tag) {
        tag.history = self.items.into_iter().map(Event::into_model).collect();
        tag.import_failure =
            self.conditions.into_iter().find(|condition| condition.kind == "ImportSuccess" && condition.status == "False").map(|failed| {
                ImportFailure { when: time(failed.last_transition_time.as_deref()), reason: failed.reason, message: failed.message }
            });
    }
}

impl Event {
    fn into_model(self) -> TagEvent {
        TagEvent {
            created: time(self.created.as_deref()),
            image: self.image.parse().ok(),
            pull_spec: self.docker_image_reference,
            generation: self.generation,
        }
    }
}

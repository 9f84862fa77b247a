//! Image streams.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use super::meta::{Meta, filled, moment, or_default, text_as};
use registry_model::{
    self, Digest, ImportFailure, ImportMode, InternalRepository, TagEvent, TagName, TagSource,
    version_order,
};

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
    lookup_policy: LookupPolicy,
    #[serde(deserialize_with = "or_default")]
    tags: Vec<SpecTag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LookupPolicy {
    #[serde(deserialize_with = "or_default")]
    local: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SpecTag {
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    annotations: BTreeMap<String, Option<String>>,
    from: Option<From>,
    generation: Option<i64>,
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
    #[serde(rename = "type", deserialize_with = "is_local")]
    local: bool,
}

/// What a name stands for.
type Named = fn(String) -> TagSource;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct From {
    #[serde(deserialize_with = "kind_of_source")]
    kind: Option<Named>,
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    namespace: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ImportPolicy {
    #[serde(deserialize_with = "or_default")]
    insecure: bool,
    #[serde(deserialize_with = "or_default")]
    scheduled: bool,
    #[serde(deserialize_with = "import_mode")]
    import_mode: Option<ImportMode>,
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
    #[serde(deserialize_with = "moment")]
    created: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "or_default")]
    docker_image_reference: String,
    #[serde(deserialize_with = "digest")]
    image: Option<Digest>,
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
    #[serde(deserialize_with = "moment")]
    last_transition_time: Option<DateTime<Utc>>,
}

impl ImageStream {
    /// Nothing without a valid project and name.
    pub(in crate::openshift) fn into_model(mut self) -> Option<registry_model::ImageStream> {
        let labels = self.metadata.labels();
        let created = self.metadata.created();
        let (tags, unreadable_tags) = tags(self.spec.tags, self.status.tags);
        let follows = filled(self.spec.docker_image_repository);
        Some(registry_model::ImageStream {
            project: self.metadata.namespace.parse().ok()?,
            name: self.metadata.name.parse().ok()?,
            resource_version: filled(self.metadata.resource_version),
            created,
            annotations: self
                .metadata
                .annotations
                .into_iter()
                .map(|(key, value)| (key, value.unwrap_or_default()))
                .collect(),
            labels,
            internal_repository: internal_repository(
                self.status.docker_image_repository,
                follows.as_deref(),
            ),
            public_repository: filled(self.status.public_docker_image_repository),
            follows,
            local_lookup: self.spec.lookup_policy.local,
            tags,
            unreadable_tags,
        })
    }
}

/// The API server always fills the field in: where it knows of no integrated registry, with
/// `spec.dockerImageRepository`, be that empty or not (`Strategy.dockerImageRepository` of
/// openshift-apiserver).
fn internal_repository(status: Option<String>, follows: Option<&str>) -> InternalRepository {
    match status {
        None => InternalRepository::Unknown,
        Some(name) if name.is_empty() || Some(name.as_str()) == follows => {
            InternalRepository::NoRegistry
        }
        Some(name) => InternalRepository::Named(name),
    }
}

/// The tags of both halves, by name, and how many names were not valid.
fn tags(spec: Vec<SpecTag>, status: Vec<StatusTag>) -> (Vec<registry_model::Tag>, usize) {
    let mut unreadable = BTreeSet::new();
    let mut name = |text: String| {
        text.parse::<TagName>()
            .map_err(|_| unreadable.insert(text))
            .ok()
    };
    let wanted = spec
        .into_iter()
        .filter_map(|mut tag| Some((name(std::mem::take(&mut tag.name))?, Half::Wanted(tag))));
    let mut halves: Vec<(TagName, Half)> = wanted.collect();
    halves.extend(
        status
            .into_iter()
            .filter_map(|mut tag| Some((name(std::mem::take(&mut tag.tag))?, Half::Found(tag)))),
    );
    // What is wanted of a tag stays before what was found of it.
    halves.sort_by(|(a, _), (b, _)| version_order::compare(a.as_str(), b.as_str()));
    let mut tags: Vec<registry_model::Tag> = Vec::with_capacity(halves.len());
    for (name, half) in halves {
        if tags.last().is_none_or(|last| last.name != name) {
            tags.push(registry_model::Tag::pushed(name));
        }
        if let Some(tag) = tags.last_mut() {
            match half {
                Half::Wanted(half) => half.fill(tag),
                Half::Found(half) => half.fill(tag),
            }
        }
    }
    (tags, unreadable.len())
}

/// What either half of an image stream says of a tag.
enum Half {
    Wanted(SpecTag),
    Found(StatusTag),
}

impl SpecTag {
    fn fill(self, tag: &mut registry_model::Tag) {
        tag.source = self
            .from
            .map_or_else(|| TagSource::Unknown(String::new()), From::into_model);
        tag.generation = self.generation;
        tag.scheduled = self.import_policy.scheduled;
        tag.insecure = self.import_policy.insecure;
        tag.reference = self.reference;
        tag.local = self.reference_policy.local;
        tag.import_mode = self.import_policy.import_mode;
        tag.annotations = self
            .annotations
            .into_iter()
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect();
    }
}

fn is_local<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(text_as(deserializer, |text| (text == "Local").then_some(()))?.is_some())
}

fn import_mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ImportMode>, D::Error> {
    text_as(deserializer, |text| match text {
        "Legacy" => Some(ImportMode::Legacy),
        "PreserveOriginal" => Some(ImportMode::PreserveOriginal),
        _ => None,
    })
}

fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Digest>, D::Error> {
    text_as(deserializer, |text| text.parse().ok())
}

fn kind_of_source<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Named>, D::Error> {
    text_as(deserializer, |text| match text {
        "DockerImage" => Some(TagSource::External as Named),
        "ImageStreamTag" => Some(TagSource::StreamTag),
        "ImageStreamImage" => Some(TagSource::StreamImage),
        _ => None,
    })
}

impl From {
    fn into_model(self) -> TagSource {
        let name = if self.namespace.is_empty() {
            self.name
        } else {
            format!("{}/{}", self.namespace, self.name)
        };
        self.kind.unwrap_or(TagSource::Unknown)(name)
    }
}

impl StatusTag {
    fn fill(self, tag: &mut registry_model::Tag) {
        tag.history = self.items.into_iter().map(Event::into_model).collect();
        tag.import_failure = self
            .conditions
            .into_iter()
            .find(|condition| condition.kind == "ImportSuccess" && condition.status == "False")
            .map(|failed| ImportFailure {
                when: failed.last_transition_time,
                reason: failed.reason,
                message: failed.message,
            });
    }
}

impl Event {
    fn into_model(self) -> TagEvent {
        TagEvent {
            created: self.created,
            image: self.image,
            pull_spec: self.docker_image_reference,
            generation: self.generation,
        }
    }
}

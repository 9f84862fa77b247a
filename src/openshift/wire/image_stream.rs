//! The JSON of image streams.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use crate::openshift::wire::object_meta::{
    WireObjectMeta, deserialize_text, deserialize_time, non_empty, null_to_default,
};
use registry_model::{
    self, Digest, ImportFailure, ImportMode, InternalRepository, TagEvent, TagName, TagSource,
    version_order,
};

/// `image.openshift.io/v1` `ImageStream`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireImageStream {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(deserialize_with = "null_to_default")]
    spec: WireImageStreamSpec,
    #[serde(deserialize_with = "null_to_default")]
    status: WireImageStreamStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireImageStreamSpec {
    docker_image_repository: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    lookup_policy: LookupPolicy,
    #[serde(deserialize_with = "null_to_default")]
    tags: Vec<WireSpecTag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LookupPolicy {
    #[serde(deserialize_with = "null_to_default")]
    local: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireSpecTag {
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    #[serde(deserialize_with = "null_to_default")]
    annotations: BTreeMap<String, Option<String>>,
    from: Option<WireObjectReference>,
    generation: Option<i64>,
    #[serde(deserialize_with = "null_to_default")]
    reference: bool,
    #[serde(deserialize_with = "null_to_default")]
    import_policy: ImportPolicy,
    #[serde(deserialize_with = "null_to_default")]
    reference_policy: ReferencePolicy,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReferencePolicy {
    #[serde(rename = "type", deserialize_with = "deserialize_is_local")]
    local: bool,
}

/// Makes a source of the name of an object.
type TagSourceConstructor = fn(String) -> TagSource;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireObjectReference {
    #[serde(deserialize_with = "deserialize_source_kind")]
    kind: Option<TagSourceConstructor>,
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    #[serde(deserialize_with = "null_to_default")]
    namespace: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ImportPolicy {
    #[serde(deserialize_with = "null_to_default")]
    insecure: bool,
    #[serde(deserialize_with = "null_to_default")]
    scheduled: bool,
    #[serde(deserialize_with = "deserialize_import_mode")]
    import_mode: Option<ImportMode>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireImageStreamStatus {
    docker_image_repository: Option<String>,
    public_docker_image_repository: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    tags: Vec<WireStatusTag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireStatusTag {
    #[serde(deserialize_with = "null_to_default")]
    tag: String,
    #[serde(deserialize_with = "null_to_default")]
    items: Vec<WireTagEvent>,
    #[serde(deserialize_with = "null_to_default")]
    conditions: Vec<WireTagCondition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireTagEvent {
    #[serde(deserialize_with = "deserialize_time")]
    created: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "null_to_default")]
    docker_image_reference: String,
    #[serde(deserialize_with = "deserialize_digest")]
    image: Option<Digest>,
    generation: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireTagCondition {
    #[serde(rename = "type", deserialize_with = "null_to_default")]
    kind: String,
    #[serde(deserialize_with = "null_to_default")]
    status: String,
    #[serde(deserialize_with = "null_to_default")]
    reason: String,
    #[serde(deserialize_with = "null_to_default")]
    message: String,
    #[serde(deserialize_with = "deserialize_time")]
    last_transition_time: Option<DateTime<Utc>>,
}

impl WireImageStream {
    /// `None` without a valid project and name.
    pub(in crate::openshift) fn into_model(mut self) -> Option<registry_model::ImageStream> {
        let labels = self.metadata.take_labels();
        let created = self.metadata.created();
        let (tags, unreadable_tags) = merge_tags(self.spec.tags, self.status.tags);
        let follows = non_empty(self.spec.docker_image_repository);
        Some(registry_model::ImageStream {
            project: self.metadata.namespace.parse().ok()?,
            name: self.metadata.name.parse().ok()?,
            resource_version: non_empty(self.metadata.resource_version),
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
            public_repository: non_empty(self.status.public_docker_image_repository),
            follows,
            local_lookup: self.spec.lookup_policy.local,
            tags,
            unreadable_tags,
        })
    }
}

/// The API server always sets the field: without an integrated registry to
/// `spec.dockerImageRepository`, which may be empty (`Strategy.dockerImageRepository` of
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

/// The tags of `spec` and `status`, by name, and the number of invalid names.
fn merge_tags(
    spec: Vec<WireSpecTag>,
    status: Vec<WireStatusTag>,
) -> (Vec<registry_model::Tag>, usize) {
    let mut unreadable = BTreeSet::new();
    let mut name = |text: String| {
        text.parse::<TagName>()
            .map_err(|_| unreadable.insert(text))
            .ok()
    };
    let wanted = spec
        .into_iter()
        .filter_map(|mut tag| Some((name(std::mem::take(&mut tag.name))?, TagData::Spec(tag))));
    let mut halves: Vec<(TagName, TagData)> = wanted.collect();
    halves.extend(
        status.into_iter().filter_map(|mut tag| {
            Some((name(std::mem::take(&mut tag.tag))?, TagData::Status(tag)))
        }),
    );
    // The sort is stable: the entry of `spec` stays before that of `status`.
    halves.sort_by(|(a, _), (b, _)| version_order::compare(a.as_str(), b.as_str()));
    let mut tags: Vec<registry_model::Tag> = Vec::with_capacity(halves.len());
    for (name, half) in halves {
        if tags.last().is_none_or(|last| last.name != name) {
            tags.push(registry_model::Tag::new_pushed(name));
        }
        if let Some(tag) = tags.last_mut() {
            match half {
                TagData::Spec(half) => half.apply_to(tag),
                TagData::Status(half) => half.apply_to(tag),
            }
        }
    }
    (tags, unreadable.len())
}

/// The fields of a tag in `spec` and in `status`.
enum TagData {
    Spec(WireSpecTag),
    Status(WireStatusTag),
}

impl WireSpecTag {
    fn apply_to(self, tag: &mut registry_model::Tag) {
        tag.source = self.from.map_or_else(
            || TagSource::Unknown(String::new()),
            WireObjectReference::into_model,
        );
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

fn deserialize_is_local<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(deserialize_text(deserializer, |text| (text == "Local").then_some(()))?.is_some())
}

fn deserialize_import_mode<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ImportMode>, D::Error> {
    deserialize_text(deserializer, |text| match text {
        "Legacy" => Some(ImportMode::Legacy),
        "PreserveOriginal" => Some(ImportMode::PreserveOriginal),
        _ => None,
    })
}

fn deserialize_digest<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Digest>, D::Error> {
    deserialize_text(deserializer, |text| text.parse().ok())
}

fn deserialize_source_kind<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<TagSourceConstructor>, D::Error> {
    deserialize_text(deserializer, |text| match text {
        "DockerImage" => Some(TagSource::External as TagSourceConstructor),
        "ImageStreamTag" => Some(TagSource::StreamTag),
        "ImageStreamImage" => Some(TagSource::StreamImage),
        _ => None,
    })
}

impl WireObjectReference {
    fn into_model(self) -> TagSource {
        let name = if self.namespace.is_empty() {
            self.name
        } else {
            format!("{}/{}", self.namespace, self.name)
        };
        self.kind.unwrap_or(TagSource::Unknown)(name)
    }
}

impl WireStatusTag {
    fn apply_to(self, tag: &mut registry_model::Tag) {
        tag.history = self
            .items
            .into_iter()
            .map(WireTagEvent::into_model)
            .collect();
        tag.import_failure = self
            .conditions
            .into_iter()
            .find(|condition| condition.kind == "ImportSuccess" && condition.status == "False")
            .map(|condition| ImportFailure {
                when: condition.last_transition_time,
                reason: condition.reason,
                message: condition.message,
            });
    }
}

impl WireTagEvent {
    fn into_model(self) -> TagEvent {
        TagEvent {
            created: self.created,
            image: self.image,
            pull_spec: self.docker_image_reference,
            generation: self.generation,
        }
    }
}

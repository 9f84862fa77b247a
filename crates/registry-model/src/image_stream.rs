//! Image streams, their tags and the history of each tag.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use super::{Digest, ImageStreamName, ProjectName, TagName};

/// An image stream, which is a repository of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageStream {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// The version of the object (`metadata.resourceVersion`): an update with it is rejected if the
    /// object has changed since.
    pub resource_version: Option<String>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// Its annotations. Untrusted.
    pub annotations: BTreeMap<String, String>,
    /// Its labels. Untrusted.
    #[serde(skip)]
    pub labels: BTreeMap<String, String>,
    /// The pull spec inside the cluster (`status.dockerImageRepository`).
    pub internal_repository: InternalRepository,
    /// The pull spec outside of the cluster (`status.publicDockerImageRepository`), if the cluster
    /// has a public registry host.
    pub public_repository: Option<String>,
    /// The remote repository that the stream follows (`spec.dockerImageRepository`). Untrusted.
    pub follows: Option<String>,
    /// Whether pods of the project can use the name of the stream in place of a pull spec
    /// (`spec.lookupPolicy.local`).
    pub local_lookup: bool,
    /// Every tag of `spec` and of `status`, by name in natural order.
    pub tags: Vec<Tag>,
    /// The number of tags that were left out because their names are not valid.
    pub unreadable_tags: usize,
}

/// The annotation about the last import of the repository that a stream follows: its time, or why
/// it failed.
pub const REPOSITORY_CHECK_ANNOTATION: &str = "openshift.io/image.dockerRepositoryCheck";

impl ImageStream {
    /// An image stream of which nothing but the name is known.
    #[must_use]
    pub fn new(project: ProjectName, name: ImageStreamName) -> Self {
        Self {
            project,
            name,
            resource_version: None,
            created: None,
            annotations: BTreeMap::new(),
            labels: BTreeMap::new(),
            internal_repository: InternalRepository::Unknown,
            public_repository: None,
            follows: None,
            local_lookup: false,
            tags: Vec::new(),
            unreadable_tags: 0,
        }
    }

    /// The tag of this name.
    #[must_use]
    pub fn tag(&self, name: &TagName) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.name == *name)
    }

    /// Why the last import of the repository that the stream follows failed, if it did. Untrusted.
    #[must_use]
    pub fn repository_import_failure(&self) -> Option<&str> {
        let check = self
            .annotations
            .get(REPOSITORY_CHECK_ANNOTATION)
            .filter(|_| self.follows.is_some())?
            .trim();
        (!check.is_empty() && DateTime::parse_from_rfc3339(check).is_err()).then_some(check)
    }
}

/// The repository of an image stream in the integrated registry, with the address for pods
/// (`status.dockerImageRepository`). In JSON as the API server writes it: the name, or an empty
/// text if there is no registry; `null` if it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InternalRepository {
    /// Its pull spec without a tag. Untrusted.
    Named(String),
    /// The API server has no integrated registry.
    NoRegistry,
    /// The repository was not requested, or the response did not contain it.
    #[default]
    Unknown,
}

impl InternalRepository {
    /// The pull spec, if there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        if let Self::Named(name) = self {
            Some(name)
        } else {
            None
        }
    }
}

impl Serialize for InternalRepository {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(name) => serializer.serialize_str(name),
            Self::NoRegistry => serializer.serialize_str(""),
            Self::Unknown => serializer.serialize_none(),
        }
    }
}

/// A tag of an image stream: its entries in `spec` and in `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tag {
    pub name: TagName,
    /// The source of its images.
    pub source: TagSource,
    /// The generation of the stream at which `source` was set (`spec.tags[].generation`).
    pub generation: Option<i64>,
    /// Whether imports of this tag are repeated on a schedule (`importPolicy.scheduled`).
    pub scheduled: bool,
    /// Whether imports of this tag may skip TLS verification (`importPolicy.insecure`).
    pub insecure: bool,
    /// Whether the tag is only a reference, never imported (`reference: true`).
    pub reference: bool,
    /// Whether clients pull the image through this registry, wherever it is stored
    /// (`referencePolicy.type` is `Local`).
    pub local: bool,
    /// What the import of an index keeps (`importPolicy.importMode`). Absent on API servers before
    /// 4.12, which import one platform.
    pub import_mode: Option<ImportMode>,
    /// The annotations of the tag itself (`spec.tags[].annotations`). Untrusted.
    #[serde(skip)]
    pub annotations: BTreeMap<String, String>,
    /// The history of the tag, newest event first. Empty if the tag has never pointed to an image.
    pub history: Vec<TagEvent>,
    /// Why the last import failed, if it did (`conditions[type=ImportSuccess]` is `False`).
    pub import_failure: Option<ImportFailure>,
}

impl Tag {
    /// A tag that is in `status` only, without events.
    #[must_use]
    pub fn new_pushed(name: TagName) -> Self {
        Self {
            name,
            source: TagSource::Pushed,
            generation: None,
            scheduled: false,
            insecure: false,
            reference: false,
            local: false,
            import_mode: None,
            annotations: BTreeMap::new(),
            history: Vec::new(),
            import_failure: None,
        }
    }

    /// The event that describes what the tag points to now.
    #[must_use]
    pub fn current(&self) -> Option<&TagEvent> {
        self.history.first()
    }

    /// Whether an image was pushed to the tag after its source was set, so that the tag does not
    /// point to the source's image.
    ///
    /// A push does not change `spec` and adds an item with the generation of the stream; an import
    /// sets both generations to the same value. A tag that tracks another gets items of later
    /// generations with each change of that tag, so the generation is not conclusive.
    #[must_use]
    pub fn is_overridden_by_push(&self) -> bool {
        let Some(current) = self.current() else {
            return false;
        };
        let order = self
            .generation
            .zip(current.generation)
            .map(|(set, arrived)| arrived.cmp(&set));
        match &self.source {
            TagSource::StreamImage(name) => {
                let set_to = name
                    .rsplit_once('@')
                    .and_then(|(_, digest)| digest.parse::<Digest>().ok());
                // An item that is older than the source: the API server has not updated the tag
                // yet.
                order != Some(Ordering::Less)
                    && set_to
                        .zip(current.image.as_ref())
                        .is_some_and(|(set, now)| set != *now)
            }
            TagSource::External(_) => !self.reference && order == Some(Ordering::Greater),
            TagSource::Pushed | TagSource::StreamTag(_) | TagSource::Unknown(_) => false,
        }
    }

    /// Whether the tag points to the image now.
    #[must_use]
    pub fn points_to(&self, image: &Digest) -> bool {
        self.current()
            .is_some_and(|event| event.image.as_ref() == Some(image))
    }

    /// Whether the tag points to the image, or has pointed to it: the stream then contains the
    /// image, and other tags can be set to it.
    #[must_use]
    pub fn has_image_in_history(&self, image: &Digest) -> bool {
        self.history
            .iter()
            .any(|event| event.image.as_ref() == Some(image))
    }

    /// Whether the tag's images are imported: its source is in another registry, and it is not a
    /// reference only.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        !self.reference && matches!(self.source, TagSource::External(_))
    }

    /// The tag that this one, a tag of `stream` in `project`, tracks (`ImageStreamTag`). `None` if
    /// the name of the source is not valid.
    #[must_use]
    pub fn tracked_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Option<(ProjectName, ImageStreamName, TagName)> {
        let TagSource::StreamTag(source) = &self.source else {
            return None;
        };
        let (project, name) = match source.split_once('/') {
            Some((project, name)) => (project.parse().ok()?, name),
            None => (project.clone(), source.as_str()),
        };
        let (stream, tag) = match name.split_once(':') {
            Some((stream, tag)) => (stream.parse().ok()?, tag),
            None => (stream.clone(), name),
        };
        Some((project, stream, tag.parse().ok()?))
    }

    /// Whether the tag, which belongs to `stream` in `project`, tracks that stream's `tag`.
    #[must_use]
    pub fn tracks(&self, project: &ProjectName, stream: &ImageStreamName, tag: &TagName) -> bool {
        let TagSource::StreamTag(source) = &self.source else {
            return false;
        };
        *source == tag.as_str()
            || *source == format!("{stream}:{tag}")
            || *source == format!("{project}/{stream}:{tag}")
    }
}

/// What the import of an index keeps (`importPolicy.importMode`, OpenShift 4.12 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum ImportMode {
    /// The image of the API server's platform: the default.
    Legacy,
    /// The index and the images of all its platforms.
    PreserveOriginal,
}

impl ImportMode {
    /// The value in the API and in `oc import-image --import-mode`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "Legacy",
            Self::PreserveOriginal => "PreserveOriginal",
        }
    }
}

/// The source of a tag's images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case")]
pub enum TagSource {
    /// Pushed to the registry: no `spec` tag.
    Pushed,
    /// Tracks an image of another registry (`DockerImage`): its pull spec. Untrusted.
    External(String),
    /// Tracks a tag (`ImageStreamTag`): `stream:tag`, `project/stream:tag`, or `tag` of the same
    /// stream. Untrusted.
    StreamTag(String),
    /// Set to an image of a stream (`ImageStreamImage`): `stream@digest`. Untrusted.
    StreamImage(String),
    /// In `spec` without a source, or with one of an unknown kind.
    Unknown(String),
}

/// An item of a tag's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagEvent {
    /// Since when the tag points to the image.
    pub created: Option<DateTime<Utc>>,
    /// The digest of the image's manifest. Absent if the event does not contain it (very old
    /// imports).
    pub image: Option<Digest>,
    /// The pull spec that the API server uses for the image.
    pub pull_spec: String,
    /// The generation of the `spec` tag that led to the event.
    pub generation: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportFailure {
    /// A machine-readable reason, such as `NotFound`, `Unauthorized`, `InternalError`.
    pub reason: String,
    /// The complete message. Untrusted: it quotes the remote registry.
    pub message: String,
    /// When it last failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub when: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_after_the_source_was_set_is_distinguished_from_an_import() {
        let (set, other) = (Digest::sha256(b"set"), Digest::sha256(b"other"));
        let image = || TagSource::StreamImage(format!("api@{set}"));
        let external = || TagSource::External("registry.example.com/up/api:1".to_owned());
        let tracking = || TagSource::StreamTag("api:latest".to_owned());
        for (source, generation, now, arrived, expected) in [
            // Recorded from OpenShift 3.9: rolled back at generation 22, pushed at 33; imported at
            // 2; tracking since 26, updated at 33.
            (image(), Some(22), &other, Some(33), true),
            (image(), Some(22), &other, Some(22), true),
            (image(), None, &other, None, true),
            (image(), Some(22), &set, Some(22), false),
            (image(), Some(22), &set, Some(33), false),
            (image(), Some(22), &other, Some(21), false),
            (external(), Some(2), &other, Some(2), false),
            (external(), Some(2), &other, Some(3), true),
            (external(), None, &other, Some(3), false),
            (tracking(), Some(26), &other, Some(33), false),
            (TagSource::Pushed, None, &other, Some(3), false),
        ] {
            let event = TagEvent {
                created: None,
                image: Some(now.clone()),
                pull_spec: String::new(),
                generation: arrived,
            };
            let tag = Tag {
                source,
                generation,
                history: vec![event],
                ..Tag::new_pushed("latest".parse().unwrap())
            };
            assert_eq!(tag.is_overridden_by_push(), expected, "{tag:?}");
        }
    }
}

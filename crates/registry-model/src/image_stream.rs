//! Image streams, their tags and the history of each tag.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};

use super::{Digest, ImageStreamName, ProjectName, TagName};

/// An image stream: what a repository of the registry is called in OpenShift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageStream {
    /// The project that it lives in.
    pub project: ProjectName,
    /// Its name in the project.
    pub name: ImageStreamName,
    /// The version of the object: a change that names it is refused once somebody else was faster
    /// (`metadata.resourceVersion`).
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
    /// The pull spec from outside (`status.publicDockerImageRepository`), where the cluster has a
    /// public registry host.
    pub public_repository: Option<String>,
    /// The remote repository whose tags it follows (`spec.dockerImageRepository`). Untrusted.
    pub follows: Option<String>,
    /// Whether pods of the project may name the stream in place of a pull spec
    /// (`spec.lookupPolicy.local`).
    pub local_lookup: bool,
    /// Every tag of `spec` and of `status`, by name in natural order.
    pub tags: Vec<Tag>,
    /// How many tags were left out, because their names are not valid.
    pub unreadable_tags: usize,
}

/// The annotation about the last import of the repository that a stream follows: when it was, or
/// why it failed.
pub const REPOSITORY_CHECK_ANNOTATION: &str = "openshift.io/image.dockerRepositoryCheck";

impl ImageStream {
    /// Why the last import of the whole repository that the stream follows failed, if it did.
    /// Untrusted.
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

/// The repository of an image stream in the integrated registry, as pods reach it
/// (`status.dockerImageRepository`). In JSON as the API server writes it: the name, or an empty
/// text where there is no registry; `null` where it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InternalRepository {
    /// Its pull spec without a tag. Untrusted.
    Named(String),
    /// The API server knows of no integrated registry.
    NoRegistry,
    /// The API server was not asked, or did not say.
    #[default]
    Unknown,
}

impl InternalRepository {
    /// The pull spec, where there is one.
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

/// A tag of an image stream: what `spec` wants it to be and what `status` says that it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tag {
    pub name: TagName,
    /// Where its images come from.
    pub source: TagSource,
    /// The generation of the stream at which `source` was set (`spec.tags[].generation`).
    pub generation: Option<i64>,
    /// Whether imports of this tag are repeated on a schedule (`importPolicy.scheduled`).
    pub scheduled: bool,
    /// Whether imports of this tag may skip TLS verification (`importPolicy.insecure`).
    pub insecure: bool,
    /// Whether the tag is only a reference, never imported (`reference: true`).
    pub reference: bool,
    /// Whether those who pull it get it through this registry, wherever it is
    /// (`referencePolicy.type` is `Local`).
    pub local: bool,
    /// What an import of an index keeps (`importPolicy.importMode`). Absent on API servers before
    /// 4.12, where it is always one platform.
    pub import_mode: Option<ImportMode>,
    /// The annotations of the tag itself (`spec.tags[].annotations`). Untrusted.
    #[serde(skip)]
    pub annotations: BTreeMap<String, String>,
    /// What the tag has pointed at, newest first. Empty: nothing has ever arrived.
    pub history: Vec<TagEvent>,
    /// Why the last import failed, if it did (`conditions[type=ImportSuccess]` is `False`).
    pub import_failure: Option<ImportFailure>,
}

impl Tag {
    /// A tag that is in `status` only: pushed to the registry, and nothing has arrived yet.
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

    /// What the tag points at now.
    #[must_use]
    pub fn current(&self) -> Option<&TagEvent> {
        self.history.first()
    }

    /// Whether an image was pushed to the tag after its source was set, so that the tag does not
    /// point at what the source names.
    ///
    /// A push leaves `spec` as it is and adds an item with the generation of the stream; an import
    /// gives both the same generation. A tag that tracks another gets items of later generations
    /// with each change of that tag: nothing can be told of it.
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
                // An item that is older than the source: the API server has not followed it yet.
                order != Some(Ordering::Less)
                    && set_to
                        .zip(current.image.as_ref())
                        .is_some_and(|(set, now)| set != *now)
            }
            TagSource::External(_) => !self.reference && order == Some(Ordering::Greater),
            TagSource::Pushed | TagSource::StreamTag(_) | TagSource::Unknown(_) => false,
        }
    }

    /// Whether the tag points at the image, or has pointed at it: then the stream holds it, and can
    /// give it other tags.
    #[must_use]
    pub fn has_image_in_history(&self, image: &Digest) -> bool {
        self.history
            .iter()
            .any(|event| event.image.as_ref() == Some(image))
    }

    /// Whether imports bring the tag its images: it has a source in another registry, and is more
    /// than a reference to it.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        !self.reference && matches!(self.source, TagSource::External(_))
    }

    /// The tag that this one, a tag of `stream` in `project`, tracks (`ImageStreamTag`). Nothing
    /// where the source's name is not valid.
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

    /// Whether the tag, one of `stream` in `project`, tracks that stream's `tag`.
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

/// What an import keeps of an index, an image for several platforms (`importPolicy.importMode`,
/// OpenShift 4.12 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportMode {
    /// The image of one platform, that of the API server: the default.
    Legacy,
    /// The index and the images of all its platforms.
    PreserveOriginal,
}

impl ImportMode {
    /// As in the API and in `oc import-image --import-mode`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "Legacy",
            Self::PreserveOriginal => "PreserveOriginal",
        }
    }
}

/// Where the images of a tag come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case")]
pub enum TagSource {
    /// Pushed to the registry: no `spec` tag.
    Pushed,
    /// Tracks an image of another registry (`DockerImage`): its pull spec. Untrusted.
    External(String),
    /// Tracks a tag (`ImageStreamTag`): `stream:tag`, `project/stream:tag`, or `tag` of the same
    /// stream. Untrusted.
    StreamTag(String),
    /// Stays at an image of a stream (`ImageStreamImage`): `stream@digest`. Untrusted.
    StreamImage(String),
    /// In `spec` with no source, or with one that this console does not know.
    Unknown(String),
}

/// One item of a tag's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagEvent {
    /// When the tag came to point here.
    pub created: Option<DateTime<Utc>>,
    /// The image, by the digest of its manifest. Absent where a source does not say (very old
    /// imports).
    pub image: Option<Digest>,
    /// The pull spec that the master would use for it.
    pub pull_spec: String,
    /// The generation of the `spec` tag that brought it.
    pub generation: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportFailure {
    /// A word for machines, such as `NotFound`, `Unauthorized`, `InternalError`.
    pub reason: String,
    /// What the master says, in full. Untrusted: it quotes the remote registry.
    pub message: String,
    /// When it last failed.
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

//! Changes of image streams.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::requests::streams as requests;
use super::{ApiError, UserApi, error};
use registry_model::{ImageStreamName, ImportMode, ProjectName, Tag, TagName, TagSource};

/// Where the images of a stream come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamSource {
    Nothing,
    /// All tags of a remote repository (`spec.dockerImageRepository`).
    Repository {
        /// The repository's pull spec, without a tag.
        name: String,
        /// Imports may skip TLS verification.
        insecure: bool,
        /// What imports of an index keep. Absent: the API server knows one way only. It is not part
        /// of the image stream, but of each import.
        import_mode: Option<ImportMode>,
    },
    /// These tags of other registries (`spec.tags`).
    Tags(Vec<TrackingTag>),
}

/// A tag that follows an image of another registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackingTag {
    pub tag: TagName,
    /// The pull spec there.
    pub from: String,
    /// Imports may skip TLS verification.
    pub insecure: bool,
    /// Imports are repeated on a schedule.
    pub scheduled: bool,
    /// Those who pull get it through this registry, not from where it is (`referencePolicy.type` is
    /// `Local`).
    pub local: bool,
    /// What imports of an index keep. Absent: the API server knows one way only.
    pub import_mode: Option<ImportMode>,
}

impl TrackingTag {
    /// What a tag follows; nothing where it follows no image of another registry, or is not
    /// imported.
    #[must_use]
    pub fn from_tag(tag: &Tag) -> Option<Self> {
        let TagSource::External(from) = &tag.source else {
            return None;
        };
        Some(Self {
            tag: tag.name.clone(),
            from: from.clone(),
            insecure: tag.insecure,
            scheduled: tag.scheduled,
            local: tag.local,
            import_mode: tag.import_mode,
        })
    }
}

/// Imports from the repository that a stream follows may skip TLS verification: the annotation that
/// OpenShift reads.
pub const INSECURE_REPOSITORY_ANNOTATION: &str = "openshift.io/image.insecureRepository";

impl UserApi<'_> {
    /// Creates an image stream.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Invalid`], [`ApiError::Forbidden`], or
    /// any other.
    pub async fn create_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        source: &StreamSource,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::create(
                    project,
                    &new_stream_json(project, name, source),
                ))
                .await?,
        )
    }

    /// Changes where a stream's images come from, and those of its annotations that `annotations`
    /// names (`None`: it goes). What else the object holds stays. `version` is what the person saw.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where somebody else was faster, [`ApiError::Invalid`], or any other.
    pub async fn update_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        version: &str,
        source: &StreamSource,
        annotations: &BTreeMap<String, Option<String>>,
    ) -> Result<(), ApiError> {
        let mut stream: Value = self
            .request(super::requests::image_stream(project, name))
            .await?;
        stream["metadata"]["resourceVersion"] = version.into();
        annotate(&mut stream, annotations);
        set_source(&mut stream, source);
        error::check_success(&self.send(requests::update(project, name, &stream)).await?)
    }

    /// Deletes an image stream with its tags and their histories.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where there is none (any more), [`ApiError::Forbidden`], or any other.
    pub async fn delete_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::delete(project, name)).await?)
    }
}

pub(super) fn docker_image_reference(name: &str) -> Value {
    json!({ "kind": "DockerImage", "name": name })
}

/// Adds `importPolicy`. What has its default is left out, as the old console and `oc` do.
pub(super) fn with_import_policy(
    mut object: Value,
    flags: &[(&str, bool)],
    import_mode: Option<ImportMode>,
) -> Value {
    let mut said: Map<String, Value> = flags
        .iter()
        .filter(|(_, set)| *set)
        .map(|(name, _)| ((*name).to_owned(), true.into()))
        .collect();
    if let Some(mode) = import_mode {
        said.insert("importMode".to_owned(), mode.as_str().into());
    }
    if !said.is_empty() {
        object["importPolicy"] = said.into();
    }
    object
}

fn new_stream_json(project: &ProjectName, name: &ImageStreamName, source: &StreamSource) -> Value {
    let mut stream = json!({
        "apiVersion": "image.openshift.io/v1",
        "kind": "ImageStream",
        "metadata": { "name": name.as_str(), "namespace": project.as_str() },
    });
    if *source != StreamSource::Nothing {
        set_source(&mut stream, source);
    }
    stream
}

fn annotate(stream: &mut Value, annotations: &BTreeMap<String, Option<String>>) {
    for (key, value) in annotations {
        match value {
            Some(value) => stream["metadata"]["annotations"][key] = value.as_str().into(),
            // Looked up, not indexed: that would leave a `null` where there were none.
            None => drop(
                stream
                    .pointer_mut("/metadata/annotations")
                    .and_then(Value::as_object_mut)
                    .map(|known| known.remove(key)),
            ),
        }
    }
}

/// Writes `source` into the stream. A tag that follows something of this cluster stays, and so does
/// all that this console does not know.
fn set_source(stream: &mut Value, source: &StreamSource) {
    let (repository, insecure, tags) = match source {
        StreamSource::Nothing => (None, false, &[][..]),
        StreamSource::Repository { name, insecure, .. } => (Some(name), *insecure, &[][..]),
        StreamSource::Tags(tags) => (None, false, tags.as_slice()),
    };
    annotate(
        stream,
        &BTreeMap::from([(
            INSECURE_REPOSITORY_ANNOTATION.to_owned(),
            insecure.then(|| "true".to_owned()),
        )]),
    );
    let known: Vec<Value> = stream["spec"]["tags"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let (external, mut kept): (Vec<Value>, Vec<Value>) = known
        .into_iter()
        .partition(|tag| tag["from"]["kind"] == "DockerImage");
    if repository.is_some() {
        // The tags of a followed repository become tags of the stream when they are imported: they
        // are not the form's.
        kept.extend(external);
    } else {
        kept.extend(tags.iter().map(|tag| {
            tracking_tag_json(
                tag,
                external
                    .iter()
                    .find(|known| known["name"] == tag.tag.as_str()),
            )
        }));
    }
    match repository {
        Some(repository) => stream["spec"]["dockerImageRepository"] = repository.as_str().into(),
        None => drop(
            stream["spec"]
                .as_object_mut()
                .map(|spec| spec.remove("dockerImageRepository")),
        ),
    }
    if kept.is_empty() {
        stream["spec"]
            .as_object_mut()
            .map(|spec| spec.remove("tags"));
    } else {
        stream["spec"]["tags"] = kept.into();
    }
}

fn tracking_tag_json(tag: &TrackingTag, known: Option<&Value>) -> Value {
    let mut wanted = known
        .cloned()
        .unwrap_or_else(|| json!({ "name": tag.tag.as_str() }));
    if wanted["from"]["name"] != tag.from.as_str() {
        wanted["from"] = docker_image_reference(&tag.from);
    }
    let mut policy = wanted["importPolicy"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    for (name, set) in [("insecure", tag.insecure), ("scheduled", tag.scheduled)] {
        if set {
            drop(policy.insert(name.to_owned(), true.into()))
        } else {
            drop(policy.remove(name))
        }
    }
    if let Some(mode) = tag.import_mode {
        policy.insert("importMode".to_owned(), mode.as_str().into());
    }
    if tag.local
        != (wanted
            .pointer("/referencePolicy/type")
            .is_some_and(|said| said == "Local"))
    {
        wanted["referencePolicy"] = json!({ "type": if tag.local { "Local" } else { "Source" } });
    }
    let changed = known.is_some_and(|known| {
        known["from"] != wanted["from"] || known["importPolicy"].as_object() != Some(&policy)
    });
    if !policy.is_empty() || known.is_some() {
        wanted["importPolicy"] = policy.into();
    }
    if changed && let Some(wanted) = wanted.as_object_mut() {
        // The master imports a tag whose generation is unset, and gives it one.
        wanted.remove("generation");
    }
    wanted
}

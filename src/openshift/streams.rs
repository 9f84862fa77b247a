//! Creating, updating and deleting image streams.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::requests::streams as requests;
use super::{ApiError, UserApi, error};
use registry_model::{ImageStreamName, ImportMode, ProjectName, Tag, TagName, TagSource};

/// The source of a stream's images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StreamSource {
    #[default]
    Nothing,
    /// All tags of a remote repository (`spec.dockerImageRepository`).
    Repository {
        /// The repository's pull spec, without a tag.
        name: String,
        /// Imports may skip TLS verification.
        insecure: bool,
        /// What imports keep of an index. `None`: the API server does not support import modes.
        /// This is not part of the image stream, but of each import.
        import_mode: Option<ImportMode>,
    },
    /// These tags of other registries (`spec.tags`).
    Tags(Vec<TrackingTag>),
}

/// A tag that follows an image of another registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackingTag {
    pub tag: TagName,
    /// The pull spec of the image.
    pub from: String,
    /// Imports may skip TLS verification.
    pub insecure: bool,
    /// Imports are repeated on a schedule.
    pub scheduled: bool,
    /// Clients pull the image through this registry, not from its source (`referencePolicy.type` is
    /// `Local`).
    pub local: bool,
    /// The tag only refers to the image, which is never imported (`reference`).
    pub reference: bool,
    /// What imports keep of an index. `None`: the API server does not support import modes.
    pub import_mode: Option<ImportMode>,
}

impl TrackingTag {
    /// The source of a tag. `None` where the tag follows no image of another registry.
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
            reference: tag.reference,
            import_mode: tag.import_mode,
        })
    }
}

/// What a form changes of an image stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamChanges {
    pub source: StreamSource,
    /// Annotations to set. `None` removes one.
    pub annotations: BTreeMap<String, Option<String>>,
    /// Labels to set. `None` removes one.
    pub labels: BTreeMap<String, Option<String>>,
    /// Whether pods of the project may use the image stream's name as a pull spec
    /// (`lookupPolicy.local`). `None` leaves it as it is.
    pub local_lookup: Option<bool>,
}

/// The annotation of OpenShift that allows imports from a followed repository to skip TLS
/// verification.
pub const INSECURE_REPOSITORY_ANNOTATION: &str = "openshift.io/image.insecureRepository";

impl UserApi<'_> {
    /// Creates an image stream.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Invalid`],
    /// [`ApiError::Forbidden`], or any other.
    pub async fn create_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        source: &StreamSource,
    ) -> Result<(), ApiError> {
        let mut stream = new_stream_json(name.as_str(), source);
        stream["metadata"]["namespace"] = project.as_str().into();
        error::check_success(&self.send(requests::create(project, &stream)).await?)
    }

    /// Changes a stream. Fields of the object that `changes` does not name are kept. `version` is
    /// the resource version that the user saw.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the stream was changed meanwhile, [`ApiError::Invalid`], or any
    /// other.
    pub async fn update_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        version: &str,
        changes: &StreamChanges,
    ) -> Result<(), ApiError> {
        let mut stream: Value = self
            .request(super::requests::image_stream(project, name))
            .await?;
        stream["metadata"]["resourceVersion"] = version.into();
        set_texts(&mut stream, "annotations", &changes.annotations);
        set_texts(&mut stream, "labels", &changes.labels);
        set_source(&mut stream, &changes.source);
        if let Some(local) = changes.local_lookup {
            set_local_lookup(&mut stream, local);
        }
        error::check_success(&self.send(requests::update(project, name, &stream)).await?)
    }

    /// Deletes an image stream with its tags and their histories.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where the stream does not exist (any more), [`ApiError::Forbidden`],
    /// or any other.
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

/// Adds `importPolicy`. Default values are left out, as the old console and `oc` do.
pub(super) fn with_import_policy(
    mut object: Value,
    flags: &[(&str, bool)],
    import_mode: Option<ImportMode>,
) -> Value {
    let mut policy: Map<String, Value> = flags
        .iter()
        .filter(|(_, set)| *set)
        .map(|(name, _)| ((*name).to_owned(), true.into()))
        .collect();
    if let Some(mode) = import_mode {
        policy.insert("importMode".to_owned(), mode.as_str().into());
    }
    if !policy.is_empty() {
        object["importPolicy"] = policy.into();
    }
    object
}

/// A new image stream, for the project of the request. `name` may be a placeholder.
#[must_use]
pub fn new_stream_json(name: &str, source: &StreamSource) -> Value {
    let mut stream = json!({
        "apiVersion": "image.openshift.io/v1",
        "kind": "ImageStream",
        "metadata": { "name": name },
    });
    if *source != StreamSource::Nothing {
        set_source(&mut stream, source);
    }
    stream
}

/// Sets and removes annotations or labels: `field` of the metadata.
fn set_texts(stream: &mut Value, field: &str, texts: &BTreeMap<String, Option<String>>) {
    for (key, value) in texts {
        match value {
            Some(value) => stream["metadata"][field][key] = value.as_str().into(),
            // Not indexed: indexing would insert `null` for a missing field.
            None => drop(
                stream["metadata"]
                    .as_object_mut()
                    .and_then(|metadata| metadata.get_mut(field))
                    .and_then(Value::as_object_mut)
                    .map(|known| known.remove(key)),
            ),
        }
    }
}

/// Writes `lookupPolicy.local` if it differs.
fn set_local_lookup(stream: &mut Value, local: bool) {
    let is_set = stream
        .pointer("/spec/lookupPolicy/local")
        .is_some_and(|set| *set == true);
    if is_set != local {
        stream["spec"]["lookupPolicy"]["local"] = local.into();
    }
}

/// Writes `source` into the stream. Tags that follow something of this cluster and unknown fields
/// are kept.
fn set_source(stream: &mut Value, source: &StreamSource) {
    let (repository, insecure, tags) = match source {
        StreamSource::Nothing => (None, false, &[][..]),
        StreamSource::Repository { name, insecure, .. } => (Some(name), *insecure, &[][..]),
        StreamSource::Tags(tags) => (None, false, tags.as_slice()),
    };
    set_texts(
        stream,
        "annotations",
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
        // Importing a followed repository adds its tags to the stream. The form does not contain
        // them.
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
            .is_some_and(|kind| kind == "Local"))
    {
        wanted["referencePolicy"] = json!({ "type": if tag.local { "Local" } else { "Source" } });
    }
    let was_reference = wanted["reference"] == true;
    if tag.reference != was_reference {
        wanted["reference"] = tag.reference.into();
    }
    let changed = known.is_some_and(|known| {
        known["from"] != wanted["from"]
            || known["importPolicy"].as_object() != Some(&policy)
            || tag.reference != was_reference
    });
    if !policy.is_empty() || known.is_some() {
        wanted["importPolicy"] = policy.into();
    }
    if changed && let Some(wanted) = wanted.as_object_mut() {
        // The API server imports a tag without a generation, and sets one.
        wanted.remove("generation");
    }
    wanted
}

//! Changes of image streams, and imports into them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::requests::streams as requests;
use super::{AsUser, Error, error, wire};
use crate::model::{Digest, ImageStreamName, ProjectName, TagName};

/// Where the images of a stream come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamSource {
    /// Whatever is pushed.
    Nothing,
    /// All tags of a remote repository (`spec.dockerImageRepository`).
    Repository {
        /// The repository's pull spec, without a tag.
        name: String,
        /// Imports may skip TLS verification.
        insecure: bool,
    },
    /// These tags of other registries (`spec.tags`).
    Tags(Vec<FollowedTag>),
}

/// A tag that follows an image of another registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedTag {
    /// Its name here.
    pub tag: TagName,
    /// The pull spec there.
    pub from: String,
    /// Imports may skip TLS verification.
    pub insecure: bool,
    /// Imports are repeated on a schedule.
    pub scheduled: bool,
    /// Those who pull get it through this registry, not from where it is (`referencePolicy.type` is `Local`).
    pub local: bool,
}

/// What came of the import of a tag, or of looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportResult {
    /// The tag. Untrusted. Empty: it is about the whole repository.
    pub tag: String,
    /// How it went.
    #[serde(flatten)]
    pub outcome: ImportOutcome,
}

/// How the import of a tag went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// The image is there.
    Found {
        /// The digest of its manifest.
        digest: Option<Digest>,
    },
    /// It is not, or could not be read. Untrusted: it quotes the remote registry.
    Failed {
        /// A word for machines.
        reason: String,
        /// What the master says.
        message: String,
    },
    /// The remote repository has such a tag; the master looks at the first few only (`status.repository.additionalTags`).
    NotLookedAt,
}

/// Imports from the repository that a stream follows may skip TLS verification: the annotation that OpenShift reads.
pub const INSECURE_REPOSITORY: &str = "openshift.io/image.insecureRepository";

impl AsUser<'_> {
    /// Creates an image stream.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the name is taken, [`Error::Invalid`], [`Error::Forbidden`], or any other.
    pub async fn create_stream(&self, project: &ProjectName, name: &ImageStreamName, source: &StreamSource) -> Result<(), Error> {
        error::done(&self.send(requests::create(project, &new_stream(project, name, source))).await?)
    }

    /// Changes where a stream's images come from, and those of its annotations that `annotations` names (`None`: it goes). What else the
    /// object holds stays. `version` is what the person saw.
    ///
    /// # Errors
    /// [`Error::Conflict`] where somebody else was faster, [`Error::Invalid`], or any other.
    pub async fn change_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        version: &str,
        source: &StreamSource,
        annotations: &BTreeMap<String, Option<String>>,
    ) -> Result<(), Error> {
        let mut stream: Value = self.ask(super::requests::image_stream(project, name)).await?;
        stream["metadata"]["resourceVersion"] = version.into();
        annotate(&mut stream, annotations);
        follow(&mut stream, source);
        error::done(&self.send(requests::update(project, name, &stream)).await?)
    }

    /// Deletes an image stream with its tags and their histories.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none (any more), [`Error::Forbidden`], or any other.
    pub async fn delete_stream(&self, project: &ProjectName, name: &ImageStreamName) -> Result<(), Error> {
        error::done(&self.send(requests::delete(project, name)).await?)
    }

    /// Imports what a stream follows once more: one tag of it, or all.
    ///
    /// # Errors
    /// [`Error::NotFound`] also where there is nothing to import, [`Error::Invalid`] where the registry may not be imported from, or any other.
    pub async fn import_again(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tag: Option<&TagName>,
    ) -> Result<Vec<ImportResult>, Error> {
        let stream: Value = self.ask(super::requests::image_stream(project, name)).await?;
        let spec = again(&stream, tag).ok_or(Error::NotFound)?;
        let done: wire::ImageStreamImport = self.ask(requests::import(project, name, &spec, None)).await?;
        Ok(done.into_model())
    }

    /// Lets a tag follow an image of another registry, and imports it at once: what `oc import-image --confirm` asks. An import that fails
    /// leaves the tag waiting. `version` is the stream's as it was read: whatever was changed since is a [`Error::Conflict`]. Without one, a
    /// stream that does not exist is made as well.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the registry may not be imported from, [`Error::Conflict`], [`Error::Forbidden`], or any other.
    pub async fn import_tag(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tag: &FollowedTag,
        version: Option<&str>,
    ) -> Result<Vec<ImportResult>, Error> {
        let spec = json!({ "import": true, "images": [image_to_import(tag)] });
        let done: wire::ImageStreamImport = self.ask(requests::import(project, name, &spec, version)).await?;
        Ok(done.into_model())
    }

    /// Looks at what a source holds, and imports nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the registry may not be imported from, [`Error::Forbidden`], or any other.
    pub async fn look_at(&self, project: &ProjectName, name: &ImageStreamName, source: &StreamSource) -> Result<Vec<ImportResult>, Error> {
        let spec = match source {
            StreamSource::Nothing => return Ok(Vec::new()),
            StreamSource::Repository { name, insecure } => json!({
                "import": false,
                "repository": with_policy(json!({ "from": docker_image(name) }), &[("insecure", *insecure)]),
            }),
            StreamSource::Tags(tags) => {
                let image = |tag: &FollowedTag| image_to_import(&FollowedTag { scheduled: false, local: false, ..tag.clone() });
                json!({ "import": false, "images": tags.iter().map(image).collect::<Vec<_>>() })
            }
        };
        let seen: wire::ImageStreamImport = self.ask(requests::import(project, name, &spec, None)).await?;
        Ok(seen.into_model())
    }
}

fn image_to_import(tag: &FollowedTag) -> Value {
    let image = json!({ "from": docker_image(&tag.from), "to": { "name": tag.tag.as_str() } });
    let mut image = with_policy(image, &[("insecure", tag.insecure), ("scheduled", tag.scheduled)]);
    if tag.local {
        image["referencePolicy"] = json!({ "type": "Local" });
    }
    image
}

fn docker_image(name: &str) -> Value {
    json!({ "kind": "DockerImage", "name": name })
}

/// Says only what is so, as the old console and `oc` do.
fn with_policy(mut object: Value, flags: &[(&str, bool)]) -> Value {
    let said: Map<String, Value> = flags.iter().filter(|(_, set)| *set).map(|(name, _)| ((*name).to_owned(), true.into())).collect();
    if !said.is_empty() {
        object["importPolicy"] = said.into();
    }
    object
}

fn new_stream(project: &ProjectName, name: &ImageStreamName, source: &StreamSource) -> Value {
    let mut stream = json!({
        "apiVersion": "image.openshift.io/v1",
        "kind": "ImageStream",
        "metadata": { "name": name.as_str(), "namespace": project.as_str() },
    });
    if *source != StreamSource::Nothing {
        follow(&mut stream, source);
    }
    stream
}

fn annotate(stream: &mut Value, annotations: &BTreeMap<String, Option<String>>) {
    for (key, value) in annotations {
        match value {
            Some(value) => stream["metadata"]["annotations"][key] = value.as_str().into(),
            // Looked up, not indexed: that would leave a `null` where there were none.
            None => drop(stream.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut).map(|known| known.remove(key))),
        }
    }
}

/// Writes `source` into the stream. A tag that follows something of this cluster stays, and so does all that this console does not know.
fn follow(stream: &mut Value, source: &StreamSource) {
    let (repository, insecure, tags) = match source {
        StreamSource::Nothing => (None, false, &[][..]),
        StreamSource::Repository { name, insecure } => (Some(name), *insecure, &[][..]),
        StreamSource::Tags(tags) => (None, false, tags.as_slice()),
    };
    annotate(stream, &BTreeMap::from([(INSECURE_REPOSITORY.to_owned(), insecure.then(|| "true".to_owned()))]));
    let known: Vec<Value> = stream["spec"]["tags"].as_array().cloned().unwrap_or_default();
    let (external, mut kept): (Vec<Value>, Vec<Value>) = known.into_iter().partition(|tag| tag["from"]["kind"] == "DockerImage");
    if repository.is_some() {
        // The tags of a followed repository become tags of the stream when they are imported: they are not the form's.
        kept.extend(external);
    } else {
        kept.extend(tags.iter().map(|tag| followed(tag, external.iter().find(|known| known["name"] == tag.tag.as_str()))));
    }
    match repository {
        Some(repository) => stream["spec"]["dockerImageRepository"] = repository.as_str().into(),
        None => drop(stream["spec"].as_object_mut().map(|spec| spec.remove("dockerImageRepository"))),
    }
    if kept.is_empty() {
        stream["spec"].as_object_mut().map(|spec| spec.remove("tags"));
    } else {
        stream["spec"]["tags"] = kept.into();
    }
}

fn followed(tag: &FollowedTag, known: Option<&Value>) -> Value {
    let mut wanted = known.cloned().unwrap_or_else(|| json!({ "name": tag.tag.as_str() }));
    if wanted["from"]["name"] != tag.from.as_str() {
        wanted["from"] = docker_image(&tag.from);
    }
    let mut policy = wanted["importPolicy"].as_object().cloned().unwrap_or_default();
    for (name, set) in [("insecure", tag.insecure), ("scheduled", tag.scheduled)] {
        if set { drop(policy.insert(name.to_owned(), true.into())) } else { drop(policy.remove(name)) }
    }
    if tag.local != (wanted.pointer("/referencePolicy/type").is_some_and(|said| said == "Local")) {
        wanted["referencePolicy"] = json!({ "type": if tag.local { "Local" } else { "Source" } });
    }
    let changed = known.is_some_and(|known| known["from"] != wanted["from"] || known["importPolicy"].as_object() != Some(&policy));
    if !policy.is_empty() || known.is_some() {
        wanted["importPolicy"] = policy.into();
    }
    if changed && let Some(wanted) = wanted.as_object_mut() {
        // The master imports a tag whose generation is unset, and gives it one.
        wanted.remove("generation");
    }
    wanted
}

/// What `oc import-image` sends for a stream: the policies go along, because an import sets them.
fn again(stream: &Value, only: Option<&TagName>) -> Option<Value> {
    let spec = &stream["spec"];
    let tags = spec["tags"].as_array().into_iter().flatten();
    let due = tags.filter(|tag| tag["from"]["kind"] == "DockerImage" && tag["reference"] != true);
    let due = due.filter(|tag| only.is_none_or(|only| tag["name"] == only.as_str()));
    let repository = spec["dockerImageRepository"].as_str().filter(|name| only.is_none() && !name.is_empty());
    // A tag of the repository itself comes with the repository.
    let beside = |tag: &&Value| {
        let from = tag["from"]["name"].as_str().unwrap_or_default();
        repository.is_none_or(|repository| from.rsplit_once(':').is_none_or(|(of, _)| of != repository))
    };
    let due = due.filter(beside);
    let image = |tag: &Value| {
        let mut image = json!({ "from": tag["from"], "to": { "name": tag["name"] } });
        for policy in ["importPolicy", "referencePolicy"] {
            if tag[policy].is_object() {
                image[policy] = tag[policy].clone();
            }
        }
        image
    };
    let images: Vec<Value> = due.map(image).collect();
    let mut wanted = json!({ "import": true });
    if let Some(repository) = repository {
        let insecure = stream["metadata"]["annotations"][INSECURE_REPOSITORY] == "true";
        wanted["repository"] = with_policy(json!({ "from": docker_image(repository) }), &[("insecure", insecure)]);
    } else if images.is_empty() {
        return None;
    }
    if !images.is_empty() {
        wanted["images"] = images.into();
    }
    Some(wanted)
}

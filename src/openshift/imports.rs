//! Imports into image streams: the request, and its result for each tag.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::requests::streams as requests;
use super::streams::{docker_image_reference, with_import_policy};
use super::{
    ApiError, INSECURE_REPOSITORY_ANNOTATION, StreamSource, TrackingTag, UserApi, audit, wire,
};
use registry_model::{
    Digest, ImageStream, ImageStreamName, ImportFailure, ImportMode, PlatformImage, ProjectName,
    Tag, TagName, TagSource,
};

/// The result of importing or previewing a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportResult {
    /// The tag. Untrusted. Empty: the result is about the whole repository.
    pub tag: String,
    #[serde(flatten)]
    pub outcome: ImportOutcome,
}

impl ImportResult {
    /// Whether the image is an index of several platforms.
    #[must_use]
    pub fn has_platforms(&self) -> bool {
        matches!(&self.outcome, ImportOutcome::Found { platforms, .. } if !platforms.is_empty())
    }
}

/// The outcome of importing a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// The image was found.
    Found {
        /// The digest of its manifest.
        digest: Option<Digest>,
        /// The platforms of an index. Empty: the image has one platform, or the import does not
        /// keep the index.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        platforms: Vec<PlatformImage>,
        /// The architecture of an image of one platform, such as `amd64`. Untrusted.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        architecture: Option<String>,
    },
    /// The image was not found or could not be read. Untrusted: quotes the remote registry.
    Failed {
        /// The API's `reason`, such as `NotFound`.
        reason: String,
        /// The API server's message.
        message: String,
    },
    /// The remote repository has the tag, but the API server imports only the first few tags of a
    /// repository (`status.repository.additionalTags`).
    NotLookedAt,
}

/// What an import of an image stream requests: one tag, or all.
///
/// An import sets the policies of the tags that it imports, so the request contains each tag's
/// current policies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportPlan {
    /// The remote repository, all tags of which are imported.
    pub repository: Option<RepositoryImport>,
    /// Other tags, and tags of the repository whose policies differ from the repository's.
    pub tags: Vec<TrackingTag>,
    /// The stream has reference-only tags, which `oc import-image --all` would import.
    #[serde(skip)]
    pub has_references: bool,
    /// The stream has the annotation that allows imports to skip TLS verification. It is meant for
    /// the repository that the stream follows; `oc import-image` applies it to single tags as well,
    /// and stores it in them.
    #[serde(skip)]
    pub has_insecure_annotation: bool,
    /// Whether the plan is for one tag that is a reference and so never imported (`reference:
    /// true`).
    pub reference_only: bool,
    /// Whether the plan is for one tag, not for all.
    #[serde(skip)]
    pub is_one_tag: bool,
    /// The tags that the import may point to another image, including those of `repository`.
    #[serde(skip)]
    pub changing_tags: Vec<TagName>,
    /// What became of the last imports of these tags.
    #[serde(skip)]
    pub last_imports: BTreeMap<TagName, LastImport>,
    /// Why the last import of `repository` as a whole failed, if it did. Untrusted.
    #[serde(skip)]
    pub repository_failure: Option<String>,
}

/// What became of the last import of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastImport {
    Failed(ImportFailure),
    /// Since when the tag points to the image that was imported, if the API server says so.
    Imported(Option<DateTime<Utc>>),
    /// No import has finished yet.
    Pending,
}

impl LastImport {
    fn from_tag(tag: &Tag) -> Self {
        match (&tag.import_failure, tag.current()) {
            (Some(failure), _) => Self::Failed(failure.clone()),
            (None, Some(event)) => Self::Imported(event.created),
            (None, None) => Self::Pending,
        }
    }
}

/// The import of a whole remote repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RepositoryImport {
    /// The pull spec, without a tag. Untrusted.
    pub name: String,
    /// The import may skip TLS verification.
    pub insecure: bool,
    /// What an import keeps of an index. `None`: the API server does not support import modes.
    pub import_mode: Option<ImportMode>,
}

impl RepositoryImport {
    /// The repository that a stream follows. `spec.dockerImageRepository` has no import mode, so
    /// the mode is that of the repository's tags if they agree.
    #[must_use]
    pub fn from_stream(stream: &ImageStream) -> Option<Self> {
        let name = stream.follows.clone()?;
        let insecure = has_insecure_annotation(stream);
        let mut modes = stream
            .tags
            .iter()
            .filter(|tag| is_tag_of(&tag.source, &name))
            .map(|tag| tag.import_mode);
        let first = modes.next().flatten();
        let agreed = first.filter(|mode| modes.all(|other| other == Some(*mode)));
        Some(Self {
            name,
            insecure,
            import_mode: agreed.or(first.map(|_| ImportMode::Legacy)),
        })
    }

    /// Whether the import of the repository keeps the policies of the tag.
    fn covers(&self, tag: &TrackingTag) -> bool {
        let same_policies = tag.insecure == self.insecure
            && tag.import_mode == self.import_mode
            && !tag.scheduled
            && !tag.local;
        same_policies && is_tag_of(&TagSource::External(tag.from.clone()), &self.name)
    }
}

fn has_insecure_annotation(stream: &ImageStream) -> bool {
    let annotation = stream.annotations.get(INSECURE_REPOSITORY_ANNOTATION);
    annotation.is_some_and(|value| value == "true")
}

/// Whether `source` is a tag of `repository`.
fn is_tag_of(source: &TagSource, repository: &str) -> bool {
    matches!(source, TagSource::External(from) if from.rsplit_once(':').is_some_and(|(of, _)| of == repository))
}

impl ImportPlan {
    /// What to import of a stream: all of it, or the tag `only`. Reference-only tags are never
    /// imported.
    #[must_use]
    pub fn from_stream(stream: &ImageStream, only: Option<&TagName>) -> Self {
        let repository = RepositoryImport::from_stream(stream).filter(|_| only.is_none());
        let due = stream
            .tags
            .iter()
            .filter(|tag| !tag.reference && only.is_none_or(|only| tag.name == *only));
        let last_imports = due
            .clone()
            .map(|tag| (tag.name.clone(), LastImport::from_tag(tag)))
            .collect();
        let imported: Vec<TrackingTag> = due.filter_map(TrackingTag::from_tag).collect();
        let changing_tags = imported.iter().map(|tag| tag.tag.clone()).collect();
        let tags = imported
            .into_iter()
            .filter(|tag| {
                repository
                    .as_ref()
                    .is_none_or(|repository| !repository.covers(tag))
            })
            .collect();
        let is_reference =
            |tag: &Tag| tag.reference && matches!(tag.source, TagSource::External(_));
        let reference_only = only.is_some_and(|only| {
            stream
                .tags
                .iter()
                .any(|tag| tag.name == *only && tag.reference)
        });
        Self {
            repository_failure: repository
                .as_ref()
                .and_then(|_| stream.repository_import_failure())
                .map(str::to_owned),
            repository,
            tags,
            has_references: stream.tags.iter().any(is_reference),
            has_insecure_annotation: has_insecure_annotation(stream),
            reference_only,
            is_one_tag: only.is_some(),
            changing_tags,
            last_imports,
        }
    }

    /// The import of these tags of a stream, as far as they have a source in another registry.
    #[must_use]
    pub fn for_tags(stream: &ImageStream, names: &[TagName]) -> Self {
        let due = stream
            .tags
            .iter()
            .filter(|tag| !tag.reference && names.contains(&tag.name));
        Self {
            tags: due.filter_map(TrackingTag::from_tag).collect(),
            ..Self::default()
        }
    }

    /// The pull spec that a result is about. `None`: the result is about nothing in the plan.
    #[must_use]
    pub fn source_of(&self, result: &ImportResult) -> Option<&str> {
        let tag = self.tags.iter().find(|tag| tag.tag.as_str() == result.tag);
        tag.map(|tag| tag.from.as_str()).or_else(|| {
            self.repository
                .as_ref()
                .map(|repository| repository.name.as_str())
        })
    }

    /// Whether there is nothing to import.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.repository.is_none() && self.tags.is_empty()
    }

    fn to_spec(&self, import: bool) -> Value {
        let mut spec = json!({ "import": import });
        if let Some(repository) = &self.repository {
            let from = json!({ "from": docker_image_reference(&repository.name) });
            spec["repository"] = with_import_policy(
                from,
                &[("insecure", repository.insecure)],
                repository.import_mode,
            );
        }
        if !self.tags.is_empty() {
            spec["images"] = self.tags.iter().map(image_import_json).collect();
        }
        spec
    }
}

impl UserApi<'_> {
    /// Imports again what a stream follows: one tag of it, or all.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] also where there is nothing to import, [`ApiError::Invalid`] where
    /// the registry may not be imported from, or any other.
    pub async fn reimport(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tag: Option<&TagName>,
    ) -> Result<Vec<ImportResult>, ApiError> {
        let plan = ImportPlan::from_stream(&self.get_stream(project, name).await?, tag);
        let (_, results) = self.run_plan(project, name, plan).await?;
        Ok(results)
    }

    /// Imports these tags of a stream again with one request.
    ///
    /// # Errors
    /// As [`Self::reimport`].
    pub async fn reimport_tags(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tags: &[TagName],
    ) -> Result<(ImportPlan, Vec<ImportResult>), ApiError> {
        let plan = ImportPlan::for_tags(&self.get_stream(project, name).await?, tags);
        self.run_plan(project, name, plan).await
    }

    /// Imports everything that a stream follows again.
    ///
    /// # Errors
    /// As [`Self::reimport`].
    pub async fn reimport_all(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<(ImportPlan, Vec<ImportResult>), ApiError> {
        let plan = ImportPlan::from_stream(&self.get_stream(project, name).await?, None);
        self.run_plan(project, name, plan).await
    }

    async fn run_plan(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        plan: ImportPlan,
    ) -> Result<(ImportPlan, Vec<ImportResult>), ApiError> {
        if plan.is_empty() {
            return Err(ApiError::NotFound);
        }
        let results = self
            .create_import(project, name, &plan.to_spec(true), None)
            .await?;
        Ok((plan, results))
    }

    /// Sets a tag to an image of another registry and imports it immediately, as `oc import-image
    /// --confirm` does. After a failed import, the tag exists without an image. `version` is the
    /// resource version of the stream that was read: a later change is an [`ApiError::Conflict`].
    /// Without it, a stream that does not exist is created.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] where the registry may not be imported from, [`ApiError::Conflict`],
    /// [`ApiError::Forbidden`], or any other.
    pub async fn import_tag(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tag: &TrackingTag,
        version: Option<&str>,
    ) -> Result<Vec<ImportResult>, ApiError> {
        let plan = ImportPlan {
            tags: vec![tag.clone()],
            ..ImportPlan::default()
        };
        self.create_import(project, name, &plan.to_spec(true), version)
            .await
    }

    /// Imports the repository that a stream follows in another mode than before, as `oc
    /// import-image --all --import-mode` does. All other policies of the tags are kept.
    ///
    /// # Errors
    /// As [`Self::reimport`].
    pub async fn reimport_with_mode(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        mode: ImportMode,
    ) -> Result<Vec<ImportResult>, ApiError> {
        let mut stream = self.get_stream(project, name).await?;
        let repository = stream.follows.clone().ok_or(ApiError::NotFound)?;
        let of_repository = stream
            .tags
            .iter_mut()
            .filter(|tag| is_tag_of(&tag.source, &repository));
        of_repository.for_each(|tag| tag.import_mode = Some(mode));
        let mut plan = ImportPlan::from_stream(&stream, None);
        if let Some(repository) = &mut plan.repository {
            repository.import_mode = Some(mode);
        }
        self.create_import(project, name, &plan.to_spec(true), None)
            .await
    }

    /// Previews the import of a source, and imports nothing. Where the API server supports import
    /// modes, all platforms of an index are listed, whatever an import would keep.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] where the registry may not be imported from, [`ApiError::Forbidden`],
    /// or any other.
    pub async fn preview_import(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        source: &StreamSource,
    ) -> Result<Vec<ImportResult>, ApiError> {
        let all_platforms = |mode: Option<ImportMode>| mode.map(|_| ImportMode::PreserveOriginal);
        let plan = match source {
            StreamSource::Nothing => return Ok(Vec::new()),
            StreamSource::Repository {
                name,
                insecure,
                import_mode,
            } => {
                let (name, insecure) = (name.clone(), *insecure);
                let repository = RepositoryImport {
                    name,
                    insecure,
                    import_mode: all_platforms(*import_mode),
                };
                ImportPlan {
                    repository: Some(repository),
                    ..ImportPlan::default()
                }
            }
            StreamSource::Tags(tags) => {
                let look = |tag: &TrackingTag| {
                    let import_mode = all_platforms(tag.import_mode);
                    TrackingTag {
                        scheduled: false,
                        local: false,
                        reference: false,
                        import_mode,
                        ..tag.clone()
                    }
                };
                ImportPlan {
                    tags: tags.iter().map(look).collect(),
                    ..ImportPlan::default()
                }
            }
        };
        self.create_import(project, name, &plan.to_spec(false), None)
            .await
    }

    async fn create_import(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        spec: &Value,
        version: Option<&str>,
    ) -> Result<Vec<ImportResult>, ApiError> {
        let done: wire::ImageStreamImport = self
            .request(requests::import(project, name, spec, version))
            .await?;
        let results = done.into_model();
        if spec["import"] != false {
            audit::log_imported_tags(project, name, &results);
        }
        Ok(results)
    }
}

fn image_import_json(tag: &TrackingTag) -> Value {
    let image =
        json!({ "from": docker_image_reference(&tag.from), "to": { "name": tag.tag.as_str() } });
    let mut image = with_import_policy(
        image,
        &[("insecure", tag.insecure), ("scheduled", tag.scheduled)],
        tag.import_mode,
    );
    if tag.local {
        image["referencePolicy"] = json!({ "type": "Local" });
    }
    image
}

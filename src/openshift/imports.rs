//! Imports into image streams.

use serde::Serialize;
use serde_json::{Value, json};

use super::requests::streams as requests;
use super::streams::{docker_image, with_policy};
use super::{AsUser, Error, FollowedTag, INSECURE_REPOSITORY, StreamSource, wire};
use registry_model::{
    Digest, ImagePlatform, ImageStream, ImageStreamName, ImportMode, ProjectName, Tag, TagName,
    TagSource,
};

/// What came of the import of a tag, or of looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportResult {
    /// The tag. Untrusted. Empty: it is about the whole repository.
    pub tag: String,
    #[serde(flatten)]
    pub outcome: ImportOutcome,
}

impl ImportResult {
    /// It is an index of several platforms.
    #[must_use]
    pub fn has_platforms(&self) -> bool {
        matches!(&self.outcome, ImportOutcome::Found { platforms, .. } if !platforms.is_empty())
    }
}

/// How the import of a tag went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// The image is there.
    Found {
        /// The digest of its manifest.
        digest: Option<Digest>,
        /// The platforms of an index. Empty: it is the image of one platform, or the import keeps
        /// no index.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        platforms: Vec<ImagePlatform>,
        /// What an image of one platform runs on, such as `amd64`. Untrusted.
        #[serde(skip_serializing_if = "Option::is_none")]
        architecture: Option<String>,
    },
    /// It is not, or could not be read. Untrusted: it quotes the remote registry.
    Failed {
        /// The API's `reason`, such as `NotFound`.
        reason: String,
        /// The API server's message.
        message: String,
    },
    /// The remote repository has such a tag; the API server looks at the first few only
    /// (`status.repository.additionalTags`).
    NotLookedAt,
}

/// What an import of an image stream asks for: that of one tag, or of all.
///
/// An import sets the policies of the tags that it imports, so each tag's own policies go along.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportPlan {
    /// The remote repository, all tags of which are imported.
    pub repository: Option<RepositoryImport>,
    /// Tags besides, or those of the repository whose policies are not the repository's.
    pub tags: Vec<FollowedTag>,
    /// The stream has reference-only tags, which `oc import-image --all` would import.
    #[serde(skip)]
    pub has_references: bool,
    /// Whether only one tag was requested, and it is a reference that is never imported
    /// (`reference: true`).
    pub reference_only: bool,
    /// It is about one tag, and not about all.
    #[serde(skip)]
    pub is_one_tag: bool,
}

/// The import of a whole remote repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RepositoryImport {
    /// The pull spec, without a tag. Untrusted.
    pub name: String,
    /// The import may skip TLS verification.
    pub insecure: bool,
    /// What is kept of an index. Absent: the API server knows one way only.
    pub import_mode: Option<ImportMode>,
}

impl RepositoryImport {
    /// The repository that a stream follows. The mode of imports is no part of
    /// `spec.dockerImageRepository`: it is that of the repository's tags, if they agree.
    #[must_use]
    pub fn of(stream: &ImageStream) -> Option<Self> {
        let name = stream.follows.clone()?;
        let insecure = stream
            .annotations
            .get(INSECURE_REPOSITORY)
            .is_some_and(|value| value == "true");
        let mut modes = stream
            .tags
            .iter()
            .filter(|tag| is_of(&tag.source, &name))
            .map(|tag| tag.import_mode);
        let first = modes.next().flatten();
        let agreed = first.filter(|mode| modes.all(|other| other == Some(*mode)));
        Some(Self {
            name,
            insecure,
            import_mode: agreed.or(first.map(|_| ImportMode::Legacy)),
        })
    }

    /// Whether the import of the repository leaves the tag's policies as they are.
    fn covers(&self, tag: &FollowedTag) -> bool {
        let same_policies = tag.insecure == self.insecure
            && tag.import_mode == self.import_mode
            && !tag.scheduled
            && !tag.local;
        same_policies && is_of(&TagSource::External(tag.from.clone()), &self.name)
    }
}

/// Whether a source is a tag of this repository.
fn is_of(source: &TagSource, repository: &str) -> bool {
    matches!(source, TagSource::External(from) if from.rsplit_once(':').is_some_and(|(of, _)| of == repository))
}

impl ImportPlan {
    /// What there is to import of a stream: all, or `only` this tag. Reference-only tags are never
    /// imported.
    #[must_use]
    pub fn of(stream: &ImageStream, only: Option<&TagName>) -> Self {
        let repository = RepositoryImport::of(stream).filter(|_| only.is_none());
        let due = stream
            .tags
            .iter()
            .filter(|tag| !tag.reference && only.is_none_or(|only| tag.name == *only));
        let tags = due.filter_map(FollowedTag::of);
        let tags = tags
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
            repository,
            tags,
            has_references: stream.tags.iter().any(is_reference),
            reference_only,
            is_one_tag: only.is_some(),
        }
    }

    /// There is nothing to import.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.repository.is_none() && self.tags.is_empty()
    }

    fn spec(&self, import: bool) -> Value {
        let mut spec = json!({ "import": import });
        if let Some(repository) = &self.repository {
            let from = json!({ "from": docker_image(&repository.name) });
            spec["repository"] = with_policy(
                from,
                &[("insecure", repository.insecure)],
                repository.import_mode,
            );
        }
        if !self.tags.is_empty() {
            spec["images"] = self.tags.iter().map(image_to_import).collect();
        }
        spec
    }
}

impl AsUser<'_> {
    /// Imports what a stream follows once more: one tag of it, or all.
    ///
    /// # Errors
    /// [`Error::NotFound`] also where there is nothing to import, [`Error::Invalid`] where the
    /// registry may not be imported from, or any other.
    pub async fn import_again(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tag: Option<&TagName>,
    ) -> Result<Vec<ImportResult>, Error> {
        let plan = ImportPlan::of(&self.image_stream(project, name).await?, tag);
        if plan.is_empty() {
            return Err(Error::NotFound);
        }
        self.import(project, name, &plan.spec(true), None).await
    }

    /// Lets a tag follow an image of another registry, and imports it at once: what `oc
    /// import-image --confirm` asks. An import that fails leaves the tag waiting. `version` is the
    /// stream's as it was read: whatever was changed since is a [`Error::Conflict`]. Without one, a
    /// stream that does not exist is made as well.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the registry may not be imported from, [`Error::Conflict`],
    /// [`Error::Forbidden`], or any other.
    pub async fn import_tag(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tag: &FollowedTag,
        version: Option<&str>,
    ) -> Result<Vec<ImportResult>, Error> {
        let plan = ImportPlan {
            tags: vec![tag.clone()],
            ..ImportPlan::default()
        };
        self.import(project, name, &plan.spec(true), version).await
    }

    /// Imports the repository that a stream follows in another mode than so far: what `oc
    /// import-image --all --import-mode` asks. All other policies of the tags stay.
    ///
    /// # Errors
    /// As [`Self::import_again`].
    pub async fn import_repository_as(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        mode: ImportMode,
    ) -> Result<Vec<ImportResult>, Error> {
        let mut stream = self.image_stream(project, name).await?;
        let repository = stream.follows.clone().ok_or(Error::NotFound)?;
        let of_repository = stream
            .tags
            .iter_mut()
            .filter(|tag| is_of(&tag.source, &repository));
        of_repository.for_each(|tag| tag.import_mode = Some(mode));
        let mut plan = ImportPlan::of(&stream, None);
        if let Some(repository) = &mut plan.repository {
            repository.import_mode = Some(mode);
        }
        self.import(project, name, &plan.spec(true), None).await
    }

    /// Looks at what a source holds, and imports nothing. Where the API server knows import modes,
    /// all platforms of an index are listed, whatever an import would keep.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the registry may not be imported from, [`Error::Forbidden`], or any
    /// other.
    pub async fn look_at(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        source: &StreamSource,
    ) -> Result<Vec<ImportResult>, Error> {
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
                let look = |tag: &FollowedTag| {
                    let import_mode = all_platforms(tag.import_mode);
                    FollowedTag {
                        scheduled: false,
                        local: false,
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
        self.import(project, name, &plan.spec(false), None).await
    }

    async fn import(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        spec: &Value,
        version: Option<&str>,
    ) -> Result<Vec<ImportResult>, Error> {
        let done: wire::ImageStreamImport = self
            .ask(requests::import(project, name, spec, version))
            .await?;
        Ok(done.into_model())
    }
}

fn image_to_import(tag: &FollowedTag) -> Value {
    let image = json!({ "from": docker_image(&tag.from), "to": { "name": tag.tag.as_str() } });
    let mut image = with_policy(
        image,
        &[("insecure", tag.insecure), ("scheduled", tag.scheduled)],
        tag.import_mode,
    );
    if tag.local {
        image["referencePolicy"] = json!({ "type": "Local" });
    }
    image
}

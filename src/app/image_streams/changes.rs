//! Creating, changing and importing image streams.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};

use super::facts::DESCRIPTION_ANNOTATION;
use super::{ImportPlan, ImportResult, StreamChanges, StreamSource, TrackingTag};
use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal};
use crate::app::change_lock::{AttemptError, ChangeDeadlines};
use crate::app::failure::{Failure, PageSubject};
use crate::app::section::optional;
use crate::openshift::{AccessRight, INSECURE_REPOSITORY_ANNOTATION, RepositoryImport};
use registry_model::{
    ImageStreamName, ImportMode, ProjectName, REPOSITORY_CHECK_ANNOTATION, TagName,
};

/// How many access reviews are made concurrently.
const MAX_CONCURRENT_REVIEWS: usize = 16;

/// What a user may do with the image streams of a project.
#[derive(Clone, Copy, Debug)]
pub struct StreamRights {
    pub create: bool,
    pub change: bool,
    pub import: bool,
    pub delete: bool,
}

/// An image stream as its form shows it.
#[derive(Clone, Debug)]
pub struct StreamForm {
    /// The resource version that the form shows.
    pub resource_version: String,
    /// Where its images come from.
    pub source: StreamSource,
    /// The import mode of the repository, or of the tags where they agree. Absent: the API server
    /// has no import modes, or there is nothing to import yet.
    pub import_mode: Option<ImportMode>,
    /// All tags that track images of other registries, including those of a tracked repository.
    pub external_tags: Vec<TagName>,
    /// The annotations that the form can show. Untrusted.
    pub annotations: BTreeMap<String, String>,
    /// Labels. Untrusted.
    pub labels: BTreeMap<String, String>,
    /// Whether pods of the project may use the image stream's name as a pull spec.
    pub local_lookup: bool,
}

/// What the form of an image stream is to change it to.
#[derive(Clone, Debug)]
pub struct EditedStream {
    pub source: StreamSource,
    /// All annotations of the form. Those that it showed and that are missing here are removed.
    pub annotations: BTreeMap<String, String>,
    /// All labels, as the annotations.
    pub labels: BTreeMap<String, String>,
    pub local_lookup: bool,
}

impl StreamForm {
    /// The tags that would lose their source if the images came from `source`.
    #[must_use]
    pub fn tags_losing_source(&self, source: &StreamSource) -> Vec<TagName> {
        let is_kept = |name: &TagName| match source {
            StreamSource::Nothing => false,
            StreamSource::Repository { .. } => true,
            StreamSource::Tags(tags) => tags.iter().any(|tag| tag.tag == *name),
        };
        self.external_tags
            .iter()
            .filter(|name| !is_kept(name))
            .cloned()
            .collect()
    }
}

impl AppForUser<'_> {
    /// What the user may do with the image streams of the project.
    pub async fn stream_rights(&self, project: &ProjectName) -> StreamRights {
        let rights = [
            AccessRight::create_streams(project),
            AccessRight::update_streams(project),
            AccessRight::import_streams(project),
            AccessRight::delete_streams(project),
        ];
        let [create, change, import, delete] = self.review_access(rights).await;
        StreamRights {
            create,
            change,
            import,
            delete,
        }
    }

    /// The projects in which the user may create image streams.
    ///
    /// # Errors
    ///
    /// The failure to list the projects.
    pub async fn projects_allowing_streams(&self) -> Result<Vec<ProjectName>, Failure> {
        self.projects_allowing(AccessRight::create_streams).await
    }

    /// The projects in which the user has this right.
    pub(in crate::app) async fn projects_allowing(
        &self,
        access: impl Fn(&ProjectName) -> AccessRight,
    ) -> Result<Vec<ProjectName>, Failure> {
        let projects = self
            .api_server
            .list_projects()
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let rights: Vec<(ProjectName, AccessRight)> = projects
            .into_iter()
            .map(|project| (project.name.clone(), access(&project.name)))
            .collect();
        let allowed = stream::iter(rights).map(|(project, access)| async move {
            let [allowed] = self.review_access([access]).await;
            allowed.then_some(project)
        });
        Ok(allowed
            .buffered(MAX_CONCURRENT_REVIEWS)
            .filter_map(std::future::ready)
            .collect()
            .await)
    }

    /// The image stream as its form shows it.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn stream_form(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<StreamForm, Failure> {
        let stream = self
            .api_server
            .get_stream(project, name)
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let followed: Vec<TrackingTag> = stream
            .tags
            .iter()
            .filter_map(TrackingTag::from_tag)
            .collect();
        let external = followed.iter().map(|tag| tag.tag.clone()).collect();
        let source = match RepositoryImport::from_stream(&stream) {
            Some(RepositoryImport {
                name,
                insecure,
                import_mode,
            }) => StreamSource::Repository {
                name,
                insecure,
                import_mode,
            },
            None if followed.is_empty() => StreamSource::Nothing,
            None => StreamSource::Tags(followed),
        };
        let import_mode = common_import_mode(&source);
        let annotations = stream
            .annotations
            .into_iter()
            .filter(|(key, value)| is_editable_annotation(key, value))
            .collect();
        Ok(StreamForm {
            resource_version: stream.resource_version.unwrap_or_default(),
            source,
            import_mode,
            external_tags: external,
            annotations,
            labels: stream.labels,
            local_lookup: stream.local_lookup,
        })
    }

    /// Creates the image stream. A refusal in `Ok`: it was created, but its repository was not
    /// imported with all platforms.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn create_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        source: &StreamSource,
    ) -> Result<Option<Refusal>, ChangeError> {
        self.api_server.create_stream(project, name, source).await?;
        match required_import_mode(source, &StreamSource::Nothing) {
            Some(mode) => self.import_repository_with_mode(project, name, mode).await,
            None => Ok(None),
        }
    }

    async fn import_repository_with_mode(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        mode: ImportMode,
    ) -> Result<Option<Refusal>, ChangeError> {
        match self
            .api_server
            .reimport_with_mode(project, name, mode)
            .await
        {
            Ok(_) => Ok(None),
            Err(error) => Ok(Some(ChangeError::from(error).into_refusal()?)),
        }
    }

    /// Changes the image stream from what `seen` showed. A refusal in `Ok`: it was changed, but its
    /// repository was not imported in the chosen mode.
    ///
    /// # Errors
    ///
    /// The API server refuses the change (also because the image stream was changed meanwhile) or
    /// cannot be reached.
    pub async fn update_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        version: &str,
        edited: &EditedStream,
    ) -> Result<Option<Refusal>, ChangeError> {
        let time = ChangeDeadlines::from_now();
        let change = async {
            let _turn = self.lock_stream(project, name, time).await?;
            let now = self.stream_form(project, name).await?;
            // If another client changed the image stream meanwhile, the resource version makes this
            // a conflict.
            let changes = StreamChanges {
                source: edited.source.clone(),
                annotations: replaced_texts(now.annotations, &edited.annotations),
                labels: replaced_texts(now.labels, &edited.labels),
                local_lookup: Some(edited.local_lookup),
            };
            self.api_server
                .update_stream(project, name, version, &changes)
                .await?;
            match required_import_mode(&edited.source, &now.source) {
                Some(mode) => self.import_repository_with_mode(project, name, mode).await,
                None => Ok(None),
            }
        };
        time.run_before_deadline(change).await
    }

    /// Whether the API server knows import modes. If it does not say, it is treated as one that
    /// does not.
    pub async fn supports_import_modes(&self) -> bool {
        let supported = optional(self.app.api_server.supports_import_modes()).await;
        supported.ready().copied().unwrap_or(false)
    }

    /// What repeating the import would read: one tag, or all.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn import_plan(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        only: Option<&TagName>,
    ) -> Result<ImportPlan, Failure> {
        let stream = self
            .api_server
            .get_stream(project, name)
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        Ok(ImportPlan::from_stream(&stream, only))
    }

    /// Whether the user may create image streams in any of these projects, as far as it is reviewed.
    pub async fn can_create_in_any(&self, projects: &[ProjectName]) -> bool {
        let everywhere = AccessRight::create_streams_anywhere();
        self.has_right_in_any(projects, everywhere, AccessRight::create_streams)
            .await
    }

    /// Repeats the import of one tag, or of all tags with a source elsewhere.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn reimport(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tag: Option<&TagName>,
    ) -> Result<Vec<ImportResult>, ChangeError> {
        let time = ChangeDeadlines::from_now();
        let import = async {
            let mut turn = self.lock_stream(project, name, time).await?;
            loop {
                // Each attempt reads again what is to be imported.
                let tried = self
                    .api_server
                    .reimport(project, name, tag)
                    .await
                    .map_err(AttemptError::from);
                if let Some(results) = turn.finish_attempt(tried).await? {
                    return Ok(results);
                }
            }
        };
        time.run_before_deadline(import).await
    }

    /// Reads what a source holds. Nothing is imported.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn preview_source(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        source: &StreamSource,
    ) -> Result<Vec<ImportResult>, ChangeError> {
        Ok(self
            .api_server
            .preview_import(project, name, source)
            .await?)
    }
}

/// The mode in which a repository has to be imported after its image stream has been changed from
/// `before`. The API server imports it automatically, but in the default mode: the mode is not part
/// of the image stream.
pub(super) fn required_import_mode(
    source: &StreamSource,
    before: &StreamSource,
) -> Option<ImportMode> {
    let StreamSource::Repository {
        name,
        import_mode: Some(mode),
        ..
    } = source
    else {
        return None;
    };
    let imported = match before {
        StreamSource::Repository {
            name: before,
            import_mode,
            ..
        } if before == name => *import_mode,
        _ => None,
    };
    (*mode != imported.unwrap_or(ImportMode::Legacy)).then_some(*mode)
}

/// The import mode that all imports of a source share, otherwise the default of the API.
fn common_import_mode(source: &StreamSource) -> Option<ImportMode> {
    match source {
        StreamSource::Nothing => None,
        StreamSource::Repository { import_mode, .. } => import_mode.or(Some(ImportMode::Legacy)),
        StreamSource::Tags(tags) => {
            let first = tags.first()?.import_mode;
            if tags.iter().all(|tag| tag.import_mode == first) {
                first
            } else {
                Some(ImportMode::Legacy)
            }
        }
    }
}

/// What makes `wanted` of `shown`, the annotations or labels that the form showed.
fn replaced_texts(
    shown: BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> BTreeMap<String, Option<String>> {
    let mut changes: BTreeMap<String, Option<String>> =
        shown.into_keys().map(|key| (key, None)).collect();
    changes.extend(
        wanted
            .iter()
            .map(|(key, value)| (key.clone(), Some(value.clone()))),
    );
    changes
}

/// Whether the form can show an annotation without changing it. The description has a field of
/// several lines. Annotations that have a field of
/// their own, or belong to the API server, are left out.
fn is_editable_annotation(key: &str, value: &str) -> bool {
    let own = key == INSECURE_REPOSITORY_ANNOTATION || key == REPOSITORY_CHECK_ANNOTATION;
    let is_shown = |c: char| !c.is_control() || (c == '\n' && key == DESCRIPTION_ANNOTATION);
    !own && value.chars().all(is_shown) && value.trim() == value
}

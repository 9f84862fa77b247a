//! Creating, changing, importing and deleting image streams.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::{FollowedTag, ImportPlan, ImportResult, StreamSource};
use crate::app::AsUser;
use crate::app::change::{ChangeFailed, Refusal};
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::section::{EXTRA_PATIENCE, within};
use crate::app::serialized::{ChangeTime, TryFailed};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{Access, INSECURE_REPOSITORY, RepositoryImport};
use registry_model::{ImageStreamName, ImportMode, ProjectName, REPOSITORY_CHECK, TagName};

/// How many reviews of access are asked for at once.
const SIDE_BY_SIDE: usize = 16;

/// Of how many projects it is asked whether the person may create anything in one of them.
const MOST_ASKED: usize = 48;

/// What a person may do with the image streams of a project.
#[derive(Clone, Copy, Debug)]
pub struct Offers {
    pub create: bool,
    pub change: bool,
    pub import: bool,
    pub delete: bool,
}

/// An image stream as its form shows it.
#[derive(Clone, Debug)]
pub struct StreamForm {
    /// The version that the form shows.
    pub version: String,
    /// Where its images come from.
    pub source: StreamSource,
    /// The mode of imports of the repository, or of the tags where they agree. Absent: the API
    /// server knows one way only, or there is nothing to import yet.
    pub import_mode: Option<ImportMode>,
    /// All its tags that follow images of other registries, those of a followed repository too.
    pub external: Vec<TagName>,
    /// The annotations that fit into lines. Untrusted.
    pub annotations: BTreeMap<String, String>,
}

impl StreamForm {
    /// The tags that would follow nothing any more if the images came from `source`.
    #[must_use]
    pub fn dropped_by(&self, source: &StreamSource) -> Vec<TagName> {
        let kept = |name: &TagName| match source {
            StreamSource::Nothing => false,
            StreamSource::Repository { .. } => true,
            StreamSource::Tags(tags) => tags.iter().any(|tag| tag.tag == *name),
        };
        self.external
            .iter()
            .filter(|name| !kept(name))
            .cloned()
            .collect()
    }
}

/// What deleting an image stream would take.
#[derive(Clone, Debug, Serialize)]
pub struct StreamRemoval {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tags: Vec<TagName>,
    /// How many images its tags point at or have pointed at.
    pub images: usize,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: ShellCommand,
}

impl AsUser<'_> {
    /// What the person may do with the image streams of the project.
    pub async fn offers(&self, project: &ProjectName) -> Offers {
        let wanted = [
            Access::create_streams(project),
            Access::update_streams(project),
            Access::import_streams(project),
            Access::delete_streams(project),
        ];
        let [create, change, import, delete] = self.allowed(wanted).await;
        Offers {
            create,
            change,
            import,
            delete,
        }
    }

    /// The projects in which the person may create image streams.
    ///
    /// # Errors
    ///
    /// The failure to list the projects.
    pub async fn projects_for_streams(&self) -> Result<Vec<ProjectName>, Failure> {
        self.projects_that_let(Access::create_streams).await
    }

    /// The projects in which the person may do this.
    pub(in crate::app) async fn projects_that_let(
        &self,
        access: impl Fn(&ProjectName) -> Access,
    ) -> Result<Vec<ProjectName>, Failure> {
        let projects = self
            .master
            .projects()
            .await
            .map_err(|error| Failure::of_master(error, Subject::Project))?;
        let wanted: Vec<(ProjectName, Access)> = projects
            .into_iter()
            .map(|project| (project.name.clone(), access(&project.name)))
            .collect();
        let allowed = stream::iter(wanted).map(|(project, access)| async move {
            let [allowed] = self.allowed([access]).await;
            allowed.then_some(project)
        });
        Ok(allowed
            .buffered(SIDE_BY_SIDE)
            .filter_map(std::future::ready)
            .collect()
            .await)
    }

    /// The stream as its form shows it.
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
            .master
            .image_stream(project, name)
            .await
            .map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let followed: Vec<FollowedTag> = stream.tags.iter().filter_map(FollowedTag::of).collect();
        let external = followed.iter().map(|tag| tag.tag.clone()).collect();
        let source = match RepositoryImport::of(&stream) {
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
        let import_mode = usual_import_mode(&source);
        let annotations = stream
            .annotations
            .into_iter()
            .filter(|(key, value)| fits_a_line(key, value))
            .collect();
        Ok(StreamForm {
            version: stream.resource_version.unwrap_or_default(),
            source,
            import_mode,
            external,
            annotations,
        })
    }

    /// What deleting the stream would mean.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn stream_removal(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<StreamRemoval, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.master.image_stream(project, name),
            self.allowed([Access::delete_streams(project)])
        );
        let found = found.map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let images: BTreeSet<_> = found
            .tags
            .iter()
            .flat_map(|tag| &tag.history)
            .filter_map(|event| event.image.as_ref())
            .collect();
        Ok(StreamRemoval {
            project: project.clone(),
            stream: name.clone(),
            images: images.len(),
            tags: found.tags.into_iter().map(|tag| tag.name).collect(),
            allowed,
            oc: ShellCommand::new("oc delete imagestream")
                .operand(name.as_str())
                .option("-n", project.as_str()),
        })
    }

    /// Creates the stream. Some refusal: it was created, but its repository was not imported with
    /// all platforms.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn create_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        source: &StreamSource,
    ) -> Result<Option<Refusal>, ChangeFailed> {
        self.master.create_stream(project, name, source).await?;
        match mode_to_import(source, &StreamSource::Nothing) {
            Some(mode) => self.import_repository_as(project, name, mode).await,
            None => Ok(None),
        }
    }

    async fn import_repository_as(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        mode: ImportMode,
    ) -> Result<Option<Refusal>, ChangeFailed> {
        match self.master.import_repository_as(project, name, mode).await {
            Ok(_) => Ok(None),
            Err(error) => Ok(Some(ChangeFailed::from(error).refusal()?)),
        }
    }

    /// Changes the stream from what `seen` showed. Some refusal: it was changed, but its repository
    /// was not imported in the mode that was chosen.
    ///
    /// # Errors
    ///
    /// The master refuses (somebody else was faster), or cannot be asked.
    pub async fn change_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        version: &str,
        source: &StreamSource,
        annotations: &BTreeMap<String, String>,
    ) -> Result<Option<Refusal>, ChangeFailed> {
        let time = ChangeTime::starting_now();
        let change = async {
            let _turn = self.turn(project, name, time).await?;
            let now = self.stream_form(project, name).await?;
            // What is not in the form any more goes. Where somebody else was faster, the version
            // says so: a conflict stays one.
            let mut changes: BTreeMap<String, Option<String>> =
                now.annotations.into_keys().map(|key| (key, None)).collect();
            changes.extend(
                annotations
                    .iter()
                    .map(|(key, value)| (key.clone(), Some(value.clone()))),
            );
            self.master
                .change_stream(project, name, version, source, &changes)
                .await?;
            match mode_to_import(source, &now.source) {
                Some(mode) => self.import_repository_as(project, name, mode).await,
                None => Ok(None),
            }
        };
        time.bound(change).await
    }

    /// Deletes the stream. One that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn delete_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<(), ChangeFailed> {
        let time = ChangeTime::starting_now();
        let deletion = async {
            let _turn = self.turn(project, name, time).await?;
            match self.master.delete_stream(project, name).await {
                Ok(()) | Err(crate::openshift::Error::NotFound) => Ok(()),
                Err(error) => Err(error.into()),
            }
        };
        time.bound(deletion).await
    }

    /// Whether the API server knows import modes. Where it does not say, it is treated as one that
    /// does not.
    pub async fn knows_import_modes(&self) -> bool {
        let asked = within(
            EXTRA_PATIENCE,
            Upstream::Master,
            self.console.master.knows_import_modes(),
        )
        .await;
        asked.ready().copied().unwrap_or(false)
    }

    /// What importing the stream once more would look at: one tag, or all.
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
            .master
            .image_stream(project, name)
            .await
            .map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        Ok(ImportPlan::of(&stream, only))
    }

    /// Whether the person may create image streams in any of these projects. Of somebody with a
    /// great many and no such right in the first of them, it counts as no: a question for each
    /// would hold up the page that only wants to know whether to offer a link.
    pub async fn may_create_in_any(&self, projects: &[ProjectName]) -> bool {
        if projects.len() > SIDE_BY_SIDE
            && self.allowed([Access::create_streams_anywhere()]).await[0]
        {
            return true;
        }
        let wanted: Vec<Access> = projects
            .iter()
            .take(MOST_ASKED)
            .map(Access::create_streams)
            .collect();
        let answers =
            stream::iter(wanted).map(|access| async move { self.allowed([access]).await[0] });
        answers
            .buffer_unordered(SIDE_BY_SIDE)
            .any(std::future::ready)
            .await
    }

    /// Imports what the stream follows once more: one tag, or all.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn import_again(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tag: Option<&TagName>,
    ) -> Result<Vec<ImportResult>, ChangeFailed> {
        let time = ChangeTime::starting_now();
        let import = async {
            let mut turn = self.turn(project, name, time).await?;
            loop {
                // Each try reads what is to be imported.
                let tried = self
                    .master
                    .import_again(project, name, tag)
                    .await
                    .map_err(TryFailed::from);
                if let Some(results) = turn.settle(tried).await? {
                    return Ok(results);
                }
            }
        };
        time.bound(import).await
    }

    /// Looks at what a source holds; nothing is imported.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn look_at(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        source: &StreamSource,
    ) -> Result<Vec<ImportResult>, ChangeFailed> {
        Ok(self.master.look_at(project, name, source).await?)
    }
}

/// The mode in which a repository has to be imported after its stream has been changed from
/// `before`. The API server imports it by itself, but in the default mode: the mode is no part of
/// the stream.
fn mode_to_import(source: &StreamSource, before: &StreamSource) -> Option<ImportMode> {
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

/// The mode that all imports of a source share, else the default of the API.
fn usual_import_mode(source: &StreamSource) -> Option<ImportMode> {
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

/// Whether the form can show an annotation without changing it. What has a field of its own, or is
/// the master's, is none of them.
fn fits_a_line(key: &str, value: &str) -> bool {
    let own = key == INSECURE_REPOSITORY || key == REPOSITORY_CHECK;
    !own && !value.contains(char::is_control) && value.trim() == value
}

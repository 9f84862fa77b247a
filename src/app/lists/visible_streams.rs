//! All image streams that a user may see: from the index while it is up to date, otherwise listed
//! with the user's own token.

use std::sync::Arc;

use super::outage::StaleData;
use super::project_lists::ProjectLists;
use super::visibility::{Visibility, listable_projects, sorted_names};
use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::stream_list::MissingProject;
use crate::app::live::PageRevision;
use crate::app::loading_cache::LoadedValue;
use crate::app::section::{Section, Unavailable, api_error_reason};
use crate::index::{CollectedStreams, Snapshot};
use crate::openshift::{ApiError, StreamList};
use crate::outbound::time_decoding;
use registry_model::{Project, ProjectName};

/// What the API server lets a user see.
#[derive(Debug, Default)]
pub(in crate::app) struct VisibleStreams {
    /// The user's projects. For users who may list the whole cluster, all projects.
    pub(in crate::app) projects: Arc<[Project]>,
    /// The names of the projects, which a filter offers.
    pub(in crate::app) names: Arc<[ProjectName]>,
    pub(in crate::app) streams: Snapshot,
    /// Projects whose image streams could not be listed.
    pub(in crate::app) missing: Vec<MissingProject>,
    /// How many objects were left out because they are malformed.
    pub(in crate::app) malformed_count: usize,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    pub(in crate::app) page_revision: Option<PageRevision>,
    /// How old the values are. Set only where the API server could not be reached.
    pub(in crate::app) stale: Option<StaleData>,
}

impl VisibleStreams {
    /// Whether projects are missing because the API server was not available.
    fn is_incomplete_by_outage(&self) -> bool {
        self.missing.iter().any(|missing| missing.why.is_outage())
    }
}

impl AppForUser<'_> {
    /// Everything that the user may see; while the API server is not available, as far as the index
    /// contains it.
    pub(in crate::app) async fn visible_streams(&self) -> Result<Arc<VisibleStreams>, Failure> {
        match Box::pin(self.load_visible_streams()).await {
            Err(failure) if failure.is_outage() => self.stale_streams(failure).await.map(Arc::new),
            Ok(found) if found.is_incomplete_by_outage() => {
                // A partial answer is better than none.
                self.stale_streams(Failure::api_server_unavailable(PageSubject::List))
                    .await
                    .map_or(Ok(found), |held| Ok(Arc::new(held)))
            }
            found => found,
        }
    }

    async fn load_visible_streams(&self) -> Result<Arc<VisibleStreams>, Failure> {
        if let Some((visible, snapshot)) = self.visible_snapshot().await? {
            return self
                .streams_from_index(&visible, snapshot)
                .await
                .map(Arc::new);
        }
        if !self.api_server.recently_changed_projects().is_empty() {
            // Lists from before the user's change do not show what the user expects to see after
            // it.
            self.app.user_caches.streams.invalidate(self.token);
        }
        self.app
            .user_caches
            .streams
            .get(self.token, self.load_all_streams())
            .await
    }

    /// The image streams of one project; while the API server is not available, as far as the index
    /// contains them.
    pub(in crate::app) async fn project_streams(
        &self,
        project: &ProjectName,
    ) -> Result<VisibleStreams, Failure> {
        match self.load_project_streams(project).await {
            Err(failure) if failure.is_outage() => {
                self.stale_project_streams(project, failure).await
            }
            found => found,
        }
    }

    async fn load_project_streams(&self, project: &ProjectName) -> Result<VisibleStreams, Failure> {
        // Whatever keeps the index from being used, the API server itself may still answer.
        if let Ok(Some((visible, snapshot))) = self.visible_snapshot().await
            && visible.can_list(project)
            && visible.projects.iter().any(|known| known.name == *project)
            && !self
                .api_server
                .recently_changed_projects()
                .contains(project)
        {
            let streams = snapshot.filtered(|name| name == project);
            let (projects, names, unreadable) = (
                Arc::clone(&visible.projects),
                Arc::clone(&visible.names),
                streams.malformed_count(),
            );
            let page_revision = streams.revision().map(PageRevision::from);
            return Ok(VisibleStreams {
                projects,
                names,
                streams,
                missing: Vec::new(),
                malformed_count: unreadable,
                page_revision,
                stale: None,
            });
        }
        let (projects, listed) = tokio::join!(
            self.api_server.list_projects(),
            self.list_streams(Some(project))
        );
        let StreamList {
            streams,
            unreadable_count: unreadable,
            resource_version: revision,
        } = listed.map_err(|error| {
            let subject = if error.is_api_group_error() {
                PageSubject::List
            } else {
                PageSubject::Project
            };
            Failure::from_api_error(error, subject)
        })?;
        // Users who may list every project get an empty list, not a refusal, for one that does not
        // exist.
        let unknown = projects
            .as_ref()
            .is_ok_and(|projects| projects.iter().all(|listed| listed.name != *project));
        let streams = Snapshot::from(streams);
        if streams.is_empty() && unknown {
            return Err(Failure::NotFound(PageSubject::Project));
        }
        let (projects, page_revision): (Arc<[Project]>, _) = (
            projects.unwrap_or_default().into(),
            self.page_revision_at(revision),
        );
        let names = sorted_names(&projects);
        Ok(VisibleStreams {
            projects,
            names,
            streams,
            missing: Vec::new(),
            malformed_count: unreadable,
            page_revision,
            stale: None,
        })
    }

    /// The index and what the user may see of it, if it is up to date.
    pub(in crate::app) async fn visible_snapshot(
        &self,
    ) -> Result<Option<(Arc<Visibility>, Snapshot)>, Failure> {
        if self.app.index.current_snapshot().is_none() {
            return Ok(None);
        }
        let visible = self.visibility().await?;
        // The snapshot after the review, which may have taken a while.
        Ok(self
            .app
            .index
            .current_snapshot()
            .map(|snapshot| (visible, snapshot)))
    }

    /// What the user sees of the index. A project in which they have just changed something is
    /// listed, because the watch may not have reported the change yet.
    async fn streams_from_index(
        &self,
        visible: &Visibility,
        snapshot: Snapshot,
    ) -> Result<VisibleStreams, Failure> {
        let mut streams = if visible.can_list_all() {
            snapshot
        } else {
            snapshot.filtered(|project| visible.can_list(project))
        };
        let mut missing = visible.missing.clone();
        let mut page_revision = streams.revision().map(PageRevision::from);
        let mut stale = None;
        for project in self
            .api_server
            .recently_changed_projects()
            .into_iter()
            .filter(|project| visible.can_list(project))
        {
            let listed = self.list_streams(Some(&project)).await;
            if matches!(listed, Err(ApiError::TokenRefused)) {
                return Err(Failure::SignInRequired);
            }
            if listed.as_ref().is_err_and(ApiError::is_outage) {
                // The index may be older than the user's change, but it is all that there is.
                stale = Some(StaleData {
                    as_of: self.app.clock.now(),
                });
                continue;
            }
            let listed = match Section::from(listed) {
                Section::Ready(listed) => {
                    if let (Some(page_revision), Some(revision)) =
                        (&mut page_revision, listed.resource_version)
                    {
                        page_revision
                            .newer_projects
                            .push((project.clone(), revision));
                    }
                    listed.streams.into()
                }
                Section::Missing {
                    missing: Unavailable { why, .. },
                } => {
                    missing.push(MissingProject {
                        project: project.clone(),
                        why,
                    });
                    Snapshot::default()
                }
            };
            streams = streams.with_project(&project, &listed);
        }
        let unreadable = streams.malformed_count();
        let (projects, names) = (Arc::clone(&visible.projects), Arc::clone(&visible.names));
        Ok(VisibleStreams {
            projects,
            names,
            streams,
            missing,
            malformed_count: unreadable,
            page_revision,
            stale,
        })
    }

    /// One list for a user who may list the whole cluster; for other users the lists of their
    /// projects, read concurrently.
    async fn load_all_streams(&self) -> Result<LoadedValue<VisibleStreams>, Failure> {
        let lists = ProjectLists::start(self);
        let (projects, everywhere) = self.projects_and_cluster_right().await?;
        if !everywhere {
            return self.load_each_project(lists, projects).await;
        }
        // The user has gained the right since the last list.
        drop(lists);
        let listed = self
            .list_streams(None)
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::List))?;
        let (names, streams, unreadable) = (
            sorted_names(&projects),
            time_decoding(|| listed.streams.into()),
            listed.unreadable_count,
        );
        let value = VisibleStreams {
            projects,
            names,
            streams,
            missing: Vec::new(),
            malformed_count: unreadable,
            page_revision: None,
            stale: None,
        };
        Ok(LoadedValue {
            value,
            is_cacheable: true,
        })
    }

    async fn load_each_project(
        &self,
        lists: ProjectLists,
        projects: Arc<[Project]>,
    ) -> Result<LoadedValue<VisibleStreams>, Failure> {
        let (mut all, mut missing, mut unreadable, mut unanswered) =
            (CollectedStreams::default(), Vec::new(), 0, None);
        let listable = listable_projects(&projects);
        let take = |project, listed| {
            let listed = match listed {
                Err(ApiError::TokenRefused) => return Err(Failure::SignInRequired),
                Err(error)
                    if unanswered.is_none()
                        && (error.is_outage() || matches!(error, ApiError::NotServed)) =>
                {
                    let why = api_error_reason(&error);
                    missing.push(MissingProject { project, why });
                    unanswered = Some(error);
                    return Ok(());
                }
                listed => listed,
            };
            match Section::from(listed) {
                Section::Ready(StreamList {
                    streams,
                    unreadable_count: more,
                    ..
                }) => {
                    all.append(streams);
                    unreadable += more;
                }
                Section::Missing {
                    missing: Unavailable { why, .. },
                } => missing.push(MissingProject { project, why }),
            }
            Ok(())
        };
        lists.for_each(&listable, take).await?;
        if let Some(error) = unanswered
            && missing.len() == listable.len()
        {
            // If no project could be listed, the list fails: it is not a list with missing
            // projects.
            return Err(Failure::from_api_error(error, PageSubject::List));
        }
        // They are in the order in which the lists arrived.
        missing.sort_unstable_by(|a, b| a.project.cmp(&b.project));
        let keep = missing.is_empty();
        let (names, streams) = (sorted_names(&projects), time_decoding(|| all.into()));
        Ok(LoadedValue {
            value: VisibleStreams {
                projects,
                names,
                streams,
                missing,
                malformed_count: unreadable,
                page_revision: None,
                stale: None,
            },
            is_cacheable: keep,
        })
    }

    /// The image streams of a project, or of the whole cluster, as the API server lists them. Keeps
    /// only what lists show.
    pub(in crate::app) async fn list_streams(
        &self,
        project: Option<&ProjectName>,
    ) -> Result<StreamList<CollectedStreams>, ApiError> {
        self.api_server
            .list_streams_into(project, CollectedStreams::push)
            .await
    }
}

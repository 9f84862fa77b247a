//! What pages show while the API server, or the image API behind it, is not available: what the
//! index last contained, with its age.
//!
//! The index is filled with the console's own right, so each project that a user sees of it must
//! have been confirmed by the API server for that user's token. While the projects cannot be listed
//! (`project.openshift.io` is served by the same openshift-apiserver as image streams), they are
//! confirmed one by one with `SelfSubjectAccessReview`, which kube-apiserver answers by itself on
//! OpenShift 4. Only if nothing answers does the last confirmation stay valid, for
//! [`LAST_VISIBILITY_TTL`] at most: a user whose right was removed meanwhile sees names, digests
//! and times of a project for that much longer, which they could see before. It ends at once when
//! the API server refuses the token, and at sign-out.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use utoipa::ToSchema;

use super::visibility::Visibility;
use super::visible_streams::VisibleStreams;
use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::loading_cache::LoadedValue;
use crate::index::{self, IndexState, Snapshot};
use crate::openshift::{AccessRight, ApiError};
use registry_model::{
    ImageStream, ImageStreamName, ImportFailure, Project, ProjectName, ProjectPhase, Tag, TagEvent,
    TagSource,
};

/// How long the last confirmed visibility stays valid while it cannot be confirmed again.
pub(in crate::app) const LAST_VISIBILITY_TTL: TimeDelta = TimeDelta::minutes(15);

/// How many access reviews are made concurrently.
const MAX_CONCURRENT_REVIEWS: usize = 8;

/// The most projects that are reviewed one by one for a user.
const MAX_REVIEWS: usize = 500;

/// Marks a page that was rendered from the index because the API server was not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaleData {
    /// When the index was last up to date.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
}

impl AppForUser<'_> {
    /// What the user may see of the index while the API server is not available.
    ///
    /// # Errors
    /// `failure`, the reason why it is not available, if the index is empty or nothing confirms
    /// what the user may see; or that the user must sign in.
    pub(in crate::app) async fn stale_streams(
        &self,
        failure: Failure,
    ) -> Result<VisibleStreams, Failure> {
        let Some((snapshot, as_of)) = self.stale_snapshot() else {
            return Err(failure);
        };
        let visible = self
            .app
            .user_caches
            .visibility
            .get(self.token, self.reconfirm_visibility(failure, &snapshot))
            .await?;
        let streams = if visible.can_list_all() {
            snapshot
        } else {
            snapshot.filtered(|project| visible.can_list(project))
        };
        let (projects, names, unreadable) = (
            Arc::clone(&visible.projects),
            Arc::clone(&visible.names),
            streams.malformed_count(),
        );
        Ok(VisibleStreams {
            projects,
            names,
            streams,
            missing: visible.missing.clone(),
            malformed_count: unreadable,
            page_revision: None,
            stale: Some(StaleData { as_of }),
        })
    }

    /// Like [`AppForUser::stale_streams`], for one project.
    ///
    /// # Errors
    /// As [`AppForUser::stale_streams`]; that the API server is not available, if nothing confirms
    /// that the user may see the project.
    pub(in crate::app) async fn stale_project_streams(
        &self,
        project: &ProjectName,
        failure: Failure,
    ) -> Result<VisibleStreams, Failure> {
        let held = self.stale_streams(failure).await?;
        if !held.projects.iter().any(|known| known.name == *project) {
            return Err(Failure::api_server_unavailable(PageSubject::Project));
        }
        let streams = held.streams.filtered(|name| name == project);
        Ok(VisibleStreams {
            malformed_count: streams.malformed_count(),
            streams,
            missing: Vec::new(),
            ..held
        })
    }

    /// One image stream, as far as the index contains it.
    ///
    /// # Errors
    /// As [`AppForUser::stale_project_streams`].
    pub(in crate::app) async fn stale_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        failure: Failure,
    ) -> Result<(ImageStream, StaleData), Failure> {
        let held = self.stale_project_streams(project, failure).await?;
        let stream = held
            .streams
            .stream(project, name)
            .map(|stream| to_model_stream(stream))
            .zip(held.stale);
        stream.ok_or(Failure::api_server_unavailable(PageSubject::ImageStream))
    }

    /// The content of the index, and when it was last up to date.
    fn stale_snapshot(&self) -> Option<(Snapshot, DateTime<Utc>)> {
        let (index, now) = (&self.app.index, self.app.clock.now());
        index
            .current_snapshot()
            .map(|snapshot| (snapshot, now))
            .or_else(|| index.stale_snapshot())
    }

    /// Stores a visibility that was just confirmed, if there is an index.
    pub(in crate::app) fn remember_visibility(
        &self,
        confirmed: DateTime<Utc>,
        visible: &Arc<Visibility>,
    ) {
        if !matches!(self.app.index.state(), IndexState::NotConfigured) {
            self.app
                .user_caches
                .last_visibility
                .insert(self.token, (confirmed, Arc::clone(visible)));
        }
    }

    async fn reconfirm_visibility(
        &self,
        failure: Failure,
        snapshot: &Snapshot,
    ) -> Result<LoadedValue<Visibility>, Failure> {
        let now = self.app.clock.now();
        let refused = self.api_server.last_refusal();
        let last = self.app.user_caches.last_visibility.get(self.token);
        let last = last
            .filter(|(confirmed, _)| *confirmed <= now && now - *confirmed < LAST_VISIBILITY_TTL);
        // A confirmation from before the token was refused belongs to a session that has ended.
        let last = last
            .filter(|(confirmed, _)| refused.is_none_or(|refused| refused < *confirmed))
            .map(|(_, visible)| visible);
        if failure.was_answered() {
            match self.review_projects(last.as_deref(), snapshot).await {
                Ok(Some(visible)) => {
                    self.remember_visibility(now, &Arc::new(visible.clone()));
                    return Ok(LoadedValue {
                        value: visible,
                        is_cacheable: true,
                    });
                }
                Err(ApiError::TokenRefused) => return Err(Failure::SignInRequired),
                Ok(None) | Err(_) => {}
            }
        }
        last.map(|last| LoadedValue {
            value: Visibility::clone(&last),
            is_cacheable: false,
        })
        .ok_or(failure)
    }

    /// Reviews, for each project that the user was last known to see, or otherwise for each in the
    /// index, whether they may list its image streams. `None` if there are too many.
    async fn review_projects(
        &self,
        last: Option<&Visibility>,
        snapshot: &Snapshot,
    ) -> Result<Option<Visibility>, ApiError> {
        let everywhere = self
            .api_server
            .is_allowed(&AccessRight::list_streams(None))
            .await?;
        let candidates: Vec<Project> = match last {
            Some(last) => last
                .projects
                .iter()
                .filter(|project| everywhere || last.can_list(&project.name))
                .cloned()
                .collect(),
            None => snapshot
                .projects()
                .iter()
                .map(|held| unnamed_project(&held.name))
                .collect(),
        };
        if everywhere {
            return Ok(Some(Visibility::everything(candidates.into())));
        }
        if candidates.len() > MAX_REVIEWS {
            return Ok(None);
        }
        let names: Vec<ProjectName> = candidates
            .iter()
            .map(|project| project.name.clone())
            .collect();
        let answers: Vec<bool> = stream::iter(names)
            .map(|name| async move {
                self.api_server
                    .is_allowed(&AccessRight::list_streams(Some(name)))
                    .await
            })
            .buffered(MAX_CONCURRENT_REVIEWS)
            .try_collect()
            .await?;
        let seen: Vec<Project> = candidates
            .into_iter()
            .zip(answers)
            .filter_map(|(project, may)| may.then_some(project))
            .collect();
        let extent: HashSet<ProjectName> =
            seen.iter().map(|project| project.name.clone()).collect();
        Ok(Some(Visibility::with_projects(seen.into(), extent)))
    }
}

/// An image stream without what the index does not contain: annotations, pull specs, sources of
/// tags.
fn to_model_stream(stream: &index::IndexedStream) -> ImageStream {
    let event = |event: &index::IndexedTagEvent| TagEvent {
        created: event.when(),
        image: event.image.clone(),
        pull_spec: String::new(),
        generation: None,
    };
    let failure = |tag: &index::IndexedTag<'_>| {
        let message = stream
            .failures
            .as_ref()
            .map(|failures| failures.message.clone())
            .unwrap_or_default();
        tag.has_failed().then_some(ImportFailure {
            reason: String::new(),
            message,
            when: None,
        })
    };
    let tag = |tag: index::IndexedTag<'_>| Tag {
        source: TagSource::Unknown(String::new()),
        history: tag.history.iter().map(event).collect(),
        import_failure: failure(&tag),
        ..Tag::new_pushed(tag.name().clone())
    };
    ImageStream {
        resource_version: stream.resource_version().map(|version| version.to_string()),
        created: stream.created,
        labels: stream
            .labels()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        tags: stream.tags().map(tag).collect(),
        ..ImageStream::new(stream.project.clone(), stream.name.clone())
    }
}

/// A project of which only the name is known.
fn unnamed_project(name: &ProjectName) -> Project {
    Project {
        name: name.clone(),
        display_name: None,
        description: None,
        requester: None,
        phase: ProjectPhase::Active,
        created: None,
    }
}

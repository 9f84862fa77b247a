//! What pages show while the API server, or the image API behind it, cannot be asked: what the
//! index last knew, with its age.
//!
//! The index is filled with the console's own right, so what a person may see of it must have been
//! said by the API server for that person's token. While their projects cannot be listed
//! (`project.openshift.io` is served by the same openshift-apiserver as image streams), it is
//! confirmed project by project with `SelfSubjectAccessReview`, which on OpenShift 4 kube-apiserver
//! answers by itself. Only where nothing answers does what was confirmed before stay good, for
//! [`LAST_CONFIRMED`] at most: somebody whose right was taken away meanwhile sees names, digests
//! and times of a project for that much longer, which they could see before. It ends at once when
//! the API server refuses the token, and with signing out.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use super::visibility::Visible;
use super::visible_streams::VisibleStreams;
use crate::app::AsUser;
use crate::app::access::rights::{Person, person};
use crate::app::failure::{Failure, Subject};
use crate::app::recent::Found;
use crate::index::{self, Snapshot, State};
use crate::openshift::{Access, Error};
use crate::outbound::UserToken;
use registry_model::{
    ImageStream, ImageStreamName, ImportFailure, Phase, Project, ProjectName, Tag, TagEvent,
    TagSource,
};

/// For how long after it was last confirmed what a person may see stays good while nothing can
/// confirm it again.
const LAST_CONFIRMED: TimeDelta = TimeDelta::minutes(15);

/// How many access reviews are asked for at once.
const SIDE_BY_SIDE: usize = 8;

/// The most projects that are reviewed one by one for a person.
const MOST_REVIEWS: usize = 500;

/// How many names of projects are remembered of all people together.
const NAMES: u64 = 100_000;

/// Says of a page that it was made from the index because the API server could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// Up to when it was up to date.
    pub as_of: DateTime<Utc>,
}

/// What each person was last confirmed to see, and when. By the hash of the token. Cheap to clone.
#[derive(Clone)]
pub(in crate::app) struct LastVisible(moka::sync::Cache<Person, (DateTime<Utc>, Arc<Visible>)>);

impl LastVisible {
    pub(in crate::app) fn new() -> Self {
        let names = |_: &Person, (_, visible): &(DateTime<Utc>, Arc<Visible>)| {
            u32::try_from(visible.projects.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1)
        };
        let kept = LAST_CONFIRMED.to_std().unwrap_or(Duration::from_secs(900));
        Self(
            moka::sync::Cache::builder()
                .weigher(names)
                .max_capacity(NAMES)
                .time_to_live(kept)
                .build(),
        )
    }

    /// What was confirmed within the last quarter of an hour before `now`.
    fn of(&self, token: &UserToken, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Arc<Visible>)> {
        self.0
            .get(&person(token))
            .filter(|(confirmed, _)| *confirmed <= now && now - *confirmed < LAST_CONFIRMED)
    }

    pub(in crate::app) fn remember(
        &self,
        token: &UserToken,
        confirmed: DateTime<Utc>,
        visible: Arc<Visible>,
    ) {
        self.0.insert(person(token), (confirmed, visible));
    }

    pub(in crate::app) fn forget(&self, token: &UserToken) {
        self.0.invalidate(&person(token));
    }
}

impl fmt::Debug for LastVisible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastVisible")
            .field("people", &self.0.entry_count())
            .finish()
    }
}

impl AsUser<'_> {
    /// What the person may see of the index while the API server cannot be asked for more.
    ///
    /// # Errors
    /// `failure`, which is why it cannot be asked, where the index holds nothing or nothing says
    /// what the person may see; or that they must sign in.
    pub(in crate::app) async fn held_streams(
        &self,
        failure: Failure,
    ) -> Result<VisibleStreams, Failure> {
        let Some((snapshot, as_of)) = self.held_snapshot() else {
            return Err(failure);
        };
        let visible = self
            .console
            .visibility
            .get(self.token, self.confirm_again(failure, &snapshot))
            .await?;
        let streams = if visible.sees_all() {
            snapshot
        } else {
            snapshot.only(|project| visible.sees(project))
        };
        let (projects, names, unreadable) = (
            Arc::clone(&visible.projects),
            Arc::clone(&visible.names),
            streams.unreadable(),
        );
        Ok(VisibleStreams {
            projects,
            names,
            streams,
            missing: visible.missing.clone(),
            unreadable,
            mark: None,
            stale: Some(Stale { as_of }),
        })
    }

    /// Those of one project.
    ///
    /// # Errors
    /// As [`AsUser::held_streams`]; that the API server cannot be asked, where nothing confirms
    /// that the person may see the project.
    pub(in crate::app) async fn held_streams_of(
        &self,
        project: &ProjectName,
        failure: Failure,
    ) -> Result<VisibleStreams, Failure> {
        let held = self.held_streams(failure).await?;
        if !held.projects.iter().any(|known| known.name == *project) {
            return Err(Failure::not_available(Subject::Project));
        }
        let streams = held.streams.only(|name| name == project);
        Ok(VisibleStreams {
            unreadable: streams.unreadable(),
            streams,
            missing: Vec::new(),
            ..held
        })
    }

    /// One image stream, as much of it as the index holds.
    ///
    /// # Errors
    /// As [`AsUser::held_streams_of`].
    pub(in crate::app) async fn held_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        failure: Failure,
    ) -> Result<(ImageStream, Stale), Failure> {
        let held = self.held_streams_of(project, failure).await?;
        let stream = held
            .streams
            .stream(project, name)
            .map(|stream| model_of(stream))
            .zip(held.stale);
        stream.ok_or(Failure::not_available(Subject::ImageStream))
    }

    /// What the index holds, and up to when that is true.
    fn held_snapshot(&self) -> Option<(Snapshot, DateTime<Utc>)> {
        let (index, now) = (&self.console.index, self.console.clock.now());
        index
            .ready()
            .map(|snapshot| (snapshot, now))
            .or_else(|| index.held())
    }

    /// Remembers what was just confirmed, where there is an index to show it from.
    pub(in crate::app) fn remember_visible(
        &self,
        confirmed: DateTime<Utc>,
        visible: &Arc<Visible>,
    ) {
        if !matches!(self.console.index.state(), State::NotConfigured) {
            self.console
                .last_visible
                .remember(self.token, confirmed, Arc::clone(visible));
        }
    }

    async fn confirm_again(
        &self,
        failure: Failure,
        snapshot: &Snapshot,
    ) -> Result<Found<Visible>, Failure> {
        let now = self.console.clock.now();
        let refused = self.master.last_refusal();
        let last = self.console.last_visible.of(self.token, now);
        // What was confirmed before the token was refused was confirmed for a session that has
        // ended.
        let last = last
            .filter(|(confirmed, _)| refused.is_none_or(|refused| refused < *confirmed))
            .map(|(_, visible)| visible);
        if failure.is_answered() {
            match self.review_each(last.as_deref(), snapshot).await {
                Ok(Some(visible)) => {
                    self.remember_visible(now, &Arc::new(visible.clone()));
                    return Ok(Found {
                        value: visible,
                        keep: true,
                    });
                }
                Err(Error::TokenRefused) => return Err(Failure::SignInRequired),
                Ok(None) | Err(_) => {}
            }
        }
        last.map(|last| Found {
            value: Visible::clone(&last),
            keep: false,
        })
        .ok_or(failure)
    }

    /// Asks for each project that the person was last known to see, or else for each that the index
    /// has, whether they may list its image streams. Nothing where these are too many.
    async fn review_each(
        &self,
        last: Option<&Visible>,
        snapshot: &Snapshot,
    ) -> Result<Option<Visible>, Error> {
        let everywhere = self.master.may(&Access::list_streams(None)).await?;
        let candidates: Vec<Project> = match last {
            Some(last) => last
                .projects
                .iter()
                .filter(|project| everywhere || last.sees(&project.name))
                .cloned()
                .collect(),
            None => snapshot
                .projects()
                .iter()
                .map(|held| named(&held.name))
                .collect(),
        };
        if everywhere {
            return Ok(Some(Visible::everything(candidates.into())));
        }
        if candidates.len() > MOST_REVIEWS {
            return Ok(None);
        }
        let names: Vec<ProjectName> = candidates
            .iter()
            .map(|project| project.name.clone())
            .collect();
        let answers: Vec<bool> = stream::iter(names)
            .map(|name| async move { self.master.may(&Access::list_streams(Some(name))).await })
            .buffered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        let seen: Vec<Project> = candidates
            .into_iter()
            .zip(answers)
            .filter_map(|(project, may)| may.then_some(project))
            .collect();
        let extent: HashSet<ProjectName> =
            seen.iter().map(|project| project.name.clone()).collect();
        Ok(Some(Visible::of_projects(seen.into(), extent)))
    }
}

/// An image stream without what the index does not hold: annotations, pull specs, where tags come
/// from.
fn model_of(stream: &index::Stream) -> ImageStream {
    let event = |event: &index::Event| TagEvent {
        created: event.when(),
        image: event.image.clone(),
        pull_spec: String::new(),
        generation: None,
    };
    let failure = |tag: &index::Tag<'_>| {
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
    let tag = |tag: index::Tag<'_>| Tag {
        source: TagSource::Unknown(String::new()),
        history: tag.history.iter().map(event).collect(),
        import_failure: failure(&tag),
        ..Tag::pushed(tag.name().clone())
    };
    ImageStream {
        project: stream.project.clone(),
        name: stream.name.clone(),
        resource_version: stream.version().map(|version| version.to_string()),
        created: stream.created,
        annotations: BTreeMap::new(),
        labels: stream
            .labels()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        internal_repository: registry_model::InternalRepository::Unknown,
        public_repository: None,
        follows: None,
        local_lookup: false,
        tags: stream.tags().map(tag).collect(),
        unreadable_tags: 0,
    }
}

/// A project of which nothing but its name is known.
fn named(name: &ProjectName) -> Project {
    Project {
        name: name.clone(),
        display_name: None,
        description: None,
        requester: None,
        phase: Phase::Active,
        created: None,
    }
}

//! All image streams that a person may see: from the index where it is up to date, else listed with
//! their own token.

use std::sync::Arc;

use super::image_list::MissingProject;
use super::outage::Stale;
use super::project_lists::ProjectLists;
use super::visibility::{Visible, listable, names_of};
use crate::app::AsUser;
use crate::app::failure::{Failure, Subject};
use crate::app::live::Mark;
use crate::app::recent::Found;
use crate::app::section::{Missing, Section, why_master};
use crate::index::{Gathered, Snapshot};
use crate::openshift::{Error, Streams};
use crate::outbound::reading;
use registry_model::{Project, ProjectName};

/// What the master lets a person see.
#[derive(Debug)]
pub(in crate::app) struct VisibleStreams {
    /// Their projects. For those who may list the whole cluster, all of them.
    pub(in crate::app) projects: Arc<[Project]>,
    /// The names of these: what a filter can offer.
    pub(in crate::app) names: Arc<[ProjectName]>,
    pub(in crate::app) streams: Snapshot,
    /// Projects whose image streams could not be listed.
    pub(in crate::app) missing: Vec<MissingProject>,
    /// Objects that made no sense and were left out.
    pub(in crate::app) unreadable: usize,
    /// What has changed since can be told, where there is an index.
    pub(in crate::app) mark: Option<Mark>,
    /// Where the API server could not be asked: how old this is.
    pub(in crate::app) stale: Option<Stale>,
}

impl VisibleStreams {
    /// Whether projects are missing that the API server could not be asked about.
    fn lacks_by_outage(&self) -> bool {
        self.missing.iter().any(|missing| missing.why.is_outage())
    }
}

impl AsUser<'_> {
    /// Everything that the person may see: while the API server cannot be asked, as far as the
    /// index knows it.
    pub(in crate::app) async fn visible_streams(&self) -> Result<Arc<VisibleStreams>, Failure> {
        match self.visible_streams_now().await {
            Err(failure) if failure.is_outage() => self.held_streams(failure).await.map(Arc::new),
            Ok(found) if found.lacks_by_outage() => {
                // Half an answer beats none.
                self.held_streams(Failure::not_available(Subject::List))
                    .await
                    .map_or(Ok(found), |held| Ok(Arc::new(held)))
            }
            found => found,
        }
    }

    async fn visible_streams_now(&self) -> Result<Arc<VisibleStreams>, Failure> {
        if let Some((visible, snapshot)) = self.index().await? {
            return self.seen_in(&visible, snapshot).await.map(Arc::new);
        }
        if !self.master.changed_lately().is_empty() {
            // What was listed before their change is not what they expect to see after it.
            self.console.lists.forget(self.token);
        }
        self.console.lists.get(self.token, self.list_all()).await
    }

    /// Those of one project: while the API server cannot be asked, as far as the index knows them.
    pub(in crate::app) async fn streams_of_one(
        &self,
        project: &ProjectName,
    ) -> Result<VisibleStreams, Failure> {
        match self.streams_of_one_now(project).await {
            Err(failure) if failure.is_outage() => self.held_streams_of(project, failure).await,
            found => found,
        }
    }

    async fn streams_of_one_now(&self, project: &ProjectName) -> Result<VisibleStreams, Failure> {
        // Whatever keeps the index from answering, the master itself may still say more.
        if let Ok(Some((visible, snapshot))) = self.index().await
            && visible.sees(project)
            && visible.projects.iter().any(|known| known.name == *project)
            && !self.master.changed_lately().contains(project)
        {
            let streams = snapshot.only(|name| name == project);
            let (projects, names, unreadable) = (
                Arc::clone(&visible.projects),
                Arc::clone(&visible.names),
                streams.unreadable(),
            );
            let mark = streams.revision().map(Mark::from);
            return Ok(VisibleStreams {
                projects,
                names,
                streams,
                missing: Vec::new(),
                unreadable,
                mark,
                stale: None,
            });
        }
        let (projects, listed) = tokio::join!(self.master.projects(), self.listed(Some(project)));
        let Streams {
            streams,
            unreadable,
            revision,
        } = listed.map_err(|error| {
            let subject = if error.is_about_the_api() {
                Subject::List
            } else {
                Subject::Project
            };
            Failure::of_master(error, subject)
        })?;
        // Whoever may list every project gets an empty list, not a refusal, for one that does not
        // exist.
        let unknown = projects
            .as_ref()
            .is_ok_and(|projects| projects.iter().all(|listed| listed.name != *project));
        let streams = Snapshot::from(streams);
        if streams.is_empty() && unknown {
            return Err(Failure::NotFound(Subject::Project));
        }
        let (projects, mark): (Arc<[Project]>, _) =
            (projects.unwrap_or_default().into(), self.mark_at(revision));
        let names = names_of(&projects);
        Ok(VisibleStreams {
            projects,
            names,
            streams,
            missing: Vec::new(),
            unreadable,
            mark,
            stale: None,
        })
    }

    /// The index and what the person may see of it, if it is up to date.
    pub(in crate::app) async fn index(&self) -> Result<Option<(Arc<Visible>, Snapshot)>, Failure> {
        if self.console.index.ready().is_none() {
            return Ok(None);
        }
        let visible = self.visible().await?;
        // As it is after the question, which may have taken a while.
        Ok(self
            .console
            .index
            .ready()
            .map(|snapshot| (visible, snapshot)))
    }

    /// What the person sees of the index. A project in which they have just changed something is
    /// listed: the watch may not have told of it yet.
    async fn seen_in(
        &self,
        visible: &Visible,
        snapshot: Snapshot,
    ) -> Result<VisibleStreams, Failure> {
        let mut streams = if visible.sees_all() {
            snapshot
        } else {
            snapshot.only(|project| visible.sees(project))
        };
        let mut missing = visible.missing.clone();
        let mut mark = streams.revision().map(Mark::from);
        let mut stale = None;
        for project in self
            .master
            .changed_lately()
            .into_iter()
            .filter(|project| visible.sees(project))
        {
            let listed = self.listed(Some(&project)).await;
            if matches!(listed, Err(Error::TokenRefused)) {
                return Err(Failure::SignInRequired);
            }
            if listed.as_ref().is_err_and(Error::is_outage) {
                // What the index has of it may be of before their change, and is all that there is.
                stale = Some(Stale {
                    as_of: self.console.clock.now(),
                });
                continue;
            }
            let listed = match Section::from(listed) {
                Section::Ready(listed) => {
                    if let (Some(mark), Some(revision)) = (&mut mark, listed.revision) {
                        mark.later.push((project.clone(), revision));
                    }
                    listed.streams.into()
                }
                Section::Missing {
                    missing: Missing { why, .. },
                } => {
                    missing.push(MissingProject {
                        project: project.clone(),
                        why,
                    });
                    Snapshot::default()
                }
            };
            streams = streams.with(&project, &listed);
        }
        let unreadable = streams.unreadable();
        let (projects, names) = (Arc::clone(&visible.projects), Arc::clone(&visible.names));
        Ok(VisibleStreams {
            projects,
            names,
            streams,
            missing,
            unreadable,
            mark,
            stale,
        })
    }

    /// One list for a person who may list cluster-wide; anyone else gets their projects, listed
    /// side by side.
    async fn list_all(&self) -> Result<Found<VisibleStreams>, Failure> {
        let lists = ProjectLists::begin(self);
        let (projects, everywhere) = self.projects_and_reach().await?;
        if !everywhere {
            return self.list_each(lists, projects).await;
        }
        // They may all at once what they might not the last time.
        drop(lists);
        let listed = self
            .listed(None)
            .await
            .map_err(|error| Failure::of_master(error, Subject::List))?;
        let (names, streams, unreadable) = (
            names_of(&projects),
            reading(|| listed.streams.into()),
            listed.unreadable,
        );
        let value = VisibleStreams {
            projects,
            names,
            streams,
            missing: Vec::new(),
            unreadable,
            mark: None,
            stale: None,
        };
        Ok(Found { value, keep: true })
    }

    async fn list_each(
        &self,
        lists: ProjectLists,
        projects: Arc<[Project]>,
    ) -> Result<Found<VisibleStreams>, Failure> {
        let (mut all, mut missing, mut unreadable, mut unanswered) =
            (Gathered::default(), Vec::new(), 0, None);
        let listable = listable(&projects);
        let take = |project, listed| {
            let listed = match listed {
                Err(Error::TokenRefused) => return Err(Failure::SignInRequired),
                Err(error)
                    if unanswered.is_none()
                        && (error.is_outage() || matches!(error, Error::NotServed)) =>
                {
                    let why = why_master(&error);
                    missing.push(MissingProject { project, why });
                    unanswered = Some(error);
                    return Ok(());
                }
                listed => listed,
            };
            match Section::from(listed) {
                Section::Ready(Streams {
                    streams,
                    unreadable: more,
                    ..
                }) => {
                    all.append(streams);
                    unreadable += more;
                }
                Section::Missing {
                    missing: Missing { why, .. },
                } => missing.push(MissingProject { project, why }),
            }
            Ok(())
        };
        lists.each(&listable, take).await?;
        if let Some(error) = unanswered
            && missing.len() == listable.len()
        {
            // No project could be listed: that is not a list with a gap, it is none.
            return Err(Failure::of_master(error, Subject::List));
        }
        // They came as each was there.
        missing.sort_unstable_by(|a, b| a.project.cmp(&b.project));
        let keep = missing.is_empty();
        let (names, streams) = (names_of(&projects), reading(|| all.into()));
        Ok(Found {
            value: VisibleStreams {
                projects,
                names,
                streams,
                missing,
                unreadable,
                mark: None,
                stale: None,
            },
            keep,
        })
    }

    /// The image streams of a project, or of the whole cluster, as the master lists them, of which
    /// no more is kept than lists show.
    pub(in crate::app) async fn listed(
        &self,
        project: Option<&ProjectName>,
    ) -> Result<Streams<Gathered>, Error> {
        self.master.image_streams_as(project, Gathered::take).await
    }
}

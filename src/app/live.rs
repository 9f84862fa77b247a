//! What has changed since a page was made, for whoever is still looking at it.
//!
//! The index hears of changes with the console's own right, so it decides nothing here either: a
//! [`Following`] tells of no more than the master let its person see when it began, and of nothing
//! at all once that is a minute old. Whoever wants to hear more asks again, as with any page.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::AsUser;
use crate::app::failure::Failure;
use crate::app::lists::visibility::Visible;
use crate::index::{Changed, Heard, Reader, Since, State};
use crate::openshift::Change;
use registry_model::Clock;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// Up to when a page is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The revision of the cluster that it shows.
    pub revision: u64,
    /// Projects of which it shows a later one: those that the person had just changed something in.
    pub later: Vec<(ProjectName, u64)>,
}

impl From<u64> for Mark {
    fn from(revision: u64) -> Self {
        Self {
            revision,
            later: Vec::new(),
        }
    }
}

/// What a page shows, and so what it wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    /// Those of a project.
    Project(ProjectName),
    /// One of them, with its tags.
    Stream(ProjectName, ImageStreamName),
    /// What a tag points at, or that it points at nothing.
    Tag(ProjectName, ImageStreamName, TagName, Option<Digest>),
}

/// What has changed since the page was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Image streams of a list.
    Streams {
        /// Their names, the first of them in the order of the alphabet.
        first: Vec<(ProjectName, ImageStreamName)>,
        /// How many there are; at most [`MOST_NEWS`].
        count: usize,
    },
    /// Tags of the image stream.
    Tags {
        /// Their names, the first of them in the order of the alphabet.
        first: Vec<TagName>,
        /// How many there are; at most [`MOST_NEWS`].
        count: usize,
    },
    /// Something else about the image stream.
    Stream,
    /// The image stream is gone.
    StreamGone,
    /// The tag points at another image, or at none.
    TagMoved,
    /// Nobody knows: it was too long ago.
    Perhaps,
}

/// More than so many are not counted.
pub const MOST_NEWS: usize = 100;

/// How many are called by their names.
const NAMED: usize = 3;

/// Somebody who is looking at a page. It asks the master nothing.
pub struct Following {
    index: Reader,
    clock: Clock,
    visible: Arc<Visible>,
    until: DateTime<Utc>,
    scope: Scope,
    mark: Mark,
    since: Since,
    found: Found,
    told: Option<News>,
}

/// What was heard so far.
#[derive(Default)]
struct Found {
    streams: BTreeSet<(ProjectName, ImageStreamName)>,
    tags: BTreeSet<TagName>,
    touched: bool,
    gone: bool,
    perhaps: bool,
}

impl AsUser<'_> {
    /// Follows what happens to what a page shows. Nothing where there is no index to hear it from,
    /// or the person may not list what it is about.
    ///
    /// # Errors
    ///
    /// As [`AsUser::visible`].
    pub async fn follow(&self, scope: Scope, mark: Mark) -> Result<Option<Following>, Failure> {
        let index = &self.console.index;
        if matches!(index.state(), State::NotConfigured) {
            return Ok(None);
        }
        let (visible, until) = self.visible_until().await?;
        if scope
            .project()
            .is_some_and(|project| !visible.sees(project))
        {
            return Ok(None);
        }
        let (index, clock, since) = (
            index.clone(),
            self.console.clock.clone(),
            Since::Revision(mark.revision),
        );
        Ok(Some(Following {
            index,
            clock,
            visible,
            until,
            scope,
            mark,
            since,
            found: Found::default(),
            told: None,
        }))
    }

    /// The mark of a page that is made now, from the index or from what the master says later;
    /// nothing without an index.
    pub(super) fn mark_now(&self) -> Option<Mark> {
        self.console.index.ready()?.revision().map(Mark::from)
    }

    /// The mark of a page that shows this revision; nothing without an index.
    pub(super) fn mark_at(&self, revision: Option<u64>) -> Option<Mark> {
        self.mark_now().and(revision).map(Mark::from)
    }
}

impl Following {
    /// Until when it may tell anything.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }

    /// Whether what the person may see must be asked again.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.clock.now() >= self.until
    }

    /// All that has changed since the page was made, if that is more than at the last look.
    pub fn look(&mut self) -> Option<News> {
        if self.is_over() {
            return None;
        }
        let (scope, mark, visible, found) =
            (&self.scope, &self.mark, &self.visible, &mut self.found);
        let Heard { next, complete } = self.index.hear(self.since, |revision, changed| {
            if scope.is_about(changed)
                && visible.sees(&changed.project)
                && !mark.shows(revision, &changed.project)
            {
                found.add(changed, scope);
            }
        });
        self.since = next;
        if !complete {
            self.compare();
        }
        let news = self.news();
        if news == self.told {
            return None;
        }
        self.told.clone_from(&news);
        news
    }

    /// What was forgotten may have been about the page, or not. Of a single image stream the index
    /// can tell.
    fn compare(&mut self) {
        let (Scope::Stream(project, name) | Scope::Tag(project, name, ..), Some(snapshot)) =
            (&self.scope, self.index.ready())
        else {
            self.found.perhaps = true;
            return;
        };
        match snapshot.stream(project, name) {
            None => self.found.gone = true,
            Some(stream) => {
                self.found.touched |= stream
                    .version()
                    .is_none_or(|version| version > self.mark.revision)
            }
        }
    }

    fn news(&self) -> Option<News> {
        let found = &self.found;
        match &self.scope {
            Scope::Tag(project, stream, tag, image) => {
                let touched = found.touched || found.gone || !found.streams.is_empty();
                (touched && self.points_at(project, stream, tag) != *image)
                    .then_some(News::TagMoved)
            }
            Scope::Stream(..) if found.gone => Some(News::StreamGone),
            Scope::Stream(..) if !found.tags.is_empty() => Some(News::Tags {
                first: found.tags.iter().take(NAMED).cloned().collect(),
                count: found.tags.len(),
            }),
            Scope::Stream(..) => {
                (found.touched || !found.streams.is_empty()).then_some(News::Stream)
            }
            Scope::All | Scope::Project(_) if !found.streams.is_empty() => Some(News::Streams {
                first: found.streams.iter().take(NAMED).cloned().collect(),
                count: found.streams.len(),
            }),
            Scope::All | Scope::Project(_) => found.perhaps.then_some(News::Perhaps),
        }
    }

    fn points_at(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
    ) -> Option<Digest> {
        let snapshot = self.index.ready()?;
        let tag = snapshot
            .stream(project, stream)?
            .tags()
            .find(|known| known.name() == tag)?;
        tag.current()?.image.clone()
    }
}

impl Found {
    fn add(&mut self, changed: &Changed, scope: &Scope) {
        // As it is now: what was deleted may have come back.
        self.gone = changed.change == Change::Deleted;
        if self.streams.len() < MOST_NEWS {
            self.streams
                .insert((changed.project.clone(), changed.name.clone()));
        }
        if matches!(scope, Scope::Stream(..)) {
            let room = MOST_NEWS - self.tags.len();
            self.tags.extend(changed.tags.iter().take(room).cloned());
        }
    }
}

impl Mark {
    /// Whether the page shows a change of `project` already.
    fn shows(&self, revision: u64, project: &ProjectName) -> bool {
        self.later
            .iter()
            .any(|(later, shown)| later == project && revision <= *shown)
    }
}

impl Scope {
    fn project(&self) -> Option<&ProjectName> {
        match self {
            Self::All => None,
            Self::Project(project) | Self::Stream(project, _) | Self::Tag(project, ..) => {
                Some(project)
            }
        }
    }

    fn is_about(&self, changed: &Changed) -> bool {
        match self {
            Self::All => true,
            Self::Project(project) => changed.project == *project,
            Self::Stream(project, name) => changed.project == *project && changed.name == *name,
            Self::Tag(project, name, tag, _) => {
                changed.project == *project
                    && changed.name == *name
                    && (changed.change != Change::Modified || changed.tags.contains(tag))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_shows_already_is_no_news_to_it_and_what_came_later_is() {
        let (mine, other): (ProjectName, ProjectName) =
            ("team-a".parse().unwrap(), "team-b".parse().unwrap());
        let mark = Mark {
            revision: 10,
            later: vec![(mine.clone(), 20)],
        };
        assert!(mark.shows(15, &mine) && mark.shows(20, &mine));
        assert!(!mark.shows(21, &mine) && !mark.shows(15, &other));
    }
}

//! Changes of many tags of an image stream, one after the other, because all of them are parts of
//! one object.

use std::collections::{BTreeSet, VecDeque};

use super::remove_tag::{TimestampedStream, is_restorable};
use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::change_lock::ChangeDeadlines;
use crate::app::failure::{Failure, PageSubject};
use crate::app::tags::set_tag::SeenTag;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName, TagSpec};

/// After this many refusals in a row for a reason that concerns all tags, the rest is not tried.
const MAX_CONSECUTIVE_OUTAGES: usize = 5;

/// A tag that the user asked to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRemovalRequest {
    pub name: TagName,
    /// What the user was shown of the tag. `None`: nothing, and its current state is accepted.
    pub seen: Option<SeenTag>,
}

/// The tags to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkTagRequest {
    Remove(Vec<TagRemovalRequest>),
    /// Sets each tag to its spec, if its name is still free.
    Restore(Vec<(TagName, TagSpec)>),
}

/// The result of changing many tags.
#[derive(Clone, Debug, Default)]
pub struct BulkTagOutcome {
    /// The tags that were removed or restored. A removed tag has the tag spec that restores it;
    /// `None` if its image is no longer in the image stream.
    pub done: Vec<(TagName, Option<TagSpec>)>,
    /// The tags that were not changed, or may not have been, with the reason: [`Stale`] if a tag
    /// points to another image than was shown.
    ///
    /// [`Stale`]: RefusalReason::Stale
    pub failed: Vec<(TagName, Refusal)>,
    /// The tags that were not tried, because the change was stopped.
    pub not_tried: Vec<TagName>,
    /// The tags that were not restored, or may not have been, each with the tag spec with which
    /// restoring it can be tried again. Empty after a removal.
    pub not_restored: Vec<(TagName, TagSpec)>,
}

/// A change of many tags in progress.
#[derive(Debug)]
pub(in crate::app) struct BulkTagChange {
    project: ProjectName,
    stream: ImageStreamName,
    rest: VecDeque<TagStep>,
    /// The image stream before the first removal. A removal needs the tag's spec, which can be read
    /// only before.
    first_read: Option<TimestampedStream>,
    /// The latest read of the image stream.
    last_read: Option<TimestampedStream>,
    outcome: BulkTagOutcome,
    consecutive_outages: usize,
}

#[derive(Debug)]
enum TagStep {
    Remove(TagRemovalRequest),
    Restore(TagName, TagSpec),
}

impl BulkTagRequest {
    /// How many tags it is about.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Remove(tags) => tags.len(),
            Self::Restore(tags) => tags.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl TagStep {
    fn into_name(self) -> TagName {
        match self {
            Self::Remove(request) => request.name,
            Self::Restore(name, _) => name,
        }
    }
}

impl BulkTagChange {
    /// Prepares the change. Reads the image stream before a removal.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream.
    pub(in crate::app) async fn begin(
        app: &AppForUser<'_>,
        project: &ProjectName,
        stream: &ImageStreamName,
        request: BulkTagRequest,
    ) -> Result<Self, Failure> {
        let found =
            match &request {
                BulkTagRequest::Remove(_) => {
                    let found = app.api_server.get_stream(project, stream).await;
                    Some(found.map_err(|error| {
                        Failure::from_api_error(error, PageSubject::ImageStream)
                    })?)
                }
                BulkTagRequest::Restore(_) => None,
            };
        let rest = match request {
            BulkTagRequest::Remove(tags) => tags.into_iter().map(TagStep::Remove).collect(),
            BulkTagRequest::Restore(tags) => tags
                .into_iter()
                .map(|(name, spec)| TagStep::Restore(name, spec))
                .collect(),
        };
        Ok(Self {
            project: project.clone(),
            stream: stream.clone(),
            rest,
            last_read: found.clone().map(TimestampedStream::new),
            first_read: found.map(TimestampedStream::new),
            outcome: BulkTagOutcome::default(),
            consecutive_outages: 0,
        })
    }

    /// Changes the next tag, within `time`. Returns whether there was one. Tags that are gone
    /// already count as removed. A tag that points to another image than the user was shown stays.
    ///
    /// # Errors
    ///
    /// A failure that concerns all tags: the user is no longer signed in. The tag counts as not
    /// tried.
    pub(in crate::app) async fn change_next(
        &mut self,
        app: &AppForUser<'_>,
        time: ChangeDeadlines,
    ) -> Result<bool, Failure> {
        let Some(next) = self.rest.pop_front() else {
            return Ok(false);
        };
        let (changed, spec) = match &next {
            TagStep::Remove(request) => {
                let spec = self.spec_of(&request.name);
                let removal = app.remove_tag_before(
                    &self.project,
                    &self.stream,
                    request,
                    &mut self.last_read,
                    time,
                );
                (time.run_before_deadline(removal).await, spec)
            }
            TagStep::Restore(name, spec) => {
                let restored =
                    app.restore_tag_before(&self.project, &self.stream, name, spec, time);
                (time.run_before_deadline(restored).await, None)
            }
        };
        match changed.map_err(ChangeError::into_refusal) {
            Ok(()) => {
                self.consecutive_outages = 0;
                self.outcome.done.push((next.into_name(), spec));
            }
            Err(Ok(refusal)) => {
                let concerns_all_tags =
                    refusal.is_outage() || refusal.why == RefusalReason::NotAllowed;
                self.consecutive_outages = if concerns_all_tags {
                    self.consecutive_outages + 1
                } else {
                    0
                };
                if let TagStep::Restore(name, spec) = &next {
                    self.outcome.not_restored.push((name.clone(), spec.clone()));
                }
                self.outcome.failed.push((next.into_name(), refusal));
            }
            Err(Err(failure)) => {
                self.rest.push_front(next);
                return Err(failure);
            }
        }
        Ok(true)
    }

    /// How many tags were changed, and how many were refused.
    pub(in crate::app) fn progress(&self) -> (usize, usize) {
        (self.outcome.done.len(), self.outcome.failed.len())
    }

    /// Whether so many tags in a row were refused that the others would be, too.
    pub(in crate::app) fn is_refused_throughout(&self) -> bool {
        self.consecutive_outages >= MAX_CONSECUTIVE_OUTAGES
    }

    /// Ends the change: tags that were not changed yet are not tried.
    pub(in crate::app) fn finish(mut self) -> BulkTagOutcome {
        for step in std::mem::take(&mut self.rest) {
            if let TagStep::Restore(name, spec) = &step {
                self.outcome.not_restored.push((name.clone(), spec.clone()));
            }
            self.outcome.not_tried.push(step.into_name());
        }
        self.discard_specs_of_released_images();
        self.outcome
    }

    fn spec_of(&self, name: &TagName) -> Option<TagSpec> {
        let stream = &self.last_read.as_ref().or(self.first_read.as_ref())?.stream;
        let tag = stream.tag(name)?;
        TagSpec::from_tag(tag, &self.project, &self.stream)
    }

    /// A tag can be set only to an image that the image stream contains (origin,
    /// `tagReferenceToTagEvent`).
    fn discard_specs_of_released_images(&mut self) {
        let Some(read) = self.last_read.as_ref().or(self.first_read.as_ref()) else {
            return;
        };
        let removed: BTreeSet<&TagName> = self.outcome.done.iter().map(|(name, _)| name).collect();
        let held: BTreeSet<Digest> = read
            .stream
            .tags
            .iter()
            .filter(|tag| !removed.contains(&tag.name))
            .flat_map(|tag| &tag.history)
            .filter_map(|event| event.image.clone())
            .collect();
        for (_, spec) in &mut self.outcome.done {
            let is_held = |spec: &TagSpec| {
                is_restorable(spec, &self.project, &self.stream, |it| held.contains(it))
            };
            *spec = spec.take().filter(is_held);
        }
    }
}

impl AppForUser<'_> {
    /// Changes the tags, within the time of one page. A refusal does not stop the others.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream, or that the user is no longer signed in: what was
    /// changed until then stays so.
    pub async fn change_tags(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        request: BulkTagRequest,
    ) -> Result<BulkTagOutcome, Failure> {
        let time = ChangeDeadlines::from_now();
        let mut change = BulkTagChange::begin(self, project, stream, request).await?;
        while change.change_next(self, time).await? {}
        Ok(change.finish())
    }
}

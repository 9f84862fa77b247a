//! Removing one tag, and restoring it.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::Instant;

use super::bulk_change::TagRemovalRequest;
use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::change_lock::{AttemptError, ChangeDeadlines};
use crate::app::cleanup::RemovalFigures;
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::app::tags::set_tag::SeenTag;
use crate::openshift::{AccessRight, ApiError};
use registry_model::{
    Digest, ImageStream, ImageStreamName, ProjectName, Tag, TagName, TagSpec, TagSpecSource,
};

/// How old a read of the image stream may be on which a removal is based.
const MAX_READ_AGE: Duration = Duration::from_millis(500);

/// What removing a tag would remove, and what it would keep.
#[derive(Clone, Debug, Serialize)]
pub struct TagRemoval {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
    /// The image that it points to. Absent: it points to none.
    pub image: Option<Digest>,
    pub since: Option<DateTime<Utc>>,
    /// How many entries of history are removed with the tag.
    pub history: usize,
    /// How many images of that history, besides the one that the tag points to now, are in the
    /// history of no other tag. The image stream releases them as well.
    pub history_images_lost: usize,
    /// Other tags of the image stream that point to the same image and stay.
    pub same_image: Vec<TagName>,
    /// Whether another tag points to the image or has pointed to it. Otherwise the image stream
    /// releases it, and the removal cannot be undone: a tag can be set only to an image that the
    /// image stream contains (origin, `tagReferenceToTagEvent`).
    pub held: bool,
    /// Whether the tag can be restored: it can be set to its source again, or the image stream
    /// contains its image.
    pub restorable: bool,
    /// The tag spec, for restoring the tag.
    #[serde(skip)]
    pub spec: Option<TagSpec>,
    /// Tags of the image stream that track this one, and would lose their source.
    pub followers: Vec<TagName>,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
    /// The same as an `oc` command.
    pub oc: ShellCommand,
}

impl AppForUser<'_> {
    /// What removing the tag would remove.
    ///
    /// # Errors
    ///
    /// The failure to read the stream, or [`Failure::NotFound`]: it has no such tag.
    pub async fn tag_removal(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
    ) -> Result<TagRemoval, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.api_server.get_stream(project, stream),
            self.review_access([AccessRight::delete_tags(project)])
        );
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let it = found
            .tag(tag)
            .ok_or(Failure::NotFound(PageSubject::Image))?;
        let image = it.current().and_then(|event| event.image.clone());
        let others = || found.tags.iter().filter(|other| other.name != *tag);
        let held = image
            .as_ref()
            .is_some_and(|image| others().any(|other| other.has_image_in_history(image)));
        let spec = TagSpec::from_tag(it, project, stream);
        let same = |other: &&Tag| {
            image.is_some() && other.current().is_some_and(|event| event.image == image)
        };
        Ok(TagRemoval {
            project: project.clone(),
            stream: stream.clone(),
            tag: tag.clone(),
            since: it.current().and_then(|event| event.created),
            history: it.history.len(),
            history_images_lost: RemovalFigures::new(&found, &BTreeSet::from([tag]))
                .released_earlier_images,
            held,
            restorable: spec
                .as_ref()
                .is_some_and(|spec| is_restorable(spec, project, stream, |_| held)),
            spec,
            same_image: others()
                .filter(same)
                .map(|other| other.name.clone())
                .collect(),
            followers: others()
                .filter(|other| other.tracks(project, stream, tag))
                .map(|other| other.name.clone())
                .collect(),
            image,
            allowed,
            oc: ShellCommand::new("oc tag -d").with_operand(format!("{project}/{stream}:{tag}")),
        })
    }

    /// Removes the tag. One that is gone already counts as removed; one that points to another
    /// image than the user was shown stays.
    ///
    /// # Errors
    ///
    /// [`RefusalReason::Stale`]: the tag points to another image. Or the API server refuses the
    /// change or cannot be reached.
    pub async fn remove_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        request: &TagRemovalRequest,
    ) -> Result<(), ChangeError> {
        let time = ChangeDeadlines::from_now();
        let mut last_read = None;
        time.run_before_deadline(self.remove_tag_before(
            project,
            stream,
            request,
            &mut last_read,
            time,
        ))
        .await
    }

    /// The same, within the time that the page has. `last_read` is the latest read of the image
    /// stream, for the tags that are removed next.
    pub(in crate::app) async fn remove_tag_before(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        request: &TagRemovalRequest,
        last_read: &mut Option<TimestampedStream>,
        time: ChangeDeadlines,
    ) -> Result<(), ChangeError> {
        let mut turn = self.lock_stream(project, stream, time).await?;
        loop {
            let attempt = self
                .try_remove_tag(project, stream, request, last_read)
                .await;
            if let Some(removed) = turn.finish_attempt(attempt).await? {
                return Ok(removed);
            }
            // The earlier read is no longer current.
            *last_read = None;
        }
    }

    async fn try_remove_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        request: &TagRemovalRequest,
        last_read: &mut Option<TimestampedStream>,
    ) -> Result<(), AttemptError> {
        if let Some(seen) = &request.seen {
            if last_read.as_ref().is_none_or(|read| !read.is_recent()) {
                *last_read = match self.api_server.get_stream(project, stream).await {
                    Ok(stream) => Some(TimestampedStream::new(stream)),
                    Err(ApiError::NotFound) => return Ok(()),
                    Err(error) => return Err(error.into()),
                };
            }
            // The API server supports no condition for a removal, so a short time remains between
            // this read and the removal.
            let current = last_read
                .as_ref()
                .and_then(|read| read.current_digest(&request.name));
            if current.is_some_and(|current| *seen != SeenTag::Tag(current)) {
                return Err(Refusal::from_reason(RefusalReason::Stale).into());
            }
        }
        let known = match &request.seen {
            Some(SeenTag::Tag(known)) => known.as_ref(),
            Some(SeenTag::NoTag) | None => None,
        };
        match self
            .api_server
            .delete_tag(project, stream, &request.name, known)
            .await
        {
            Ok(()) | Err(ApiError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Restores a tag that was removed, if its name is still free and its source still exists.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn restore_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        spec: &TagSpec,
    ) -> Result<(), ChangeError> {
        let time = ChangeDeadlines::from_now();
        time.run_before_deadline(self.restore_tag_before(project, stream, tag, spec, time))
            .await
    }

    /// The same, within the time that the page has.
    pub(in crate::app) async fn restore_tag_before(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        spec: &TagSpec,
        time: ChangeDeadlines,
    ) -> Result<(), ChangeError> {
        let mut turn = self.lock_stream(project, stream, time).await?;
        loop {
            // At each attempt, the API server itself checks whether the name is free and the image
            // stream contains the image.
            let attempt = self
                .api_server
                .create_tag(project, stream, tag, spec)
                .await
                .map_err(AttemptError::from);
            if let Some(removed) = turn.finish_attempt(attempt).await? {
                return Ok(removed);
            }
        }
    }
}

/// Whether a tag of `stream` that is removed can be set to its spec again: `is_held` says whether
/// the image stream still contains an image.
pub(super) fn is_restorable(
    spec: &TagSpec,
    project: &ProjectName,
    stream: &ImageStreamName,
    is_held: impl FnOnce(&Digest) -> bool,
) -> bool {
    match &spec.from {
        TagSpecSource::Image(of, source, image) if of == project && source == stream => {
            is_held(image)
        }
        TagSpecSource::Image(..) | TagSpecSource::Tag(..) | TagSpecSource::External(_) => true,
    }
}

/// An image stream, and when it was read.
#[derive(Debug)]
pub(in crate::app) struct TimestampedStream {
    pub(in crate::app) stream: ImageStream,
    read_at: Instant,
}

impl TimestampedStream {
    pub(in crate::app) fn new(stream: ImageStream) -> Self {
        Self {
            stream,
            read_at: Instant::now(),
        }
    }

    /// Whether it may be taken as current: a removal of many tags takes seconds, in which other
    /// clients may change the image stream.
    fn is_recent(&self) -> bool {
        self.read_at.elapsed() < MAX_READ_AGE
    }

    /// The image that a tag points to, if the tag exists.
    pub(in crate::app) fn current_digest(&self, tag: &TagName) -> Option<Option<Digest>> {
        let tag = self.stream.tag(tag)?;
        Some(tag.current().and_then(|event| event.image.clone()))
    }
}

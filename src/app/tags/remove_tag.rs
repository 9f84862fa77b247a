//! Removing one tag, and putting it back.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::Instant;

use super::remove_tags::Asked;
use crate::app::AsUser;
use crate::app::change::{ChangeFailed, Refusal, RefusedBecause};
use crate::app::failure::{Failure, Subject};
use crate::app::serialized::{ChangeTime, TryFailed};
use crate::app::shell_command::ShellCommand;
use crate::app::tags::set_tag::Shown;
use crate::openshift::{Access, Error};
use registry_model::{
    Digest, ImageStream, ImageStreamName, ProjectName, Tag, TagName, TagSpec, TagTarget,
};

/// How old what was read of an image stream may be when a tag is removed by it.
const RECENT: Duration = Duration::from_millis(500);

/// What removing a tag would take, and what not.
#[derive(Clone, Debug, Serialize)]
pub struct TagRemoval {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
    /// What it points at. Absent: it points at nothing.
    pub image: Option<Digest>,
    pub since: Option<DateTime<Utc>>,
    /// How many entries of history go with the tag.
    pub history: usize,
    /// How many images of that history, without the one that it points at now, no other tag points
    /// at or has pointed at. The stream lets go of them too.
    pub history_images_lost: usize,
    /// Other tags of the stream that point at the same image and stay.
    pub same_image: Vec<TagName>,
    /// Whether another tag points at the image or has pointed at it. Else the stream lets go of it,
    /// and there is no way back: a tag can be given only to an image that the stream holds (origin,
    /// `tagReferenceToTagEvent`).
    pub held: bool,
    /// Whether the tag can be put back: it can be set to its source again, or the stream holds its
    /// image.
    pub restorable: bool,
    /// What the tag is set to, for putting it back.
    #[serde(skip)]
    pub spec: Option<TagSpec>,
    /// Tags of the stream that follow this one, and would follow nothing.
    pub followers: Vec<TagName>,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: ShellCommand,
}

impl AsUser<'_> {
    /// What removing the tag would mean.
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
            self.master.image_stream(project, stream),
            self.allowed([Access::delete_tags(project)])
        );
        let found = found.map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let it = found
            .tags
            .iter()
            .find(|candidate| candidate.name == *tag)
            .ok_or(Failure::NotFound(Subject::Image))?;
        let image = it.current().and_then(|event| event.image.clone());
        let others = || found.tags.iter().filter(|other| other.name != *tag);
        let held = image
            .as_ref()
            .is_some_and(|image| others().any(|other| other.has_held(image)));
        let spec = TagSpec::of(it, project, stream);
        let same = |other: &&Tag| {
            image.is_some() && other.current().is_some_and(|event| event.image == image)
        };
        Ok(TagRemoval {
            project: project.clone(),
            stream: stream.clone(),
            tag: tag.clone(),
            since: it.current().and_then(|event| event.created),
            history: it.history.len(),
            history_images_lost: earlier_images_of(it)
                .difference(&images_of(others()))
                .count(),
            held,
            restorable: spec.as_ref().is_some_and(|spec| match &spec.from {
                TagTarget::Image(of, source, _) if of == project && source == stream => held,
                TagTarget::Image(..) | TagTarget::Tag(..) | TagTarget::External(_) => true,
            }),
            spec,
            same_image: others()
                .filter(same)
                .map(|other| other.name.clone())
                .collect(),
            followers: others()
                .filter(|other| other.follows(project, stream, tag))
                .map(|other| other.name.clone())
                .collect(),
            image,
            allowed,
            oc: ShellCommand::new("oc tag -d").operand(format!("{project}/{stream}:{tag}")),
        })
    }

    /// Removes the tag. One that is gone already counts as removed; one that points at something
    /// else than the person was shown stays.
    ///
    /// # Errors
    ///
    /// [`RefusedBecause::Stale`]: it points at something else. Or the API server refuses, or cannot
    /// be reached.
    pub async fn remove_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        asked: &Asked,
    ) -> Result<(), ChangeFailed> {
        let time = ChangeTime::starting_now();
        let mut last_read = None;
        time.bound(self.remove_tag_in_turn(project, stream, asked, &mut last_read, time))
            .await
    }

    /// The same in the time that the page has. `last_read` is the stream as it was read last, for
    /// the tags that follow.
    pub(in crate::app) async fn remove_tag_in_turn(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        asked: &Asked,
        last_read: &mut Option<ReadStream>,
        time: ChangeTime,
    ) -> Result<(), ChangeFailed> {
        let mut turn = self.turn(project, stream, time).await?;
        loop {
            let tried = self
                .try_to_remove_tag(project, stream, asked, last_read)
                .await;
            if let Some(done) = turn.settle(tried).await? {
                return Ok(done);
            }
            // What was read is not what is there.
            *last_read = None;
        }
    }

    async fn try_to_remove_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        asked: &Asked,
        last_read: &mut Option<ReadStream>,
    ) -> Result<(), TryFailed> {
        if let Some(seen) = &asked.seen {
            if last_read.as_ref().is_none_or(|read| !read.is_recent()) {
                *last_read = match self.master.image_stream(project, stream).await {
                    Ok(stream) => Some(ReadStream::now(stream)),
                    Err(Error::NotFound) => return Ok(()),
                    Err(error) => return Err(error.into()),
                };
            }
            // The API server knows no condition for a removal: between this look and the removal a
            // moment is left.
            let now = last_read
                .as_ref()
                .and_then(|read| read.points_at(&asked.name));
            if now.is_some_and(|now| *seen != Shown::Tag(now)) {
                return Err(Refusal::because(RefusedBecause::Stale).into());
            }
        }
        match self.master.remove_tag(project, stream, &asked.name).await {
            Ok(()) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a tag back that was removed, if it is still free and what it was set to is still there.
    ///
    /// # Errors
    ///
    /// The API server refuses, or cannot be reached.
    pub async fn restore_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        spec: &TagSpec,
    ) -> Result<(), ChangeFailed> {
        let time = ChangeTime::starting_now();
        time.bound(self.restore_tag_in_turn(project, stream, tag, spec, time))
            .await
    }

    /// The same in the time that the page has.
    pub(in crate::app) async fn restore_tag_in_turn(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        spec: &TagSpec,
        time: ChangeTime,
    ) -> Result<(), ChangeFailed> {
        let mut turn = self.turn(project, stream, time).await?;
        loop {
            // Whether the tag is free and the stream holds the image is checked by the API server
            // itself, at each try.
            let tried = self
                .master
                .create_tag(project, stream, tag, spec)
                .await
                .map_err(TryFailed::from);
            if let Some(done) = turn.settle(tried).await? {
                return Ok(done);
            }
        }
    }
}

/// What the tags point at and have pointed at.
fn images_of<'a>(tags: impl Iterator<Item = &'a Tag>) -> BTreeSet<&'a Digest> {
    tags.flat_map(|tag| &tag.history)
        .filter_map(|event| event.image.as_ref())
        .collect()
}

/// What the tag has pointed at, without what it points at now.
fn earlier_images_of(tag: &Tag) -> BTreeSet<&Digest> {
    let mut images = images_of(std::iter::once(tag));
    if let Some(image) = tag.current().and_then(|event| event.image.as_ref()) {
        images.remove(image);
    }
    images
}

/// An image stream, and when it was read.
#[derive(Debug)]
pub(in crate::app) struct ReadStream {
    pub(in crate::app) stream: ImageStream,
    at: Instant,
}

impl ReadStream {
    pub(in crate::app) fn now(stream: ImageStream) -> Self {
        Self {
            stream,
            at: Instant::now(),
        }
    }

    /// Whether it may be taken for what is there: a removal of many tags takes seconds, in which
    /// others go on working.
    fn is_recent(&self) -> bool {
        self.at.elapsed() < RECENT
    }

    /// What a tag points at, if there is such a tag.
    pub(in crate::app) fn points_at(&self, tag: &TagName) -> Option<Option<Digest>> {
        let tag = self
            .stream
            .tags
            .iter()
            .find(|candidate| candidate.name == *tag)?;
        Some(tag.current().and_then(|event| event.image.clone()))
    }
}

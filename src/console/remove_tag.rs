//! Removing one tag, and putting it back.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::change::ChangeFailed;
use super::oc::Oc;
use super::{AsUser, Failure, Subject};
use crate::model::{Digest, ImageStreamName, ProjectName, TagName};
use crate::openshift::{Access, Error};

/// What removing a tag would take, and what not.
#[derive(Clone, Debug, Serialize)]
pub struct TagRemoval {
    /// The project.
    pub project: ProjectName,
    /// The image stream.
    pub stream: ImageStreamName,
    /// The tag.
    pub tag: TagName,
    /// What it points at. Absent: it points at nothing.
    pub image: Option<Digest>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// How many entries of history go with the tag.
    pub history: usize,
    /// Other tags of the stream that point at the same image and stay.
    pub same_image: Vec<TagName>,
    /// Whether another tag points at the image or has pointed at it. Else the stream lets go of it, and there is no way back: a tag can be
    /// given only to an image that the stream holds (origin, `tagReferenceToTagEvent`).
    pub held: bool,
    /// Tags of the stream that follow this one, and would follow nothing.
    pub followers: Vec<TagName>,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: Oc,
}

impl AsUser<'_> {
    /// What removing the tag would mean.
    ///
    /// # Errors
    ///
    /// The failure to read the stream, or [`Failure::NotFound`]: it has no such tag.
    pub async fn tag_removal(&self, project: &ProjectName, stream: &ImageStreamName, tag: &TagName) -> Result<TagRemoval, Failure> {
        let (found, [allowed]) = tokio::join!(self.master.image_stream(project, stream), self.allowed([Access::delete_tags(project)]));
        let found = found.map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let it = found.tags.iter().find(|candidate| candidate.name == *tag).ok_or(Failure::NotFound(Subject::Image))?;
        let image = it.current().and_then(|event| event.image.clone());
        let others = || found.tags.iter().filter(|other| other.name != *tag);
        let same = |other: &&crate::model::Tag| image.is_some() && other.current().is_some_and(|event| event.image == image);
        Ok(TagRemoval {
            project: project.clone(),
            stream: stream.clone(),
            tag: tag.clone(),
            since: it.current().and_then(|event| event.created),
            history: it.history.len(),
            held: image.as_ref().is_some_and(|image| others().any(|other| other.has_held(image))),
            same_image: others().filter(same).map(|other| other.name.clone()).collect(),
            followers: others().filter(|other| other.follows(project, stream, tag)).map(|other| other.name.clone()).collect(),
            image,
            allowed,
            oc: Oc::new(["tag", "-d", &format!("{project}/{stream}:{tag}")]),
        })
    }

    /// Removes the tag. One that is gone already counts as removed.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn remove_tag(&self, project: &ProjectName, stream: &ImageStreamName, tag: &TagName) -> Result<(), ChangeFailed> {
        match self.master.remove_tag(project, stream, tag).await {
            Ok(()) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a tag back that was removed, if it is still free and the stream still holds the image.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn restore_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        image: &Digest,
    ) -> Result<(), ChangeFailed> {
        Ok(self.master.create_tag(project, stream, tag, image).await?)
    }
}

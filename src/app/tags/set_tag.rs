//! Giving an image a tag: beside its own, in another stream or project, or by rolling a tag back to
//! what it was.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::app::AsUser;
use crate::app::change::{ChangeFailed, Refusal, RefusedBecause};
use crate::app::failure::{Failure, Subject};
use crate::app::images::ShownReference;
use crate::app::serialized::{ChangeTime, TryFailed};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{Access, Error, TagFrom};
use registry_model::{
    Digest, Image, ImageStream, ImageStreamName, ProjectName, Tag, TagName, TagSource,
};

mod difference;

pub use difference::{Difference, Part};

/// An image, and where it may go.
#[derive(Clone, Debug, Serialize)]
pub struct TagSubject {
    /// The project that the image is in.
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// By what it was asked for.
    pub reference: ShownReference,
    /// What that is at the moment.
    pub digest: Digest,
}

/// A tag, by its whole name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagPath {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
}

impl std::fmt::Display for TagPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}:{}", self.project, self.stream, self.tag)
    }
}

/// What a tag is before it is pointed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagNow {
    /// What it points at. Absent: nothing has arrived.
    pub digest: Option<Digest>,
    pub since: Option<DateTime<Utc>>,
    /// Where its images come from: it will no longer.
    pub source: TagSource,
    /// Whether an image was pushed to the tag after `source` was set: then it does not point at
    /// what `source` names.
    pub pushed_since: bool,
}

/// What the person was shown of a tag before they asked to point it elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing: as far as they know there is no such tag.
    NoTag,
    /// The tag, and what it points at. Absent: nothing has arrived.
    Tag(Option<Digest>),
}

/// What came of pointing a tag somewhere.
#[derive(Debug)]
pub enum Pointed {
    /// It points there now.
    Done,
    Already,
    /// It points at something else, which the person has not seen: nothing was changed.
    Taken(TagNow),
}

/// What rolling a tag back would change.
#[derive(Clone, Debug, Serialize)]
pub struct RollBack {
    #[serde(flatten)]
    pub path: TagPath,
    /// What it is now.
    pub now: TagNow,
    /// What it would point at.
    pub to: Digest,
    /// When it pointed there before.
    pub back_then: Option<DateTime<Utc>>,
    /// What differs, as far as the master knows both images.
    pub differences: Option<Vec<Difference>>,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: ShellCommand,
}

impl AsUser<'_> {
    /// The image that is to get another tag.
    ///
    /// # Errors
    ///
    /// The failure to read the stream, or [`Failure::NotFound`]: the tag points at nothing.
    pub async fn tag_subject(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: ShownReference,
    ) -> Result<TagSubject, Failure> {
        let found = self.master.image_stream(project, stream).await;
        let found = found.map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let digest = match &reference {
            ShownReference::Digest(digest) => Some(digest.clone()),
            ShownReference::Tag(tag) => now(&found, tag).and_then(|now| now.digest),
        };
        Ok(TagSubject {
            project: project.clone(),
            stream: stream.clone(),
            digest: digest.ok_or(Failure::NotFound(Subject::Image))?,
            reference,
        })
    }

    /// The projects in which the person may give images tags.
    ///
    /// # Errors
    ///
    /// The failure to list the projects.
    pub async fn projects_for_tags(&self) -> Result<Vec<ProjectName>, Failure> {
        self.projects_that_let(Access::update_tags).await
    }

    /// Points the tag `to` at the image, or, with `follow`, at the tag that the image was asked for
    /// by. A tag that is not as the person was shown it is not overwritten, be it one that points
    /// at nothing yet.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn tag_as(
        &self,
        subject: &TagSubject,
        to: &TagPath,
        follow: bool,
        seen: &Shown,
    ) -> Result<Pointed, ChangeFailed> {
        let from = match &subject.reference {
            ShownReference::Tag(tag) if follow => {
                TagFrom::Tag(subject.project.clone(), subject.stream.clone(), tag.clone())
            }
            _ => TagFrom::Image(
                subject.project.clone(),
                subject.stream.clone(),
                subject.digest.clone(),
            ),
        };
        self.point(to, &from, &subject.digest, follow, seen).await
    }

    async fn point(
        &self,
        to: &TagPath,
        from: &TagFrom,
        digest: &Digest,
        follow: bool,
        seen: &Shown,
    ) -> Result<Pointed, ChangeFailed> {
        let time = ChangeTime::starting_now();
        let pointing = async {
            let mut turn = self.turn(&to.project, &to.stream, time).await?;
            loop {
                let tried = self.try_to_point(to, from, digest, follow, seen).await;
                if let Some(pointed) = turn.settle(tried).await? {
                    return Ok(pointed);
                }
            }
        };
        time.bound(pointing).await
    }

    async fn try_to_point(
        &self,
        to: &TagPath,
        from: &TagFrom,
        digest: &Digest,
        follow: bool,
        seen: &Shown,
    ) -> Result<Pointed, TryFailed> {
        let stream = match self.master.image_stream(&to.project, &to.stream).await {
            Ok(stream) => Some(stream),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let now = stream.as_ref().and_then(|stream| now(stream, &to.tag));
        match now {
            Some(now) if !follow && now.digest.as_ref() == Some(digest) => {
                return Ok(Pointed::Already);
            }
            Some(now) if *seen != Shown::Tag(now.digest.clone()) => return Ok(Pointed::Taken(now)),
            None if *seen != Shown::NoTag => {
                return Err(Refusal::because(RefusedBecause::NotThere).into());
            }
            _ => {}
        }
        let version = stream
            .as_ref()
            .and_then(|stream| stream.resource_version.as_deref());
        let known = stream.as_ref().and_then(|stream| tag_of(stream, &to.tag));
        self.master
            .point_tag(&to.project, &to.stream, &to.tag, from, known, version)
            .await?;
        Ok(Pointed::Done)
    }

    /// What rolling the tag back to an image of its history would change.
    ///
    /// # Errors
    ///
    /// The failure to read the stream, or [`Failure::NotFound`]: there is no such tag, or the image
    /// is not in its history.
    pub async fn roll_back(&self, path: TagPath, to: Digest) -> Result<RollBack, Failure> {
        let allowed = self.allowed([Access::update_tags(&path.project)]);
        let (found, [allowed]) = tokio::join!(
            self.master.image_stream(&path.project, &path.stream),
            allowed
        );
        let found = found.map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let tag = tag_of(&found, &path.tag).ok_or(Failure::NotFound(Subject::Image))?;
        let entry = tag
            .history
            .iter()
            .find(|event| event.image.as_ref() == Some(&to))
            .ok_or(Failure::NotFound(Subject::Image))?;
        let back_then = entry.created;
        let now = now(&found, &path.tag).ok_or(Failure::NotFound(Subject::Image))?;
        let differences = match &now.digest {
            Some(digest) => {
                let image = |digest| self.master.image(&path.project, &path.stream, digest);
                let (now, then): (Result<Image, _>, Result<Image, _>) =
                    tokio::join!(image(digest), image(&to));
                now.ok()
                    .zip(then.ok())
                    .map(|(now, then)| difference::between(&now, &then))
            }
            None => None,
        };
        let oc = ShellCommand::new("oc tag")
            .operand(format!("{}/{}@{to}", path.project, path.stream))
            .operand(path.to_string());
        Ok(RollBack {
            path,
            now,
            to,
            back_then,
            differences,
            allowed,
            oc,
        })
    }

    /// Rolls the tag back, unless it points at something else than the person has seen.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn roll_back_to(
        &self,
        path: &TagPath,
        to: &Digest,
        seen: &Shown,
    ) -> Result<Pointed, ChangeFailed> {
        let from = TagFrom::Image(path.project.clone(), path.stream.clone(), to.clone());
        self.point(path, &from, to, false, seen).await
    }
}

fn tag_of<'s>(stream: &'s ImageStream, name: &TagName) -> Option<&'s Tag> {
    stream.tags.iter().find(|tag| tag.name == *name)
}

pub(in crate::app) fn now(stream: &ImageStream, name: &TagName) -> Option<TagNow> {
    let tag = tag_of(stream, name)?;
    let current = tag.current();
    Some(TagNow {
        digest: current.and_then(|event| event.image.clone()),
        since: current.and_then(|event| event.created),
        source: tag.source.clone(),
        pushed_since: tag.is_pushed_since(),
    })
}

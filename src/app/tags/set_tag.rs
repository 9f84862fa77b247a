//! Setting a tag to an image: in the same image stream, in another one, or by rolling a tag back.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::change_lock::{AttemptError, ChangeDeadlines};
use crate::app::compare::{self, ImageName, ImagePair, TagSuggestion};
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::app::section::Section;
use crate::app::shell_command::ShellCommand;
use crate::openshift::{AccessRight, ApiError, StreamTagSource};
use registry_model::{Digest, ImageStream, ImageStreamName, ProjectName, TagName, TagSource};

/// An image that is to get another tag.
#[derive(Clone, Debug, Serialize)]
pub struct TagSourceImage {
    /// The project that contains the image.
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// How the image was requested.
    pub reference: ImageReference,
    /// The digest that the reference points to at the moment.
    pub digest: Digest,
    /// The tags of its image stream.
    pub tags: Vec<TagSuggestion>,
}

/// A tag by its full path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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

/// The state of a tag before it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CurrentTag {
    /// The image that it points to. Absent: none.
    pub digest: Option<Digest>,
    pub since: Option<DateTime<Utc>>,
    /// Its source, which it will lose.
    pub source: TagSource,
    /// Whether an image was pushed to the tag after `source` was set. Then the tag does not point
    /// to what `source` names.
    pub pushed_since: bool,
}

/// What the user was shown of a tag before they asked to set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenTag {
    /// The tag did not exist.
    NoTag,
    /// The tag, and the image that it pointed to. `None`: none.
    Tag(Option<Digest>),
}

/// The result of setting a tag.
#[derive(Debug)]
pub enum SetTagOutcome {
    /// The tag was set.
    Done,
    Unchanged,
    /// The tag points to another image, which the user has not seen. Nothing was changed.
    Conflict(CurrentTag),
}

/// What rolling a tag back would change.
#[derive(Clone, Debug, Serialize)]
pub struct RollBackPreview {
    #[serde(flatten)]
    pub path: TagPath,
    /// The current state.
    pub now: CurrentTag,
    /// The image that it would point to.
    pub to: Digest,
    /// When it pointed to that image before.
    pub back_then: Option<DateTime<Utc>>,
    /// The current image, the earlier one, and what differs. Absent if the tag points to no image.
    pub pair: Option<ImagePair>,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
    /// The same as an `oc` command.
    pub oc: ShellCommand,
}

impl AppForUser<'_> {
    /// The image that is to get another tag.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream, or [`Failure::NotFound`]: the tag points to no image.
    pub async fn tag_source_image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: ImageReference,
    ) -> Result<TagSourceImage, Failure> {
        let found = self.api_server.get_stream(project, stream).await;
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let digest = match &reference {
            ImageReference::Digest(digest) => Some(digest.clone()),
            ImageReference::Tag(tag) => current_tag(&found, tag).and_then(|now| now.digest),
        };
        Ok(TagSourceImage {
            project: project.clone(),
            stream: stream.clone(),
            digest: digest.ok_or(Failure::NotFound(PageSubject::Image))?,
            tags: compare::tag_suggestions(&found),
            reference,
        })
    }

    /// The state of a tag that an image is to get: `None` if there is no such tag.
    pub async fn target_tag(&self, to: &TagPath) -> Section<Option<CurrentTag>> {
        match self.api_server.get_stream(&to.project, &to.stream).await {
            Ok(stream) => Section::Ready(current_tag(&stream, &to.tag)),
            Err(ApiError::NotFound) => Section::Ready(None),
            Err(error) => Section::from(Err(error)),
        }
    }

    /// The state of a tag: `None` if there is no such tag, or no such image stream.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream.
    pub async fn tag_state(&self, path: &TagPath) -> Result<Option<CurrentTag>, Failure> {
        match self
            .api_server
            .get_stream(&path.project, &path.stream)
            .await
        {
            Ok(stream) => Ok(current_tag(&stream, &path.tag)),
            Err(ApiError::NotFound) => Ok(None),
            Err(error) => Err(Failure::from_api_error(error, PageSubject::ImageStream)),
        }
    }

    /// The projects in which the user may set tags.
    ///
    /// # Errors
    ///
    /// The failure to list the projects.
    pub async fn projects_allowing_tags(&self) -> Result<Vec<ProjectName>, Failure> {
        self.projects_allowing(AccessRight::update_tags).await
    }

    /// Sets the tag `to` to the image or, with `follow`, to the tag by which the image was
    /// requested. A tag that differs from what the user was shown is not overwritten, even one that
    /// points to no image yet.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn set_tag(
        &self,
        subject: &TagSourceImage,
        to: &TagPath,
        follow: bool,
        seen: &SeenTag,
    ) -> Result<SetTagOutcome, ChangeError> {
        let from = match &subject.reference {
            ImageReference::Tag(tag) if follow => {
                StreamTagSource::Tag(subject.project.clone(), subject.stream.clone(), tag.clone())
            }
            _ => StreamTagSource::Image(
                subject.project.clone(),
                subject.stream.clone(),
                subject.digest.clone(),
            ),
        };
        self.set_tag_from(to, &from, &subject.digest, follow, seen)
            .await
    }

    async fn set_tag_from(
        &self,
        to: &TagPath,
        from: &StreamTagSource,
        digest: &Digest,
        follow: bool,
        seen: &SeenTag,
    ) -> Result<SetTagOutcome, ChangeError> {
        let time = ChangeDeadlines::from_now();
        let pointing = async {
            let mut turn = self.lock_stream(&to.project, &to.stream, time).await?;
            loop {
                let tried = self.try_set_tag(to, from, digest, follow, seen).await;
                if let Some(pointed) = turn.finish_attempt(tried).await? {
                    return Ok(pointed);
                }
            }
        };
        time.run_before_deadline(pointing).await
    }

    async fn try_set_tag(
        &self,
        to: &TagPath,
        from: &StreamTagSource,
        digest: &Digest,
        follow: bool,
        seen: &SeenTag,
    ) -> Result<SetTagOutcome, AttemptError> {
        let stream = match self.api_server.get_stream(&to.project, &to.stream).await {
            Ok(stream) => Some(stream),
            Err(ApiError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let now = stream
            .as_ref()
            .and_then(|stream| current_tag(stream, &to.tag));
        match now {
            Some(now) if !follow && now.digest.as_ref() == Some(digest) => {
                return Ok(SetTagOutcome::Unchanged);
            }
            Some(now) if *seen != SeenTag::Tag(now.digest.clone()) => {
                return Ok(SetTagOutcome::Conflict(now));
            }
            None if *seen != SeenTag::NoTag => {
                return Err(Refusal::from_reason(RefusalReason::NotThere).into());
            }
            _ => {}
        }
        let version = stream
            .as_ref()
            .and_then(|stream| stream.resource_version.as_deref());
        let known = stream.as_ref().and_then(|stream| stream.tag(&to.tag));
        self.api_server
            .point_tag(&to.project, &to.stream, &to.tag, from, known, version)
            .await?;
        Ok(SetTagOutcome::Done)
    }

    /// What rolling the tag back to an image of its history would change.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream, or [`Failure::NotFound`]: there is no such tag, or the
    /// image is not in its history.
    pub async fn roll_back_preview(
        &self,
        path: TagPath,
        to: Digest,
    ) -> Result<RollBackPreview, Failure> {
        let allowed = self.review_access([AccessRight::update_tags(&path.project)]);
        let (found, [allowed]) = tokio::join!(
            self.api_server.get_stream(&path.project, &path.stream),
            allowed
        );
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let tag = found
            .tag(&path.tag)
            .ok_or(Failure::NotFound(PageSubject::Image))?;
        let entry = tag
            .history
            .iter()
            .find(|event| event.image.as_ref() == Some(&to))
            .ok_or(Failure::NotFound(PageSubject::Image))?;
        let back_then = entry.created;
        let now = current_tag(&found, &path.tag).ok_or(Failure::NotFound(PageSubject::Image))?;
        let name = |digest: &Digest| ImageName {
            project: path.project.clone(),
            stream: path.stream.clone(),
            reference: ImageReference::Digest(digest.clone()),
        };
        let pair = match &now.digest {
            Some(digest) => Some(self.image_pair(name(digest), name(&to), None).await?),
            None => None,
        };
        let oc = ShellCommand::new("oc tag")
            .with_operand(format!("{}/{}@{to}", path.project, path.stream))
            .with_operand(path.to_string());
        Ok(RollBackPreview {
            path,
            now,
            to,
            back_then,
            pair,
            allowed,
            oc,
        })
    }

    /// Rolls the tag back, unless it points to another image than the user was shown.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn roll_back_tag(
        &self,
        path: &TagPath,
        to: &Digest,
        seen: &SeenTag,
    ) -> Result<SetTagOutcome, ChangeError> {
        let from = StreamTagSource::Image(path.project.clone(), path.stream.clone(), to.clone());
        self.set_tag_from(path, &from, to, false, seen).await
    }
}

pub(in crate::app) fn current_tag(stream: &ImageStream, name: &TagName) -> Option<CurrentTag> {
    let tag = stream.tag(name)?;
    let current = tag.current();
    Some(CurrentTag {
        digest: current.and_then(|event| event.image.clone()),
        since: current.and_then(|event| event.created),
        source: tag.source.clone(),
        pushed_since: tag.is_overridden_by_push(),
    })
}

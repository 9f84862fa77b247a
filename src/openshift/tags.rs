//! Changes of the tags of image streams.

use super::requests::tags as requests;
use super::{ApiError, UserApi, error};
use registry_model::{Digest, ImageStreamName, ProjectName, Tag, TagName, TagSpec};

/// What a tag is pointed at: `from` of the API's `TagReference`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamTagSource {
    /// An image of a stream: the tag stays there (`ImageStreamImage`).
    Image(ProjectName, ImageStreamName, Digest),
    /// Whatever another tag points at, now and later (`ImageStreamTag`).
    Tag(ProjectName, ImageStreamName, TagName),
}

impl UserApi<'_> {
    /// Takes a tag from an image stream, with its history. The image and its other tags stay.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where there is no such tag (any more), [`ApiError::Forbidden`], or any
    /// other.
    pub async fn delete_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::delete_tag(project, stream, tag))
                .await?,
        )
    }

    /// Creates a tag as `spec` says.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the tag exists, [`ApiError::Invalid`] where the stream no longer
    /// holds the image, or any other.
    pub async fn create_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        spec: &TagSpec,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::create_tag(project, stream, tag, spec))
                .await?,
        )
    }

    /// Points a tag somewhere else, or makes it. `known` is the tag as it is: its policies and
    /// annotations stay, which the API server would reset otherwise. `version` is the stream's as
    /// it was read: whatever was changed since is a [`ApiError::Conflict`]. Without one, a stream that
    /// does not exist is made as well.
    ///
    /// # Errors
    /// [`ApiError::Conflict`], [`ApiError::Invalid`], [`ApiError::Forbidden`], or any other.
    pub async fn point_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        from: &StreamTagSource,
        known: Option<&Tag>,
        version: Option<&str>,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::point_tag(
                    project, stream, tag, from, known, version,
                ))
                .await?,
        )
    }
}

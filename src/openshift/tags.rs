//! Creating, changing and deleting tags of image streams.

use super::requests::tags as requests;
use super::{ApiError, UserApi, error};
use registry_model::{Digest, ImageStreamName, ProjectName, Tag, TagName, TagSpec};

/// The source of a tag: `from` of the API's `TagReference`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamTagSource {
    /// An image of a stream, which the tag keeps pointing to (`ImageStreamImage`).
    Image(ProjectName, ImageStreamName, Digest),
    /// Another tag, whose changes the tag follows (`ImageStreamTag`).
    Tag(ProjectName, ImageStreamName, TagName),
}

impl UserApi<'_> {
    /// Deletes a tag of an image stream with its history. The image and its other tags are kept.
    /// `known` is the image that the tag is known to point to, for the audit log.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where the tag does not exist (any more), [`ApiError::Forbidden`], or
    /// any other.
    pub async fn delete_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        known: Option<&Digest>,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::delete_tag(project, stream, tag, known))
                .await?,
        )
    }

    /// Creates a tag from `spec`.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the tag exists, [`ApiError::Invalid`] where the stream no
    /// longer contains the image, or any other.
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

    /// Points a tag to another source, or creates it. `known` is the current tag: its policies and
    /// annotations are sent again, because the API server would reset them otherwise. `version` is
    /// the resource version of the stream that was read: a later change is an
    /// [`ApiError::Conflict`]. Without it, a stream that does not exist is created.
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

//! An image as the API server has it.

use super::ImageReference;
use super::image_tags::tag_pointing_at;
use crate::app::AppForUser;
use crate::openshift::ApiError;
use registry_model::{Digest, Image, ImageStreamName, ProjectName, TagName};

impl AppForUser<'_> {
    pub(super) async fn api_server_image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ImageReference,
    ) -> Result<Image, ApiError> {
        match reference {
            ImageReference::Tag(tag) => {
                self.api_server.get_image_by_tag(project, stream, tag).await
            }
            ImageReference::Digest(digest) => {
                self.image_by_digest_or_tag(project, stream, digest, None)
                    .await
            }
        }
    }

    /// An image of an image stream. One image that the API server cannot read makes it refuse
    /// `imagestreamimages` for all images of the image stream (422). Then a tag that points to the
    /// image is requested instead: `tag`, if it is given.
    pub(in crate::app) async fn image_by_digest_or_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
        tag: Option<&TagName>,
    ) -> Result<Image, ApiError> {
        let refused = match self.api_server.get_image(project, stream, digest).await {
            Err(refused @ ApiError::Invalid(_)) => refused,
            answered => return answered,
        };
        let found = match tag {
            Some(tag) => Some(tag.clone()),
            None => self
                .api_server
                .get_stream(project, stream)
                .await
                .ok()
                .and_then(|stream| Some(tag_pointing_at(&stream, digest)?.name.clone())),
        };
        let Some(tag) = found else {
            return Err(refused);
        };
        // The tag may have moved meanwhile.
        self.api_server
            .get_image_by_tag(project, stream, &tag)
            .await
            .ok()
            .filter(|image| image.digest == *digest)
            .ok_or(refused)
    }
}

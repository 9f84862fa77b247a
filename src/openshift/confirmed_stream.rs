//! Image streams that the API server has just sent to a user: the evidence that the user may see
//! what is remembered of their images.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::image_records::{ImageRecord, StreamLayers};
use super::{ApiError, StreamList, UserApi, requests, wire};
use registry_model::{Digest, ImageStream, ImageStreamName, ProjectName, TotalSize};

/// An image stream that the API server has just sent to the user whose client this is.
///
/// Only the client makes one, and it borrows the user's token, so it ends with the user's request.
/// It answers with the records of the images that the stream contains, and with no others.
#[derive(Clone, Debug)]
pub struct ConfirmedStream<'a> {
    api: UserApi<'a>,
    stream: ImageStream,
}

impl<'a> UserApi<'a> {
    /// One image stream, as [`UserApi::get_stream`].
    ///
    /// # Errors
    /// As [`UserApi::get_stream`].
    pub async fn confirm_stream(
        self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<ConfirmedStream<'a>, ApiError> {
        let stream = self.get_stream(project, name).await?;
        Ok(ConfirmedStream { api: self, stream })
    }

    /// The image streams of a project, as [`UserApi::list_streams`].
    ///
    /// # Errors
    /// As [`UserApi::list_streams`].
    pub async fn confirm_streams(
        self,
        project: &ProjectName,
    ) -> Result<StreamList<Vec<ConfirmedStream<'a>>>, ApiError> {
        let keep = |kept: &mut Vec<_>, stream| kept.push(ConfirmedStream { api: self, stream });
        self.list_streams_into(Some(project), keep).await
    }

    /// The images of a stream with their blobs, including the images of its indexes, in one
    /// request.
    ///
    /// # Errors
    /// [`ApiError::NotServed`] on 3.6 to 3.10, [`ApiError::Forbidden`] where the user may not pull,
    /// or any other.
    pub async fn get_stream_layers(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<StreamLayers, ApiError> {
        let answer: Result<wire::ImageStreamLayers, ApiError> = self
            .request(requests::image_stream_layers(project, stream))
            .await;
        if matches!(answer, Err(ApiError::NotServed)) {
            self.api_server.layers_api.record_missing();
        }
        let layers = answer?.into_model();
        self.api_server.image_records.insert_layers(&layers);
        Ok(layers)
    }

    /// The size of each image of a stream in the registry, including the images of its indexes.
    ///
    /// # Errors
    /// As [`UserApi::get_stream_layers`].
    pub async fn get_image_sizes(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<BTreeMap<Digest, TotalSize>, ApiError> {
        let layers = self.load_stream_layers(project, stream).await?;
        let images = layers.images.into_iter();
        Ok(images
            .filter_map(|(digest, record)| Some((digest, record.size?)))
            .collect())
    }

    /// As [`UserApi::get_stream_layers`], but without a request where the API server has just said
    /// that it does not serve the path.
    async fn load_stream_layers(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<StreamLayers, ApiError> {
        if self.api_server.layers_api.is_missing() {
            return Err(ApiError::NotServed);
        }
        self.get_stream_layers(project, stream).await
    }
}

impl ConfirmedStream<'_> {
    #[must_use]
    pub fn stream(&self) -> &ImageStream {
        &self.stream
    }

    fn digests(&self) -> BTreeSet<&Digest> {
        let events = self.stream.tags.iter().flat_map(|tag| &tag.history);
        events.filter_map(|event| event.image.as_ref()).collect()
    }

    /// The images that tags point to, or have pointed to, with what is remembered of each.
    #[must_use]
    pub fn image_records(&self) -> BTreeMap<Digest, Option<Arc<ImageRecord>>> {
        let digests = self.digests().into_iter();
        let records = &self.api.api_server.image_records;
        digests
            .map(|digest| (digest.clone(), records.get(digest)))
            .collect()
    }

    /// What is remembered of an image of the stream. `None` also for an image that the stream does
    /// not contain.
    #[must_use]
    pub fn image_record(&self, image: &Digest) -> Option<Arc<ImageRecord>> {
        let mut tags = self.stream.tags.iter();
        tags.any(|tag| tag.has_image_in_history(image))
            .then(|| self.api.api_server.image_records.get(image))
            .flatten()
    }

    /// What is remembered of an image of `index`, which is an image of the stream.
    #[must_use]
    pub fn child_record(&self, index: &Digest, child: &Digest) -> Option<Arc<ImageRecord>> {
        self.image_record(index)?
            .blobs
            .children
            .contains(child)
            .then(|| self.api.api_server.image_records.get(child))
            .flatten()
    }

    /// The images of the stream, and of its indexes, that had no object when this version of the stream
    /// was last read, some minutes ago at most.
    #[must_use]
    pub fn absent_images(&self) -> BTreeSet<Digest> {
        self.api.api_server.absent_images.of_stream(&self.stream)
    }

    /// Adds images that have no object, so that they are not requested again for some minutes.
    pub fn remember_absent(&self, images: BTreeSet<Digest>) {
        let absent = &self.api.api_server.absent_images;
        absent.insert(&self.stream, images);
    }

    /// The images of the stream with their blobs, which are then remembered.
    ///
    /// # Errors
    /// As [`UserApi::get_stream_layers`], which is not sent where the API server has just said that it
    /// does not serve the path.
    pub async fn load_layers(&self) -> Result<StreamLayers, ApiError> {
        let (project, name) = (&self.stream.project, &self.stream.name);
        self.api.load_stream_layers(project, name).await
    }
}

impl From<ConfirmedStream<'_>> for ImageStream {
    fn from(confirmed: ConfirmedStream<'_>) -> Self {
        confirmed.stream
    }
}

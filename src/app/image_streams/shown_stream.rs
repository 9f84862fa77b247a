//! The image stream that a page shows.

use tokio::sync::oneshot;

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::outage::StaleData;
use crate::openshift::ConfirmedStream;
use registry_model::{ImageStream, ImageStreamName, ProjectName};

/// An image stream, as the API server has just sent it, or as the index last contained it while the
/// API server is not available.
#[derive(Debug)]
pub(super) enum ShownStream<'a> {
    Confirmed(Box<ConfirmedStream<'a>>),
    Stale(Box<ImageStream>, StaleData),
}

impl ShownStream<'_> {
    pub(super) fn stream(&self) -> &ImageStream {
        match self {
            Self::Confirmed(confirmed) => confirmed.stream(),
            Self::Stale(stream, _) => stream,
        }
    }

    /// The evidence that the user may see the images of the image stream.
    pub(super) fn confirmed(&self) -> Option<&ConfirmedStream<'_>> {
        match self {
            Self::Confirmed(confirmed) => Some(confirmed),
            Self::Stale(..) => None,
        }
    }

    /// The image stream, and how old it is if it is not current.
    pub(super) fn into_parts(self) -> (ImageStream, Option<StaleData>) {
        match self {
            Self::Confirmed(confirmed) => ((*confirmed).into(), None),
            Self::Stale(stream, stale) => (*stream, Some(stale)),
        }
    }
}

impl<'a> AppForUser<'a> {
    /// An image stream for a page.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream, if the index cannot take its place.
    pub(super) async fn shown_stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Result<ShownStream<'a>, Failure> {
        let confirmed = self.api_server.confirm_stream(project, name).await;
        match confirmed.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream)) {
            Ok(confirmed) => Ok(ShownStream::Confirmed(Box::new(confirmed))),
            Err(failure) if failure.is_outage() => {
                let (stream, stale) = self.stale_stream(project, name, failure).await?;
                Ok(ShownStream::Stale(Box::new(stream), stale))
            }
            Err(failure) => Err(failure),
        }
    }

    /// The same for a page of which another part waits for the image stream. That part is sent
    /// nothing unless the API server has sent the image stream.
    ///
    /// # Errors
    ///
    /// As [`Self::shown_stream`].
    pub(super) async fn shown_stream_for_parts(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        waiting: oneshot::Sender<ImageStream>,
    ) -> Result<ShownStream<'a>, Failure> {
        let shown = self.shown_stream(project, name).await?;
        if let Some(confirmed) = shown.confirmed() {
            // A part whose time is over does not wait any more.
            let _ = waiting.send(confirmed.stream().clone());
        }
        Ok(shown)
    }
}

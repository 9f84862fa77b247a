//! Reading the images of an image stream with the console's own service account.

use std::time::Duration;

use super::queue::StreamPath;
use crate::index::service_account_source::source_error;
use crate::index::{ServiceAccountSource, SourceError};
use crate::openshift::ApiError;

/// An API server, as far as the sizes need it.
pub trait SizeSource: Send {
    /// Reads the images of an image stream, of which the records then know the sizes.
    fn read(&self, path: &StreamPath) -> impl Future<Output = SizeRead> + Send;
}

/// How a reading ended.
#[derive(Debug)]
pub enum SizeRead {
    Read,
    /// The image stream does not exist any more.
    Gone,
    Failed {
        error: SourceError,
        /// When the API server wants to be asked again.
        retry_after: Option<Duration>,
    },
}

impl SizeSource for ServiceAccountSource {
    async fn read(&self, path: &StreamPath) -> SizeRead {
        let token = match self.token().await {
            Ok(token) => token,
            Err(error) => {
                return SizeRead::Failed {
                    error,
                    retry_after: None,
                };
            }
        };
        let (project, name) = path;
        let user = self.api_server.for_user(&token);
        match user.get_stream_layers(project, name).await {
            Ok(_) => SizeRead::Read,
            Err(ApiError::NotFound) => SizeRead::Gone,
            Err(error) => {
                let retry_after = match &error {
                    ApiError::Busy { retry_after, .. } => *retry_after,
                    ApiError::Unavailable(outage) => outage.retry_after,
                    _ => None,
                };
                SizeRead::Failed {
                    error: source_error(error),
                    retry_after,
                }
            }
        }
    }
}

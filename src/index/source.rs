//! Where the index has its image streams from.

use std::error::Error;

use super::state::NotReadyReason;
use crate::openshift::{StreamItem, StreamWatch, WatchEvent};

/// The master, as far as the index needs it.
pub trait IndexSource: Send {
    /// What it tells changes through.
    type Events: EventSource;

    /// Whether the index may be kept at all.
    fn is_allowed(&self) -> impl Future<Output = Result<bool, SourceError>> + Send;

    /// Gives every image stream to `take`; the answer is the revision to watch from.
    fn list(
        &self,
        chunked: bool,
        take: &mut (dyn FnMut(StreamItem) + Send),
    ) -> impl Future<Output = Result<String, SourceError>> + Send;

    /// The revision that the master is at, if it says one.
    fn current_resource_version(
        &self,
    ) -> impl Future<Output = Result<Option<String>, SourceError>> + Send;

    /// Tells what happens from the revision `from` on.
    fn watch(&self, from: &str) -> impl Future<Output = Result<Self::Events, SourceError>> + Send;
}

pub trait EventSource: Send {
    /// What happens next. A wait that is given up must lose nothing.
    fn next_event(&mut self) -> impl Future<Output = WatchEvent> + Send;
}

impl EventSource for StreamWatch {
    async fn next_event(&mut self) -> WatchEvent {
        Self::next(self).await
    }
}

/// Why the source does not say what it was asked.
#[derive(Debug)]
pub struct SourceError {
    pub reason: NotReadyReason,
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl From<NotReadyReason> for SourceError {
    fn from(why: NotReadyReason) -> Self {
        Self {
            reason: why,
            cause: None,
        }
    }
}

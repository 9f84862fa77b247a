//! The source of the index: what the writer needs of an API server.

use std::error::Error;

use super::state::NotReadyReason;
use crate::openshift::{ListedObject, ObjectDecoder, ObjectWatch, WatchEvent};

/// An API server, as far as the index needs it.
pub trait IndexSource: Send {
    type Object: ListedObject;
    /// The source of watch events.
    type Events: EventSource<Object = Self::Object>;

    /// Whether the account may list and watch the objects of the cluster.
    fn is_allowed(&self) -> impl Future<Output = Result<bool, SourceError>> + Send;

    /// Passes every object to `take` and returns the resource version from which to watch.
    fn list(
        &self,
        chunked: bool,
        take: &mut (dyn FnMut(Self::Object) + Send),
    ) -> impl Future<Output = Result<String, SourceError>> + Send;

    /// The current resource version of the API server, if it returns one.
    fn current_resource_version(
        &self,
    ) -> impl Future<Output = Result<Option<String>, SourceError>> + Send;

    /// Watches the changes from the resource version `from` on.
    fn watch(&self, from: &str) -> impl Future<Output = Result<Self::Events, SourceError>> + Send;
}

pub trait EventSource: Send {
    type Object: ListedObject;

    /// The next event. Must be cancel safe: dropping the future loses no event.
    fn next_event(&mut self) -> impl Future<Output = WatchEvent<Self::Object>> + Send;
}

impl<D: ObjectDecoder> EventSource for ObjectWatch<D> {
    type Object = D::Object;

    async fn next_event(&mut self) -> WatchEvent<D::Object> {
        Self::next(self).await
    }
}

/// The error of a call to the source.
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

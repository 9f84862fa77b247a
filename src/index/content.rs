//! What a writer keeps up to date: the part of the index that does not depend on how lists and
//! watches follow each other.

use std::time::Duration;

use super::source::SourceError;
use crate::openshift::{ListedObject, WatchEventKind};

/// Objects of a kind, and their readers.
pub trait WatchedContent: Send + Sync {
    type Object: ListedObject;
    /// A list that is being read. It replaces the content once it is complete.
    type Listing: Send;

    fn begin_list(&self) -> Self::Listing;

    /// Adds an object to a list. One that would exceed the memory limit is left out; the list is
    /// then refused at its end.
    fn push(&self, listing: &mut Self::Listing, object: Self::Object);

    /// The list has ended, complete or not, after this time.
    fn record_list_duration(&self, duration: Duration);

    /// Replaces the content by a complete list of this resource version, and publishes it.
    ///
    /// # Errors
    /// The content would exceed its memory limit.
    fn replace(&mut self, listing: Self::Listing, version: &str) -> Result<(), SourceError>;

    /// Applies the changes up to this resource version in order, and publishes the content as up to
    /// date. There are none if the watch only confirmed it.
    ///
    /// # Errors
    /// The content exceeds its memory limit.
    fn apply(
        &mut self,
        changes: Vec<(WatchEventKind, Self::Object)>,
        version: &str,
    ) -> Result<(), SourceError>;

    /// Publishes that the content is not up to date.
    fn fail(&mut self, error: &SourceError);

    /// Discards the content, which takes too much memory.
    fn discard(&mut self);
}

//! Lists of image streams, which the API server sends in chunks.
//!
//! A chunk is read in one of two ways. Pages read it as a whole ([`buffered`]): within the time of
//! a page, through the circuit breaker and within the memory for long responses, and decoded in one
//! pass. The index reads all image streams of the cluster ([`streamed`]), which can be hundreds of
//! megabytes from an API server that ignores `limit` (OpenShift before 3.9): object by object as
//! they arrive, with a limit on silence instead of one on time. How the chunks of a list follow
//! each other is the same for both ([`ListProgress`]).

mod buffered;
mod streamed;

use registry_model::ImageStream;

use super::{ApiError, wire};

pub(super) use buffered::list_streams;
pub use streamed::{ListWatchError, MalformedObject, StreamItem};
pub(super) use streamed::{
    MAX_RESOURCE_VERSION_BYTES, MAX_STREAM_OBJECT_BYTES, current_resource_version, for_each_stream,
    require_success,
};

/// Image streams, and how many more could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamList<T = Vec<ImageStream>> {
    /// In the order of the API server: by project, then by name.
    pub streams: T,
    /// The number of objects that are not image streams the console can read.
    pub unreadable_count: usize,
    /// The cluster's revision that the list shows, if it is a number.
    pub resource_version: Option<u64>,
}

/// How far a list has been read.
pub(super) struct ListProgress {
    /// The revision of the first chunk.
    resource_version: Option<String>,
    continuation: Option<String>,
    chunks_left: usize,
    is_first_chunk: bool,
}

impl ListProgress {
    /// Without `max_chunks`, a server that repeats a continuation would be read without end.
    pub(super) fn new(max_chunks: usize) -> Self {
        Self {
            resource_version: None,
            continuation: None,
            chunks_left: max_chunks,
            is_first_chunk: true,
        }
    }

    /// Where the next chunk starts. `None`: at the beginning of the list.
    pub(super) fn continuation(&self) -> Option<&str> {
        self.continuation.as_deref()
    }

    /// Records the metadata of the chunk that was read. Returns whether it was the last one.
    ///
    /// The chunks of a list show the revision of the first. A server whose later chunks name a
    /// newer one is read from the first revision again by a watch: some changes are reported twice,
    /// none is lost.
    ///
    /// # Errors
    /// The continuation is too long, or there are more chunks than a list can have.
    pub(super) fn finish_chunk(
        &mut self,
        resource_version: Option<String>,
        continuation: Option<String>,
    ) -> Result<bool, ApiError> {
        if std::mem::take(&mut self.is_first_chunk) {
            self.resource_version = resource_version;
        }
        self.continuation = wire::check_continuation(continuation)?;
        if self.continuation.is_none() {
            return Ok(true);
        }
        self.chunks_left = self.chunks_left.saturating_sub(1);
        if self.chunks_left == 0 {
            return Err(ApiError::malformed("a list without an end"));
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn list_shows_the_revision_of_its_first_chunk() {
        let mut progress = ListProgress::new(3);
        assert!(!progress.finish_chunk(text("7"), text("next")).unwrap());
        assert_eq!(progress.continuation(), Some("next"));
        assert!(progress.finish_chunk(text("9"), None).unwrap());
        assert_eq!(progress.resource_version.as_deref(), Some("7"));

        let mut without = ListProgress::new(3);
        assert!(!without.finish_chunk(None, text("next")).unwrap());
        assert!(without.finish_chunk(text("9"), text("")).unwrap());
        assert_eq!(
            without.resource_version, None,
            "changes before 9 would be lost"
        );
    }

    #[test]
    fn list_without_an_end_is_an_error() {
        let mut progress = ListProgress::new(2);
        assert!(!progress.finish_chunk(None, text("a")).unwrap());
        assert!(progress.finish_chunk(None, text("a")).is_err());
    }
}

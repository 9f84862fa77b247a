//! Lists of image streams, which the API server sends in chunks.
//!
//! A chunk is read in one of two ways. Pages read it as a whole ([`buffered`]): within the time of
//! a page, through the circuit breaker and within the memory for long responses, and decoded in one
//! pass. The index reads all image streams of the cluster ([`streamed`]), which can be hundreds of
//! megabytes from an API server that ignores `limit` (OpenShift before 3.9): object by object as
//! they arrive, with a limit on silence instead of one on time. How the chunks of a list follow
//! each other is the same for both ([`super::list_progress::ListProgress`]).

mod buffered;
mod streamed;

use registry_model::ImageStream;

pub(super) use buffered::list_streams;
pub use streamed::{ListWatchError, ListedObject, MalformedObject, ObjectDecoder, StreamItem};
pub(super) use streamed::{
    MAX_OBJECT_BYTES, MAX_RESOURCE_VERSION_BYTES, StreamDecoder, current_resource_version,
    for_each_object, for_each_stream, require_success,
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

//! Lists for pages: a chunk at a time is in memory.

use http::StatusCode;

use super::StreamList;
use crate::openshift::list_progress::{ListAttempt, ListProgress, expired_list_error};
use crate::openshift::{ApiError, UserApi, error, log_unreadable_objects, requests, wire};
use registry_model::{ImageStream, ProjectName};

/// The longest chunk. An API server that ignores `limit` sends the whole list in one.
const MAX_CHUNK_BYTES: usize = 64 << 20;
/// The longest list: more than twice that of 10,000 image streams with 20 tags each.
const MAX_LIST_BYTES: usize = 256 << 20;
/// More chunks of 500 than any cluster has.
const MAX_CHUNKS: usize = 1000;

/// Reads the image streams of `project`, or of all projects, and gives each to `keep`, which stores
/// what is needed of it. A list whose continuation expires is read once more from its start.
///
/// # Errors
/// The API server refuses the list, sends something else, or the continuation expires again.
pub(in crate::openshift) async fn list_streams<T: Default>(
    user: &UserApi<'_>,
    project: Option<&ProjectName>,
    keep: impl Fn(&mut T, ImageStream),
) -> Result<StreamList<T>, ApiError> {
    if let ListAttempt::Complete(streams) = read_chunks(user, project, &keep).await? {
        return Ok(streams);
    }
    match read_chunks(user, project, &keep).await? {
        ListAttempt::Complete(streams) => Ok(streams),
        ListAttempt::Expired => Err(expired_list_error()),
    }
}

async fn read_chunks<T: Default>(
    user: &UserApi<'_>,
    project: Option<&ProjectName>,
    keep: &impl Fn(&mut T, ImageStream),
) -> Result<ListAttempt<StreamList<T>>, ApiError> {
    let mut list = StreamList {
        streams: T::default(),
        unreadable_count: 0,
        resource_version: None,
    };
    let mut progress = ListProgress::new(MAX_CHUNKS);
    let mut bytes_left = MAX_LIST_BYTES;
    loop {
        let request = requests::image_streams(project, progress.continuation())
            .max_bytes(bytes_left.min(MAX_CHUNK_BYTES));
        let response = user.send(request).await?;
        if response.status == StatusCode::GONE && progress.continuation().is_some() {
            return Ok(ListAttempt::Expired);
        }
        bytes_left -= response.body.len();
        let mut invalid = 0;
        let mut take = |stream: wire::WireImageStream| match stream.into_model() {
            Some(stream) => keep(&mut list.streams, stream),
            None => invalid += 1,
        };
        let chunk =
            error::decode_with(&response, |text| wire::List::for_each_item(text, &mut take))?;
        list.unreadable_count += chunk.unreadable_count() + invalid;
        let (resource_version, continuation) = chunk.into_revision_and_continuation();
        if progress.finish_chunk(resource_version, continuation)? {
            log_unreadable_objects("image streams", list.unreadable_count);
            list.resource_version = progress
                .resource_version
                .and_then(|version| version.parse().ok());
            return Ok(ListAttempt::Complete(list));
        }
    }
}

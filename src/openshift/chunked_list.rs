//! Lists that come in chunks.

use http::StatusCode;

use super::{ApiError, UserApi, error, requests, wire};
use registry_model::{ImageStream, ProjectName};

/// Image streams, and how many more there are that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamList<T = Vec<ImageStream>> {
    /// In the order of the master: by project, then by name.
    pub streams: T,
    /// How many the master sent that make no sense here.
    pub unreadable_count: usize,
    /// The revision of the cluster that they show, where it is a number.
    pub resource_version: Option<u64>,
}

/// What a chunk may weigh. A master that does not know `limit` sends everything at once: the same
/// bound holds.
const MAX_CHUNK_BYTES: usize = 64 << 20;
/// What all chunks together may weigh: more than twice what 10,000 image streams of 20 tags do.
const MAX_LIST_BYTES: usize = 256 << 20;
/// More chunks of 500 than any cluster has. Without an end, a list would be asked for ever.
const MAX_CHUNKS: usize = 1000;

/// What came of reading a list from its start.
enum ListAttempt<T> {
    Complete(StreamList<T>),
    /// The continuation expired: the list changed too much since its start (410).
    Expired,
}

/// Keeps with `keep` what is wanted of each image stream; a chunk at a time is whole in memory.
pub(super) async fn list_streams<T: Default>(
    user: &UserApi<'_>,
    project: Option<&ProjectName>,
    keep: impl Fn(&mut T, ImageStream),
) -> Result<StreamList<T>, ApiError> {
    if let ListAttempt::Complete(streams) = read_chunks(user, project, &keep).await? {
        return Ok(streams);
    }
    match read_chunks(user, project, &keep).await? {
        ListAttempt::Complete(streams) => Ok(streams),
        ListAttempt::Expired => Err(ApiError::Unexpected {
            status: StatusCode::GONE,
            reason: "the list expired twice while it was read".to_owned(),
        }),
    }
}

async fn read_chunks<T: Default>(
    user: &UserApi<'_>,
    project: Option<&ProjectName>,
    keep: &impl Fn(&mut T, ImageStream),
) -> Result<ListAttempt<T>, ApiError> {
    let mut all = StreamList {
        streams: T::default(),
        unreadable_count: 0,
        resource_version: None,
    };
    let mut left = MAX_LIST_BYTES;
    let mut next: Option<String> = None;
    for _ in 0..MAX_CHUNKS {
        let answer = user
            .send(
                requests::image_streams(project, next.as_deref())
                    .max_bytes(left.min(MAX_CHUNK_BYTES)),
            )
            .await?;
        if answer.status == StatusCode::GONE && next.is_some() {
            return Ok(ListAttempt::Expired);
        }
        left -= answer.body.len();
        let mut nameless = 0;
        let mut take = |stream: wire::WireImageStream| match stream.into_model() {
            Some(stream) => keep(&mut all.streams, stream),
            None => nameless += 1,
        };
        let mut chunk =
            error::decode_with(&answer, |text| wire::List::for_each_item(text, &mut take))?;
        // The chunks of one list show one revision.
        all.resource_version = all.resource_version.or(chunk.resource_version());
        let following = chunk.take_continuation()?;
        all.unreadable_count += chunk.unreadable_count() + nameless;
        if following.is_none() {
            super::log_unreadable_objects("image streams", all.unreadable_count);
            return Ok(ListAttempt::Complete(all));
        }
        next = following;
    }
    Err(ApiError::malformed(
        "a list of image streams without an end",
    ))
}

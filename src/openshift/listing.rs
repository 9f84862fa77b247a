//! Lists that come in chunks.

use http::StatusCode;

use super::{AsUser, Error, error, requests, wire};
use crate::model::{ImageStream, ProjectName};
use crate::outbound::reading;

/// Image streams, and how many more there are that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// In the order of the master: by project, then by name.
    pub streams: Vec<ImageStream>,
    /// How many the master sent that make no sense here.
    pub unreadable: usize,
    /// The revision of the cluster that they show, where it is a number.
    pub revision: Option<u64>,
}

/// What all chunks together may weigh. A master that does not know `limit` sends everything at once: the same bound holds.
const LIST_BYTES: usize = 64 << 20;
/// More chunks of 500 than any cluster has. Without an end, a list would be asked for ever.
const CHUNKS: usize = 1000;

/// What came of reading a list from its start.
enum Reading {
    Whole(Streams),
    /// The continuation expired: the list changed too much since its start (410).
    Expired,
}

pub(super) async fn image_streams(user: &AsUser<'_>, project: Option<&ProjectName>) -> Result<Streams, Error> {
    if let Reading::Whole(streams) = read(user, project).await? {
        return Ok(streams);
    }
    match read(user, project).await? {
        Reading::Whole(streams) => Ok(streams),
        Reading::Expired => Err(Error::Unexpected { status: StatusCode::GONE, why: "the list expired twice while it was read".to_owned() }),
    }
}

async fn read(user: &AsUser<'_>, project: Option<&ProjectName>) -> Result<Reading, Error> {
    let mut all = Streams::default();
    let mut left = LIST_BYTES;
    let mut next: Option<String> = None;
    for _ in 0..CHUNKS {
        let answer = user.send(requests::image_streams(project, next.as_deref()).max_bytes(left)).await?;
        if answer.status == StatusCode::GONE && next.is_some() {
            return Ok(Reading::Expired);
        }
        left -= answer.body.len();
        let mut chunk: wire::List<wire::ImageStream> = error::decode_with(&answer, wire::List::from_json)?;
        // The chunks of one list show one revision.
        all.revision = all.revision.or(chunk.revision());
        let following = chunk.next();
        let (streams, unreadable) = reading(|| chunk.read(wire::ImageStream::into_model));
        all.streams.extend(streams);
        all.unreadable += unreadable;
        if following.is_none() {
            super::note_unreadable("image streams", all.unreadable);
            return Ok(Reading::Whole(all));
        }
        next = following;
    }
    Err(Error::unreadable("a list of image streams without an end"))
}

//! Lists that come in chunks.

use http::StatusCode;

use super::{AsUser, Error, error, requests, wire};
use registry_model::{ImageStream, ProjectName};

/// Image streams, and how many more there are that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams<T = Vec<ImageStream>> {
    /// In the order of the master: by project, then by name.
    pub streams: T,
    /// How many the master sent that make no sense here.
    pub unreadable: usize,
    /// The revision of the cluster that they show, where it is a number.
    pub revision: Option<u64>,
}

/// What a chunk may weigh. A master that does not know `limit` sends everything at once: the same
/// bound holds.
const CHUNK_BYTES: usize = 64 << 20;
/// What all chunks together may weigh: more than twice what 10,000 image streams of 20 tags do.
const LIST_BYTES: usize = 256 << 20;
/// More chunks of 500 than any cluster has. Without an end, a list would be asked for ever.
const CHUNKS: usize = 1000;

/// What came of reading a list from its start.
enum Reading<T> {
    Whole(Streams<T>),
    /// The continuation expired: the list changed too much since its start (410).
    Expired,
}

/// Keeps with `keep` what is wanted of each image stream; a chunk at a time is whole in memory.
pub(super) async fn image_streams<T: Default>(
    user: &AsUser<'_>,
    project: Option<&ProjectName>,
    keep: impl Fn(&mut T, ImageStream),
) -> Result<Streams<T>, Error> {
    if let Reading::Whole(streams) = read(user, project, &keep).await? {
        return Ok(streams);
    }
    match read(user, project, &keep).await? {
        Reading::Whole(streams) => Ok(streams),
        Reading::Expired => Err(Error::Unexpected {
            status: StatusCode::GONE,
            why: "the list expired twice while it was read".to_owned(),
        }),
    }
}

async fn read<T: Default>(
    user: &AsUser<'_>,
    project: Option<&ProjectName>,
    keep: &impl Fn(&mut T, ImageStream),
) -> Result<Reading<T>, Error> {
    let mut all = Streams {
        streams: T::default(),
        unreadable: 0,
        revision: None,
    };
    let mut left = LIST_BYTES;
    let mut next: Option<String> = None;
    for _ in 0..CHUNKS {
        let answer = user
            .send(
                requests::image_streams(project, next.as_deref()).max_bytes(left.min(CHUNK_BYTES)),
            )
            .await?;
        if answer.status == StatusCode::GONE && next.is_some() {
            return Ok(Reading::Expired);
        }
        left -= answer.body.len();
        let mut nameless = 0;
        let mut take = |stream: wire::ImageStream| match stream.into_model() {
            Some(stream) => keep(&mut all.streams, stream),
            None => nameless += 1,
        };
        let mut chunk = error::decode_with(&answer, |text| wire::List::each(text, &mut take))?;
        // The chunks of one list show one revision.
        all.revision = all.revision.or(chunk.revision());
        let following = chunk.next()?;
        all.unreadable += chunk.unreadable() + nameless;
        if following.is_none() {
            super::note_unreadable("image streams", all.unreadable);
            return Ok(Reading::Whole(all));
        }
        next = following;
    }
    Err(Error::unreadable("a list of image streams without an end"))
}

//! All image streams of the cluster, one after the other as they come, and what happens to them from then on: what the index lives on.
//!
//! A list is never whole in memory, however long it is and whether or not the master minds `limit` (3.x before 3.9 does not). Every chunk of a list
//! names the revision of its start; a watch from there on leaves no gap.

use std::time::Duration;

use http::StatusCode;

use super::wire::{Meta, Piece, Pieces};
use super::{AsUser, Error, error, requests, wire};
use crate::model::{ImageStream, ProjectName};
use crate::outbound::{Failed, Incoming};

/// How long the master may take until a chunk begins or goes on: 3.9 needs 9 s for 2,000 streams.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a refusal may be.
const REFUSAL_BYTES: usize = 1 << 20;
/// One image stream: as much as a master that keeps it in etcd can hold, and more.
pub(super) const STREAM_BYTES: usize = 8 << 20;
/// What a whole list may weigh: ten times what the largest clusters have (R15).
const LIST_BYTES: usize = 2 << 30;
/// More chunks of 500 than any cluster has.
const CHUNKS: usize = 10_000;

/// One object of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fed {
    /// An image stream.
    Stream(Box<ImageStream>),
    /// Something that makes no sense here.
    Unreadable(Unreadable),
}

/// What can be said of an object that makes no sense here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Its project, if that has a valid name.
    pub project: Option<ProjectName>,
    /// Its name, whatever it is. Untrusted; at most 253 bytes.
    pub name: String,
    /// Its version, if it has one.
    pub version: Option<String>,
}

/// Why a feed does not go on.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// 410, as a status or within a watch: what was asked for is forgotten. Only a new list helps.
    #[error("the master has forgotten what was asked for")]
    Expired,
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<Failed> for FeedError {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed.into())
    }
}

impl Fed {
    /// Reads an object.
    pub(super) fn read(text: &[u8]) -> Self {
        let stream = serde_json::from_slice(text).ok().and_then(wire::ImageStream::into_model);
        stream.map_or_else(|| Self::Unreadable(Unreadable::read(text)), |stream| Self::Stream(Box::new(stream)))
    }

    /// The version of the object (`metadata.resourceVersion`).
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Stream(stream) => stream.resource_version.as_deref(),
            Self::Unreadable(object) => object.version.as_deref(),
        }
    }
}

impl Unreadable {
    fn read(text: &[u8]) -> Self {
        let object: serde_json::Value = serde_json::from_slice(text).unwrap_or_default();
        let text = |field: &str| object["metadata"][field].as_str();
        let mut name = text("name").unwrap_or_default().to_owned();
        name.truncate(name.floor_char_boundary(253));
        Self {
            project: text("namespace").and_then(|name| name.parse().ok()),
            name,
            version: text("resourceVersion").filter(|version| version.len() <= 64).map(str::to_owned),
        }
    }
}

/// Gives every image stream to `take`; the answer is the revision from which on a watch tells what has changed.
pub(super) async fn list(user: &AsUser<'_>, chunked: bool, mut take: impl FnMut(Fed)) -> Result<String, FeedError> {
    let (mut version, mut next, mut left) = (None, None::<String>, LIST_BYTES);
    for _ in 0..CHUNKS {
        let request = if chunked { requests::image_streams(None, next.as_deref()) } else { requests::all_image_streams() };
        let meta = chunk(user.open(request, SILENCE).await?, &mut left, &mut take).await?;
        // Later chunks show the revision of the first. One that does not, shows a newer one: what has changed in between is told once more.
        let version = version.get_or_insert(meta.resource_version.unwrap_or_default());
        next = meta.next.filter(|next| !next.is_empty());
        if next.is_none() {
            return Ok(std::mem::take(version));
        }
    }
    Err(Error::unreadable("a list of image streams without an end").into())
}

/// The revision that the cluster is at. Of a master that does not mind `limit`, no more than the beginning of its list is read.
pub(super) async fn version(user: &AsUser<'_>) -> Result<Option<String>, FeedError> {
    let mut incoming = success(user.open(requests::one_image_stream(), SILENCE).await?).await?;
    let (mut pieces, mut meta) = (Pieces::new(REFUSAL_BYTES), None);
    while let Some(bytes) = incoming.chunk().await? {
        pieces.push(&bytes, &mut |piece| read_meta(&piece, &mut meta)).map_err(|_| no_list())?;
        if meta.is_some() {
            break;
        }
    }
    Ok(meta.and_then(|meta: Meta| meta.resource_version))
}

async fn chunk(incoming: Incoming, left: &mut usize, take: &mut impl FnMut(Fed)) -> Result<Meta, FeedError> {
    let mut incoming = success(incoming).await?;
    let (mut pieces, mut meta) = (Pieces::new(STREAM_BYTES), None);
    while let Some(bytes) = incoming.chunk().await? {
        *left = left.checked_sub(bytes.len()).ok_or_else(|| Error::unreadable("a list of image streams that is too long"))?;
        let cut = pieces.push(&bytes, &mut |piece| match piece {
            Piece::Item(text) => take(Fed::read(text)),
            Piece::TooLong => take(Fed::Unreadable(Unreadable::default())),
            Piece::Metadata(_) => read_meta(&piece, &mut meta),
        });
        cut.map_err(|_| no_list())?;
    }
    if pieces.is_whole() { Ok(meta.unwrap_or_default()) } else { Err(no_list().into()) }
}

/// The answer, if it is a success.
pub(super) async fn success(incoming: Incoming) -> Result<Incoming, FeedError> {
    match incoming.status {
        StatusCode::GONE => Err(FeedError::Expired),
        status if status.is_success() => Ok(incoming),
        _ => Err(Error::of(&incoming.whole(REFUSAL_BYTES).await?).into()),
    }
}

fn read_meta(piece: &Piece<'_>, meta: &mut Option<Meta>) {
    if let Piece::Metadata(text) = piece {
        *meta = serde_json::from_slice(text).ok();
    }
}

fn no_list() -> Error {
    error::Error::unreadable("it cannot be read as a list")
}

//! All image streams of the cluster, one after the other as they come, and what happens to them
//! from then on: what the index lives on.
//!
//! A list is never whole in memory, however long it is and whether or not the master minds `limit`
//! (3.x before 3.9 does not). Every chunk of a list names the revision of its start; a watch from
//! there on leaves no gap.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{Meta, Piece, Pieces};
use super::{AsUser, Error, error, requests, wire};
use crate::outbound::{Failed, Incoming};
use registry_model::{ImageStream, ProjectName, json};

/// How long the master may take until a chunk begins or goes on: 3.9 needs 9 s for 2,000 streams.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a refusal may be.
const REFUSAL_BYTES: usize = 1 << 20;
/// One image stream: as much as a master that keeps it in etcd can hold, and more.
pub(super) const STREAM_BYTES: usize = 8 << 20;
/// What a whole list may weigh: ten times what the largest clusters have (R15).
const LIST_BYTES: usize = 2 << 30;
/// A revision is a number of 20 digits at most; other servers may use other words.
pub(super) const REVISION_BYTES: usize = 64;
/// More chunks of 500 than any cluster has.
const CHUNKS: usize = 10_000;

/// One object of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fed {
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
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<Failed> for FeedError {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed.into())
    }
}

impl Fed {
    pub(super) fn read(text: &[u8]) -> Self {
        let text = &json::to_valid_text(text);
        let stream = serde_json::from_slice(text)
            .ok()
            .and_then(wire::ImageStream::into_model);
        stream.map_or_else(
            || Self::Unreadable(Unreadable::read(text)),
            |stream| Self::Stream(Box::new(stream)),
        )
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

/// The few fields by which an object can be named, each of whatever type.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ObjectHeader<'a> {
    #[serde(borrow)]
    metadata: ObjectMeta<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ObjectMeta<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    namespace: Option<&'a RawValue>,
    #[serde(borrow)]
    resource_version: Option<&'a RawValue>,
}

/// The text in `value`, if it is one.
fn text_of(value: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

impl Unreadable {
    /// Only what is kept is taken out of the text: as a tree of values, an object of 8 MiB would
    /// take many times as much.
    fn read(text: &[u8]) -> Self {
        let ObjectHeader {
            metadata:
                ObjectMeta {
                    name,
                    namespace,
                    resource_version,
                },
        } = serde_json::from_slice(text).unwrap_or_default();
        let mut name = text_of(name).unwrap_or_default();
        name.truncate(name.floor_char_boundary(253));
        Self {
            project: text_of(namespace).and_then(|name| name.parse().ok()),
            name,
            version: text_of(resource_version).filter(|version| version.len() <= REVISION_BYTES),
        }
    }
}

/// Gives every image stream to `take`; the answer is the revision from which on a watch tells what
/// has changed.
pub(super) async fn list(
    user: &AsUser<'_>,
    chunked: bool,
    mut take: impl FnMut(Fed),
) -> Result<String, FeedError> {
    let (mut version, mut next, mut left) = (None, None::<String>, LIST_BYTES);
    for _ in 0..CHUNKS {
        let request = if chunked {
            requests::image_streams(None, next.as_deref())
        } else {
            requests::all_image_streams()
        };
        let meta = chunk(user.open(request, SILENCE).await?, &mut left, &mut take).await?;
        // Later chunks show the revision of the first. One that does not, shows a newer one: what
        // has changed in between is told once more.
        let version = version.get_or_insert(revision(meta.resource_version)?);
        next = wire::continuation(meta.next)?;
        if next.is_none() {
            return Ok(std::mem::take(version));
        }
    }
    Err(Error::unreadable("a list of image streams without an end").into())
}

/// A revision that is no longer than one can be.
fn revision(version: Option<String>) -> Result<String, Error> {
    let version = version.unwrap_or_default();
    if version.len() > REVISION_BYTES {
        Err(Error::unreadable("a revision that is too long"))
    } else {
        Ok(version)
    }
}

/// The revision that the cluster is at. Of a master that does not mind `limit`, no more than the
/// beginning of its list is read.
pub(super) async fn version(user: &AsUser<'_>) -> Result<Option<String>, FeedError> {
    let mut incoming = success(user.open(requests::one_image_stream(), SILENCE).await?).await?;
    let (mut pieces, mut meta) = (Pieces::new(REFUSAL_BYTES), ListMeta::default());
    while let Some(bytes) = incoming.chunk().await? {
        pieces
            .push(&bytes, &mut |piece| meta.take(&piece))
            .map_err(|_| no_list())?;
        if let Some(meta) = meta.read()? {
            return Ok(meta
                .resource_version
                .filter(|version| version.len() <= REVISION_BYTES));
        }
    }
    Ok(None)
}

async fn chunk(
    incoming: Incoming,
    left: &mut usize,
    take: &mut impl FnMut(Fed),
) -> Result<Meta, FeedError> {
    let mut incoming = success(incoming).await?;
    let (mut pieces, mut meta) = (Pieces::new(STREAM_BYTES), ListMeta::default());
    while let Some(bytes) = incoming.chunk().await? {
        *left = left
            .checked_sub(bytes.len())
            .ok_or_else(|| Error::unreadable("a list of image streams that is too long"))?;
        let cut = pieces.push(&bytes, &mut |piece| match piece {
            Piece::Item(text) => take(Fed::read(text)),
            Piece::TooLong => take(Fed::Unreadable(Unreadable::default())),
            Piece::Metadata(_) | Piece::MetadataTooLong => meta.take(&piece),
        });
        cut.map_err(|_| no_list())?;
    }
    if pieces.is_whole() {
        Ok(meta.read()?.unwrap_or_default())
    } else {
        Err(no_list().into())
    }
}

/// The answer, if it is a success.
pub(super) async fn success(incoming: Incoming) -> Result<Incoming, FeedError> {
    match incoming.status {
        StatusCode::GONE => Err(FeedError::Expired),
        status if status.is_success() => Ok(incoming),
        _ => Err(Error::of(&incoming.whole(REFUSAL_BYTES).await?).into()),
    }
}

/// The metadata of a list, once they have come.
#[derive(Default)]
enum ListMeta {
    #[default]
    NotYet,
    There(Box<Meta>),
    TooLong,
}

impl ListMeta {
    fn take(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Metadata(text) => {
                *self = json::from_slice(text).map_or(Self::NotYet, Self::There)
            }
            Piece::MetadataTooLong => *self = Self::TooLong,
            Piece::Item(_) | Piece::TooLong => {}
        }
    }

    /// Without its metadata, a list cannot be told from its first chunk: it is no list then.
    fn read(&mut self) -> Result<Option<Meta>, Error> {
        match std::mem::take(self) {
            Self::NotYet => Ok(None),
            Self::There(meta) => Ok(Some(*meta)),
            Self::TooLong => Err(Error::unreadable("a list with metadata that are too long")),
        }
    }
}

fn no_list() -> Error {
    error::Error::unreadable("it cannot be read as a list")
}

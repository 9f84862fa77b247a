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

use super::wire::{ListPiece, ListSplitter, WireObjectMeta};
use super::{ApiError, UserApi, error, requests, wire};
use crate::outbound::{StreamingResponse, TransportError};
use registry_model::{ImageStream, ProjectName, json};

/// How long the master may take until a chunk begins or goes on: 3.9 needs 9 s for 2,000 streams.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a refusal may be.
const MAX_ERROR_BYTES: usize = 1 << 20;
/// One image stream: as much as a master that keeps it in etcd can hold, and more.
pub(super) const MAX_STREAM_OBJECT_BYTES: usize = 8 << 20;
/// What a whole list may weigh: ten times what the largest clusters have (R15).
const MAX_LIST_BYTES: usize = 2 << 30;
/// A revision is a number of 20 digits at most; other servers may use other words.
pub(super) const MAX_RESOURCE_VERSION_BYTES: usize = 64;
/// More chunks of 500 than any cluster has.
const MAX_CHUNKS: usize = 10_000;

/// One object of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamItem {
    Stream(Box<ImageStream>),
    /// Something that makes no sense here.
    Malformed(MalformedObject),
}

/// What can be said of an object that makes no sense here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MalformedObject {
    /// Its project, if that has a valid name.
    pub project: Option<ProjectName>,
    /// Its name, whatever it is. Untrusted; at most 253 bytes.
    pub name: String,
    /// Its version, if it has one.
    pub resource_version: Option<String>,
}

/// Why a feed does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ListWatchError {
    /// 410, as a status or within a watch: what was asked for is forgotten. Only a new list helps.
    #[error("the master has forgotten what was asked for")]
    Expired,
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl From<TransportError> for ListWatchError {
    fn from(failed: TransportError) -> Self {
        Self::Api(failed.into())
    }
}

impl StreamItem {
    pub(super) fn parse(text: &[u8]) -> Self {
        let text = &json::to_valid_unicode(text);
        let stream = serde_json::from_slice(text)
            .ok()
            .and_then(wire::WireImageStream::into_model);
        stream.map_or_else(
            || Self::Malformed(MalformedObject::parse(text)),
            |stream| Self::Stream(Box::new(stream)),
        )
    }

    /// The version of the object (`metadata.resourceVersion`).
    #[must_use]
    pub fn resource_version(&self) -> Option<&str> {
        match self {
            Self::Stream(stream) => stream.resource_version.as_deref(),
            Self::Malformed(object) => object.resource_version.as_deref(),
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
fn parse_text(value: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

impl MalformedObject {
    /// Only what is kept is taken out of the text: as a tree of values, an object of 8 MiB would
    /// take many times as much.
    fn parse(text: &[u8]) -> Self {
        let ObjectHeader {
            metadata:
                ObjectMeta {
                    name,
                    namespace,
                    resource_version,
                },
        } = serde_json::from_slice(text).unwrap_or_default();
        let mut name = parse_text(name).unwrap_or_default();
        name.truncate(name.floor_char_boundary(253));
        Self {
            project: parse_text(namespace).and_then(|name| name.parse().ok()),
            name,
            resource_version: parse_text(resource_version)
                .filter(|version| version.len() <= MAX_RESOURCE_VERSION_BYTES),
        }
    }
}

/// Gives every image stream to `take`; the answer is the revision from which on a watch tells what
/// has changed.
pub(super) async fn for_each_stream(
    user: &UserApi<'_>,
    chunked: bool,
    mut take: impl FnMut(StreamItem),
) -> Result<String, ListWatchError> {
    let (mut version, mut next, mut left) = (None, None::<String>, MAX_LIST_BYTES);
    for _ in 0..MAX_CHUNKS {
        let request = if chunked {
            requests::image_streams(None, next.as_deref())
        } else {
            requests::all_image_streams()
        };
        let meta = read_chunk(
            user.send_streaming(request, IDLE_TIMEOUT).await?,
            &mut left,
            &mut take,
        )
        .await?;
        // Later chunks show the revision of the first. One that does not, shows a newer one: what
        // has changed in between is told once more.
        let version = version.get_or_insert(check_resource_version(meta.resource_version)?);
        next = wire::check_continuation(meta.continuation)?;
        if next.is_none() {
            return Ok(std::mem::take(version));
        }
    }
    Err(ApiError::malformed("a list of image streams without an end").into())
}

/// A revision that is no longer than one can be.
fn check_resource_version(version: Option<String>) -> Result<String, ApiError> {
    let version = version.unwrap_or_default();
    if version.len() > MAX_RESOURCE_VERSION_BYTES {
        Err(ApiError::malformed("a revision that is too long"))
    } else {
        Ok(version)
    }
}

/// The revision that the cluster is at. Of a master that does not mind `limit`, no more than the
/// beginning of its list is read.
pub(super) async fn current_resource_version(
    user: &UserApi<'_>,
) -> Result<Option<String>, ListWatchError> {
    let mut incoming = require_success(
        user.send_streaming(requests::first_image_stream(), IDLE_TIMEOUT)
            .await?,
    )
    .await?;
    let (mut pieces, mut meta) = (ListSplitter::new(MAX_ERROR_BYTES), ListMeta::default());
    while let Some(bytes) = incoming.chunk().await? {
        pieces
            .push(&bytes, &mut |piece| meta.accept(&piece))
            .map_err(|_| malformed_list())?;
        if let Some(meta) = meta.take_complete()? {
            return Ok(meta
                .resource_version
                .filter(|version| version.len() <= MAX_RESOURCE_VERSION_BYTES));
        }
    }
    Ok(None)
}

async fn read_chunk(
    incoming: StreamingResponse,
    left: &mut usize,
    take: &mut impl FnMut(StreamItem),
) -> Result<WireObjectMeta, ListWatchError> {
    let mut incoming = require_success(incoming).await?;
    let (mut pieces, mut meta) = (
        ListSplitter::new(MAX_STREAM_OBJECT_BYTES),
        ListMeta::default(),
    );
    while let Some(bytes) = incoming.chunk().await? {
        *left = left
            .checked_sub(bytes.len())
            .ok_or_else(|| ApiError::malformed("a list of image streams that is too long"))?;
        let cut = pieces.push(&bytes, &mut |piece| match piece {
            ListPiece::Item(text) => take(StreamItem::parse(text)),
            ListPiece::ItemTooLong => take(StreamItem::Malformed(MalformedObject::default())),
            ListPiece::Metadata(_) | ListPiece::MetadataTooLong => meta.accept(&piece),
        });
        cut.map_err(|_| malformed_list())?;
    }
    if pieces.is_complete() {
        Ok(meta.take_complete()?.unwrap_or_default())
    } else {
        Err(malformed_list().into())
    }
}

/// The answer, if it is a success.
pub(super) async fn require_success(
    incoming: StreamingResponse,
) -> Result<StreamingResponse, ListWatchError> {
    match incoming.status {
        StatusCode::GONE => Err(ListWatchError::Expired),
        status if status.is_success() => Ok(incoming),
        _ => Err(ApiError::from_response(&incoming.into_response(MAX_ERROR_BYTES).await?).into()),
    }
}

/// The metadata of a list, once they have come.
#[derive(Default)]
enum ListMeta {
    #[default]
    Pending,
    Complete(Box<WireObjectMeta>),
    TooLong,
}

impl ListMeta {
    fn accept(&mut self, piece: &ListPiece<'_>) {
        match piece {
            ListPiece::Metadata(text) => {
                *self = json::from_slice(text).map_or(Self::Pending, Self::Complete)
            }
            ListPiece::MetadataTooLong => *self = Self::TooLong,
            ListPiece::Item(_) | ListPiece::ItemTooLong => {}
        }
    }

    /// Without its metadata, a list cannot be told from its first chunk: it is no list then.
    fn take_complete(&mut self) -> Result<Option<WireObjectMeta>, ApiError> {
        match std::mem::take(self) {
            Self::Pending => Ok(None),
            Self::Complete(meta) => Ok(Some(*meta)),
            Self::TooLong => Err(ApiError::malformed(
                "a list with metadata that are too long",
            )),
        }
    }
}

fn malformed_list() -> ApiError {
    error::ApiError::malformed("it cannot be read as a list")
}

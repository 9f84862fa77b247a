//! Lists for the index: all image streams or workloads of the cluster, decoded one by one as they
//! arrive.
//!
//! A list is never in memory as a whole, whatever its length and whether or not the API server
//! supports `limit` (OpenShift before 3.9 does not). A watch from the list's revision leaves no gap.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::openshift::list_progress::ListProgress;
use crate::openshift::wire::{ListPiece, ListSplitter, WireObjectMeta};
use crate::openshift::{ApiError, UserApi, requests, wire};
use crate::outbound::{Request, StreamingResponse, TransportError};
use registry_model::{ImageStream, ProjectName, json};

/// The longest pause before and within a chunk: OpenShift 3.9 needs 9 s for 2,000 image streams.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest refusal.
const MAX_ERROR_BYTES: usize = 1 << 20;
/// The longest object: more than etcd stores.
pub(in crate::openshift) const MAX_OBJECT_BYTES: usize = 8 << 20;
/// The longest list: ten times that of the largest clusters (R15).
const MAX_LIST_BYTES: usize = 2 << 30;
/// The longest revision. Kubernetes uses numbers of up to 20 digits.
pub(in crate::openshift) const MAX_RESOURCE_VERSION_BYTES: usize = 64;
/// More chunks of 500 than any cluster has.
const MAX_CHUNKS: usize = 10_000;

/// How the objects of a list or watch are decoded.
pub trait ObjectDecoder: Send + Sync {
    type Object: ListedObject;

    /// The object with this JSON.
    fn decode(&self, text: &[u8]) -> Self::Object;
}

/// An object of a list or watch, which may be malformed.
pub trait ListedObject: Send + From<MalformedObject> {
    /// The version of the object (`metadata.resourceVersion`).
    fn resource_version(&self) -> Option<&str>;
}

/// Decodes image streams.
#[derive(Clone, Copy, Debug)]
pub struct StreamDecoder;

/// An image stream of a list or watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamItem {
    Stream(Box<ImageStream>),
    /// An object that is not an image stream the console can read.
    Malformed(MalformedObject),
}

/// What is known of an object that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MalformedObject {
    /// Its project, if that has a valid name.
    pub project: Option<ProjectName>,
    /// Its name. Untrusted; at most 253 bytes.
    pub name: String,
    /// Its version, if it has one.
    pub resource_version: Option<String>,
}

/// Why a list or watch ended.
#[derive(Debug, thiserror::Error)]
pub enum ListWatchError {
    /// 410, as a status or within a watch: the revision or continuation has expired. A new list is
    /// needed.
    #[error("the revision has expired")]
    Expired,
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl From<TransportError> for ListWatchError {
    fn from(error: TransportError) -> Self {
        Self::Api(error.into())
    }
}

impl ObjectDecoder for StreamDecoder {
    type Object = StreamItem;

    fn decode(&self, text: &[u8]) -> StreamItem {
        let text = &json::to_valid_unicode(text);
        let stream = serde_json::from_slice(text)
            .ok()
            .and_then(wire::WireImageStream::into_model);
        stream.map_or_else(
            || StreamItem::Malformed(MalformedObject::parse(text)),
            |stream| StreamItem::Stream(Box::new(stream)),
        )
    }
}

impl ListedObject for StreamItem {
    fn resource_version(&self) -> Option<&str> {
        match self {
            Self::Stream(stream) => stream.resource_version.as_deref(),
            Self::Malformed(object) => object.resource_version.as_deref(),
        }
    }
}

impl From<MalformedObject> for StreamItem {
    fn from(object: MalformedObject) -> Self {
        Self::Malformed(object)
    }
}

/// The fields that identify an object, each of any type.
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

/// The string in `value`, if it is one.
fn parse_text(value: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

impl MalformedObject {
    /// Decodes these fields alone: as a tree of values, an object of 8 MiB would take many times its
    /// size.
    pub(in crate::openshift) fn parse(text: &[u8]) -> Self {
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

/// Gives every image stream of the cluster to `take`. Returns the revision from which a watch
/// reports what changes.
///
/// # Errors
/// As [`for_each_object`].
pub(in crate::openshift) async fn for_each_stream(
    user: &UserApi<'_>,
    chunked: bool,
    take: impl FnMut(StreamItem),
) -> Result<String, ListWatchError> {
    let request = |continuation: Option<&str>| {
        if chunked {
            requests::image_streams(None, continuation)
        } else {
            requests::all_image_streams()
        }
    };
    for_each_object(user, &StreamDecoder, request, take).await
}

/// Gives every object of a list to `take`. `request` is the request for the chunk at a continuation.
/// Returns the revision from which a watch reports what changes.
///
/// # Errors
/// The API server refuses the list, sends something else, or is silent for a minute.
pub(in crate::openshift) async fn for_each_object<D: ObjectDecoder>(
    user: &UserApi<'_>,
    decoder: &D,
    request: impl Fn(Option<&str>) -> Request<'static>,
    mut take: impl FnMut(D::Object),
) -> Result<String, ListWatchError> {
    let mut progress = ListProgress::new(MAX_CHUNKS);
    let mut bytes_left = MAX_LIST_BYTES;
    loop {
        let request = request(progress.continuation());
        let response = user.send_streaming(request, IDLE_TIMEOUT).await?;
        let meta = read_chunk(response, decoder, &mut bytes_left, &mut take).await?;
        if progress.finish_chunk(meta.resource_version, meta.continuation)? {
            return Ok(check_resource_version(progress.resource_version)?);
        }
    }
}

/// The revision, or an empty one, within its maximum length.
fn check_resource_version(version: Option<String>) -> Result<String, ApiError> {
    let version = version.unwrap_or_default();
    if version.len() > MAX_RESOURCE_VERSION_BYTES {
        Err(ApiError::malformed("a revision that is too long"))
    } else {
        Ok(version)
    }
}

/// The current revision of the cluster, from a list that `request` limits to one object. Of an API
/// server that ignores `limit`, only the beginning of the list is read.
pub(in crate::openshift) async fn current_resource_version(
    user: &UserApi<'_>,
    request: Request<'static>,
) -> Result<Option<String>, ListWatchError> {
    let mut incoming = require_success(user.send_streaming(request, IDLE_TIMEOUT).await?).await?;
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

async fn read_chunk<D: ObjectDecoder>(
    incoming: StreamingResponse,
    decoder: &D,
    bytes_left: &mut usize,
    take: &mut impl FnMut(D::Object),
) -> Result<WireObjectMeta, ListWatchError> {
    let mut incoming = require_success(incoming).await?;
    let (mut pieces, mut meta) = (ListSplitter::new(MAX_OBJECT_BYTES), ListMeta::default());
    while let Some(bytes) = incoming.chunk().await? {
        *bytes_left = bytes_left
            .checked_sub(bytes.len())
            .ok_or_else(|| ApiError::malformed("a list that is too long"))?;
        let cut = pieces.push(&bytes, &mut |piece| match piece {
            ListPiece::Item(text) => take(decoder.decode(text)),
            ListPiece::ItemTooLong => take(MalformedObject::default().into()),
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

/// The response, if its status is a success.
pub(in crate::openshift) async fn require_success(
    incoming: StreamingResponse,
) -> Result<StreamingResponse, ListWatchError> {
    match incoming.status {
        StatusCode::GONE => Err(ListWatchError::Expired),
        status if status.is_success() => Ok(incoming),
        _ => Err(ApiError::from_response(&incoming.into_response(MAX_ERROR_BYTES).await?).into()),
    }
}

/// The metadata of a list, once it has been read.
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

    fn take_complete(&mut self) -> Result<Option<WireObjectMeta>, ApiError> {
        match std::mem::take(self) {
            Self::Pending => Ok(None),
            Self::Complete(meta) => Ok(Some(*meta)),
            Self::TooLong => Err(ApiError::malformed("a list with metadata that is too long")),
        }
    }
}

fn malformed_list() -> ApiError {
    ApiError::malformed("it cannot be read as a list")
}

//! Watches of image streams and workloads: a response with an event in each line.

use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::WireObjectMeta;
use super::{ApiError, ApiStatus, UserApi, requests, wire};
use crate::openshift::image_stream_list::{
    self, ListWatchError, MAX_OBJECT_BYTES, ObjectDecoder, StreamDecoder,
};
use crate::outbound::{Request, StreamingResponse};
use registry_model::{ProjectName, json};

/// The time that a watch is requested for. The API server then ends it, and the next watch continues
/// (R13).
pub(super) const WATCH_TIMEOUT: Duration = Duration::from_secs(290);
/// The longest silence of a watch. A working API server ends the watch earlier.
const IDLE_TIMEOUT: Duration = Duration::from_secs(295);
/// An object, and the type of its event.
const MAX_LINE_BYTES: usize = MAX_OBJECT_BYTES + 1024;

/// A watch, whose objects a `D` decodes.
#[derive(Debug)]
pub struct ObjectWatch<D> {
    decoder: D,
    incoming: StreamingResponse,
    buffer: BytesMut,
    /// The bytes of the buffer that contain no end of a line.
    scanned_bytes: usize,
}

/// A watch of image streams.
pub type StreamWatch = ObjectWatch<StreamDecoder>;

/// An event of a watch of objects `T`.
#[derive(Debug)]
pub enum WatchEvent<T> {
    /// An object was added, modified or deleted.
    Object(WatchEventKind, T),
    /// There were no other changes up to this revision.
    Bookmark(String),
    /// The revision has expired (410 within the watch). A new list is needed.
    Expired,
    /// The API server reports another error.
    ErrorStatus(ApiStatus),
    /// A line that is not a watch event. Its change is lost, so a new list is needed. The text is one of
    /// a fixed set.
    ProtocolError(&'static str),
    /// The watch ended, with an error if it did not end in order.
    Closed(Option<ApiError>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchEventKind {
    Added,
    Modified,
    /// The object is the last state.
    Deleted,
}

#[derive(Deserialize)]
struct WatchLine<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

pub(super) async fn open_streams(
    user: &UserApi<'_>,
    project: Option<&ProjectName>,
    from: &str,
) -> Result<StreamWatch, ListWatchError> {
    let request = requests::watch_image_streams(project, from);
    open(user, request, StreamDecoder).await
}

pub(super) async fn open<D>(
    user: &UserApi<'_>,
    request: Request<'static>,
    decoder: D,
) -> Result<ObjectWatch<D>, ListWatchError> {
    let incoming =
        image_stream_list::require_success(user.send_streaming(request, IDLE_TIMEOUT).await?)
            .await?;
    Ok(ObjectWatch {
        decoder,
        incoming,
        buffer: BytesMut::new(),
        scanned_bytes: 0,
    })
}

impl<D: ObjectDecoder> ObjectWatch<D> {
    /// Waits for the next event. Cancel safe: a dropped call loses no event.
    pub async fn next(&mut self) -> WatchEvent<D::Object> {
        loop {
            if let Some(event) = self.next_line() {
                return event;
            }
            if self.buffer.len() > MAX_LINE_BYTES {
                return WatchEvent::ProtocolError("a line that is too long");
            }
            match self.incoming.chunk().await {
                Ok(Some(bytes)) => self.buffer.extend_from_slice(&bytes),
                // The next watch reports the event of an incomplete last line again.
                Ok(None) => return WatchEvent::Closed(None),
                Err(error) => return WatchEvent::Closed(Some(error.into())),
            }
        }
    }

    /// The event of the next complete line in the buffer.
    fn next_line(&mut self) -> Option<WatchEvent<D::Object>> {
        loop {
            let Some(end) = memchr::memchr(b'\n', &self.buffer[self.scanned_bytes..]) else {
                self.scanned_bytes = self.buffer.len();
                return None;
            };
            let line = self.buffer.split_to(self.scanned_bytes + end);
            self.buffer.advance(1);
            self.scanned_bytes = 0;
            if !line.trim_ascii().is_empty() {
                return Some(parse_line(&self.decoder, &line));
            }
        }
    }
}

fn parse_line<D: ObjectDecoder>(decoder: &D, line: &[u8]) -> WatchEvent<D::Object> {
    let line = json::to_valid_unicode(line);
    let Ok(WatchLine { kind, object }) = serde_json::from_slice(&line) else {
        return WatchEvent::ProtocolError("a line that is no event");
    };
    let object = object.get().as_bytes();
    let event = |kind| WatchEvent::Object(kind, decoder.decode(object));
    match kind.as_str() {
        "ADDED" => event(WatchEventKind::Added),
        "MODIFIED" => event(WatchEventKind::Modified),
        "DELETED" => event(WatchEventKind::Deleted),
        "BOOKMARK" => parse_bookmark(object),
        "ERROR" => parse_error(object),
        _ => WatchEvent::ProtocolError("an event of an unknown kind"),
    }
}

fn parse_bookmark<T>(object: &[u8]) -> WatchEvent<T> {
    #[derive(Deserialize)]
    struct Bookmark {
        metadata: WireObjectMeta,
    }
    let version = serde_json::from_slice::<Bookmark>(object)
        .ok()
        .and_then(|bookmark| bookmark.metadata.resource_version);
    let version =
        version.filter(|version| version.len() <= image_stream_list::MAX_RESOURCE_VERSION_BYTES);
    version.map_or(
        WatchEvent::ProtocolError("a bookmark without a version"),
        WatchEvent::Bookmark,
    )
}

fn parse_error<T>(object: &[u8]) -> WatchEvent<T> {
    #[derive(Deserialize)]
    struct StatusCodeField {
        code: Option<u16>,
    }
    let code = serde_json::from_slice::<StatusCodeField>(object)
        .ok()
        .and_then(|status| status.code);
    let status = serde_json::from_slice::<wire::WireStatus>(object)
        .ok()
        .and_then(wire::WireStatus::into_public)
        .unwrap_or_default();
    let gone = code == Some(410) || matches!(status.reason.as_str(), "Expired" | "Gone");
    if gone {
        WatchEvent::Expired
    } else {
        WatchEvent::ErrorStatus(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watch_line_parses_into_its_event() {
        let event = |line: &str| format!("{:?}", parse_line(&StreamDecoder, line.as_bytes()));
        let stream = r#"{"metadata":{"name":"api","namespace":"team-a","resourceVersion":"7"}}"#;
        assert!(
            event(&format!(r#"{{"type":"ADDED","object":{stream}}}"#))
                .starts_with("Object(Added, Stream(")
        );
        assert!(
            event(&format!(r#"{{"type":"DELETED","object":{stream}}}"#))
                .starts_with("Object(Deleted, Stream(")
        );
        assert!(
            event(r#"{"type":"MODIFIED","object":{"metadata":{"name":"../x"}}}"#)
                .starts_with("Object(Modified, Malformed(")
        );
        assert_eq!(
            event(r#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"#),
            r#"Bookmark("9")"#
        );
        assert_eq!(
            event(r#"{"type":"ERROR","object":{"kind":"Status","reason":"Expired","code":410}}"#),
            "Expired"
        );
        for expired in [
            r#"{"type":"ERROR","object":{"kind":"Status","code":410}}"#,
            r#"{"type":"ERROR","object":{"kind":"Status","reason":"Gone"}}"#,
            r#"{"type":"ERROR","object":{"kind":"Status","reason":"Expired"}}"#,
        ] {
            assert_eq!(event(expired), "Expired", "{expired}");
        }
        assert!(
            event(
                r#"{"type":"ERROR","object":{"kind":"Status","reason":"InternalError","code":500}}"#
            )
            .starts_with("ErrorStatus(")
        );
        for invalid in [
            "<html>",
            "{}",
            r#"{"type":"SYNC","object":{}}"#,
            r#"{"type":"BOOKMARK","object":{}}"#,
            r#"{"type":7,"object":{}}"#,
        ] {
            assert!(event(invalid).starts_with("ProtocolError("), "{invalid}");
        }
    }
}

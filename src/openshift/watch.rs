//! What happens to image streams, as the master tells it line by line.

use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::feed::{self, Fed, FeedError, STREAM_BYTES};
use super::wire::Meta;
use super::{AsUser, Error, Status, requests, wire};
use crate::outbound::Incoming;
use registry_model::{ProjectName, json};

/// How long the master is asked to keep a watch open: it then ends it, and the next one goes on
/// (R13).
pub(super) const LASTS: Duration = Duration::from_secs(290);
/// How long a watch may be silent: a master that is there ends it before.
const SILENCE: Duration = Duration::from_secs(295);
/// An object and the word before it.
const LINE_BYTES: usize = STREAM_BYTES + 1024;

#[derive(Debug)]
pub struct Watch {
    incoming: Incoming,
    buffer: BytesMut,
    /// How much of the buffer holds no end of a line.
    looked_at: usize,
}

/// What a watch tells.
#[derive(Debug)]
pub enum WatchEvent {
    /// Something happened to an image stream.
    Stream(Change, Fed),
    /// Nothing happened up to this revision.
    Bookmark(String),
    /// Changes have been forgotten (410 within the watch): only a new list helps.
    Gone,
    /// The master reports another error.
    Refused(Status),
    /// Something that no watch says. What it was meant to tell is lost: only a new list helps. In
    /// few fixed words.
    Nonsense(&'static str),
    /// The watch is over, in order or (with an error) not.
    Closed(Option<Error>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    Modified,
    /// It is gone; the object is what it was last.
    Deleted,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

pub(super) async fn open(
    user: &AsUser<'_>,
    project: Option<&ProjectName>,
    from: &str,
) -> Result<Watch, FeedError> {
    let incoming = feed::success(
        user.open(requests::watch_image_streams(project, from), SILENCE)
            .await?,
    )
    .await?;
    Ok(Watch {
        incoming,
        buffer: BytesMut::new(),
        looked_at: 0,
    })
}

impl Watch {
    /// Waits for what happens next. A wait that is given up loses nothing.
    pub async fn next(&mut self) -> WatchEvent {
        loop {
            if let Some(event) = self.line() {
                return event;
            }
            if self.buffer.len() > LINE_BYTES {
                return WatchEvent::Nonsense("a line that is too long");
            }
            match self.incoming.chunk().await {
                Ok(Some(bytes)) => self.buffer.extend_from_slice(&bytes),
                // Half a line at the end was not told: the next watch tells it.
                Ok(None) => return WatchEvent::Closed(None),
                Err(failed) => return WatchEvent::Closed(Some(failed.into())),
            }
        }
    }

    /// What the next whole line in the buffer says, if there is one.
    fn line(&mut self) -> Option<WatchEvent> {
        loop {
            let Some(end) = memchr::memchr(b'\n', &self.buffer[self.looked_at..]) else {
                self.looked_at = self.buffer.len();
                return None;
            };
            let line = self.buffer.split_to(self.looked_at + end);
            self.buffer.advance(1);
            self.looked_at = 0;
            if !line.trim_ascii().is_empty() {
                return Some(read(&line));
            }
        }
    }
}

fn read(line: &[u8]) -> WatchEvent {
    let line = json::to_valid_text(line);
    let Ok(Line { kind, object }) = serde_json::from_slice(&line) else {
        return WatchEvent::Nonsense("a line that is no event");
    };
    let object = object.get().as_bytes();
    match kind.as_str() {
        "ADDED" => WatchEvent::Stream(Change::Added, Fed::read(object)),
        "MODIFIED" => WatchEvent::Stream(Change::Modified, Fed::read(object)),
        "DELETED" => WatchEvent::Stream(Change::Deleted, Fed::read(object)),
        "BOOKMARK" => bookmark(object),
        "ERROR" => error(object),
        _ => WatchEvent::Nonsense("an event of an unknown kind"),
    }
}

fn bookmark(object: &[u8]) -> WatchEvent {
    #[derive(Deserialize)]
    struct Bookmark {
        metadata: Meta,
    }
    let version = serde_json::from_slice::<Bookmark>(object)
        .ok()
        .and_then(|bookmark| bookmark.metadata.resource_version);
    let version = version.filter(|version| version.len() <= feed::REVISION_BYTES);
    version.map_or(
        WatchEvent::Nonsense("a bookmark without a version"),
        WatchEvent::Bookmark,
    )
}

fn error(object: &[u8]) -> WatchEvent {
    #[derive(Deserialize)]
    struct Code {
        code: Option<u16>,
    }
    let code = serde_json::from_slice::<Code>(object)
        .ok()
        .and_then(|status| status.code);
    let status = serde_json::from_slice::<wire::Status>(object)
        .ok()
        .and_then(wire::Status::into_public)
        .unwrap_or_default();
    let gone = code == Some(410) || matches!(status.reason.as_str(), "Expired" | "Gone");
    if gone {
        WatchEvent::Gone
    } else {
        WatchEvent::Refused(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_one_of_few_things() {
        let told = |line: &str| format!("{:?}", read(line.as_bytes()));
        let stream = r#"{"metadata":{"name":"api","namespace":"team-a","resourceVersion":"7"}}"#;
        assert!(
            told(&format!(r#"{{"type":"ADDED","object":{stream}}}"#))
                .starts_with("Stream(Added, Stream(")
        );
        assert!(
            told(&format!(r#"{{"type":"DELETED","object":{stream}}}"#))
                .starts_with("Stream(Deleted, Stream(")
        );
        assert!(
            told(r#"{"type":"MODIFIED","object":{"metadata":{"name":"../x"}}}"#)
                .starts_with("Stream(Modified, Unreadable(")
        );
        assert_eq!(
            told(r#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"#),
            r#"Bookmark("9")"#
        );
        assert_eq!(
            told(r#"{"type":"ERROR","object":{"kind":"Status","reason":"Expired","code":410}}"#),
            "Gone"
        );
        assert_eq!(
            told(r#"{"type":"ERROR","object":{"kind":"Status","code":410}}"#),
            "Gone"
        );
        assert!(
            told(
                r#"{"type":"ERROR","object":{"kind":"Status","reason":"InternalError","code":500}}"#
            )
            .starts_with("Refused(")
        );
        for nonsense in [
            "<html>",
            "{}",
            r#"{"type":"SYNC","object":{}}"#,
            r#"{"type":"BOOKMARK","object":{}}"#,
            r#"{"type":7,"object":{}}"#,
        ] {
            assert!(told(nonsense).starts_with("Nonsense("), "{nonsense}");
        }
    }
}

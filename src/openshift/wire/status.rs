//! The JSON of refusals.

use serde::Deserialize;

use crate::openshift::error;
use crate::openshift::wire::object_meta::{non_empty, null_to_default};

/// Kind `Status` of the Kubernetes API.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireStatus {
    kind: Option<String>,
    reason: Option<String>,
    message: Option<String>,
    details: Option<WireStatusDetails>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireStatusDetails {
    name: Option<String>,
    group: Option<String>,
    kind: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    causes: Vec<WireStatusCause>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireStatusCause {
    reason: Option<String>,
    message: Option<String>,
    field: Option<String>,
}

/// The longest text that is kept: enough for any message that a user reads.
const MAX_TEXT_BYTES: usize = 4096;
/// The maximum number of causes.
const MAX_CAUSES: usize = 100;

impl WireStatus {
    /// The text, truncated to what a user can read.
    pub(in crate::openshift) fn truncate(text: Option<String>) -> String {
        truncate(text)
    }

    /// `None` where the object is of another kind.
    pub(in crate::openshift) fn into_public(self) -> Option<error::ApiStatus> {
        if self.kind.as_deref() != Some("Status") {
            return None;
        }
        Some(error::ApiStatus {
            reason: truncate(self.reason),
            message: truncate(self.message),
            details: self.details.map(WireStatusDetails::into_public),
        })
    }
}

impl WireStatusDetails {
    fn into_public(self) -> error::StatusDetails {
        let short = |text: Option<String>| non_empty(text).map(|text| truncate(Some(text)));
        let cause = |cause: WireStatusCause| error::StatusCause {
            reason: truncate(cause.reason),
            message: truncate(cause.message),
            field: short(cause.field),
        };
        error::StatusDetails {
            name: short(self.name),
            group: short(self.group),
            kind: short(self.kind),
            causes: self
                .causes
                .into_iter()
                .take(MAX_CAUSES)
                .map(cause)
                .collect(),
        }
    }
}

fn truncate(text: Option<String>) -> String {
    let mut text = text.unwrap_or_default();
    if text.len() > MAX_TEXT_BYTES {
        text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
        text.push('…');
    }
    text
}

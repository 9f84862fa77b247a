//! Refusals.

use serde::Deserialize;

use super::meta::{filled, or_default};
use crate::openshift::error;

/// Kind `Status` of the Kubernetes API.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct Status {
    kind: Option<String>,
    reason: Option<String>,
    message: Option<String>,
    details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    name: Option<String>,
    group: Option<String>,
    kind: Option<String>,
    #[serde(deserialize_with = "or_default")]
    causes: Vec<Cause>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cause {
    reason: Option<String>,
    message: Option<String>,
    field: Option<String>,
}

/// Long enough for any sentence that a person will read.
const TEXT_BYTES: usize = 4096;
/// More mistakes than anybody repairs at once.
const CAUSES: usize = 100;

impl Status {
    /// As much of a text as a person will read.
    pub(in crate::openshift) fn cut(text: Option<String>) -> String {
        cut(text)
    }

    /// Nothing where the object is of another kind.
    pub(in crate::openshift) fn into_public(self) -> Option<error::Status> {
        if self.kind.as_deref() != Some("Status") {
            return None;
        }
        Some(error::Status {
            reason: cut(self.reason),
            message: cut(self.message),
            details: self.details.map(Details::into_public),
        })
    }
}

impl Details {
    fn into_public(self) -> error::Details {
        let short = |text: Option<String>| filled(text).map(|text| cut(Some(text)));
        let cause = |cause: Cause| error::Cause {
            reason: cut(cause.reason),
            message: cut(cause.message),
            field: short(cause.field),
        };
        error::Details {
            name: short(self.name),
            group: short(self.group),
            kind: short(self.kind),
            causes: self.causes.into_iter().take(CAUSES).map(cause).collect(),
        }
    }
}

fn cut(text: Option<String>) -> String {
    let mut text = text.unwrap_or_default();
    if text.len() > TEXT_BYTES {
        text.truncate(text.floor_char_boundary(TEXT_BYTES));
        text.push('…');
    }
    text
}

//! Schema 1: Docker's first manifest format, still in registries of OpenShift 3.x, and what a
//! registry converts to when a client does not say that it understands anything newer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::super::{Digest, Truncated, lenient};
use super::wire::WireManifest;
use crate::lenient::object;

/// The media type of a signed one.
pub(super) const SIGNED_MEDIA_TYPE: &str =
    "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// The media type of one without signatures.
pub(super) const UNSIGNED_MEDIA_TYPE: &str = "application/vnd.docker.distribution.manifest.v1+json";

/// A schema 1 manifest. It holds no config blob and no sizes: the config is the newest history
/// entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Schema1 {
    /// The repository that it was pushed to. Untrusted.
    pub name: Option<String>,
    /// The tag that it was pushed to. Untrusted.
    pub tag: Option<String>,
    /// Such as `amd64`. Untrusted.
    pub architecture: Option<String>,
    /// The layers, **newest first** as in the manifest; `None` where the digest cannot be read.
    pub layers: Truncated<Vec<Option<Digest>>>,
    /// What Docker recorded of each layer (`v1Compatibility`): JSON as text, newest first, as many
    /// as layers. Untrusted.
    pub history: Truncated<Vec<Option<String>>>,
    /// Whether it carries signatures. They are not verified: anybody can sign with any key.
    pub signed: bool,
}

impl Schema1 {
    pub(super) fn from_wire(wire: WireManifest, signed: bool) -> Self {
        let layers = wire.fs_layers.unwrap_or_default();
        let history = wire.history;
        Self {
            name: wire.name,
            tag: wire.tag,
            architecture: wire.architecture,
            layers: Truncated {
                items: layers
                    .items
                    .into_iter()
                    .map(|layer| layer.blob_sum.and_then(|text| text.parse().ok()))
                    .collect(),
                more: layers.more,
                cut: 0,
            },
            history: Truncated {
                items: history
                    .items
                    .into_iter()
                    .map(|entry| entry.v1_compatibility)
                    .collect(),
                more: history.more,
                cut: 0,
            },
            signed,
        }
    }

    #[must_use]
    pub fn media_type(&self) -> &'static str {
        if self.signed {
            SIGNED_MEDIA_TYPE
        } else {
            UNSIGNED_MEDIA_TYPE
        }
    }
}

object! {
    /// A signed document: its signatures only.
    struct WireSigned {
        "signatures" => signatures: Truncated<Vec<WireSignature>>,
    }
}

object! {
    /// A signature (JSON Web Signature, JSON serialisation).
    struct WireSignature {
        "protected" => protected: Option<String>,
    }
}

object! {
    /// The protected header of a signature, as libtrust writes it.
    struct WireProtectedHeader {
        "formatLength" => format_length: Option<u64>,
        "formatTail" => format_tail: Option<String>,
    }
}

/// The bytes that were signed: the document up to where the signatures were put in, and the tail
/// that they pushed away (libtrust, "JSON Web Signature with pretty JSON"). `None` where a
/// signature does not say so, or two of them disagree.
pub(super) fn signed_payload(bytes: &[u8]) -> Option<Vec<u8>> {
    let document: WireSigned = lenient::from_slice(bytes).ok()?;
    let mut payloads = document
        .signatures
        .items
        .into_iter()
        .map(|signature| payload_from_signature(bytes, &signature.protected?));
    let first = payloads.next()??;
    payloads
        .all(|other| other.as_ref() == Some(&first))
        .then(|| [first.0, &first.1].concat())
}

/// The head of the document and the tail that belongs to it, by one signature.
fn payload_from_signature<'a>(bytes: &'a [u8], protected: &str) -> Option<(&'a [u8], Vec<u8>)> {
    let header: WireProtectedHeader = lenient::from_slice(&decode_base64url(protected)?).ok()?;
    let head = bytes.get(..usize::try_from(header.format_length?).ok()?)?;
    Some((head, decode_base64url(&header.format_tail?)?))
}

fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

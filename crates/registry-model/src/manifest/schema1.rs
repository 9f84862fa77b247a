//! Schema 1: Docker's first manifest format. Registries of OpenShift 3.x still contain it, and a
//! registry converts to it if a client does not accept a newer format.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::super::{Digest, Truncated, lenient};
use super::wire::WireManifest;
use crate::lenient::object;

/// The media type of a signed manifest.
pub(super) const SIGNED_MEDIA_TYPE: &str =
    "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// The media type of a manifest without signatures.
pub(super) const UNSIGNED_MEDIA_TYPE: &str = "application/vnd.docker.distribution.manifest.v1+json";

/// A schema 1 manifest. It has no config blob and no sizes: the newest history entry is the config.
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
    /// The history entries (`v1Compatibility`): JSON as text, newest first, one for each layer.
    /// Untrusted.
    pub history: Truncated<Vec<Option<String>>>,
    /// Whether it is signed. Signatures are not verified, because a manifest can be signed with any
    /// key.
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
    /// The signatures of a signed document.
    struct WireSigned {
        "signatures" => signatures: Truncated<Vec<WireSignature>>,
    }
}

object! {
    /// A signature (JSON Web Signature, JSON serialization).
    struct WireSignature {
        "protected" => protected: Option<String>,
    }
}

object! {
    /// The protected header of a signature, in the format of libtrust.
    struct WireProtectedHeader {
        "formatLength" => format_length: Option<u64>,
        "formatTail" => format_tail: Option<String>,
    }
}

/// The signed bytes: the document up to where the signatures were inserted, and the tail after them
/// (libtrust, "JSON Web Signature with pretty JSON"). `None` if a signature does not define them,
/// or if two signatures disagree.
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

/// The head of the document and its tail, according to one signature.
fn payload_from_signature<'a>(bytes: &'a [u8], protected: &str) -> Option<(&'a [u8], Vec<u8>)> {
    let header: WireProtectedHeader = lenient::from_slice(&decode_base64url(protected)?).ok()?;
    let head = bytes.get(..usize::try_from(header.format_length?).ok()?)?;
    Some((head, decode_base64url(&header.format_tail?)?))
}

fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

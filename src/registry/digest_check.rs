//! Checks of manifests and blobs against their digests.

use std::borrow::Cow;

use bytes::Bytes;

use super::{ManifestReference, RawManifest, RegistryError};
use crate::outbound::UpstreamResponse;
use registry_model::Digest;
use registry_model::manifest::{self, Manifest};

/// The manifest, checked against the digest of the request and against the one that the registry
/// states (S39).
pub(super) fn checked_manifest(
    response: &UpstreamResponse,
    reference: &ManifestReference,
) -> Result<RawManifest, RegistryError> {
    let content_type = response.media_type();
    let signed = digested_bytes(&response.body, content_type.as_deref());
    let requested = match reference {
        ManifestReference::Digest(digest) => Some(digest.clone()),
        ManifestReference::Tag(_) => None,
    };
    let stated = match response.header("docker-content-digest") {
        Some(stated) => Some(stated.parse().map_err(|_| {
            RegistryError::malformed("its Docker-Content-Digest is none that can be checked")
        })?),
        None => None,
    };
    for expected in requested.iter().chain(&stated) {
        check_digest(&signed, expected)?;
    }
    let digest = requested
        .or(stated)
        .unwrap_or_else(|| Digest::sha256(&signed));
    Ok(RawManifest {
        bytes: response.body.clone(),
        content_type,
        digest,
    })
}

/// The blob, checked against the digest of the request (S39).
pub(super) fn checked_blob(
    response: &UpstreamResponse,
    digest: &Digest,
) -> Result<Bytes, RegistryError> {
    check_digest(&response.body, digest)?;
    Ok(response.body.clone())
}

fn check_digest(content: &[u8], expected: &Digest) -> Result<(), RegistryError> {
    if expected.matches(content) {
        Ok(())
    } else {
        Err(RegistryError::DigestMismatch {
            expected: expected.clone(),
        })
    }
}

/// The bytes that the digest of a manifest covers: of a signed schema 1 manifest, only the payload.
fn digested_bytes<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, [u8]> {
    Manifest::parse(bytes, content_type).map_or(Cow::Borrowed(bytes), |manifest| {
        manifest::digest_input(bytes, &manifest)
    })
}

//! Bytes that are named by their digest.

use std::borrow::Cow;

use bytes::Bytes;

use super::{Error, RawManifest, Reference};
use crate::outbound::Answer;
use registry_model::Digest;
use registry_model::manifest::{self, Manifest};

/// Checked against the digest that was asked for, and against the one that the registry names
/// (S39).
pub(super) fn checked_manifest(
    answer: &Answer,
    reference: &Reference,
) -> Result<RawManifest, Error> {
    let content_type = answer.media_type();
    let signed = digested(&answer.body, content_type.as_deref());
    let asked = match reference {
        Reference::Digest(digest) => Some(digest.clone()),
        Reference::Tag(_) => None,
    };
    let named = match answer.header("docker-content-digest") {
        Some(named) => Some(named.parse().map_err(|_| {
            Error::unreadable("its Docker-Content-Digest is none that can be checked")
        })?),
        None => None,
    };
    for expected in asked.iter().chain(&named) {
        check(&signed, expected)?;
    }
    let digest = asked
        .or(named)
        .unwrap_or_else(|| Digest::sha256_of(&signed));
    Ok(RawManifest {
        bytes: answer.body.clone(),
        content_type,
        digest,
    })
}

/// Checked against the digest that was asked for (S39).
pub(super) fn checked_blob(answer: &Answer, digest: &Digest) -> Result<Bytes, Error> {
    check(&answer.body, digest)?;
    Ok(answer.body.clone())
}

fn check(content: &[u8], expected: &Digest) -> Result<(), Error> {
    if expected.matches(content) {
        Ok(())
    } else {
        Err(Error::DigestMismatch {
            expected: expected.clone(),
        })
    }
}

/// What the digest of a manifest is taken of: of a signed schema 1 manifest, only what is signed.
fn digested<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, [u8]> {
    Manifest::parse(bytes, content_type).map_or(Cow::Borrowed(bytes), |manifest| {
        manifest::digested(bytes, &manifest)
    })
}

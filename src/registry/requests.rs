//! The requests to the registry, as values.
//!
//! Names in paths are parsed types that contain no characters with a meaning in a path (S33).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ManifestReference;
use crate::outbound::Request;
use registry_model::{Digest, ImageStreamName, ProjectName};

/// All kinds of manifests. Otherwise the registry converts a manifest to schema 1, or answers that
/// it does not exist.
const MANIFEST_MEDIA_TYPES: &str = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v1+prettyjws";

/// The largest manifest that the registry accepts in a push (S37).
const MAX_MANIFEST_BYTES: usize = 4 << 20;
/// The largest image configuration, also from object storage (S37).
pub(super) const MAX_CONFIG_BYTES: usize = 8 << 20;
/// A page of tags. 100 names of at most 128 characters need far less, and the list of an old
/// registry that ignores `n` fits as well.
const MAX_TAG_PAGE_BYTES: usize = 4 << 20;
/// The number of tags in a page, if the registry supports `n`.
const TAGS_PER_PAGE: u32 = 100;

/// All characters except those that RFC 3986 calls unreserved.
const QUERY_ENCODE_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn ping() -> Request<'static> {
    Request::get("registry base", "/v2/").max_bytes(64 << 10)
}

pub(super) fn manifest(
    project: &ProjectName,
    stream: &ImageStreamName,
    reference: &ManifestReference,
) -> Request<'static> {
    let path = match reference {
        ManifestReference::Tag(tag) => format!("/v2/{project}/{stream}/manifests/{tag}"),
        ManifestReference::Digest(digest) => format!("/v2/{project}/{stream}/manifests/{digest}"),
    };
    Request::get("get manifest", path)
        .accept(MANIFEST_MEDIA_TYPES)
        .max_bytes(MAX_MANIFEST_BYTES)
}

pub(super) fn config(
    project: &ProjectName,
    stream: &ImageStreamName,
    digest: &Digest,
) -> Request<'static> {
    Request::get(
        "get config",
        format!("/v2/{project}/{stream}/blobs/{digest}"),
    )
    .accept("*/*")
    .max_bytes(MAX_CONFIG_BYTES)
}

/// A page of tags: the first one, or the one after the tag in the registry's `Link`.
pub(super) fn tags(
    project: &ProjectName,
    stream: &ImageStreamName,
    last: Option<&str>,
) -> Request<'static> {
    let last = last
        .map(|last| format!("&last={}", utf8_percent_encode(last, QUERY_ENCODE_SET)))
        .unwrap_or_default();
    Request::get(
        "list tags",
        format!("/v2/{project}/{stream}/tags/list?n={TAGS_PER_PAGE}{last}"),
    )
    .max_bytes(MAX_TAG_PAGE_BYTES)
}

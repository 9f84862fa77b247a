//! What is asked of the registry, as values.
//!
//! Names in paths are parsed ones, which hold nothing that a path could be changed with (S33).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ManifestReference;
use crate::outbound::Request;
use registry_model::{Digest, ImageStreamName, ProjectName};

/// Every kind of manifest, or else the registry converts one to schema 1, or denies that it has it.
const MANIFEST_MEDIA_TYPES: &str = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v1+prettyjws";

/// S37: what the registry takes when it is pushed.
const MAX_MANIFEST_BYTES: usize = 4 << 20;
/// S37: also of one that comes from object storage.
pub(super) const MAX_CONFIG_BYTES: usize = 8 << 20;
/// A page of tags: 100 names of at most 128 characters fit many times over, and so does what an old
/// registry sends that ignores `n`.
const MAX_TAG_PAGE_BYTES: usize = 4 << 20;
/// How many tags a page holds, if the registry minds.
const TAGS_PER_PAGE: u32 = 100;

/// Everything but what RFC 3986 calls unreserved.
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

/// A page of tags: the first one, or the one after the tag that the registry named.
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

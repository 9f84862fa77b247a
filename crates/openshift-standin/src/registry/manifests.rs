//! Responses with manifests, in a format that the client accepts.

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::answer;
use super::blobs::{Blobs, Repository, StoredManifest};
use super::media_type::{ManifestKind, SIGNED_SCHEMA1, accepts};
use super::schema1::Signer;
use crate::cluster::Cluster;
use crate::registry::blob_response;
use crate::registry::error::DistributionError;
use registry_model::{Digest, TagName, json};

/// How a request names a manifest.
#[derive(Debug)]
pub(super) enum TagOrDigest {
    Tag(TagName),
    Digest(Digest),
}

impl TagOrDigest {
    pub(super) fn parse(text: &str) -> Result<Self, DistributionError> {
        if text.contains(':') {
            return text
                .parse()
                .map(Self::Digest)
                .map_err(|_| DistributionError::digest_invalid());
        }
        text.parse().map(Self::Tag).map_err(|_| {
            DistributionError::single(
                StatusCode::BAD_REQUEST,
                "TAG_INVALID",
                "manifest tag did not match URI",
                json!({ "Tag": text }),
            )
        })
    }
}

/// Reads manifests.
pub(super) struct ManifestReader<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) blobs: &'a Blobs,
    pub(super) signer: &'a Signer,
}

impl ManifestReader<'_> {
    /// The response to GET or HEAD of a manifest.
    pub(super) fn respond(
        &self,
        repository: &Repository,
        reference: &TagOrDigest,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Response, DistributionError> {
        let (digest, manifest) = self.find(repository, reference)?;
        let (digest, manifest) = match reference {
            TagOrDigest::Tag(tag) => {
                self.convert_for_client(repository, tag, digest, manifest, headers)?
            }
            TagOrDigest::Digest(_) => (digest, manifest),
        };
        refuse_unaccepted_oci(&manifest, headers)?;
        let mut response = blob_response::with_body(StatusCode::OK, method, manifest.content);
        let of_all = [
            ("content-type", manifest.media_type.to_string()),
            ("docker-content-digest", digest.to_string()),
            ("etag", format!("\"{digest}\"")),
        ];
        answer::add(response.headers_mut(), of_all);
        Ok(response)
    }

    fn find(
        &self,
        repository: &Repository,
        reference: &TagOrDigest,
    ) -> Result<(Digest, StoredManifest), DistributionError> {
        let Repository { project, stream } = repository;
        if self.cluster.stream_tags(project, stream).is_none() {
            return Err(DistributionError::name_unknown(&repository.to_string()));
        }
        let (digest, missing) = match reference {
            TagOrDigest::Tag(tag) => (
                self.cluster.tag_digest(project, stream, tag),
                json!({ "Tag": tag.as_str() }),
            ),
            TagOrDigest::Digest(digest) => (
                Some(digest.clone()),
                json!({ "Name": repository.to_string(), "Revision": digest.to_string() }),
            ),
        };
        let found = digest.and_then(|digest| {
            self.find_or_link(repository, &digest)
                .map(|manifest| (digest, manifest))
        });
        found.ok_or_else(|| DistributionError::manifest_unknown(missing))
    }

    /// The manifest, from another repository if the image stream tracks one there.
    fn find_or_link(&self, repository: &Repository, digest: &Digest) -> Option<StoredManifest> {
        let in_stream = || {
            self.cluster.read(|state| {
                let stream = state.stream(repository.project.as_str(), repository.stream.as_str());
                stream
                    .is_some_and(|stream| state.stream_image(stream, &digest.to_string()).is_some())
            })
        };
        let held = self.blobs.manifest(repository, digest);
        held.or_else(|| {
            if in_stream() {
                self.blobs.link_manifest(repository, digest)
            } else {
                None
            }
        })
    }

    /// The format for an old client: a manifest list is replaced by its linux/amd64 image, and a
    /// schema 2 manifest by a schema 1 manifest that is generated from it. Only by tag: a manifest
    /// that is requested by digest must have that digest.
    fn convert_for_client(
        &self,
        repository: &Repository,
        tag: &TagName,
        digest: Digest,
        manifest: StoredManifest,
        headers: &HeaderMap,
    ) -> Result<(Digest, StoredManifest), DistributionError> {
        let (mut digest, mut manifest) = (digest, manifest);
        if ManifestKind::from_media_type(&manifest.media_type) == Some(ManifestKind::DockerList)
            && !accepts(headers, ManifestKind::DockerList)
        {
            let unknown = || DistributionError::manifest_unknown(json!({ "Tag": tag.as_str() }));
            digest = default_platform(&manifest.content).ok_or_else(unknown)?;
            manifest = self
                .blobs
                .manifest(repository, &digest)
                .ok_or_else(unknown)?;
        }
        if ManifestKind::from_media_type(&manifest.media_type) == Some(ManifestKind::DockerManifest)
            && !accepts(headers, ManifestKind::DockerManifest)
        {
            return self.as_schema1(repository, tag, &manifest);
        }
        Ok((digest, manifest))
    }

    fn as_schema1(
        &self,
        repository: &Repository,
        tag: &TagName,
        manifest: &StoredManifest,
    ) -> Result<(Digest, StoredManifest), DistributionError> {
        let config = config_digest(&manifest.content)
            .and_then(|digest| self.blobs.blob(repository, &digest));
        let converted = config.and_then(|config| {
            super::schema1::convert(
                &repository.to_string(),
                tag.as_str(),
                &manifest.content,
                &config,
            )
        });
        let payload = converted.ok_or_else(|| DistributionError::manifest_invalid(Value::Null))?;
        let signed = self
            .signer
            .sign(&payload, self.cluster.clock().now())
            .ok_or_else(|| DistributionError::manifest_invalid(Value::Null))?;
        let manifest = StoredManifest {
            media_type: SIGNED_SCHEMA1.into(),
            content: Bytes::from(signed),
        };
        Ok((Digest::sha256(payload.as_bytes()), manifest))
    }
}

fn refuse_unaccepted_oci(
    manifest: &StoredManifest,
    headers: &HeaderMap,
) -> Result<(), DistributionError> {
    let (kind, message) = match ManifestKind::from_media_type(&manifest.media_type) {
        Some(ManifestKind::OciManifest) => (
            ManifestKind::OciManifest,
            "OCI manifest found, but accept header does not support OCI manifests",
        ),
        Some(ManifestKind::OciIndex) => (
            ManifestKind::OciIndex,
            "OCI index found, but accept header does not support OCI indexes",
        ),
        _ => return Ok(()),
    };
    if accepts(headers, kind) {
        return Ok(());
    }
    Err(DistributionError::single(
        StatusCode::NOT_FOUND,
        "MANIFEST_UNKNOWN",
        message,
        Value::Null,
    ))
}

fn default_platform(list: &[u8]) -> Option<Digest> {
    let list: Value = serde_json::from_slice(list).ok()?;
    let is_default = |entry: &&Value| {
        entry["platform"]["architecture"] == "amd64" && entry["platform"]["os"] == "linux"
    };
    list["manifests"].as_array()?.iter().find(is_default)?["digest"]
        .as_str()?
        .parse()
        .ok()
}

/// The digest of the config that a manifest names.
pub(super) fn config_digest(manifest: &[u8]) -> Option<Digest> {
    let manifest: Value = json::from_slice(manifest).ok()?;
    manifest["config"]["digest"].as_str()?.parse().ok()
}

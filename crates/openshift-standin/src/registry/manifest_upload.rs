//! Uploads of manifests: they are checked, stored, and become a tag event of their image stream.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use super::access::Caller;
use super::blobs::{Blobs, Repository, StoredManifest};
use super::manifests::{TagOrDigest, config_digest};
use super::media_type::{ManifestKind, without_parameters};
use super::{answer, schema1};
use crate::cluster::{Cluster, PushedManifest, Version};
use crate::registry::error::{DistributionError, DistributionErrorEntry};
use registry_model::{Digest, json};

/// The most bytes of one manifest (A8).
const MAX_MANIFEST_BYTES: usize = 4 << 20;

/// A manifest that is uploaded to a repository.
pub(super) struct ManifestUpload<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) blobs: &'a Blobs,
    pub(super) repository: &'a Repository,
    pub(super) reference: &'a TagOrDigest,
    pub(super) caller: &'a Caller,
}

impl ManifestUpload<'_> {
    /// `PUT /v2/<name>/manifests/<reference>`
    pub(super) async fn receive(
        &self,
        headers: &HeaderMap,
        body: axum::body::Body,
        host: &str,
    ) -> Result<axum::response::Response, DistributionError> {
        let body = Limited::new(body, MAX_MANIFEST_BYTES).collect().await;
        let content = body
            .map_err(|_| DistributionError::manifest_invalid("http: request body too large"))?
            .to_bytes();
        let kind = self.kind(headers)?;
        let parsed: Value = json::from_slice(&content)
            .map_err(|error| DistributionError::manifest_invalid(error.to_string()))?;
        let digest = self.digest(kind, &content)?;
        self.check_platforms(kind, &parsed)?;
        self.check_referenced(kind, &parsed)?;
        self.store(kind, &digest, content)?;
        let location = format!("https://{host}/v2/{}/manifests/{digest}", self.repository);
        Ok(answer::empty(
            StatusCode::CREATED,
            [
                ("location", location),
                ("docker-content-digest", digest.to_string()),
            ],
        ))
    }

    fn kind(&self, headers: &HeaderMap) -> Result<ManifestKind, DistributionError> {
        let named = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let kind = ManifestKind::from_media_type(without_parameters(named))
            .filter(|kind| kind.is_supported_by(self.cluster.version()));
        kind.ok_or_else(|| DistributionError::manifest_invalid(json!({})))
    }

    fn digest(&self, kind: ManifestKind, content: &[u8]) -> Result<Digest, DistributionError> {
        let computed = match kind {
            // The digest of a signed manifest does not cover the signatures.
            ManifestKind::Schema1 => Digest::sha256(
                &schema1::signed_payload(content)
                    .ok_or_else(|| DistributionError::manifest_invalid(Value::Null))?,
            ),
            _ => Digest::sha256(content),
        };
        match self.reference {
            TagOrDigest::Digest(named) if *named != computed => {
                if kind != ManifestKind::Schema1 && named.matches(content) {
                    return Ok(named.clone());
                }
                Err(DistributionError::digest_invalid())
            }
            _ => Ok(computed),
        }
    }

    /// Observed: the registry of OpenShift 4 answers 500 to an index with an entry that has no
    /// platform.
    fn check_platforms(
        &self,
        kind: ManifestKind,
        manifest: &Value,
    ) -> Result<(), DistributionError> {
        let entries = manifest["manifests"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if self.cluster.version() == Version::V4
            && kind.is_index()
            && entries.iter().any(|entry| !entry["platform"].is_object())
        {
            return Err(DistributionError::single(
                StatusCode::INTERNAL_SERVER_ERROR,
                "UNKNOWN",
                "unknown error",
                Value::Null,
            ));
        }
        Ok(())
    }

    /// Everything that a manifest refers to must exist first.
    fn check_referenced(
        &self,
        kind: ManifestKind,
        manifest: &Value,
    ) -> Result<(), DistributionError> {
        let missing: Vec<DistributionErrorEntry> = referenced_digests(kind, manifest)
            .filter(|part| {
                !part
                    .parse()
                    .is_ok_and(|digest: Digest| self.has_referenced(kind, &digest))
            })
            .map(|part| {
                DistributionErrorEntry::new(
                    "MANIFEST_BLOB_UNKNOWN",
                    "blob unknown to registry",
                    json!({ "digest": part }),
                )
            })
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(DistributionError::Errors(StatusCode::BAD_REQUEST, missing))
        }
    }

    fn has_referenced(&self, kind: ManifestKind, digest: &Digest) -> bool {
        if kind.is_index() {
            self.blobs.manifest(self.repository, digest).is_some()
        } else {
            self.blobs.blob(self.repository, digest).is_some()
        }
    }

    fn store(
        &self,
        kind: ManifestKind,
        digest: &Digest,
        content: Bytes,
    ) -> Result<(), DistributionError> {
        let tag = match self.reference {
            TagOrDigest::Tag(tag) => Some(tag),
            TagOrDigest::Digest(_) => None,
        };
        let pushed = PushedManifest {
            digest: digest.clone(),
            media_type: kind.media_type().to_owned(),
            manifest: content.clone(),
            config: config_digest(&content)
                .and_then(|config| self.blobs.blob(self.repository, &config)),
            pushed_at: self.cluster.clock().now(),
            pushed_by: self.caller.name().unwrap_or_default().to_owned(),
        };
        let Repository { project, stream } = self.repository;
        self.blobs.store_manifest(
            self.repository,
            digest.clone(),
            StoredManifest {
                media_type: kind.media_type().into(),
                content,
            },
        );
        self.cluster
            .push(project, stream, tag, &pushed)
            .map_err(|refusal| {
                self.blobs.prune_manifest(self.repository, digest);
                DistributionError::single(
                    StatusCode::FORBIDDEN,
                    "DENIED",
                    "requested access to the resource is denied",
                    refusal.to_string(),
                )
            })
    }
}

/// The digests to which a manifest refers. Layers with `urls` are stored elsewhere and need not
/// exist here.
fn referenced_digests(kind: ManifestKind, manifest: &Value) -> impl Iterator<Item = &str> {
    let list = |field: &str| {
        manifest[field]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    let (config, entries, key) = match kind {
        ManifestKind::Schema1 => (None, list("fsLayers"), "blobSum"),
        ManifestKind::DockerList | ManifestKind::OciIndex => (None, list("manifests"), "digest"),
        ManifestKind::DockerManifest | ManifestKind::OciManifest => {
            (Some(&manifest["config"]), list("layers"), "digest")
        }
    };
    let here = entries
        .iter()
        .filter(|entry| entry["urls"].as_array().is_none_or(Vec::is_empty));
    config
        .into_iter()
        .map(|config| config["digest"].as_str().unwrap_or_default())
        .chain(here.map(move |entry| entry[key].as_str().unwrap_or_default()))
}

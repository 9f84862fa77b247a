//! Manifests on their way in: checked, kept, and made a tag event of their image stream.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use super::access::Caller;
use super::blobs::{Blobs, Manifest, Repository};
use super::manifests::{Reference, config_digest};
use super::media_type::{Kind, without_parameters};
use super::refusal::{Problem, Refusal};
use super::{answer, schema1};
use crate::cluster::{Cluster, Pushed, Version};
use registry_model::{Digest, json};

/// The most bytes of one manifest (A8).
const MANIFEST_LIMIT: usize = 4 << 20;

/// A manifest that arrived for a repository.
pub(super) struct Arrival<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) blobs: &'a Blobs,
    pub(super) repository: &'a Repository,
    pub(super) reference: &'a Reference,
    pub(super) caller: &'a Caller,
}

impl Arrival<'_> {
    /// `PUT /v2/<name>/manifests/<reference>`
    pub(super) async fn take(
        &self,
        headers: &HeaderMap,
        body: axum::body::Body,
        host: &str,
    ) -> Result<axum::response::Response, Refusal> {
        let body = Limited::new(body, MANIFEST_LIMIT).collect().await;
        let content = body
            .map_err(|_| Refusal::manifest_invalid("http: request body too large"))?
            .to_bytes();
        let kind = self.kind(headers)?;
        let parsed: Value = json::from_slice(&content)
            .map_err(|error| Refusal::manifest_invalid(error.to_string()))?;
        let digest = self.digest(kind, &content)?;
        self.check_platforms(kind, &parsed)?;
        self.check_parts(kind, &parsed)?;
        self.keep(kind, &digest, content)?;
        let location = format!("https://{host}/v2/{}/manifests/{digest}", self.repository);
        Ok(answer::empty(
            StatusCode::CREATED,
            [
                ("location", location),
                ("docker-content-digest", digest.to_string()),
            ],
        ))
    }

    fn kind(&self, headers: &HeaderMap) -> Result<Kind, Refusal> {
        let named = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let kind = Kind::of(without_parameters(named))
            .filter(|kind| kind.known_to(self.cluster.version()));
        kind.ok_or_else(|| Refusal::manifest_invalid(json!({})))
    }

    fn digest(&self, kind: Kind, content: &[u8]) -> Result<Digest, Refusal> {
        let computed = match kind {
            // The digest of a signed manifest leaves the signatures out.
            Kind::Schema1 => Digest::sha256_of(
                &schema1::payload(content).ok_or_else(|| Refusal::manifest_invalid(Value::Null))?,
            ),
            _ => Digest::sha256_of(content),
        };
        match self.reference {
            Reference::Digest(named) if *named != computed => {
                if kind != Kind::Schema1 && named.matches(content) {
                    return Ok(named.clone());
                }
                Err(Refusal::digest_invalid())
            }
            _ => Ok(computed),
        }
    }

    /// Observed: the registry of OpenShift 4 answers 500 to an index with an entry that has no
    /// platform.
    fn check_platforms(&self, kind: Kind, manifest: &Value) -> Result<(), Refusal> {
        let entries = manifest["manifests"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if self.cluster.version() == Version::V4
            && kind.is_index()
            && entries.iter().any(|entry| !entry["platform"].is_object())
        {
            return Err(Refusal::one(
                StatusCode::INTERNAL_SERVER_ERROR,
                "UNKNOWN",
                "unknown error",
                Value::Null,
            ));
        }
        Ok(())
    }

    /// Everything that a manifest points at must be there first.
    fn check_parts(&self, kind: Kind, manifest: &Value) -> Result<(), Refusal> {
        let missing: Vec<Problem> = parts(kind, manifest)
            .filter(|part| {
                !part
                    .parse()
                    .is_ok_and(|digest: Digest| self.holds(kind, &digest))
            })
            .map(|part| {
                Problem::new(
                    "MANIFEST_BLOB_UNKNOWN",
                    "blob unknown to registry",
                    json!({ "digest": part }),
                )
            })
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Errors(StatusCode::BAD_REQUEST, missing))
        }
    }

    fn holds(&self, kind: Kind, digest: &Digest) -> bool {
        if kind.is_index() {
            self.blobs.manifest(self.repository, digest).is_some()
        } else {
            self.blobs.blob(self.repository, digest).is_some()
        }
    }

    fn keep(&self, kind: Kind, digest: &Digest, content: Bytes) -> Result<(), Refusal> {
        let tag = match self.reference {
            Reference::Tag(tag) => Some(tag),
            Reference::Digest(_) => None,
        };
        let pushed = Pushed {
            digest: digest.clone(),
            media_type: kind.media_type().to_owned(),
            manifest: content.clone(),
            config: config_digest(&content)
                .and_then(|config| self.blobs.blob(self.repository, &config)),
            when: self.cluster.clock().now(),
            by: self.caller.name().unwrap_or_default().to_owned(),
        };
        let Repository { project, stream } = self.repository;
        self.blobs.store_manifest(
            self.repository,
            digest.clone(),
            Manifest {
                media_type: kind.media_type().into(),
                content,
            },
        );
        self.cluster
            .push(project, stream, tag, &pushed)
            .map_err(|refusal| {
                self.blobs.lose_manifest(self.repository, digest);
                Refusal::one(
                    StatusCode::FORBIDDEN,
                    "DENIED",
                    "requested access to the resource is denied",
                    refusal.to_string(),
                )
            })
    }
}

/// The digests that a manifest points at. Layers with `urls` lie elsewhere and need not be here.
fn parts(kind: Kind, manifest: &Value) -> impl Iterator<Item = &str> {
    let list = |field: &str| {
        manifest[field]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    let (config, entries, key) = match kind {
        Kind::Schema1 => (None, list("fsLayers"), "blobSum"),
        Kind::DockerList | Kind::OciIndex => (None, list("manifests"), "digest"),
        Kind::DockerManifest | Kind::OciManifest => {
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

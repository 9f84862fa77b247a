//! Uploads of blobs: begun by POST, continued by PATCH, finished by PUT (distribution
//! specification, "Pushing blobs").

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use rand::Rng as _;
use serde_json::{Value, json};

use super::answer;
use super::blobs::{Blobs, Repository};
use crate::registry::error::DistributionError;
use registry_model::Digest;

/// The largest blob in bytes: enough for a demo, and a bound on what one push can take.
const MAX_BLOB_BYTES: usize = 512 << 20;
/// The most open uploads; the oldest is dropped for a new one.
const MAX_OPEN_UPLOADS: usize = 64;

/// The open uploads. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Uploads(Arc<Mutex<VecDeque<Upload>>>);

#[derive(Debug)]
struct Upload {
    id: String,
    repository: Repository,
    content: Vec<u8>,
}

impl Uploads {
    /// POST: mounts a blob, stores a whole one, or begins an upload.
    pub(super) async fn begin(
        &self,
        blobs: &Blobs,
        repository: Repository,
        query: &BeginQuery,
        mountable: Option<Repository>,
        body: Body,
        host: &str,
    ) -> Result<Response, DistributionError> {
        if let (Some(digest), Some(from)) = (&query.mount, mountable) {
            let digest = digest
                .parse()
                .map_err(|_| DistributionError::digest_invalid())?;
            if blobs.mount(&from, &repository, &digest) {
                return Ok(created(&repository, &digest, host));
            }
        }
        let upload = Upload {
            id: new_id(),
            repository,
            content: Vec::new(),
        };
        if let Some(digest) = &query.digest {
            return finish_upload(blobs, upload, digest, body, host).await;
        }
        let response = accepted(&upload, host, StatusCode::ACCEPTED);
        let mut open = self.lock();
        if open.len() >= MAX_OPEN_UPLOADS {
            open.pop_front();
        }
        open.push_back(upload);
        Ok(response)
    }

    /// PATCH: the next chunk. A `Content-Range` must begin at the current size.
    pub(super) async fn append(
        &self,
        repository: &Repository,
        id: &str,
        headers: &HeaderMap,
        body: Body,
        host: &str,
    ) -> Result<Response, DistributionError> {
        let mut upload = self.take(repository, id)?;
        if has_wrong_offset(headers, upload.content.len()) {
            let response = accepted(&upload, host, StatusCode::RANGE_NOT_SATISFIABLE);
            self.lock().push_back(upload);
            return Ok(response);
        }
        receive(body, &mut upload.content).await?;
        let response = accepted(&upload, host, StatusCode::ACCEPTED);
        self.lock().push_back(upload);
        Ok(response)
    }

    /// PUT: the last chunk (may be empty) and the digest of the whole.
    pub(super) async fn finish(
        &self,
        blobs: &Blobs,
        repository: &Repository,
        id: &str,
        digest: &str,
        body: Body,
        host: &str,
    ) -> Result<Response, DistributionError> {
        let upload = self.take(repository, id)?;
        finish_upload(blobs, upload, digest, body, host).await
    }

    /// GET: the current size of the upload.
    pub(super) fn progress(
        &self,
        repository: &Repository,
        id: &str,
        host: &str,
    ) -> Result<Response, DistributionError> {
        let upload = self.take(repository, id)?;
        let response = accepted(&upload, host, StatusCode::NO_CONTENT);
        self.lock().push_back(upload);
        Ok(response)
    }

    /// DELETE: drops the upload.
    pub(super) fn cancel(
        &self,
        repository: &Repository,
        id: &str,
    ) -> Result<Response, DistributionError> {
        self.take(repository, id)?;
        Ok(answer::empty(StatusCode::NO_CONTENT, []))
    }

    fn take(&self, repository: &Repository, id: &str) -> Result<Upload, DistributionError> {
        let mut open = self.lock();
        let found = open
            .iter()
            .position(|upload| upload.id == id && upload.repository == *repository);
        found.and_then(|index| open.remove(index)).ok_or_else(|| {
            DistributionError::single(
                StatusCode::NOT_FOUND,
                "BLOB_UPLOAD_UNKNOWN",
                "blob upload unknown to registry",
                Value::Null,
            )
        })
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Upload>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The query of the POST that begins an upload.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct BeginQuery {
    pub(super) mount: Option<String>,
    pub(super) from: Option<String>,
    digest: Option<String>,
}

/// The query of the PUT that finishes an upload.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct FinishQuery {
    #[serde(default)]
    pub(super) digest: String,
}

async fn finish_upload(
    blobs: &Blobs,
    mut upload: Upload,
    digest: &str,
    body: Body,
    host: &str,
) -> Result<Response, DistributionError> {
    let digest: Digest = digest
        .parse()
        .map_err(|_| DistributionError::digest_invalid())?;
    receive(body, &mut upload.content).await?;
    let Upload {
        repository,
        content,
        ..
    } = upload;
    let checked =
        tokio::task::spawn_blocking(move || digest.matches(&content).then_some((digest, content)));
    let Some((digest, content)) = checked.await.ok().flatten() else {
        return Err(DistributionError::digest_invalid());
    };
    blobs.store_as(&repository, digest.clone(), Bytes::from(content));
    Ok(created(&repository, &digest, host))
}

async fn receive(mut body: Body, into: &mut Vec<u8>) -> Result<(), DistributionError> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            DistributionError::single(
                StatusCode::BAD_REQUEST,
                "BLOB_UPLOAD_INVALID",
                "blob upload invalid",
                Value::Null,
            )
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if into.len() + data.len() > MAX_BLOB_BYTES {
            let detail = json!({ "limit": MAX_BLOB_BYTES });
            return Err(DistributionError::single(
                StatusCode::PAYLOAD_TOO_LARGE,
                "SIZE_INVALID",
                "provided length did not match content length",
                detail,
            ));
        }
        into.extend_from_slice(&data);
    }
    Ok(())
}

fn has_wrong_offset(headers: &HeaderMap, stands_at: usize) -> bool {
    let Some(range) = headers.get(header::CONTENT_RANGE) else {
        return false;
    };
    let start = range.to_str().ok().and_then(|text| {
        text.trim_start_matches("bytes ")
            .split_once('-')?
            .0
            .trim()
            .parse()
            .ok()
    });
    start != Some(stands_at)
}

fn accepted(upload: &Upload, host: &str, status: StatusCode) -> Response {
    let last = upload.content.len().saturating_sub(1);
    answer::empty(
        status,
        [
            (
                "location",
                format!(
                    "https://{host}/v2/{}/blobs/uploads/{}",
                    upload.repository, upload.id
                ),
            ),
            ("range", format!("0-{last}")),
            ("docker-upload-uuid", upload.id.clone()),
        ],
    )
}

fn created(repository: &Repository, digest: &Digest, host: &str) -> Response {
    answer::empty(
        StatusCode::CREATED,
        [
            (
                "location",
                format!("https://{host}/v2/{repository}/blobs/{digest}"),
            ),
            ("docker-content-digest", digest.to_string()),
        ],
    )
}

/// A random identifier in the form of a UUID, which clients expect.
fn new_id() -> String {
    let hex = format!("{:032x}", rand::rng().random::<u128>());
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

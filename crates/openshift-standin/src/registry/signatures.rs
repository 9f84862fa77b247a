//! The extension that stores signatures of images (A8).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::answer;
use crate::registry::error::DistributionError;
use registry_model::Digest;

/// How many signatures one image may have.
const MAX_SIGNATURES_PER_IMAGE: usize = 100;

/// The signatures, by image. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Signatures(Arc<Mutex<HashMap<Digest, Vec<Value>>>>);

impl Signatures {
    pub(super) fn list(&self, digest: &str) -> Result<Response, DistributionError> {
        let digest: Digest = digest
            .parse()
            .map_err(|_| DistributionError::digest_invalid())?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_image = all.get(&digest).cloned().unwrap_or_default();
        let body = json!({ "signatures": of_image }).to_string();
        Ok(answer::text_as(
            "application/json; charset=utf-8",
            StatusCode::OK,
            body,
        ))
    }

    /// Adds a signature: `{"schemaVersion": 2, "name": "<digest>@<name>", "type": "atomic",
    /// "content": "<base64>"}`.
    pub(super) fn add(&self, digest: &str, body: &[u8]) -> Result<Response, DistributionError> {
        let digest: Digest = digest
            .parse()
            .map_err(|_| DistributionError::digest_invalid())?;
        let invalid = || {
            DistributionError::single(
                StatusCode::BAD_REQUEST,
                "SIGNATURE_INVALID",
                "invalid image signature",
                Value::Null,
            )
        };
        let signature: Value = serde_json::from_slice(body).map_err(|_| invalid())?;
        let well_formed = signature["schemaVersion"] == 2
            && signature["name"]
                .as_str()
                .is_some_and(|name| name.starts_with(&format!("{digest}@")))
            && signature["type"].is_string()
            && signature["content"].is_string();
        if !well_formed {
            return Err(invalid());
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_image = all.entry(digest).or_default();
        if of_image.len() >= MAX_SIGNATURES_PER_IMAGE
            || of_image
                .iter()
                .any(|known| known["name"] == signature["name"])
        {
            return Err(DistributionError::single(
                StatusCode::CONFLICT,
                "SIGNATURE_EXISTS",
                "image signature already exists",
                Value::Null,
            ));
        }
        of_image.push(signature);
        Ok(answer::empty(StatusCode::CREATED, []))
    }
}

//! Blobs in object storage: the registry answers `GET` with a redirect to a signed address
//! (distribution, `storage.redirect`).

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::LOCATION;

use super::{Registry, RegistryError, requests};
use crate::outbound::{StorageError, StorageLocation, UpstreamResponse};
use registry_model::Digest;

/// Whether the response to `GET` of a blob is a redirect. Real registries send 307.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The blob at the target of the redirect, checked, and the host of the object storage.
pub(super) async fn follow_redirect(
    registry: &Registry,
    response: &UpstreamResponse,
    digest: &Digest,
    limit: Duration,
) -> Result<(Bytes, String), RegistryError> {
    let location = StorageLocation::parse(response.header(LOCATION), registry.upstream.base());
    let location = location.map_err(|why| RegistryError::Storage {
        host: None,
        source: why,
    })?;
    let storage_error = |why| RegistryError::Storage {
        host: Some(location.host().to_owned()),
        source: why,
    };
    let Some(storage) = &registry.storage else {
        return Err(storage_error(StorageError::RedirectsDisabled));
    };
    let found = storage
        .get(&location, requests::MAX_CONFIG_BYTES, limit)
        .await
        .map_err(storage_error)?;
    if !digest.matches(&found.body) {
        return Err(storage_error(StorageError::DigestMismatch));
    }
    Ok((found.body, location.host().to_owned()))
}

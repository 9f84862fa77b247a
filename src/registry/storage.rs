//! Blobs that the registry keeps in object storage: it answers `GET` with a redirect to a signed
//! address (distribution, `storage.redirect`).

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::LOCATION;

use super::{Error, Registry, requests};
use crate::outbound::{Answer, StorageFailed, StorageLocation};
use registry_model::Digest;

/// Whether the answer to `GET` of a blob leads elsewhere. Real registries answer 307.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The blob from where the answer leads, checked, and the host that it came from.
pub(super) async fn follow(
    registry: &Registry,
    answer: &Answer,
    digest: &Digest,
    limit: Duration,
) -> Result<(Bytes, String), Error> {
    let location = StorageLocation::read(answer.header(LOCATION), registry.upstream.base());
    let location = location.map_err(|why| Error::Storage { host: None, why })?;
    let failed = |why| Error::Storage {
        host: Some(location.host().to_owned()),
        why,
    };
    let Some(storage) = &registry.storage else {
        return Err(failed(StorageFailed::Off));
    };
    let found = storage
        .get(&location, requests::CONFIG_BYTES, limit)
        .await
        .map_err(failed)?;
    if !digest.matches(&found.body) {
        return Err(failed(StorageFailed::DigestMismatch));
    }
    Ok((found.body, location.host().to_owned()))
}

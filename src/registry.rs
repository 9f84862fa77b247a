//! The client for the integrated registry (distribution v2).
//!
//! The registry accepts a user's OpenShift token directly, so the token is sent to the configured
//! registry only. The `realm` of a challenge is never followed, only the position in the list is
//! taken from a `Link` header (S36), and a redirect is an error of its own (S35). The exception is
//! the redirect of a blob, which is followed once, without the token. Manifests and blobs are
//! returned as raw bytes whose digest has been checked (S39).

mod digest_check;
mod error;
mod probe;
mod requests;
mod storage;
mod tags;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::config;
use crate::outbound::{
    Request, SetupError, StorageClient, TimeLimits, Upstream, UpstreamName, UpstreamResponse,
    UserToken,
};
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

pub use error::{RegistryError, ServerFailure};
pub use probe::ProbeResult;

/// The client for the registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    upstream: Upstream,
    /// Follows redirects of blobs. `None`: no redirect is followed.
    storage: Option<StorageClient>,
}

/// The client for the registry, with the token of one user.
#[derive(Clone, Copy, Debug)]
pub struct UserRegistry<'a> {
    registry: &'a Registry,
    token: &'a UserToken,
}

/// The reference of a manifest in a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ManifestReference {
    /// A tag, which can point to another manifest later.
    Tag(TagName),
    /// The digest of the manifest.
    Digest(Digest),
}

/// A manifest as the registry holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawManifest {
    pub bytes: Bytes,
    /// The `Content-Type` of the response, without parameters. Untrusted.
    pub content_type: Option<String>,
    /// The digest, which has been checked. For a signed schema 1 manifest, that of the signed
    /// payload.
    pub digest: Digest,
}

impl Registry {
    /// A client for the registry at `upstream` that follows no redirect.
    #[must_use]
    pub fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            storage: None,
        }
    }

    /// The client for the configured registry. It follows redirects to object storage unless the
    /// configuration disables them.
    ///
    /// # Errors
    /// The address or the certificates are invalid.
    pub fn from_settings(
        config: &config::RegistrySettings,
        limits: TimeLimits,
    ) -> Result<Self, SetupError> {
        let registry = Self::new(Upstream::new(
            UpstreamName::Registry,
            &config.url,
            &config.trust,
            limits,
        )?);
        if !config.storage.follow_redirects {
            return Ok(registry);
        }
        Ok(registry.with_storage(StorageClient::new(
            &config.url,
            &config.storage.trust,
            limits,
        )?))
    }

    /// The same client, which reads blobs through `storage` when the registry redirects.
    #[must_use]
    pub fn with_storage(self, storage: StorageClient) -> Self {
        Self {
            storage: Some(storage),
            ..self
        }
    }

    /// The client that sends requests with `token`, and so with the rights of its owner only.
    #[must_use]
    pub fn for_user<'a>(&'a self, token: &'a UserToken) -> UserRegistry<'a> {
        UserRegistry {
            registry: self,
            token,
        }
    }
}

impl UserRegistry<'_> {
    /// A manifest, index or artifact, of at most 4 MiB.
    ///
    /// # Errors
    /// [`RegistryError::DigestMismatch`] where the bytes do not match the digest of the request, or
    /// the digest that the registry states.
    pub async fn get_manifest(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ManifestReference,
    ) -> Result<RawManifest, RegistryError> {
        let response = self
            .request(|| requests::manifest(project, stream, reference))
            .await?;
        digest_check::checked_manifest(&response, reference)
    }

    /// An image configuration of at most 8 MiB, from the registry or from the object storage that
    /// it redirects to, within `limit` of the call.
    ///
    /// # Errors
    /// [`RegistryError::Storage`], [`RegistryError::DigestMismatch`], or any other.
    pub async fn get_config(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
        limit: Duration,
    ) -> Result<Bytes, RegistryError> {
        Ok(self
            .get_config_and_host(project, stream, digest, limit)
            .await?
            .0)
    }

    /// As [`Self::get_config`], with the host of the object storage if the registry redirected
    /// there.
    ///
    /// # Errors
    /// As [`Self::get_config`].
    pub async fn get_config_and_host(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
        limit: Duration,
    ) -> Result<(Bytes, Option<String>), RegistryError> {
        let started = Instant::now();
        let response = self
            .request_any_status(|| requests::config(project, stream, digest))
            .await?;
        if storage::is_redirect(response.status) {
            let (bytes, host) = storage::follow_redirect(
                self.registry,
                &response,
                digest,
                limit.saturating_sub(started.elapsed()),
            )
            .await?;
            return Ok((bytes, Some(host)));
        }
        digest_check::checked_blob(&require_success(response)?, digest).map(|bytes| (bytes, None))
    }

    /// The tags of a repository, in the order of the registry. Invalid names are left out.
    ///
    /// # Errors
    /// [`RegistryError::NotFound`] where the registry has no such repository.
    pub async fn list_tags(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<Vec<TagName>, RegistryError> {
        tags::list_tags(self, project, stream).await
    }

    /// Checks that the registry is reachable and accepts the token (`GET /v2/`).
    ///
    /// # Errors
    /// Any [`RegistryError`]. [`RegistryError::Unexpected`] where the response is not that of a
    /// registry.
    pub async fn ping(&self) -> Result<(), RegistryError> {
        let response = self.request(requests::ping).await?;
        let is_registry = response
            .header("docker-distribution-api-version")
            .is_some_and(|version| version.starts_with("registry/2"));
        if is_registry {
            Ok(())
        } else {
            Err(RegistryError::malformed(
                "no Docker-Distribution-Api-Version: something else than a registry",
            ))
        }
    }

    /// Sends a request. Any status but a success is an error. The request is retried once where the
    /// registry could not reach the API server to check access (R4).
    async fn request(
        &self,
        request: impl Fn() -> Request<'static>,
    ) -> Result<UpstreamResponse, RegistryError> {
        require_success(self.request_any_status(request).await?)
    }

    /// As [`Self::request`], but returns the response whatever its status.
    async fn request_any_status(
        &self,
        request: impl Fn() -> Request<'static>,
    ) -> Result<UpstreamResponse, RegistryError> {
        let send =
            |request: Request<'static>| self.registry.upstream.send(request.bearer(self.token));
        let response = send(request()).await?;
        let access_check_failed = !response.status.is_success()
            && matches!(
                RegistryError::from_response(&response),
                RegistryError::AccessCheckFailed
            );
        Ok(if access_check_failed {
            send(request()).await?
        } else {
            response
        })
    }
}

fn require_success(response: UpstreamResponse) -> Result<UpstreamResponse, RegistryError> {
    if response.status.is_success() {
        Ok(response)
    } else {
        Err(RegistryError::from_response(&response))
    }
}

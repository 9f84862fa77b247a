//! The integrated registry (distribution v2), as a user.
//!
//! The registry takes a person's OpenShift token as it is, so the token is sent to the configured
//! registry and to nobody else: the `realm` of a challenge is never followed, of a `Link` only the
//! place in the list is taken (S36), and a redirect is an error that has a name (S35), but for that
//! of a blob: it is followed once, without the token. What comes back is raw bytes whose digest was
//! checked (S39).

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

/// The registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    upstream: Upstream,
    /// Follows redirects of blobs. Absent: none is followed.
    storage: Option<StorageClient>,
}

/// The registry with the token of one person.
#[derive(Clone, Copy, Debug)]
pub struct UserRegistry<'a> {
    registry: &'a Registry,
    token: &'a UserToken,
}

/// How a manifest is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ManifestReference {
    /// By a name that may move.
    Tag(TagName),
    /// By what it is.
    Digest(Digest),
}

/// A manifest as the registry holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawManifest {
    /// Its bytes.
    pub bytes: Bytes,
    /// The `Content-Type` that it came with, without parameters. Untrusted.
    pub content_type: Option<String>,
    /// Its digest, checked. (Of a signed schema 1 manifest it is the digest of what was signed.)
    pub digest: Digest,
}

impl Registry {
    /// Talks to the registry at `upstream`, and follows no redirect.
    #[must_use]
    pub fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            storage: None,
        }
    }

    /// The registry of the configuration, with its object storage unless redirects are switched
    /// off.
    ///
    /// # Errors
    /// An address or certificates are of no use.
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

    /// The same, with blobs from the object storage that it redirects to.
    #[must_use]
    pub fn with_storage(self, storage: StorageClient) -> Self {
        Self {
            storage: Some(storage),
            ..self
        }
    }

    /// Asks as the owner of `token`, and with no other power.
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
    /// [`RegistryError::DigestMismatch`] where the bytes are not what was asked for, or not what
    /// the registry says they are.
    pub async fn get_manifest(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ManifestReference,
    ) -> Result<RawManifest, RegistryError> {
        let answer = self
            .request(|| requests::manifest(project, stream, reference))
            .await?;
        digest_check::checked_manifest(&answer, reference)
    }

    /// A config blob of at most 8 MiB, from the registry or, within `limit` of the call, from the
    /// object storage that it redirects to.
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

    /// The same, and the host of the object storage that it came from, if it came from there.
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
        let answer = self
            .request_any_status(|| requests::config(project, stream, digest))
            .await?;
        if storage::is_redirect(answer.status) {
            let (bytes, host) = storage::follow_redirect(
                self.registry,
                &answer,
                digest,
                limit.saturating_sub(started.elapsed()),
            )
            .await?;
            return Ok((bytes, Some(host)));
        }
        digest_check::checked_blob(&require_success(answer)?, digest).map(|bytes| (bytes, None))
    }

    /// The tags that the registry holds, in its own order. Names that are not valid are left out.
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

    /// Whether the registry is there and takes the token (`GET /v2/`).
    ///
    /// # Errors
    /// Any [`RegistryError`]; [`RegistryError::Unexpected`] where something else than a registry
    /// answers.
    pub async fn ping(&self) -> Result<(), RegistryError> {
        let answer = self.request(requests::ping).await?;
        let is_registry = answer
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

    /// Asks; anything but a success is an error. Once more where the registry could not ask the
    /// master (R4).
    async fn request(
        &self,
        request: impl Fn() -> Request<'static>,
    ) -> Result<UpstreamResponse, RegistryError> {
        require_success(self.request_any_status(request).await?)
    }

    /// The same, whatever the status.
    async fn request_any_status(
        &self,
        request: impl Fn() -> Request<'static>,
    ) -> Result<UpstreamResponse, RegistryError> {
        let ask =
            |request: Request<'static>| self.registry.upstream.send(request.bearer(self.token));
        let answer = ask(request()).await?;
        let cannot_ask = !answer.status.is_success()
            && matches!(
                RegistryError::from_response(&answer),
                RegistryError::AccessCheckFailed
            );
        Ok(if cannot_ask {
            ask(request()).await?
        } else {
            answer
        })
    }
}

fn require_success(answer: UpstreamResponse) -> Result<UpstreamResponse, RegistryError> {
    if answer.status.is_success() {
        Ok(answer)
    } else {
        Err(RegistryError::from_response(&answer))
    }
}

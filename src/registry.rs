//! The integrated registry (distribution v2), as a user.
//!
//! The registry takes a person's OpenShift token as it is, so the token is sent to the configured registry and to nobody else: the `realm` of a
//! challenge is never followed, of a `Link` only the place in the list is taken (S36), and a redirect is an error that has a name
//! (S35). What comes back is raw bytes whose digest was checked (S39).

mod challenge;
mod error;
mod fetch;
mod requests;
mod tags;

use bytes::Bytes;

use crate::model::{Digest, ImageStreamName, ProjectName, TagName};
use crate::outbound::{Answer, Request, Upstream, UserToken};

pub use challenge::Challenged;
pub use error::Error;

/// The registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    upstream: Upstream,
}

/// The registry with the token of one person.
#[derive(Clone, Copy, Debug)]
pub struct AsUser<'a> {
    registry: &'a Registry,
    token: &'a UserToken,
}

/// How a manifest is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
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
    /// Talks to the registry at `upstream`.
    #[must_use]
    pub fn new(upstream: Upstream) -> Self {
        Self { upstream }
    }

    /// Asks as the owner of `token`, and with no other power.
    #[must_use]
    pub fn as_user<'a>(&'a self, token: &'a UserToken) -> AsUser<'a> {
        AsUser { registry: self, token }
    }
}

impl AsUser<'_> {
    /// A manifest, index or artifact, of at most 4 MiB.
    ///
    /// # Errors
    /// [`Error::DigestMismatch`] where the bytes are not what was asked for, or not what the registry says they are.
    pub async fn manifest(&self, project: &ProjectName, stream: &ImageStreamName, reference: &Reference) -> Result<RawManifest, Error> {
        let answer = self.ask(|| requests::manifest(project, stream, reference)).await?;
        fetch::checked_manifest(&answer, reference)
    }

    /// A config blob of at most 8 MiB.
    ///
    /// # Errors
    /// [`Error::Redirected`] where the registry keeps blobs elsewhere and sends people there; [`Error::DigestMismatch`].
    pub async fn config(&self, project: &ProjectName, stream: &ImageStreamName, digest: &Digest) -> Result<Bytes, Error> {
        let answer = self.ask(|| requests::config(project, stream, digest)).await?;
        fetch::checked_blob(&answer, digest)
    }

    /// The tags that the registry holds, in its own order. Names that are not valid are left out.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the registry has no such repository.
    pub async fn tags(&self, project: &ProjectName, stream: &ImageStreamName) -> Result<Vec<TagName>, Error> {
        tags::tags(self, project, stream).await
    }

    /// Whether the registry is there and takes the token (`GET /v2/`).
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn base(&self) -> Result<(), Error> {
        self.ask(requests::base).await.map(drop)
    }

    /// Asks; anything but a success is an error. Once more where the registry could not ask the master (R4).
    async fn ask(&self, request: impl Fn() -> Request<'static>) -> Result<Answer, Error> {
        match self.ask_once(request()).await {
            Err(Error::CannotAskMaster) => self.ask_once(request()).await,
            result => result,
        }
    }

    async fn ask_once(&self, request: Request<'static>) -> Result<Answer, Error> {
        let answer = self.registry.upstream.send(request.bearer(self.token)).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(Error::of(&answer)) }
    }
}

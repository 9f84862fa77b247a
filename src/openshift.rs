//! The master, as a user.
//!
//! [`Master::as_user`] comes first: nothing is asked without the token of the person who wants to
//! know, so what comes back is what that person may see. Requests are values (`requests`), answers
//! are decoded into types of this module's own (`wire`) and leave it as [`registry_model`] values.

mod about;
mod access;
mod binding_group;
mod bindings;
mod error;
mod feed;
mod imports;
mod listing;
mod lookup;
pub mod oauth;
mod people;
mod project_changes;
mod refused_tokens;
mod requests;
mod revoke;
mod service_accounts;
mod stream_locks;
mod streams;
mod tags;
mod watch;
mod wire;
mod writes;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::outbound::{Answer, Incoming, Request, Upstream, UserToken, note_change};
use registry_model::Clock;
use registry_model::{
    Digest, Image, ImageStream, ImageStreamName, Project, ProjectName, RoleBinding, TagName,
    TotalSize, User,
};

pub use about::{About, OauthServer, RouteHost};
pub use access::{Access, WhoCan};
pub use binding_group::BindingGroup;
pub use bindings::{Binding, Bindings};
pub use error::{Cause, Details, Error, Outage, OutageReason, Status};
pub use feed::{Fed, FeedError, Unreadable};
pub use imports::{ImportOutcome, ImportPlan, ImportResult, RepositoryImport};
pub use listing::Streams;
pub use people::{StoredGroup, StoredUser};
pub use project_changes::{ProjectChange, VersionedProject};
pub use refused_tokens::REFUSED_FOR;
use refused_tokens::RefusedTokens;
pub use revoke::Revoked;
pub use service_accounts::{IssuedToken, ServiceAccount};
pub use stream_locks::StreamLock;
use stream_locks::StreamLocks;
pub use streams::{FollowedTag, INSECURE_REPOSITORY, StreamSource};
pub use tags::TagFrom;
pub use watch::{Change, Watch, WatchEvent};
use writes::Writes;

/// The master's API. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Master {
    upstream: Upstream,
    binding_group: binding_group::FoundGroup,
    writes: Writes,
    stream_locks: StreamLocks,
    refused: RefusedTokens,
}

/// The master's API with the token of one person.
#[derive(Clone, Copy, Debug)]
pub struct AsUser<'a> {
    master: &'a Master,
    token: &'a UserToken,
}

impl Master {
    /// Talks to the master at `upstream`.
    #[must_use]
    pub fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            binding_group: binding_group::FoundGroup::default(),
            writes: Writes::new(),
            stream_locks: StreamLocks::default(),
            refused: RefusedTokens::new(Clock::system()),
        }
    }

    /// The same by `clock`, with nothing remembered of tokens.
    #[must_use]
    pub fn with_clock(self, clock: &Clock) -> Self {
        Self {
            refused: RefusedTokens::new(clock.clone()),
            ..self
        }
    }

    /// Whether the API server has refused `token` within the last minute, whatever it was asked.
    #[must_use]
    pub fn has_refused(&self, token: &UserToken) -> bool {
        self.refused.is_refused(token)
    }

    /// Asks as the owner of `token`, and with no other power.
    #[must_use]
    pub fn as_user<'a>(&'a self, token: &'a UserToken) -> AsUser<'a> {
        AsUser {
            master: self,
            token,
        }
    }
}

impl AsUser<'_> {
    /// Who the token belongs to (`GET users/~`).
    ///
    /// # Errors
    /// [`Error::TokenRefused`] is the answer to "does the token still work?".
    pub async fn whoami(&self) -> Result<User, Error> {
        let user: wire::User = self.ask(requests::whoami()).await?;
        user.into_model()
            .ok_or_else(|| Error::unreadable("a user without a name"))
    }

    /// The projects that the person may see, as the master orders them.
    ///
    /// # Errors
    /// Any [`Error`]; not being a member of anything is an empty list.
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        let list: wire::List<wire::Project> = self.ask(requests::projects()).await?;
        let (projects, unreadable) = list.read(wire::Project::into_model);
        note_unreadable("projects", unreadable);
        Ok(projects)
    }

    /// One project.
    ///
    /// # Errors
    /// [`Error::Forbidden`] also where there is no such project: the master does not tell the two
    /// apart.
    pub async fn project(&self, project: &ProjectName) -> Result<Project, Error> {
        let found: wire::Project = self.ask(requests::project(project)).await?;
        found
            .into_model()
            .ok_or_else(|| Error::unreadable("a project without a valid name"))
    }

    /// The image streams of a project, or of the whole cluster (for which few people have the
    /// right).
    ///
    /// Lists come in chunks of 500. A chunk's continuation that expires (410) starts the list over,
    /// once (R15).
    ///
    /// # Errors
    /// Any [`Error`]; a chunk over 64 MiB, a list over 256 MiB, or one that never ends, is
    /// [`Error::Unexpected`] or [`Error::Unreachable`].
    pub async fn image_streams(&self, project: Option<&ProjectName>) -> Result<Streams, Error> {
        self.image_streams_as(project, Vec::push).await
    }

    /// The same, of each of which only what `keep` puts into a `T` stays in memory.
    ///
    /// # Errors
    /// As [`Self::image_streams`].
    pub async fn image_streams_as<T: Default>(
        &self,
        project: Option<&ProjectName>,
        keep: impl Fn(&mut T, ImageStream),
    ) -> Result<Streams<T>, Error> {
        listing::image_streams(self, project, keep).await
    }

    /// Every image stream of the cluster, each given to `take` as it comes; the answer is the
    /// revision to watch from. In chunks, or (slower for the master) all at once: a list in chunks
    /// can expire before its end. Memory is needed for one stream only.
    ///
    /// # Errors
    /// [`FeedError::Expired`] where a chunk's continuation is too old (410): what was taken so far
    /// is then of no use.
    pub async fn feed(&self, chunked: bool, take: impl FnMut(Fed)) -> Result<String, FeedError> {
        feed::list(self, chunked, take).await
    }

    /// The revision that the cluster is at now, as its list of image streams tells it.
    ///
    /// # Errors
    /// Any [`FeedError`].
    pub async fn feed_version(&self) -> Result<Option<String>, FeedError> {
        feed::version(self).await
    }

    /// What happens to the image streams of a project, or of the whole cluster, from the revision
    /// `from` on.
    ///
    /// # Errors
    /// [`FeedError::Expired`] where that revision is forgotten.
    pub async fn watch(
        &self,
        project: Option<&ProjectName>,
        from: &str,
    ) -> Result<Watch, FeedError> {
        watch::open(self, project, from).await
    }

    /// When the API server last refused the token, if that was lately.
    #[must_use]
    pub fn last_refusal(&self) -> Option<DateTime<Utc>> {
        self.master.refused.last_refusal(self.token)
    }

    /// Whether the API server serves version v1 of an API group just now (`GET /apis/GROUP/v1`),
    /// which everybody who is signed in may ask.
    ///
    /// # Errors
    /// [`Error::NotServed`], [`Error::Unavailable`], or any other.
    pub async fn api_group(&self, group: &'static str) -> Result<(), Error> {
        error::done(&self.send(requests::api_group(group)).await?)
    }

    /// The projects in which the person has changed image streams through this console within the
    /// last seconds.
    #[must_use]
    pub fn changed_lately(&self) -> Vec<ProjectName> {
        self.master.writes.of(self.token)
    }

    /// Waits until no other change of the image stream is under way in this process. Changes are to
    /// be made while the lock is held.
    pub async fn lock_stream(&self, project: &ProjectName, stream: &ImageStreamName) -> StreamLock {
        self.master.stream_locks.lock(project, stream).await
    }

    /// One image stream, with the history of every tag.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], or any other.
    pub async fn image_stream(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<ImageStream, Error> {
        let found: wire::ImageStream = self.ask(requests::image_stream(project, stream)).await?;
        found
            .into_model()
            .ok_or_else(|| Error::unreadable("an image stream without a valid name"))
    }

    /// The image that a tag points at now.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a tag that is only in `spec`, and for a tag whose image object
    /// has been deleted (pruned).
    pub async fn image_of_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
    ) -> Result<Image, Error> {
        self.image_within(requests::image_of_tag(project, stream, tag))
            .await
    }

    /// An image of a stream, by the digest of its manifest. The images of an index are reachable,
    /// though no tag points at them.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the stream does not hold it.
    pub async fn image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
    ) -> Result<Image, Error> {
        self.image_within(requests::image(project, stream, digest))
            .await
    }

    /// What the registry stores of each image of a stream, those of its indexes included: one
    /// request for all of them.
    ///
    /// # Errors
    /// [`Error::NotServed`] on 3.9, or any other.
    pub async fn image_sizes(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<BTreeMap<Digest, TotalSize>, Error> {
        let layers: wire::ImageStreamLayers = self
            .ask(requests::image_stream_layers(project, stream))
            .await?;
        Ok(layers.into_sizes())
    }

    /// Whether the person may do what `access` says.
    ///
    /// # Errors
    /// Any [`Error`]: "no" is `Ok(false)`.
    pub async fn may(&self, access: &Access) -> Result<bool, Error> {
        access::may(self, access).await
    }

    /// The role bindings of a project.
    ///
    /// # Errors
    /// [`Error::Forbidden`] is common: a viewer may not see who else is a member.
    pub async fn role_bindings(&self, project: &ProjectName) -> Result<Vec<RoleBinding>, Error> {
        Ok(self
            .bindings(project)
            .await?
            .list
            .iter()
            .map(|binding| binding.read().clone())
            .collect())
    }

    /// Everybody who may pull from a project.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever may not review the project's access.
    pub async fn who_can_pull(&self, project: &ProjectName) -> Result<WhoCan, Error> {
        let answer: wire::WhoCan = self
            .ask(requests::who_can(
                project,
                "review who can pull",
                access::PULL,
            ))
            .await?;
        Ok(answer.into_model())
    }

    /// Everybody who may push to a project.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever may not review the project's access.
    pub async fn who_can_push(&self, project: &ProjectName) -> Result<WhoCan, Error> {
        let answer: wire::WhoCan = self
            .ask(requests::who_can(
                project,
                "review who can push",
                access::PUSH,
            ))
            .await?;
        Ok(answer.into_model())
    }

    /// Deletes the token on the master, so that nobody can use it again. OpenShift 4 goes on
    /// accepting it for about two minutes.
    ///
    /// # Errors
    /// Any [`Error`]: then it is uncertain whether the token is dead (S16). [`Error::TokenRefused`]
    /// says that it was dead before.
    pub async fn revoke(&self) -> Result<Revoked, Error> {
        revoke::revoke(self).await
    }

    async fn image_within(&self, request: Request<'static>) -> Result<Image, Error> {
        let found: wire::ImageHolder = self.ask(request).await?;
        if found.is_only_a_name() {
            return Err(Error::NotFound);
        }
        found
            .into_model()
            .ok_or_else(|| Error::unreadable("an image without a digest"))
    }

    /// Sends a request with the person's token; decodes the answer if it is a success.
    async fn ask<T: DeserializeOwned>(&self, request: Request<'static>) -> Result<T, Error> {
        error::decode(&self.send(request).await?)
    }

    /// Sends a request with the person's token; an answer of any status comes back.
    async fn send(&self, request: Request<'static>) -> Result<Answer, Error> {
        let _noted = self.master.writes.note(self.token, &request);
        let is_change = writes::is_change(&request);
        let answer = self.master.upstream.send(request.bearer(self.token)).await;
        if is_change
            && !answer
                .as_ref()
                .is_ok_and(|answer| answer.status.is_client_error())
        {
            note_change();
        }
        let answer = answer?;
        self.note_status(answer.status);
        Ok(answer)
    }

    /// Sends a request with the person's token; an answer of any status is read as it comes.
    async fn open(
        &self,
        request: Request<'static>,
        silence: std::time::Duration,
    ) -> Result<Incoming, Error> {
        let incoming = self
            .master
            .upstream
            .open(request.bearer(self.token), silence)
            .await?;
        self.note_status(incoming.status);
        Ok(incoming)
    }

    /// Remembers a refusal of the token, whichever part of a page it was for.
    fn note_status(&self, status: StatusCode) {
        if status == StatusCode::UNAUTHORIZED {
            self.master.refused.note(self.token);
        }
    }
}

/// Objects that could not be read are left out; that must not go unseen.
fn note_unreadable(what: &'static str, unreadable: usize) {
    if unreadable > 0 {
        tracing::warn!(
            what,
            unreadable,
            "the master sent objects that cannot be read; they are left out"
        );
    }
}

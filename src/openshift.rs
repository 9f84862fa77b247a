//! The master, as a user.
//!
//! [`ApiServer::for_user`] comes first: nothing is asked without the token of the person who wants
//! to know, so what comes back is what that person may see. Requests are values (`requests`),
//! answers are decoded into types of this module's own (`wire`) and leave it as [`registry_model`]
//! values.

mod access;
mod binding_api_group;
mod error;
mod image_stream_list;
mod imports;
pub mod oauth;
mod project_changes;
mod recent_changes;
mod refused_tokens;
mod requests;
mod revoke;
mod role_bindings;
mod server_info;
mod service_accounts;
mod stream_locks;
mod streams;
mod subject_names;
mod tags;
mod users_and_groups;
mod watch;
mod wire;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::outbound::{
    Request, StreamingResponse, Upstream, UpstreamResponse, UserToken, record_change,
};
use registry_model::Clock;
use registry_model::{
    CurrentUser, Digest, Image, ImageStream, ImageStreamName, Project, ProjectName, RoleBinding,
    TagName, TotalSize,
};

pub use access::{AccessRight, AllowedSubjects};
pub use binding_api_group::BindingApiGroup;
pub use error::{ApiError, ApiStatus, Outage, OutageReason, StatusCause, StatusDetails};
pub use image_stream_list::{ListWatchError, MalformedObject, StreamItem, StreamList};
pub use imports::{ImportOutcome, ImportPlan, ImportResult, RepositoryImport};
pub use project_changes::{ProjectChange, VersionedProject};
use recent_changes::RecentChanges;
pub use refused_tokens::REFUSED_TOKEN_TTL;
use refused_tokens::RefusedTokens;
pub use revoke::RevocationResult;
pub use role_bindings::{StoredRoleBinding, StoredRoleBindings};
pub use server_info::{OauthServerMetadata, RouteHost, ServerVersion};
pub use service_accounts::{IssuedToken, ServiceAccount};
pub use stream_locks::StreamLock;
use stream_locks::StreamLocks;
pub use streams::{INSECURE_REPOSITORY_ANNOTATION, StreamSource, TrackingTag};
pub use tags::StreamTagSource;
pub use users_and_groups::{StoredGroup, StoredUser};
pub use watch::{StreamWatch, WatchEvent, WatchEventKind};

/// The master's API. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ApiServer {
    upstream: Upstream,
    binding_api_group: binding_api_group::DetectedApiGroup,
    recent_changes: RecentChanges,
    stream_locks: StreamLocks,
    refused_tokens: RefusedTokens,
}

/// The master's API with the token of one person.
#[derive(Clone, Copy, Debug)]
pub struct UserApi<'a> {
    api_server: &'a ApiServer,
    token: &'a UserToken,
}

impl ApiServer {
    /// Talks to the master at `upstream`.
    #[must_use]
    pub fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            binding_api_group: binding_api_group::DetectedApiGroup::default(),
            recent_changes: RecentChanges::new(),
            stream_locks: StreamLocks::default(),
            refused_tokens: RefusedTokens::new(Clock::system()),
        }
    }

    /// The same by `clock`, with nothing remembered of tokens.
    #[must_use]
    pub fn with_clock(self, clock: &Clock) -> Self {
        Self {
            refused_tokens: RefusedTokens::new(clock.clone()),
            ..self
        }
    }

    /// Whether the API server has refused `token` within the last minute, whatever it was asked.
    #[must_use]
    pub fn has_refused(&self, token: &UserToken) -> bool {
        self.refused_tokens.is_refused(token)
    }

    /// Asks as the owner of `token`, and with no other power.
    #[must_use]
    pub fn for_user<'a>(&'a self, token: &'a UserToken) -> UserApi<'a> {
        UserApi {
            api_server: self,
            token,
        }
    }
}

impl UserApi<'_> {
    /// Who the token belongs to (`GET users/~`).
    ///
    /// # Errors
    /// [`ApiError::TokenRefused`] is the answer to "does the token still work?".
    pub async fn whoami(&self) -> Result<CurrentUser, ApiError> {
        let user: wire::WireUser = self.request(requests::whoami()).await?;
        user.into_model()
            .ok_or_else(|| ApiError::malformed("a user without a name"))
    }

    /// The projects that the person may see, as the master orders them.
    ///
    /// # Errors
    /// Any [`ApiError`]; not being a member of anything is an empty list.
    pub async fn list_projects(&self) -> Result<Vec<Project>, ApiError> {
        let list: wire::List<wire::WireProject> = self.request(requests::projects()).await?;
        let (projects, unreadable) = list.into_models(wire::WireProject::into_model);
        log_unreadable_objects("projects", unreadable);
        Ok(projects)
    }

    /// One project.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] also where there is no such project: the master does not tell the
    /// two apart.
    pub async fn get_project(&self, project: &ProjectName) -> Result<Project, ApiError> {
        let found: wire::WireProject = self.request(requests::project(project)).await?;
        found
            .into_model()
            .ok_or_else(|| ApiError::malformed("a project without a valid name"))
    }

    /// The image streams of a project, or of the whole cluster (for which few people have the
    /// right).
    ///
    /// Lists come in chunks of 500. A chunk's continuation that expires (410) starts the list over,
    /// once (R15).
    ///
    /// # Errors
    /// Any [`ApiError`]; a chunk over 64 MiB, a list over 256 MiB, or one that never ends, is
    /// [`ApiError::Unexpected`] or [`ApiError::Transport`].
    pub async fn list_streams(
        &self,
        project: Option<&ProjectName>,
    ) -> Result<StreamList, ApiError> {
        self.list_streams_into(project, Vec::push).await
    }

    /// The same, of each of which only what `keep` puts into a `T` stays in memory.
    ///
    /// # Errors
    /// As [`Self::list_streams`].
    pub async fn list_streams_into<T: Default>(
        &self,
        project: Option<&ProjectName>,
        keep: impl Fn(&mut T, ImageStream),
    ) -> Result<StreamList<T>, ApiError> {
        image_stream_list::list_streams(self, project, keep).await
    }

    /// Every image stream of the cluster, each given to `take` as it comes; the answer is the
    /// revision to watch from. In chunks, or (slower for the master) all at once: a list in chunks
    /// can expire before its end. Memory is needed for one stream only.
    ///
    /// # Errors
    /// [`ListWatchError::Expired`] where a chunk's continuation is too old (410): what was taken so
    /// far is then of no use.
    pub async fn for_each_stream(
        &self,
        chunked: bool,
        take: impl FnMut(StreamItem),
    ) -> Result<String, ListWatchError> {
        image_stream_list::for_each_stream(self, chunked, take).await
    }

    /// The revision that the cluster is at now, as its list of image streams tells it.
    ///
    /// # Errors
    /// Any [`ListWatchError`].
    pub async fn current_resource_version(&self) -> Result<Option<String>, ListWatchError> {
        image_stream_list::current_resource_version(self).await
    }

    /// What happens to the image streams of a project, or of the whole cluster, from the revision
    /// `from` on.
    ///
    /// # Errors
    /// [`ListWatchError::Expired`] where that revision is forgotten.
    pub async fn watch_streams(
        &self,
        project: Option<&ProjectName>,
        from: &str,
    ) -> Result<StreamWatch, ListWatchError> {
        watch::open(self, project, from).await
    }

    /// When the API server last refused the token, if that was lately.
    #[must_use]
    pub fn last_refusal(&self) -> Option<DateTime<Utc>> {
        self.api_server.refused_tokens.last_refusal(self.token)
    }

    /// Whether the API server serves version v1 of an API group just now (`GET /apis/GROUP/v1`),
    /// which everybody who is signed in may ask.
    ///
    /// # Errors
    /// [`ApiError::NotServed`], [`ApiError::Unavailable`], or any other.
    pub async fn check_api_group(&self, group: &'static str) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::api_group(group)).await?)
    }

    /// The projects in which the person has changed image streams through this console within the
    /// last seconds.
    #[must_use]
    pub fn recently_changed_projects(&self) -> Vec<ProjectName> {
        self.api_server
            .recent_changes
            .projects_changed_by(self.token)
    }

    /// Waits until no other change of the image stream is under way in this process. Changes are to
    /// be made while the lock is held.
    pub async fn lock_stream(&self, project: &ProjectName, stream: &ImageStreamName) -> StreamLock {
        self.api_server.stream_locks.lock(project, stream).await
    }

    /// One image stream, with the history of every tag.
    ///
    /// # Errors
    /// [`ApiError::NotFound`], [`ApiError::Forbidden`], or any other.
    pub async fn get_stream(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<ImageStream, ApiError> {
        let found: wire::WireImageStream = self
            .request(requests::image_stream(project, stream))
            .await?;
        found
            .into_model()
            .ok_or_else(|| ApiError::malformed("an image stream without a valid name"))
    }

    /// The image that a tag points at now.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] also for a tag that is only in `spec`, and for a tag whose image
    /// object has been deleted (pruned).
    pub async fn get_image_by_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
    ) -> Result<Image, ApiError> {
        self.request_image(requests::image_by_tag(project, stream, tag))
            .await
    }

    /// An image of a stream, by the digest of its manifest. The images of an index are reachable,
    /// though no tag points at them.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where the stream does not hold it.
    pub async fn get_image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
    ) -> Result<Image, ApiError> {
        self.request_image(requests::image(project, stream, digest))
            .await
    }

    /// What the registry stores of each image of a stream, those of its indexes included: one
    /// request for all of them.
    ///
    /// # Errors
    /// [`ApiError::NotServed`] on 3.9, or any other.
    pub async fn get_image_sizes(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<BTreeMap<Digest, TotalSize>, ApiError> {
        let layers: wire::ImageStreamLayers = self
            .request(requests::image_stream_layers(project, stream))
            .await?;
        Ok(layers.into_sizes())
    }

    /// Whether the person may do what `access` says.
    ///
    /// # Errors
    /// Any [`ApiError`]: "no" is `Ok(false)`.
    pub async fn is_allowed(&self, access: &AccessRight) -> Result<bool, ApiError> {
        access::is_allowed(self, access).await
    }

    /// The role bindings of a project.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] is common: a viewer may not see who else is a member.
    pub async fn list_role_bindings(
        &self,
        project: &ProjectName,
    ) -> Result<Vec<RoleBinding>, ApiError> {
        Ok(self
            .list_stored_role_bindings(project)
            .await?
            .items
            .iter()
            .map(|binding| binding.role_binding().clone())
            .collect())
    }

    /// Everybody who may pull from a project.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for whoever may not review the project's access.
    pub async fn review_pull_access(
        &self,
        project: &ProjectName,
    ) -> Result<AllowedSubjects, ApiError> {
        let answer: wire::WireResourceAccessReview = self
            .request(requests::resource_access_review(
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
    /// [`ApiError::Forbidden`] for whoever may not review the project's access.
    pub async fn review_push_access(
        &self,
        project: &ProjectName,
    ) -> Result<AllowedSubjects, ApiError> {
        let answer: wire::WireResourceAccessReview = self
            .request(requests::resource_access_review(
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
    /// Any [`ApiError`]: then it is uncertain whether the token is dead (S16).
    /// [`ApiError::TokenRefused`] says that it was dead before.
    pub async fn revoke(&self) -> Result<RevocationResult, ApiError> {
        revoke::revoke(self).await
    }

    async fn request_image(&self, request: Request<'static>) -> Result<Image, ApiError> {
        let found: wire::ImageHolder = self.request(request).await?;
        if found.is_image_deleted() {
            return Err(ApiError::NotFound);
        }
        found
            .into_model()
            .ok_or_else(|| ApiError::malformed("an image without a digest"))
    }

    /// Sends a request with the person's token; decodes the answer if it is a success.
    async fn request<T: DeserializeOwned>(&self, request: Request<'static>) -> Result<T, ApiError> {
        error::decode(&self.send(request).await?)
    }

    /// Sends a request with the person's token; an answer of any status comes back.
    async fn send(&self, request: Request<'static>) -> Result<UpstreamResponse, ApiError> {
        let _noted = self.api_server.recent_changes.record(self.token, &request);
        let is_change = request.is_change;
        let answer = self
            .api_server
            .upstream
            .send(request.bearer(self.token))
            .await;
        if is_change
            && !answer
                .as_ref()
                .is_ok_and(|answer| answer.status.is_client_error())
        {
            record_change();
        }
        let answer = answer?;
        self.record_status(answer.status);
        Ok(answer)
    }

    /// Sends a request with the person's token; an answer of any status is read as it comes.
    async fn send_streaming(
        &self,
        request: Request<'static>,
        silence: std::time::Duration,
    ) -> Result<StreamingResponse, ApiError> {
        let incoming = self
            .api_server
            .upstream
            .send_streaming(request.bearer(self.token), silence)
            .await?;
        self.record_status(incoming.status);
        Ok(incoming)
    }

    /// Remembers a refusal of the token, whichever part of a page it was for.
    fn record_status(&self, status: StatusCode) {
        if status == StatusCode::UNAUTHORIZED {
            self.api_server.refused_tokens.record(self.token);
        }
    }
}

/// Warns about objects that were left out because they could not be read.
fn log_unreadable_objects(resource: &'static str, count: usize) {
    if count > 0 {
        tracing::warn!(
            resource,
            malformed_objects = count,
            "the API server sent objects that cannot be read; they are left out"
        );
    }
}

//! The client for the API server.
//!
//! Every request is sent with a user's token ([`ApiServer::for_user`]), so a response contains what
//! that user may see. Requests are values (`requests`). Responses are decoded into the private
//! types of `wire` and returned as [`registry_model`] values.

mod absent_images;
mod access;
mod audit;
mod binding_api_group;
mod confirmed_stream;
mod current_user;
mod error;
mod image_records;
mod image_stream_list;
mod imports;
mod layers_api;
mod list_progress;
pub mod oauth;
mod oauth_http;
pub mod oidc;
mod project_changes;
mod quotas;
mod recent_changes;
mod refused_tokens;
mod registry_storage;
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
mod workload_apis;
mod workload_watch;
mod workloads;

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::outbound::{
    Request, StreamingResponse, Upstream, UpstreamResponse, UserToken, record_change,
};
use registry_model::Clock;
use registry_model::{
    Digest, Image, ImageStream, ImageStreamName, Project, ProjectName, RoleBinding, TagName,
};

use absent_images::AbsentImages;
pub use access::{AccessRight, AllowedSubjects};
use audit::PendingChange;
pub use binding_api_group::BindingApiGroup;
pub use confirmed_stream::ConfirmedStream;
pub use error::{ApiError, ApiStatus, Outage, OutageReason, StatusCause, StatusDetails};
pub use image_records::{ImageDescription, ImageRecord, ImageRecords, StreamLayers};
pub use image_stream_list::{
    ListWatchError, ListedObject, MalformedObject, ObjectDecoder, StreamItem, StreamList,
};
pub use imports::{ImportOutcome, ImportPlan, ImportResult, LastImport, RepositoryImport};
use layers_api::LayersApi;
pub use project_changes::{ProjectChange, VersionedProject};
pub use quotas::{ImageLimit, ImageLimitKind, Quota, QuotaScope};
use recent_changes::RecentChanges;
pub use refused_tokens::REFUSED_TOKEN_TTL;
use refused_tokens::RefusedTokens;
pub use registry_storage::{RegistryStorage, RegistryStorageKind};
pub use requests::service_accounts::service_account_json;
pub use requests::users_and_groups::{identity_json, user_json};
pub use revoke::RevocationResult;
pub use role_bindings::{StoredRoleBinding, StoredRoleBindings};
pub use server_info::{OauthServerMetadata, RouteHost, ServerVersion};
pub use service_accounts::{IssuedToken, ServiceAccount};
pub use stream_locks::StreamLock;
use stream_locks::StreamLocks;
pub use streams::{
    INSECURE_REPOSITORY_ANNOTATION, StreamChanges, StreamSource, TrackingTag, new_stream_json,
};
pub use tags::StreamTagSource;
pub use users_and_groups::{StoredGroup, StoredUser};
pub use watch::{ObjectWatch, StreamWatch, WatchEvent, WatchEventKind};
use workload_apis::DetectedWorkloadApis;
pub use workload_watch::{WorkloadDecoder, WorkloadItem, WorkloadWatch};
pub use workloads::WorkloadList;

/// The client for the API server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ApiServer {
    upstream: Upstream,
    binding_api_group: binding_api_group::DetectedApiGroup,
    recent_changes: RecentChanges,
    stream_locks: StreamLocks,
    refused_tokens: RefusedTokens,
    workload_apis: DetectedWorkloadApis,
    image_records: ImageRecords,
    absent_images: AbsentImages,
    layers_api: LayersApi,
    /// Whether users are those of an external OIDC provider: the API of OpenShift's users is absent.
    has_external_users: bool,
}

/// The client for the API server, with the token of one user.
#[derive(Clone, Copy, Debug)]
pub struct UserApi<'a> {
    api_server: &'a ApiServer,
    token: &'a UserToken,
}

impl ApiServer {
    /// A client for the API server at `upstream`.
    #[must_use]
    pub fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            binding_api_group: binding_api_group::DetectedApiGroup::default(),
            recent_changes: RecentChanges::new(),
            stream_locks: StreamLocks::default(),
            refused_tokens: RefusedTokens::new(Clock::system()),
            workload_apis: DetectedWorkloadApis::new(Clock::system()),
            image_records: ImageRecords::new(Clock::system()),
            absent_images: AbsentImages::new(Clock::system()),
            layers_api: LayersApi::new(Clock::system()),
            has_external_users: false,
        }
    }

    /// The same client for a cluster whose users are those of an external OIDC provider, if they
    /// are.
    #[must_use]
    pub fn with_external_users(self, has_external_users: bool) -> Self {
        Self {
            has_external_users,
            ..self
        }
    }

    /// The same client with `clock`, without any record of refused tokens, detected paths and images.
    #[must_use]
    pub fn with_clock(self, clock: &Clock) -> Self {
        Self {
            refused_tokens: RefusedTokens::new(clock.clone()),
            workload_apis: DetectedWorkloadApis::new(clock.clone()),
            image_records: ImageRecords::new(clock.clone()),
            absent_images: AbsentImages::new(clock.clone()),
            layers_api: LayersApi::new(clock.clone()),
            ..self
        }
    }

    /// The same client with records of images that it shares with another one. They are shown as
    /// before: only by a [`ConfirmedStream`].
    #[must_use]
    pub fn with_image_records(self, image_records: ImageRecords) -> Self {
        Self {
            image_records,
            ..self
        }
    }

    /// Whether the API server has refused `token` within the last minute, for any request.
    #[must_use]
    pub fn has_refused(&self, token: &UserToken) -> bool {
        self.refused_tokens.is_refused(token)
    }

    /// The client that sends requests with `token`, and so with the rights of its owner only.
    #[must_use]
    pub fn for_user<'a>(&'a self, token: &'a UserToken) -> UserApi<'a> {
        UserApi {
            api_server: self,
            token,
        }
    }
}

impl UserApi<'_> {
    /// The projects that the user may see, in the order of the API server.
    ///
    /// # Errors
    /// Any [`ApiError`]. A user who is not a member of any project gets an empty list.
    pub async fn list_projects(&self) -> Result<Vec<Project>, ApiError> {
        let list: wire::List<wire::WireProject> = self.request(requests::projects()).await?;
        let (projects, unreadable) = list.into_models(wire::WireProject::into_model);
        log_unreadable_objects("projects", unreadable);
        Ok(projects)
    }

    /// One project.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] also where the project does not exist: the API server does not
    /// distinguish the two cases.
    pub async fn get_project(&self, project: &ProjectName) -> Result<Project, ApiError> {
        let found: wire::WireProject = self.request(requests::project(project)).await?;
        found
            .into_model()
            .ok_or_else(|| ApiError::malformed("a project without a valid name"))
    }

    /// The image streams of a project, or of the whole cluster, which few users have the right to
    /// list.
    ///
    /// Lists are read in chunks of 500. When the continuation of a chunk expires (410), the list is
    /// read from its start again, once (R15).
    ///
    /// # Errors
    /// Any [`ApiError`]. A chunk of more than 64 MiB, a list of more than 256 MiB and a list
    /// without an end are [`ApiError::Unexpected`] or [`ApiError::Transport`].
    pub async fn list_streams(
        &self,
        project: Option<&ProjectName>,
    ) -> Result<StreamList, ApiError> {
        self.list_streams_into(project, Vec::push).await
    }

    /// As [`Self::list_streams`], but only what `keep` stores in a `T` stays in memory.
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

    /// Passes every image stream of the cluster to `take` as it arrives, and returns the resource
    /// version to watch from. The list is read in chunks or, which is slower for the API server, as
    /// a whole: a list in chunks can expire before its end. One stream at a time is in memory.
    /// # Errors
    /// [`ListWatchError::Expired`] where the continuation of a chunk is too old (410). The streams
    /// that `take` received until then must be discarded.
    pub async fn for_each_stream(
        &self,
        chunked: bool,
        take: impl FnMut(StreamItem),
    ) -> Result<String, ListWatchError> {
        image_stream_list::for_each_stream(self, chunked, take).await
    }

    /// The current resource version of the cluster, from its list of image streams.
    ///
    /// # Errors
    /// Any [`ListWatchError`].
    pub async fn current_resource_version(&self) -> Result<Option<String>, ListWatchError> {
        image_stream_list::current_resource_version(self, requests::first_image_stream()).await
    }

    /// The changes of the image streams of a project, or of the whole cluster, since the resource
    /// version `from`.
    ///
    /// # Errors
    /// [`ListWatchError::Expired`] where the API server no longer has that resource version.
    pub async fn watch_streams(
        &self,
        project: Option<&ProjectName>,
        from: &str,
    ) -> Result<StreamWatch, ListWatchError> {
        watch::open_streams(self, project, from).await
    }

    /// When the API server last refused the token, if that was within the last minute.
    #[must_use]
    pub fn last_refusal(&self) -> Option<DateTime<Utc>> {
        self.api_server.refused_tokens.last_refusal(self.token)
    }

    /// Checks that the API server serves version v1 of an API group at present (`GET
    /// /apis/GROUP/v1`). Every signed-in user may send this request.
    ///
    /// # Errors
    /// [`ApiError::NotServed`], [`ApiError::Unavailable`], or any other.
    pub async fn check_api_group(&self, group: &'static str) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::api_group(group)).await?)
    }

    /// The projects in which the user has changed image streams through this console within the
    /// last seconds.
    #[must_use]
    pub fn recently_changed_projects(&self) -> Vec<ProjectName> {
        self.api_server
            .recent_changes
            .projects_changed_by(self.token)
    }

    /// Waits until this process makes no other change to the image stream. Make changes while
    /// holding the lock.
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

    /// The image that a tag points to at present.
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

    /// An image of a stream, by the digest of its manifest. This includes the images of an index,
    /// which no tag points to.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where the stream does not contain the image.
    pub async fn get_image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
    ) -> Result<Image, ApiError> {
        self.request_image(requests::image(project, stream, digest))
            .await
    }

    /// Whether the user has the right `access`.
    ///
    /// # Errors
    /// Any [`ApiError`]. A right that the user lacks is `Ok(false)`.
    pub async fn is_allowed(&self, access: &AccessRight) -> Result<bool, ApiError> {
        access::is_allowed(self, access).await
    }

    /// The role bindings of a project.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] is common: a viewer may not list the members of a project.
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

    /// The users and groups that may pull from a project.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] where the user may not review access to the project.
    pub async fn review_pull_access(
        &self,
        project: &ProjectName,
    ) -> Result<AllowedSubjects, ApiError> {
        let review: wire::WireResourceAccessReview = self
            .request(requests::resource_access_review(
                project,
                "review who can pull",
                access::PULL,
            ))
            .await?;
        Ok(review.into_model())
    }

    /// The users and groups that may push to a project.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] where the user may not review access to the project.
    pub async fn review_push_access(
        &self,
        project: &ProjectName,
    ) -> Result<AllowedSubjects, ApiError> {
        let review: wire::WireResourceAccessReview = self
            .request(requests::resource_access_review(
                project,
                "review who can push",
                access::PUSH,
            ))
            .await?;
        Ok(review.into_model())
    }

    /// Revokes the token by deleting it on the API server. OpenShift 4 accepts the token for about
    /// two minutes longer.
    ///
    /// # Errors
    /// Any [`ApiError`], after which the token may or may not be valid (S16).
    /// [`ApiError::TokenRefused`] means that it was already invalid.
    pub async fn revoke(&self) -> Result<RevocationResult, ApiError> {
        revoke::revoke(self).await
    }

    async fn request_image(&self, request: Request<'static>) -> Result<Image, ApiError> {
        let found: wire::ImageHolder = self.request(request).await?;
        if found.is_image_deleted() {
            return Err(ApiError::NotFound);
        }
        let image = found
            .into_model()
            .ok_or_else(|| ApiError::malformed("an image without a digest"))?;
        self.api_server.image_records.insert_image(&image);
        Ok(image)
    }

    /// Sends a request with the user's token and decodes a successful response.
    async fn request<T: DeserializeOwned>(&self, request: Request<'static>) -> Result<T, ApiError> {
        error::decode(&self.send(request).await?)
    }

    /// Sends a request with the user's token and returns the response, whatever its status.
    async fn send(&self, request: Request<'static>) -> Result<UpstreamResponse, ApiError> {
        let _recording = self.api_server.recent_changes.record(self.token, &request);
        let (is_change, change) = (request.is_change, PendingChange::begin(&request));
        let response = self
            .api_server
            .upstream
            .send(request.bearer(self.token))
            .await;
        if is_change
            && !response
                .as_ref()
                .is_ok_and(|response| response.status.is_client_error())
        {
            record_change();
        }
        change.finish(&response);
        let response = response?;
        self.record_status(response.status);
        Ok(response)
    }

    /// Sends a request with the user's token and returns the response to be read as it arrives,
    /// whatever its status.
    async fn send_streaming(
        &self,
        request: Request<'static>,
        idle_timeout: std::time::Duration,
    ) -> Result<StreamingResponse, ApiError> {
        let response = self
            .api_server
            .upstream
            .send_streaming(request.bearer(self.token), idle_timeout)
            .await?;
        self.record_status(response.status);
        Ok(response)
    }

    /// Records that the API server refused the token, if it did.
    fn record_status(&self, status: StatusCode) {
        if status == StatusCode::UNAUTHORIZED {
            self.api_server.refused_tokens.record(self.token);
        }
    }
}

/// Logs a warning about objects that were left out because they could not be read.
fn log_unreadable_objects(resource: &'static str, count: usize) {
    if count > 0 {
        tracing::warn!(
            resource,
            malformed_objects = count,
            "the API server sent objects that cannot be read; they are left out"
        );
    }
}

//! The state of the embedded OpenShift: its users, their rights, and what was pushed.
//!
//! A [`Cluster`] behaves as OpenShift 3.9 or 4. Its state is shared by the API server, the OAuth
//! server and the registry, as etcd is in a real cluster; a change in one is visible in the others
//! at once.

mod error;
mod event;
mod external_oidc;
mod group;
mod id_token;
mod image;
mod image_metadata;
mod import;
mod kube_admin;
mod object;
mod outage;
mod project;
mod push;
mod quota;
mod rbac;
mod registry_storage;
mod role;
mod service_account;
mod state;
mod stream;
mod token;
mod workload;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use futures_util::future::BoxFuture;
use id_token::IssuerTrust;

use registry_model::Clock;

pub use error::ClusterError;
pub use external_oidc::ExternalOidc;
pub use id_token::{ClaimMappings, TrustedIssuer, UsernamePrefixPolicy};
pub use outage::ApiOutage;
pub use project::ProjectText;
pub use push::PushedManifest;
pub use quota::ImageLimits;
pub use rbac::AccessAttributes;
pub use registry_storage::BlobStorage;
pub use role::Rule;

pub(crate) use role::{CLUSTER_ROLES, RBAC_GROUP};
pub use stream::{StoredTagSpec, TagReference};
pub use workload::{
    BuildConfig, BuildPhase, BuildStrategy, ContainerRuntime, PodState, Workload, WorkloadKind,
};

pub(crate) use error::{ClusterErrorReason, NamedResource};
pub(crate) use event::{ObjectEvent, RevisionTooOld, WatchedObject};
pub(crate) use id_token::IdTokenUser;
pub(crate) use image::{ImageLayer, ImageObject, ImageSignature, PlatformManifest};
pub(crate) use import::{ExternalRegistries, SimulatedImport, tag_of};
pub(crate) use kube_admin::KUBE_ADMIN;
pub(crate) use object::ObjectMetadata;
pub(crate) use project::ProjectObject;
pub(crate) use push::rfc3339;
pub(crate) use quota::{ClusterStreamQuota, StreamQuota};
pub(crate) use rbac::{MatchedBinding, RoleBindingObject, groups_of, groups_of_user};
pub(crate) use service_account::{SecretKind, ServiceAccountObject, TokenSecretObject};
pub(crate) use state::{ClusterState, GroupObject, IdentityObject, UserObject};
pub(crate) use stream::{ImageStreamObject, ImportCondition, StoredTagEvent, TagHistory};
pub(crate) use token::{TokenHolder, TokenObject};
pub(crate) use workload::{OwnerReference, WorkloadObject};

/// The version of OpenShift whose behavior a cluster has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// OpenShift 3.9: API server and OAuth server in one, `/oapi` beside `/apis`.
    V3_9,
    /// OpenShift 4: an OAuth server of its own, tokens named by hash.
    V4,
}

/// The addresses of the parts of the cluster: `host:port` each, without a scheme.
#[derive(Clone, Debug)]
pub struct Hosts {
    pub api: String,
    /// The OAuth server. On 3.9 the same as `api`.
    pub oauth: String,
    /// The registry's address for pods: what image references contain.
    pub registry_internal: String,
    /// The registry's public address; `publicDockerImageRepository` exists only with one.
    pub registry_public: Option<String>,
}

impl Hosts {
    /// The addresses of the registry, that for pods first.
    fn registry(&self) -> Vec<String> {
        std::iter::once(&self.registry_internal)
            .chain(&self.registry_public)
            .cloned()
            .collect()
    }
}

/// A registered OAuth client. No `Debug`: it contains a secret.
#[derive(Clone)]
pub struct RegisteredOauthClient {
    /// `client_id`.
    pub id: String,
    /// `client_secret`, as the object stores it: unencrypted.
    pub secret: String,
    /// The registered redirect URIs.
    pub redirect_uris: Vec<String>,
    /// `auto` or `prompt`.
    pub grant_method: String,
}

/// A change of an image stream's tags that has read the image stream and not yet written it.
#[derive(Clone, Debug)]
pub struct StreamWrite {
    /// `create`, `update`, `patch` or `delete`.
    pub verb: &'static str,
    pub project: String,
    pub stream: String,
}

type BeforeStreamWrite = Arc<dyn Fn(StreamWrite) -> BoxFuture<'static, ()> + Send + Sync>;

/// An OpenShift cluster in memory. Cheap to clone; clones share the state.
#[derive(Clone)]
pub struct Cluster(Arc<ClusterInner>);

struct ClusterInner {
    version: Version,
    hosts: Hosts,
    clock: Clock,
    state: RwLock<ClusterState>,
    before_stream_write: RwLock<Option<BeforeStreamWrite>>,
    outage: RwLock<ApiOutage>,
    issuer_trust: Mutex<Option<IssuerTrust>>,
    without_registry: AtomicBool,
    /// The latest revision, for watches to wait for.
    revision: tokio::sync::watch::Sender<u64>,
}

impl Cluster {
    /// A new cluster: only the system's own projects and bindings, without users.
    #[must_use]
    pub fn new(version: Version, hosts: Hosts, clock: Clock) -> Self {
        let state = ClusterState::new(version, &hosts, &clock);
        let revision = tokio::sync::watch::Sender::new(state.revision());
        let state = RwLock::new(state);
        Self(Arc::new(ClusterInner {
            version,
            hosts,
            clock,
            state,
            before_stream_write: RwLock::default(),
            outage: RwLock::default(),
            issuer_trust: Mutex::default(),
            without_registry: AtomicBool::default(),
            revision,
        }))
    }

    /// The version of this cluster.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The addresses of its parts.
    #[must_use]
    pub fn hosts(&self) -> &Hosts {
        &self.0.hosts
    }

    /// Removes the integrated registry from the API server's view. Images that were pushed keep
    /// their pull specs.
    pub fn remove_registry(&self) {
        self.0.without_registry.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_without_registry(&self) -> bool {
        self.0.without_registry.load(Ordering::Relaxed)
    }

    /// The cluster's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Adds a user with a password, as a member of `groups`, which are created if missing. An
    /// existing user gets the new password.
    pub fn add_user(&self, name: &str, password: &str, groups: &[&str]) {
        self.write(|state| state.add_user(name, password, groups));
    }

    /// Annotates a group, as a sync from a directory does. Does nothing if there is no such group.
    pub fn annotate_group(&self, name: &str, key: &str, value: &str) {
        self.write(|state| {
            if let Some(mut group) = state.group(name).cloned() {
                group
                    .meta
                    .annotations
                    .insert(key.to_owned(), value.to_owned());
                state.update_group(group);
            }
        });
    }

    /// Whether `password` is the password of this user.
    #[must_use]
    pub fn check_password(&self, name: &str, password: &str) -> bool {
        self.read(|state| {
            state
                .user(name)
                .is_some_and(|user| user.has_password(password))
        })
    }

    /// Registers an OAuth client, or replaces the one with the same id.
    pub fn add_oauth_client(&self, client: RegisteredOauthClient) {
        self.write(|state| drop(state.add_oauth_client(client)));
    }

    /// The OAuth client with that id.
    #[must_use]
    pub fn oauth_client(&self, id: &str) -> Option<RegisteredOauthClient> {
        self.read(|state| state.oauth_client(id).map(|(client, _)| client.clone()))
    }

    /// Calls `interfere` in each change of tags from now on, between reading the image stream and
    /// writing it: changes that it makes cause a conflict, and while it waits, other requests can
    /// overtake this one.
    pub fn on_stream_writes<F>(&self, interfere: impl Fn(StreamWrite) -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let interfere: BeforeStreamWrite = Arc::new(move |write| Box::pin(interfere(write)));
        *self
            .0
            .before_stream_write
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(interfere);
    }

    pub(crate) async fn before_stream_write(&self, write: StreamWrite) {
        let interfere = self
            .0
            .before_stream_write
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match interfere {
            Some(interfere) => interfere(write).await,
            // As short as the interval is: real API servers handle other requests in the meantime.
            None => tokio::task::yield_now().await,
        }
    }

    /// Reads the state. `look` must not call the cluster again.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&ClusterState) -> T) -> T {
        let state: RwLockReadGuard<'_, ClusterState> =
            self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        look(&state)
    }

    /// Changes the state, then wakes the watches. `change` must not call the cluster again.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut ClusterState) -> T) -> T {
        let mut state: RwLockWriteGuard<'_, ClusterState> =
            self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        let done = change(&mut state);
        state.run_image_triggers();
        let revision = state.revision();
        drop(state);
        self.0
            .revision
            .send_if_modified(|known| std::mem::replace(known, revision) != revision);
        done
    }

    fn issuer_trust(&self) -> MutexGuard<'_, Option<IssuerTrust>> {
        self.0
            .issuer_trust
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest revision, to wait for changes.
    pub(crate) fn revisions(&self) -> tokio::sync::watch::Receiver<u64> {
        self.0.revision.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::{Subject, SubjectKind};

    pub(super) fn standing_clock() -> Clock {
        Clock::fixed_at("2026-11-22T12:00:00Z".parse().unwrap())
    }

    pub(super) fn cluster(version: Version) -> Cluster {
        cluster_at(version, &standing_clock())
    }

    pub(super) fn cluster_at(version: Version, clock: &Clock) -> Cluster {
        let host = "127.0.0.1:8443".to_owned();
        let hosts = Hosts {
            api: host.clone(),
            oauth: host,
            registry_internal: "127.0.0.1:5000".to_owned(),
            registry_public: None,
        };
        Cluster::new(version, hosts, clock.clone())
    }

    fn user(name: &str) -> Subject {
        Subject {
            kind: SubjectKind::User,
            name: name.to_owned(),
            project: None,
        }
    }

    #[test]
    fn wrong_password_is_rejected() {
        let cluster = cluster(Version::V4);
        cluster.add_user("dev", "secret", &["developers"]);
        assert!(cluster.check_password("dev", "secret"));
        assert!(!cluster.check_password("dev", "Secret"));
        assert!(!cluster.check_password("nobody", ""));
    }

    #[test]
    fn registry_viewer_may_pull_but_not_push() {
        let cluster = cluster(Version::V4);
        let project = "team-a".parse().unwrap();
        cluster
            .create_project(&project, ProjectText::default(), "dev")
            .unwrap();
        cluster.bind(Some(&project), "registry-viewer", &[user("viewer")]);
        let layers = |verb| AccessAttributes {
            project: "team-a",
            verb,
            group: "image.openshift.io",
            resource: "imagestreams",
            subresource: "layers",
            name: "api",
        };
        assert!(cluster.is_allowed(Some("viewer"), &layers("get")));
        assert!(!cluster.is_allowed(Some("viewer"), &layers("update")));
        assert!(cluster.is_allowed(Some("dev"), &layers("update")));
        assert!(!cluster.is_allowed(Some("outsider"), &layers("get")));
        assert!(!cluster.is_allowed(None, &layers("get")));
    }
}

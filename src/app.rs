//! What a page needs, loaded as the signed-in user.
//!
//! `App::for_user(token)` comes first in every load: what a user sees is decided by the API server
//! and the registry, for that user's token, on every request. A load has one subject, whose failure
//! is the page's [`failure::Failure`]; everything else is a [`section::Section`] that may be
//! missing and says why.

pub mod access;
pub mod activity;
pub mod admission;
pub mod bounds;
pub mod change;
pub mod change_lock;
pub mod cleanup;
pub mod compare;
pub mod connect;
pub mod credentials;
pub mod doctor;
mod exceeded_limit;
pub mod failure;
pub mod image_streams;
pub mod images;
pub mod imports;
pub mod jobs;
pub mod lists;
pub mod live;
mod loading_cache;
pub mod members;
pub mod projects;
pub mod release;
pub mod remediation;
pub mod search;
pub mod section;
pub mod shell_command;
pub mod space;
pub mod storage_failure;
pub mod tags;
pub mod usage;
mod user_caches;
pub mod users;

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Semaphore;

use crate::config::{Config, SignInSettings};
use crate::index;
use crate::openshift::{self, ApiServer};
use crate::outbound::{SetupError, TimeLimits, Upstream, UpstreamName, UserToken};
use crate::registry::{self, Registry};
use connect::{Authorities, RegistryAuthority};
use registry_model::{Clock, WorkloadKind};
use release::ReleaseCache;
use space::SpaceLoads;
use usage::{GroupedWorkloads, KnownHosts, WorkloadLoads};
use user_caches::UserCaches;

/// The clients of the API server and the registry, and the caches of their responses. Holds no
/// credential of its own.
#[derive(Clone, Debug)]
pub struct App {
    api_server: ApiServer,
    registry: Registry,
    registry_host: Option<String>,
    authorities: Option<Authorities>,
    index: index::IndexReader,
    user_caches: UserCaches,
    clock: Clock,
    list_permits: Arc<Semaphore>,
    release_cache: ReleaseCache,
    jobs: jobs::Jobs,
    known_hosts: KnownHosts,
    grouped_workloads: GroupedWorkloads,
    workload_loads: WorkloadLoads,
    space_loads: SpaceLoads,
}

impl App {
    /// Assembles an app from the settings. `api_server` is the client that the discovery of the OAuth
    /// server also uses. `limits` apply to the registry, `clock` to cached values.
    ///
    /// # Errors
    /// The registry's address or certificates cannot be used.
    pub fn from_config(
        config: &Config,
        api_server: Upstream,
        index: index::IndexReader,
        clock: &Clock,
        limits: TimeLimits,
    ) -> Result<Self, SetupError> {
        let registry_host = config.registry.public_host.clone();
        let sign_in_server = match &config.sign_in {
            SignInSettings::Oauth(_) => UpstreamName::Oauth,
            SignInSettings::Oidc(_) => UpstreamName::Oidc,
        };
        let trusts = [
            (UpstreamName::Registry, &config.registry.trust),
            (sign_in_server, config.sign_in.trust()),
            (UpstreamName::ApiServer, &config.cluster.trust),
        ];
        let authorities = Authorities::new(registry_host.clone(), &trusts, clock.clone());
        let registry = Registry::from_settings(&config.registry, limits)?;
        let list_ttl = TimeDelta::from_std(config.index.list_ttl).unwrap_or_default();
        let inside = config.registry.url.host_str().map(|host| {
            let port = config.registry.url.port_or_known_default();
            port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
        });
        let known_hosts = KnownHosts::new(
            registry_host
                .as_deref()
                .into_iter()
                .chain(inside.as_deref()),
        );
        let api_server =
            ApiServer::new(api_server).with_external_users(config.sign_in.oidc().is_some());
        let app = Self {
            known_hosts,
            ..Self::new(api_server, registry, registry_host)
        };
        Ok(app
            .with_index(index, list_ttl, clock)
            .with_authorities(authorities))
    }

    /// An app without an index and without a cache of lists. `registry_host` is the host of the
    /// registry outside the cluster (`REGISTRY_HOST`).
    fn new(api_server: ApiServer, registry: Registry, registry_host: Option<String>) -> Self {
        let known_hosts = KnownHosts::new(registry_host.as_deref());
        Self {
            api_server,
            registry,
            registry_host,
            index: index::IndexReader::disabled(),
            user_caches: UserCaches::new(TimeDelta::zero(), &Clock::system()),
            clock: Clock::system(),
            list_permits: Arc::new(Semaphore::new(lists::project_lists::MAX_CONCURRENT_LISTS)),
            authorities: None,
            release_cache: ReleaseCache::default(),
            jobs: jobs::Jobs::default(),
            known_hosts,
            grouped_workloads: GroupedWorkloads::default(),
            workload_loads: WorkloadLoads::default(),
            space_loads: SpaceLoads::default(),
        }
    }

    /// Adds `index`, which is used while it is up to date; otherwise the lists made with a user's
    /// own token are cached for `lists_kept`. `clock` is the source of time.
    #[must_use]
    pub fn with_index(
        self,
        index: index::IndexReader,
        lists_kept: TimeDelta,
        clock: &Clock,
    ) -> Self {
        let api_server = self.api_server.with_clock(clock);
        let api_server = match index.sizes().image_records() {
            Some(records) => api_server.with_image_records(records),
            None => api_server,
        };
        Self {
            api_server,
            index,
            user_caches: UserCaches::new(lists_kept, clock),
            clock: clock.clone(),
            ..self
        }
    }

    /// Wakes whenever something has changed that a page may show, so that each
    /// [`live::ChangeSubscription`] can be polled.
    #[must_use]
    pub fn index_changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.index.subscribe()
    }

    /// The state of the index.
    #[must_use]
    pub fn index_state(&self) -> index::IndexState {
        self.index.state()
    }

    /// The state of each kind of workloads in the index; none if it has no workloads.
    #[must_use]
    pub fn workload_index_states(&self) -> Vec<(WorkloadKind, index::WorkloadKindState)> {
        self.index.workloads().states()
    }

    /// The state of the sizes in the index. `None` if it has no sizes.
    #[must_use]
    pub fn size_index_state(&self) -> Option<Arc<index::SizeIndexState>> {
        self.index.sizes().state()
    }

    /// Sets the certificate authorities that users may download.
    #[must_use]
    pub fn with_authorities(self, authorities: Authorities) -> Self {
        Self {
            authorities: Some(authorities),
            ..self
        }
    }

    /// Which authority signed the certificate of the registry's public address. Needs no token.
    pub async fn registry_authority(&self) -> RegistryAuthority {
        match &self.authorities {
            Some(authorities) => authorities.registry_authority().await,
            None => RegistryAuthority::NoHost,
        }
    }

    /// Whether the API server has refused this token within the last minute. Nothing more is shown
    /// with it; its user has to sign in again.
    #[must_use]
    pub fn has_rejected_token(&self, token: &UserToken) -> bool {
        self.api_server.has_refused(token)
    }

    /// The loads and changes of the user that this token belongs to.
    #[must_use]
    pub fn for_user<'a>(&'a self, token: &'a UserToken) -> AppForUser<'a> {
        AppForUser {
            api_server: self.api_server.for_user(token),
            registry: self.registry.for_user(token),
            token,
            app: self,
        }
    }
}

/// The app, with the token of one user.
#[derive(Clone, Debug)]
pub struct AppForUser<'a> {
    api_server: openshift::UserApi<'a>,
    registry: registry::UserRegistry<'a>,
    token: &'a UserToken,
    app: &'a App,
}

impl AppForUser<'_> {
    /// The host of the registry outside the cluster, if it is configured.
    #[must_use]
    pub fn registry_host(&self) -> Option<&str> {
        self.app.registry_host.as_deref()
    }
}

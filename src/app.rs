//! What a page needs, loaded as the signed-in person.
//!
//! `Console::as_user(token)` comes first in every load: what a person sees is decided by the master
//! and the registry, for that person's token, on every request. A load has one subject, whose
//! failure is the page's [`failure::Failure`]; everything else is a [`section::Section`] that may be missing and says
//! why.

pub mod access;
pub mod admission;
pub mod bounds;
pub mod change;
pub mod change_lock;
pub mod connect;
pub mod credentials;
pub mod doctor;
pub mod failure;
pub mod image_streams;
pub mod images;
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
pub mod storage_failure;
pub mod tags;
mod user_caches;
pub mod users;

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Semaphore;

use crate::index;
use crate::openshift::{self, ApiServer};
use crate::outbound::UserToken;
use crate::registry::{self, Registry};
use connect::{Authorities, RegistryAuthority};
use registry_model::Clock;
use release::ReleaseCache;
use user_caches::UserCaches;

/// The master and the registry, and what the console has been told about them. Holds no credential
/// of its own.
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
}

impl App {
    /// A console of this master and registry, without an index and without any memory of lists.
    /// `registry_host` is what people outside call the registry (`REGISTRY_HOST`).
    #[must_use]
    pub fn new(master: ApiServer, registry: Registry, registry_host: Option<String>) -> Self {
        Self {
            api_server: master,
            registry,
            registry_host,
            index: index::IndexReader::disabled(),
            user_caches: UserCaches::new(TimeDelta::zero(), &Clock::system()),
            clock: Clock::system(),
            list_permits: Arc::new(Semaphore::new(lists::project_lists::MAX_CONCURRENT_LISTS)),
            authorities: None,
            release_cache: ReleaseCache::default(),
        }
    }

    /// The same with `index` for as long as it is up to date; where it is not, what a person's own
    /// token listed is good for `lists_kept`. By `clock`.
    #[must_use]
    pub fn with_index(
        self,
        index: index::IndexReader,
        lists_kept: TimeDelta,
        clock: &Clock,
    ) -> Self {
        Self {
            api_server: self.api_server.with_clock(clock),
            index,
            user_caches: UserCaches::new(lists_kept, clock),
            clock: clock.clone(),
            ..self
        }
    }

    /// Wakes whenever something has changed that a page may show, so that everybody who is
    /// [`live::ChangeSubscription`] has a look.
    #[must_use]
    pub fn index_changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.index.subscribe()
    }

    /// How the index is.
    #[must_use]
    pub fn index_state(&self) -> index::IndexState {
        self.index.state()
    }

    /// The same, knowing which authorities may be handed on.
    #[must_use]
    pub fn with_authorities(self, authorities: Authorities) -> Self {
        Self {
            authorities: Some(authorities),
            ..self
        }
    }

    /// Who vouches for the registry as people outside reach it. Nobody's token is needed for that.
    pub async fn registry_authority(&self) -> RegistryAuthority {
        match &self.authorities {
            Some(authorities) => authorities.registry_authority().await,
            None => RegistryAuthority::NoHost,
        }
    }

    /// Whether the API server has refused this token within the last minute: nothing more is shown
    /// to its owner, who has to sign in.
    #[must_use]
    pub fn has_rejected_token(&self, token: &UserToken) -> bool {
        self.api_server.has_refused(token)
    }

    /// Acts with this token from here on.
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

/// The console in the hands of one person.
#[derive(Clone, Debug)]
pub struct AppForUser<'a> {
    api_server: openshift::UserApi<'a>,
    registry: registry::UserRegistry<'a>,
    token: &'a UserToken,
    app: &'a App,
}

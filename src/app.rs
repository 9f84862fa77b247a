//! What a page needs, loaded as the signed-in person.
//!
//! `Console::as_user(token)` comes first in every load: what a person sees is decided by the master
//! and the registry, for that person's token, on every request. A load has one subject, whose
//! failure is the page's [`Failure`]; everything else is a [`Section`] that may be missing and says
//! why.

pub mod access;
pub mod admission;
pub mod bounds;
pub mod change;
pub mod connect;
pub mod credentials;
pub mod doctor;
pub mod failure;
pub mod image_streams;
pub mod images;
pub mod lists;
pub mod live;
pub mod members;
pub mod projects;
pub mod recent;
pub mod release;
pub mod search;
pub mod section;
pub mod serialized;
pub mod shell_command;
pub mod storage_trouble;
pub mod tags;
pub mod users;

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Semaphore;

use crate::index;
use crate::openshift::{self, Master};
use crate::outbound::UserToken;
use crate::registry::{self, Registry};
use access::policies::Policies;
use access::rights::Rights;
use connect::{Authorities, Authority};
use lists::Visible;
use lists::outage::LastVisible;
use lists::project_lists::LastProjects;
use lists::visible_streams::VisibleStreams;
use recent::Recent;
use registry_model::Clock;
use release::KnownRelease;

/// The master and the registry, and what the console has been told about them. Holds no credential
/// of its own.
#[derive(Clone, Debug)]
pub struct Console {
    master: Master,
    registry: Registry,
    registry_host: Option<String>,
    rights: Rights,
    authorities: Option<Authorities>,
    policies: Policies,
    index: index::Reader,
    visibility: Recent<Visible>,
    lists: Recent<VisibleStreams>,
    last_projects: LastProjects,
    last_visible: LastVisible,
    clock: Clock,
    list_turns: Arc<Semaphore>,
    release: KnownRelease,
}

impl Console {
    /// A console of this master and registry, without an index and without any memory of lists.
    /// `registry_host` is what people outside call the registry (`REGISTRY_HOST`).
    #[must_use]
    pub fn new(master: Master, registry: Registry, registry_host: Option<String>) -> Self {
        Self {
            master,
            registry,
            registry_host,
            rights: Rights::new(),
            policies: Policies::new(),
            index: index::Reader::off(),
            visibility: Recent::new(lists::visibility::KEPT_FOR, Clock::system()),
            lists: Recent::new(TimeDelta::zero(), Clock::system()),
            last_projects: LastProjects::new(),
            last_visible: LastVisible::new(),
            clock: Clock::system(),
            list_turns: Arc::new(Semaphore::new(lists::project_lists::LISTS_OF_ALL)),
            authorities: None,
            release: KnownRelease::default(),
        }
    }

    /// The same with `index` for as long as it is up to date; where it is not, what a person's own
    /// token listed is good for `lists_kept`. By `clock`.
    #[must_use]
    pub fn with_index(self, index: index::Reader, lists_kept: TimeDelta, clock: &Clock) -> Self {
        let (visibility, lists) = (
            Recent::new(lists::visibility::KEPT_FOR, clock.clone()),
            Recent::new(lists_kept, clock.clone()),
        );
        Self {
            master: self.master.with_clock(clock),
            index,
            visibility,
            lists,
            clock: clock.clone(),
            ..self
        }
    }

    /// Wakes whenever something has changed that a page may show, so that everybody who is
    /// [`Following`] has a look.
    #[must_use]
    pub fn told(&self) -> tokio::sync::watch::Receiver<u64> {
        self.index.told()
    }

    /// How the index is.
    #[must_use]
    pub fn index_state(&self) -> index::State {
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
    pub async fn registry_authority(&self) -> Authority {
        match &self.authorities {
            Some(authorities) => authorities.of_registry().await,
            None => Authority::NoHost,
        }
    }

    /// Whether the API server has refused this token within the last minute: nothing more is shown
    /// to its owner, who has to sign in.
    #[must_use]
    pub fn has_refused(&self, token: &UserToken) -> bool {
        self.master.has_refused(token)
    }

    /// Acts with this token from here on.
    #[must_use]
    pub fn as_user<'a>(&'a self, token: &'a UserToken) -> AsUser<'a> {
        AsUser {
            master: self.master.as_user(token),
            registry: self.registry.as_user(token),
            token,
            console: self,
        }
    }
}

/// The console in the hands of one person.
#[derive(Clone, Debug)]
pub struct AsUser<'a> {
    master: openshift::AsUser<'a>,
    registry: registry::AsUser<'a>,
    token: &'a UserToken,
    console: &'a Console,
}

//! What a page needs, loaded as the signed-in person.
//!
//! `Console::as_user(token)` comes first in every load: what a person sees is decided by the master
//! and the registry, for that person's token, on every request. A load has one subject, whose
//! failure is the page's [`Failure`]; everything else is a [`Section`] that may be missing and says
//! why.

mod access;
mod account;
mod admission;
mod authority;
mod bindings;
mod bounds;
mod change;
mod commands;
mod connect;
mod delete_project;
pub mod doctor;
mod edit_project;
mod failure;
mod groups;
mod image;
mod image_list;
mod import_advice;
mod integrated_registry;
mod live;
mod logins;
mod matching;
mod member_removal;
mod members;
mod name_check;
mod new_project;
mod new_tag;
mod outage;
mod overview;
mod paging;
mod people;
mod point_tag;
mod policies;
mod project_access;
mod project_lists;
mod project_roles;
mod projects;
mod pull_secret;
mod recent;
mod recipes;
mod release;
mod remove_tag;
mod remove_tags;
mod rights;
mod search;
mod section;
mod serialized;
mod shell_command;
mod storage_trouble;
mod stream;
mod stream_changes;
mod trust_steps;
mod user_changes;
mod users;
mod visibility;
mod visible_streams;

pub use access::{AccessView, Answer, Granted, Verdict};
pub use authority::{Authorities, Authority, ShownCertificate};
pub use change::{ChangeFailed, Refusal, RefusedBecause, RefusedField};
pub use commands::{Command, Connect, PullCommands, Tool};
pub use connect::{ConnectQuery, ConnectView, Expose};
pub use delete_project::{GoingStream, GoingStreams, ProjectDeletion};
pub use edit_project::{ProjectEdit, ProjectTexts};
pub use failure::{Failure, Subject, Upstream};
pub use groups::{GroupList, GroupView};
pub use image::{
    AbsenceReason, AbsentImage, AttachedToImage, Facts, ImageLookup, ImageView, Kind, Name,
    PlatformKind, PlatformRow, Raw, ShownReference,
};
pub use image_list::{
    ImageList, ListQuery, ListSort, MissingProject, StreamRow, StreamState, TagBrief, Trouble,
};
pub use import_advice::{ImportAdvice, ImportFailureKind};
pub use integrated_registry::EnableRegistry;
pub use live::{Following, MOST_NEWS, Mark, News, Scope};
pub use logins::{
    Login, LoginFailed, LoginOffer, LoginRemoval, LoginRight, LoginStep, Logins, MadeLogin,
    NewLogin, TakeBackFailed, UnfinishedLogin,
};
pub use member_removal::{MemberRemoval, Risk};
pub use members::{Members, Names, PULLER, is_registry_role};
pub use name_check::NameCheck;
pub use new_project::NewProject;
pub use new_tag::{FollowedNow, NewTag};
pub use outage::Stale;
pub use overview::{Counts, Overview, ProjectCard};
pub use paging::{Order, Paging};
pub use people::{Outcome, Step, Unfinished, is_identity, is_new_name};
pub use point_tag::{Difference, Part, Pointed, RollBack, Shown, TagNow, TagPath, TagSubject};
pub use project_access::{Opening, ProjectAccess};
pub use project_roles::ProjectRole;
pub use projects::{Member, MemberRole, ProjectList, ProjectRow, ProjectView};
pub use pull_secret::PullSecret;
pub use recipes::{Client, Kubernetes, Purpose, Recipe, RecipeStep};
pub use release::Release;
pub use remove_tag::TagRemoval;
pub use remove_tags::{
    Asked, ChosenTag, GoingTag, MOST as MOST_TAGS, Removed, TagChoice, TagRemovals,
};
pub use search::{Hit, HitGroup, HitKind, Search, SearchQuery};
pub use section::{Missing, Section, Why};
pub use shell_command::{HiddenCharacters, ShellCommand, ShellWord};
pub use storage_trouble::{StorageTrouble, StorageWhy};
pub use stream::{
    AttachedTag, HistoryRow, ImageBrief, PlatformBrief, Presence, StreamView, TagQuery, TagRow,
    TagSort,
};
pub use stream_changes::{Offers, StreamForm, StreamRemoval};
pub use trust_steps::{System, TrustSteps};
pub use user_changes::{UserDeletion, UserEdit, UserTexts};
pub use users::{PersonOffers, UserList, UserRow, UserView};
pub use visibility::Visible;

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::index;
use crate::openshift::{self, Master};
pub use crate::openshift::{FollowedTag, ImportOutcome, ImportPlan, ImportResult, StreamSource};
use crate::outbound::UserToken;
use crate::registry::{self, Registry};
use outage::LastVisible;
use policies::Policies;
use project_lists::LastProjects;
use recent::Recent;
use release::KnownRelease;
use rights::Rights;
use visible_streams::VisibleStreams;

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
            visibility: Recent::new(visibility::KEPT_FOR, Clock::system()),
            lists: Recent::new(TimeDelta::zero(), Clock::system()),
            last_projects: LastProjects::new(),
            last_visible: LastVisible::new(),
            clock: Clock::system(),
            list_turns: Arc::new(Semaphore::new(project_lists::LISTS_OF_ALL)),
            authorities: None,
            release: KnownRelease::default(),
        }
    }

    /// The same with `index` for as long as it is up to date; where it is not, what a person's own
    /// token listed is good for `lists_kept`. By `clock`.
    #[must_use]
    pub fn with_index(self, index: index::Reader, lists_kept: TimeDelta, clock: &Clock) -> Self {
        let (visibility, lists) = (
            Recent::new(visibility::KEPT_FOR, clock.clone()),
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

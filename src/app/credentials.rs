//! Logins that outlive a session: service accounts of a project, each with a right on its images
//! and a token.
//!
//! Making one takes several calls. What is wanted is written on the service account when it is
//! made, so that whatever fails later can be finished by asking again, from any replica.

mod make;
pub(in crate::app) mod pull_secret;
mod take_back;

pub use pull_secret::PullSecret;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::AsUser;
use super::section::{EXTRA_PATIENCE, Section, within};
use crate::app::failure::{Failure, Subject, Upstream};
use crate::openshift::{Access, ServiceAccount};
use registry_model::{ProjectName, RoleBinding, ServiceAccountName, Subject as Who, SubjectKind};

pub use make::{LoginFailed, LoginStep, MadeLogin, NewLogin, UnfinishedLogin};
pub use take_back::{LoginRemoval, TakeBackFailed};

/// What marks a service account as one of the console's.
const MADE_HERE: (&str, &str) = ("app.kubernetes.io/managed-by", "registry-console");
/// The annotations that hold what was wanted.
const MAY: &str = "registry-console/may";
const DAYS: &str = "registry-console/days";

/// What a login may do with the images of its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginRight {
    Pull,
    /// Push to image streams that are there, and pull.
    Push,
    /// Push, and create image streams by it.
    Create,
}

impl LoginRight {
    /// All, the least first.
    pub const ALL: [Self; 3] = [Self::Pull, Self::Push, Self::Create];

    /// The role of the cluster that gives it, and nothing beside: `registry-editor` would let a
    /// stolen login read the project's secrets.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::Pull => "system:image-puller",
            Self::Push => "system:image-pusher",
            Self::Create => "system:image-builder",
        }
    }

    /// As forms and annotations have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Create => "create",
        }
    }

    /// The right of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.word() == word)
    }
}

/// A login that the console made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    pub name: ServiceAccountName,
    /// What it is for, as far as that is still written on it.
    pub may: Option<LoginRight>,
    /// How many days each of its tokens works. None: until it is taken back.
    pub days: Option<u32>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// Whether it has the right that it is for. None: not known.
    pub granted: Option<bool>,
}

/// The logins of a project, and what the person may do about them.
#[derive(Clone, Debug, Serialize)]
pub struct Logins {
    pub project: ProjectName,
    /// The logins that the console made, by name.
    pub logins: Section<Vec<Login>>,
    /// What may be made.
    pub offer: LoginOffer,
    /// Whether they may be taken back.
    pub may_delete: bool,
    /// Whether the cluster has no integrated registry to use them for.
    pub without_registry: bool,
}

/// What kinds of logins a person may make in a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LoginOffer {
    /// Whose token works until the login is taken back.
    pub lasting: bool,
    /// Whose token ends by itself.
    pub ending: bool,
}

impl LoginOffer {
    #[must_use]
    pub fn any(self) -> bool {
        self.lasting || self.ending
    }
}

impl Login {
    fn of(account: &ServiceAccount) -> Self {
        Self {
            name: account.name.clone(),
            may: account
                .notes
                .get(MAY)
                .and_then(|word| LoginRight::of_word(word)),
            days: account.notes.get(DAYS).and_then(|days| days.parse().ok()),
            created: account.created,
            granted: None,
        }
    }

    fn granted_by(self, project: &ProjectName, bindings: Option<&Vec<RoleBinding>>) -> Self {
        let role = self.may.map(LoginRight::role);
        let who = robot(project, &self.name);
        let gives = |binding: &RoleBinding| {
            binding.cluster_role
                && Some(binding.role.as_str()) == role
                && binding.subjects.contains(&who)
        };
        Self {
            granted: bindings.map(|bindings| bindings.iter().any(gives)),
            ..self
        }
    }
}

/// A service account, as bindings name it.
fn robot(project: &ProjectName, name: &ServiceAccountName) -> Who {
    Who {
        kind: SubjectKind::ServiceAccount,
        name: name.to_string(),
        project: Some(project.to_string()),
    }
}

/// Whether the console made it: it touches no other.
fn is_ours(account: &ServiceAccount) -> bool {
    account
        .labels
        .get(MADE_HERE.0)
        .is_some_and(|value| value == MADE_HERE.1)
}

impl AsUser<'_> {
    /// The logins of a project.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself.
    pub async fn logins(&self, project: &ProjectName) -> Result<Logins, Failure> {
        let (found, accounts, bindings, offer, [may_delete], without_registry) = tokio::join!(
            self.master.project(project),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                self.master.service_accounts(project, MADE_HERE)
            ),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                self.master.role_bindings(project)
            ),
            self.login_offer(project),
            self.allowed([Access::delete_service_accounts(project)]),
            self.is_without_registry(),
        );
        found.map_err(|error| Failure::of_master(error, Subject::Project))?;
        let logins = accounts.map(|accounts| {
            let mut logins: Vec<Login> = accounts
                .iter()
                .filter(|account| is_ours(account))
                .map(|it| Login::of(it).granted_by(project, bindings.ready()))
                .collect();
            logins.sort_by(|a, b| a.name.cmp(&b.name));
            logins
        });
        Ok(Logins {
            project: project.clone(),
            logins,
            offer,
            may_delete,
            without_registry,
        })
    }

    /// What kinds of logins the person may make: a service account, its right, and a token must all
    /// be theirs to give.
    pub async fn login_offer(&self, project: &ProjectName) -> LoginOffer {
        let [accounts, bindings, make_secrets, read_secrets, tokens] = self
            .allowed([
                Access::create_service_accounts(project),
                Access::change_bindings(project),
                Access::on_secrets(project, "create"),
                Access::on_secrets(project, "get"),
                Access::request_tokens(project),
            ])
            .await;
        let base = accounts && bindings;
        LoginOffer {
            lasting: base && make_secrets && read_secrets,
            ending: base && tokens,
        }
    }
}

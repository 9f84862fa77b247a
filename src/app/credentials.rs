//! Logins that outlive a session: service accounts of a project, each with a right on its images
//! and a token.
//!
//! Making one takes several calls. What is wanted is written on the service account when it is
//! made, so that whatever fails later can be finished by asking again, from any replica.

mod create;
pub(in crate::app) mod pull_secret;
mod revoke;

pub use pull_secret::PullSecret;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::AppForUser;
use super::section::{OPTIONAL_TIMEOUT, Section, with_timeout};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::openshift::{AccessRight, ServiceAccount};
use registry_model::{ProjectName, RoleBinding, ServiceAccountName, Subject as Who, SubjectKind};

pub use create::{
    CreateCredentialError, CreatedCredential, CredentialStep, NewCredential, UnfinishedCredential,
};
pub use revoke::{CredentialRevocation, RevokeCredentialError};

/// What marks a service account as one of the console's.
const MANAGED_BY_LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "registry-console");
/// The annotations that hold what was wanted.
const RIGHT_ANNOTATION: &str = "registry-console/may";
const LIFETIME_DAYS_ANNOTATION: &str = "registry-console/days";

/// What a login may do with the images of its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialRight {
    Pull,
    /// Push to image streams that are there, and pull.
    Push,
    /// Push, and create image streams by it.
    Create,
}

impl CredentialRight {
    /// All, the least first.
    pub const ALL: [Self; 3] = [Self::Pull, Self::Push, Self::Create];

    /// The role of the cluster that gives it, and nothing beside: `registry-editor` would let a
    /// stolen login read the project's secrets.
    #[must_use]
    pub fn cluster_role(self) -> &'static str {
        match self {
            Self::Pull => "system:image-puller",
            Self::Push => "system:image-pusher",
            Self::Create => "system:image-builder",
        }
    }

    /// As forms and annotations have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Create => "create",
        }
    }

    /// The right of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.as_str() == word)
    }
}

/// A login that the console made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Credential {
    pub name: ServiceAccountName,
    /// What it is for, as far as that is still written on it.
    pub may: Option<CredentialRight>,
    /// How many days each of its tokens works. None: until it is taken back.
    pub days: Option<u32>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// Whether it has the right that it is for. None: not known.
    pub granted: Option<bool>,
}

/// The logins of a project, and what the person may do about them.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialsView {
    pub project: ProjectName,
    /// The logins that the console made, by name.
    pub logins: Section<Vec<Credential>>,
    /// What may be made.
    pub offer: CredentialOffer,
    /// Whether they may be taken back.
    pub may_delete: bool,
    /// Whether the cluster has no integrated registry to use them for.
    pub without_registry: bool,
}

/// What kinds of logins a person may make in a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CredentialOffer {
    /// Whose token works until the login is taken back.
    pub lasting: bool,
    /// Whose token ends by itself.
    pub ending: bool,
}

impl CredentialOffer {
    #[must_use]
    pub fn is_any(self) -> bool {
        self.lasting || self.ending
    }
}

impl Credential {
    fn from_service_account(account: &ServiceAccount) -> Self {
        Self {
            name: account.name.clone(),
            may: account
                .annotations
                .get(RIGHT_ANNOTATION)
                .and_then(|word| CredentialRight::parse(word)),
            days: account
                .annotations
                .get(LIFETIME_DAYS_ANNOTATION)
                .and_then(|days| days.parse().ok()),
            created: account.created,
            granted: None,
        }
    }

    fn with_binding_state(
        self,
        project: &ProjectName,
        bindings: Option<&Vec<RoleBinding>>,
    ) -> Self {
        let role = self.may.map(CredentialRight::cluster_role);
        let who = service_account_subject(project, &self.name);
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
fn service_account_subject(project: &ProjectName, name: &ServiceAccountName) -> Who {
    Who {
        kind: SubjectKind::ServiceAccount,
        name: name.to_string(),
        project: Some(project.to_string()),
    }
}

/// Whether the console made it: it touches no other.
fn is_managed_by_console(account: &ServiceAccount) -> bool {
    account
        .labels
        .get(MANAGED_BY_LABEL.0)
        .is_some_and(|value| value == MANAGED_BY_LABEL.1)
}

impl AppForUser<'_> {
    /// The logins of a project.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself.
    pub async fn credentials(&self, project: &ProjectName) -> Result<CredentialsView, Failure> {
        let (found, accounts, bindings, offer, [may_delete], without_registry) = tokio::join!(
            self.api_server.get_project(project),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::Master,
                self.api_server
                    .list_service_accounts(project, MANAGED_BY_LABEL)
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::Master,
                self.api_server.list_role_bindings(project)
            ),
            self.credential_offer(project),
            self.review_access([AccessRight::delete_service_accounts(project)]),
            self.has_no_registry(),
        );
        found.map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let logins = accounts.map(|accounts| {
            let mut logins: Vec<Credential> = accounts
                .iter()
                .filter(|account| is_managed_by_console(account))
                .map(|it| {
                    Credential::from_service_account(it)
                        .with_binding_state(project, bindings.ready())
                })
                .collect();
            logins.sort_by(|a, b| a.name.cmp(&b.name));
            logins
        });
        Ok(CredentialsView {
            project: project.clone(),
            logins,
            offer,
            may_delete,
            without_registry,
        })
    }

    /// What kinds of logins the person may make: a service account, its right, and a token must all
    /// be theirs to give.
    pub async fn credential_offer(&self, project: &ProjectName) -> CredentialOffer {
        let [accounts, bindings, make_secrets, read_secrets, tokens] = self
            .review_access([
                AccessRight::create_service_accounts(project),
                AccessRight::update_role_bindings(project),
                AccessRight::for_secrets(project, "create"),
                AccessRight::for_secrets(project, "get"),
                AccessRight::request_tokens(project),
            ])
            .await;
        let base = accounts && bindings;
        CredentialOffer {
            lasting: base && make_secrets && read_secrets,
            ending: base && tokens,
        }
    }
}

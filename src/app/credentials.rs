//! Credentials that outlive a session: service accounts of a project, each with a right on its
//! images and a token.
//!
//! Creating one takes several calls. What was requested is stored in annotations of the service
//! account when it is created, so that a creation that failed later can be finished from any
//! replica.

mod create;
pub(in crate::app) mod pull_secret;
mod revoke;

pub use pull_secret::PullSecret;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::AppForUser;
use super::section::{Section, UnavailableReason, optional};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::openshift::{AccessRight, ServiceAccount};
use registry_model::{ProjectName, RoleBinding, ServiceAccountName, Subject, SubjectKind};

pub use create::{
    CreateCredentialError, CreatedCredential, CredentialStep, NewCredential, UnfinishedCredential,
};
pub use revoke::{CredentialRevocation, RevokeCredentialError};

/// The label of service accounts that the console created.
const MANAGED_BY_LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "registry-console");
/// The annotations that store what was requested.
const RIGHT_ANNOTATION: &str = "registry-console/may";
const LIFETIME_DAYS_ANNOTATION: &str = "registry-console/days";

/// What a credential may do with the images of its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CredentialRight {
    Pull,
    /// Push to existing image streams, and pull.
    Push,
    /// Push, also to new image streams, which the push creates.
    Create,
}

impl CredentialRight {
    /// All rights, the least first.
    pub const ALL: [Self; 3] = [Self::Pull, Self::Push, Self::Create];

    /// The cluster role that grants the right and nothing besides: `registry-editor` would let a
    /// stolen credential read the project's secrets.
    #[must_use]
    pub fn cluster_role(self) -> &'static str {
        match self {
            Self::Pull => "system:image-puller",
            Self::Push => "system:image-pusher",
            Self::Create => "system:image-builder",
        }
    }

    /// The form used in HTML forms and annotations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Create => "create",
        }
    }

    /// The right of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.as_str() == word)
    }
}

/// A credential that the console created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Credential {
    pub name: ServiceAccountName,
    /// Its right, if the annotation still says it.
    pub may: Option<CredentialRight>,
    /// How many days each of its tokens is valid. `None`: until it is revoked.
    pub days: Option<u32>,
    /// When it was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<DateTime<Utc>>,
    /// Whether a binding grants the right. `None`: not known.
    pub granted: Option<bool>,
}

/// The credentials of a project, and what the user may do with them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CredentialsView {
    pub project: ProjectName,
    /// The credentials that the console created, by name.
    pub logins: Section<Vec<Credential>>,
    /// The kinds of credentials that the user may create.
    pub offer: CredentialOffer,
    /// Whether the user may revoke them.
    pub may_delete: bool,
    /// Whether the cluster has no integrated registry to use them for.
    pub without_registry: bool,
}

/// The kinds of credentials that a user may create in a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CredentialOffer {
    /// Credentials whose token is valid until they are revoked.
    pub lasting: bool,
    /// Credentials whose token expires.
    pub ending: bool,
}

impl CredentialsView {
    /// The credentials of a project of which nothing can be read, so that the form can be shown
    /// again with its values. All kinds are offered: the API server decides when it is sent again.
    #[must_use]
    pub fn unavailable(project: ProjectName) -> Self {
        Self {
            project,
            logins: Section::unavailable(Upstream::ApiServer, UnavailableReason::Unreachable),
            offer: CredentialOffer {
                lasting: true,
                ending: true,
            },
            may_delete: false,
            without_registry: false,
        }
    }
}

impl CredentialOffer {
    #[must_use]
    pub fn is_any(self) -> bool {
        self.lasting || self.ending
    }
}

impl Credential {
    /// When the token expires that was made together with the service account. Later tokens expire
    /// later.
    #[must_use]
    pub fn first_expiry(&self) -> Option<DateTime<Utc>> {
        Some(self.created? + TimeDelta::try_days(self.days?.into())?)
    }

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
        let subject = service_account_subject(project, &self.name);
        let gives = |binding: &RoleBinding| {
            binding.cluster_role
                && Some(binding.role.as_str()) == role
                && binding.subjects.contains(&subject)
        };
        Self {
            granted: bindings.map(|bindings| bindings.iter().any(gives)),
            ..self
        }
    }
}

/// A service account, as bindings name it.
fn service_account_subject(project: &ProjectName, name: &ServiceAccountName) -> Subject {
    Subject {
        kind: SubjectKind::ServiceAccount,
        name: name.to_string(),
        project: Some(project.to_string()),
    }
}

/// Whether the console created it; the console changes no other.
fn is_managed_by_console(account: &ServiceAccount) -> bool {
    account
        .labels
        .get(MANAGED_BY_LABEL.0)
        .is_some_and(|value| value == MANAGED_BY_LABEL.1)
}

impl AppForUser<'_> {
    /// The credentials of a project.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself.
    pub async fn credentials(&self, project: &ProjectName) -> Result<CredentialsView, Failure> {
        let (found, accounts, bindings, offer, [may_delete], without_registry) = tokio::join!(
            self.api_server.get_project(project),
            optional(
                self.api_server
                    .list_service_accounts(project, MANAGED_BY_LABEL)
            ),
            optional(self.api_server.list_role_bindings(project)),
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

    /// The kinds of credentials that the user may create. The user must be allowed to create a
    /// service account, its binding and its token.
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

//! Who may do what in a project.

use std::borrow::Cow;

use serde::Serialize;

/// Who may pull from a project, in the three steps that the old console offered, and one that
/// bindings made elsewhere can amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessPolicy {
    Private,
    /// Every signed-in user (`system:authenticated` may `get imagestreams/layers`).
    Shared,
    /// Everybody (`system:authenticated` and `system:unauthenticated` may).
    Anonymous,
    /// Requests without a token only (`system:unauthenticated` may, `system:authenticated` may
    /// not): a request with a valid token is not in the group `system:unauthenticated`, so a person
    /// who has signed in needs a role in the project.
    OnlyAnonymous,
}

/// One role binding of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleBinding {
    /// The binding's own name.
    pub name: String,
    /// The role that it grants.
    pub role: String,
    /// Whether the role is the cluster's (`ClusterRole`) or the project's own (`Role`).
    pub cluster_role: bool,
    /// Who is granted it.
    pub subjects: Vec<Subject>,
}

/// Somebody that a binding names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Subject {
    /// What kind of somebody.
    pub kind: SubjectKind,
    /// The name. Untrusted.
    pub name: String,
    /// The project of a service account.
    pub project: Option<String>,
}

/// How the name of the user begins that a service account is.
const SERVICE_ACCOUNT_USER_PREFIX: &str = "system:serviceaccount:";
/// How the name of the group begins that all service accounts of a project are in.
const SERVICE_ACCOUNTS_GROUP_PREFIX: &str = "system:serviceaccounts:";

impl Subject {
    #[must_use]
    pub fn user(name: impl Into<String>) -> Self {
        Self {
            kind: SubjectKind::User,
            name: name.into(),
            project: None,
        }
    }

    #[must_use]
    pub fn group(name: impl Into<String>) -> Self {
        Self {
            kind: SubjectKind::Group,
            name: name.into(),
            project: None,
        }
    }

    /// A service account of a project.
    #[must_use]
    pub fn service_account(project: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            kind: SubjectKind::ServiceAccount,
            name: name.into(),
            project: Some(project.into()),
        }
    }

    /// All service accounts of a project: a group that the cluster keeps.
    #[must_use]
    pub fn service_accounts_group(project: &str) -> Self {
        Self::group(format!("{SERVICE_ACCOUNTS_GROUP_PREFIX}{project}"))
    }

    /// Whose user name that is: a service account has one, too.
    #[must_use]
    pub fn from_user_name(name: &str) -> Self {
        match name
            .strip_prefix(SERVICE_ACCOUNT_USER_PREFIX)
            .and_then(|rest| rest.split_once(':'))
        {
            Some((project, name)) => Self::service_account(project, name),
            None => Self::user(name),
        }
    }

    /// The name by which reviews and `oc` know them: a service account is a user there.
    #[must_use]
    pub fn qualified_name(&self) -> Cow<'_, str> {
        match (self.kind, &self.project) {
            (SubjectKind::ServiceAccount, Some(project)) => {
                format!("{SERVICE_ACCOUNT_USER_PREFIX}{project}:{}", self.name).into()
            }
            _ => self.name.as_str().into(),
        }
    }

    /// The project whose service accounts this group is.
    #[must_use]
    pub fn service_accounts_group_project(&self) -> Option<&str> {
        self.name
            .strip_prefix(SERVICE_ACCOUNTS_GROUP_PREFIX)
            .filter(|_| self.kind == SubjectKind::Group)
    }
}

/// The kinds of subjects of a role binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    User,
    /// A group of people; `system:…` groups are virtual.
    Group,
    /// A robot of a project.
    ServiceAccount,
}

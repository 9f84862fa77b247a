//! Access to a project: levels of pull access, and role bindings and their subjects.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use crate::name::{ParseNameError, ProjectName, ServiceAccountName};

/// Who may pull from a project: the three levels of OpenShift's registry console, and one that
/// other role bindings can result in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessPolicy {
    Private,
    /// Every signed-in user (`system:authenticated` may `get imagestreams/layers`).
    Shared,
    /// Every request (`system:authenticated` and `system:unauthenticated` may).
    Anonymous,
    /// Requests without a token only (`system:unauthenticated` may, `system:authenticated` may
    /// not): a request with a valid token is not in the group `system:unauthenticated`, so a
    /// signed-in user needs a role in the project.
    OnlyAnonymous,
}

/// One role binding of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleBinding {
    /// The name of the role binding.
    pub name: String,
    /// The role that it grants.
    pub role: String,
    /// Whether the role is a `ClusterRole` or a `Role` of the project.
    pub cluster_role: bool,
    /// The subjects that it grants the role to.
    pub subjects: Vec<Subject>,
}

/// A subject of a role binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
pub struct Subject {
    pub kind: SubjectKind,
    /// The name. Untrusted.
    pub name: String,
    /// The project of a service account.
    pub project: Option<String>,
}

/// The virtual group of all clients that authenticated, service accounts included.
pub const AUTHENTICATED_GROUP: &str = "system:authenticated";
/// The virtual group of all users who signed in through the OAuth server. Contains no service
/// accounts.
pub const OAUTH_AUTHENTICATED_GROUP: &str = "system:authenticated:oauth";
/// The virtual group of all requests without a token.
pub const UNAUTHENTICATED_GROUP: &str = "system:unauthenticated";
/// The virtual group of all service accounts of all projects.
pub const ALL_SERVICE_ACCOUNTS_GROUP: &str = "system:serviceaccounts";

/// The prefix of the user name of a service account.
const SERVICE_ACCOUNT_USER_PREFIX: &str = "system:serviceaccount:";
/// The prefix of the group that contains all service accounts of a project.
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

    /// Reads the name of a subject as the API server accepts it in a role binding: for a user or
    /// group any name that is not empty; for a service account `name` or, in a project other than
    /// `project`, `project:name`.
    ///
    /// # Errors
    ///
    /// The name is not valid for a subject of that kind.
    pub fn parse(
        kind: SubjectKind,
        text: &str,
        project: &ProjectName,
    ) -> Result<Self, ParseNameError> {
        match kind {
            SubjectKind::User | SubjectKind::Group if text.is_empty() => Err(ParseNameError {
                kind: kind.as_str(),
            }),
            SubjectKind::User => Ok(Self::user(text)),
            SubjectKind::Group => Ok(Self::group(text)),
            SubjectKind::ServiceAccount => {
                let (project, name) = text.split_once(':').unwrap_or((project.as_str(), text));
                let (project, name): (ProjectName, ServiceAccountName) =
                    (project.parse()?, name.parse()?);
                Ok(Self::service_account(project.as_str(), name.as_str()))
            }
        }
    }

    /// The name that [`Subject::parse`] reads: `project:name` for a service account.
    #[must_use]
    pub fn name_with_project(&self) -> Cow<'_, str> {
        match &self.project {
            Some(project) => format!("{project}:{}", self.name).into(),
            None => self.name.as_str().into(),
        }
    }

    /// The group of all service accounts of a project, which the cluster maintains.
    #[must_use]
    pub fn service_accounts_group(project: &str) -> Self {
        Self::group(format!("{SERVICE_ACCOUNTS_GROUP_PREFIX}{project}"))
    }

    /// The subject with this user name. A service account has a user name, too.
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

    /// The name in access reviews and in `oc`, where a service account is a user.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    User,
    /// A group; those named `system:…` are virtual.
    Group,
    /// A service account of a project.
    ServiceAccount,
}

impl SubjectKind {
    /// `user`, `group` or `service-account`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::ServiceAccount => "service-account",
        }
    }
}

impl FromStr for SubjectKind {
    type Err = ParseNameError;

    fn from_str(text: &str) -> Result<Self, ParseNameError> {
        [Self::User, Self::Group, Self::ServiceAccount]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(ParseNameError {
                kind: "kind of subject",
            })
    }
}

impl fmt::Display for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: SubjectKind, text: &str) -> Option<Subject> {
        Subject::parse(kind, text, &"team-a".parse().unwrap()).ok()
    }

    #[test]
    fn subject_kind_round_trips() {
        for kind in [
            SubjectKind::User,
            SubjectKind::Group,
            SubjectKind::ServiceAccount,
        ] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert!("User".parse::<SubjectKind>().is_err() && "".parse::<SubjectKind>().is_err());
    }

    #[test]
    fn service_account_is_read_with_and_without_its_project() {
        let parse = |text: &str| parse(SubjectKind::ServiceAccount, text);
        assert_eq!(
            parse("builder"),
            Some(Subject::service_account("team-a", "builder"))
        );
        let other = Subject::service_account("team-b", "ci.build");
        assert_eq!(parse("team-b:ci.build").as_ref(), Some(&other));
        assert_eq!(parse(&other.name_with_project()).as_ref(), Some(&other));
        for bad in [
            "",
            ":",
            "a:",
            ":a",
            "No:builder",
            "a:b:c",
            "-a",
            ".a",
            "a-",
            "a..b",
            "A",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    /// With an external identity provider, the API server accepts any user name of that provider.
    #[test]
    fn user_and_group_names_of_bindings_are_only_not_empty() {
        for kind in [SubjectKind::User, SubjectKind::Group] {
            for good in [
                "dev",
                "system:admin",
                "https://issuer.example.com#7",
                "Domain Users",
            ] {
                assert_eq!(
                    parse(kind, good).map(|subject| subject.name),
                    Some(good.to_owned())
                );
            }
            assert_eq!(parse(kind, ""), None);
        }
    }
}

//! Who may do what in a project.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::name::{ParseNameError, ProjectName, ServiceAccountName};

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

    /// Reads the name of a subject as the API server takes it in a role binding: any name of a user
    /// or group but an empty one; of a service account `name` or `project:name`, where it is one of
    /// another project than `project`.
    ///
    /// # Errors
    ///
    /// No subject of that kind can have the name.
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

    /// With an external identity provider, the API server takes whatever that calls a user.
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

//! What removing or changing a role of a subject would do, also to the signed-in user.

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::members::view::{RoleChange, is_removable_role, oc_policy};
use crate::app::projects::view::members_from_bindings;
use crate::app::projects::{Member, MemberRole};
use crate::app::section::optional;
use crate::app::shell_command::ShellCommand;
use crate::openshift::AccessRight;
use registry_model::{
    AUTHENTICATED_GROUP, OAUTH_AUTHENTICATED_GROUP, ProjectName, Subject, SubjectKind,
};

/// The virtual groups of all authenticated users. OpenShift 3.x does not list them among a user's
/// groups.
const AUTHENTICATED_GROUPS: [&str; 2] = [AUTHENTICATED_GROUP, OAUTH_AUTHENTICATED_GROUP];

/// What removing a role of a subject, or replacing it, would do.
#[derive(Clone, Debug, Serialize)]
pub struct MemberRemoval {
    pub project: ProjectName,
    /// The subject. Untrusted.
    pub who: Subject,
    /// The role that is removed.
    pub role: String,
    /// The role that replaces it.
    pub to: Option<String>,
    /// Reasons to be careful.
    pub risk: RoleRemovalRisk,
    /// The other roles that the subject keeps. `None` if the bindings could not be read.
    pub kept: Option<Vec<MemberRole>>,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
    /// The `oc` command that removes the role.
    pub oc: ShellCommand,
    /// The `oc` command that has to be run first.
    pub oc_first: Option<ShellCommand>,
}

/// What the signed-in user or the project may lose with a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RoleRemovalRisk {
    /// The role is the signed-in user's own.
    pub oneself: bool,
    /// The role is that of a group in which the signed-in user is.
    pub own_group: bool,
    /// No other subject administers the project, according to its bindings.
    pub last_admin: bool,
}

impl RoleRemovalRisk {
    /// Whether the change needs a confirmation.
    #[must_use]
    pub fn needs_confirmation(self) -> bool {
        self != Self::default()
    }

    /// Whether the user may have no access afterwards.
    #[must_use]
    pub fn affects_current_user(self) -> bool {
        self.oneself || self.own_group
    }

    fn new(
        members: Option<&[Member]>,
        subject: &Subject,
        role: &str,
        to: Option<&str>,
        user: Option<&str>,
        groups: &[String],
    ) -> Self {
        if to.is_some_and(|to| role_level(to) >= role_level(role)) {
            return Self::default();
        }
        let administers = |member: &Member, has: &MemberRole| {
            let is_this = member.who == *subject && has.role == role;
            !is_this
                && member.who.kind != SubjectKind::ServiceAccount
                && has.cluster_role
                && has.image_right() == Some("admin")
        };
        let others = members.map(|all| {
            all.iter()
                .any(|member| member.roles.iter().any(|has| administers(member, has)))
        });
        Self {
            oneself: subject.kind == SubjectKind::User && user == Some(subject.name.as_str()),
            own_group: subject.kind == SubjectKind::Group
                && groups
                    .iter()
                    .map(String::as_str)
                    .chain(AUTHENTICATED_GROUPS)
                    .any(|group| group == subject.name),
            last_admin: role_level(role) == ADMIN_LEVEL && others == Some(false),
        }
    }
}

const ADMIN_LEVEL: u8 = 3;

fn role_level(role: &str) -> u8 {
    let role = MemberRole {
        role: role.to_owned(),
        binding: String::new(),
        cluster_role: true,
    };
    match role.image_right() {
        Some("admin") => ADMIN_LEVEL,
        Some("push") => 2,
        Some("pull") => 1,
        _ => 0,
    }
}

impl AppForUser<'_> {
    /// What removing the role from `subject`, or replacing it by `to`, would do; `user` is the
    /// signed-in user's name.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself, or [`Failure::NotFound`]: the subject does not have
    /// the role.
    pub async fn member_removal(
        &self,
        project: &ProjectName,
        subject: &Subject,
        role: &str,
        to: Option<&str>,
        user: Option<&str>,
    ) -> Result<MemberRemoval, Failure> {
        let (found, bindings, [allowed], groups) = tokio::join!(
            self.api_server.get_project(project),
            optional(self.api_server.list_role_bindings(project)),
            self.review_access([AccessRight::update_role_bindings(project)]),
            self.current_user_groups(),
        );
        found.map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let all = bindings
            .ready()
            .map(|bindings| members_from_bindings(bindings));
        let all = all.as_deref();
        let kept = all
            .map(|all| remaining_roles(project, all, subject, role))
            .transpose()?;
        let risk = RoleRemovalRisk::new(all, subject, role, to, user, &groups);
        Ok(MemberRemoval {
            project: project.clone(),
            who: subject.clone(),
            role: role.to_owned(),
            to: to.map(str::to_owned),
            risk,
            kept,
            allowed,
            oc: oc_policy(RoleChange::Remove, project, subject, role),
            oc_first: to.map(|to| oc_policy(RoleChange::Add, project, subject, to)),
        })
    }

    /// Reasons to be careful before the role is removed, or replaced by `to`.
    pub async fn removal_risk(
        &self,
        project: &ProjectName,
        subject: &Subject,
        role: &str,
        to: Option<&str>,
        user: Option<&str>,
    ) -> RoleRemovalRisk {
        let bindings = optional(self.api_server.list_role_bindings(project));
        let (bindings, groups) = tokio::join!(bindings, self.current_user_groups());
        let members = bindings
            .ready()
            .map(|bindings| members_from_bindings(bindings));
        RoleRemovalRisk::new(members.as_deref(), subject, role, to, user, &groups)
    }

    /// Replaces the role `from` by `to`. The new role is granted first, so that the subject is
    /// never without a role. A refusal in `Ok` says why the old role could not be removed: then the
    /// subject has both.
    ///
    /// # Errors
    ///
    /// The API server refuses the new role or cannot be reached. Nothing was changed.
    pub async fn change_role(
        &self,
        project: &ProjectName,
        subject: &Subject,
        from: &str,
        to: &str,
    ) -> Result<Option<Refusal>, ChangeError> {
        self.add_role(project, subject, to).await?;
        Ok(match self.remove_role(project, subject, from).await {
            Ok(()) => None,
            Err(ChangeError::Refused(refusal)) => Some(refusal),
            Err(ChangeError::Failure(failure)) => {
                tracing::warn!(error = %failure, "role granted, but the role that it replaces could not be removed");
                Some(Refusal::from_reason(RefusalReason::Uncertain))
            }
        })
    }

    /// The groups of the user, as far as the API server says.
    async fn current_user_groups(&self) -> Vec<String> {
        let user = optional(self.api_server.whoami()).await;
        user.ready()
            .map(|user| user.groups.clone())
            .unwrap_or_default()
    }
}

/// The other roles of a subject, which must have this one, and the console must be able to remove
/// it.
fn remaining_roles(
    project: &ProjectName,
    all: &[Member],
    subject: &Subject,
    role: &str,
) -> Result<Vec<MemberRole>, Failure> {
    let member = all
        .iter()
        .find(|member| member.who == *subject)
        .ok_or(Failure::NotFound(PageSubject::Page))?;
    if !member
        .roles
        .iter()
        .any(|has| has.role == role && is_removable_role(project, member, has))
    {
        return Err(Failure::NotFound(PageSubject::Page));
    }
    Ok(member
        .roles
        .iter()
        .filter(|has| has.role != role || !has.cluster_role)
        .cloned()
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(subject: Subject, role: &str) -> Member {
        Member {
            who: subject,
            roles: vec![MemberRole {
                role: role.to_owned(),
                binding: role.to_owned(),
                cluster_role: true,
            }],
        }
    }

    #[test]
    fn role_risk_covers_oneself_own_group_and_last_admin() {
        let (dev, ops) = (Subject::user("dev"), Subject::group("ops"));
        let all = [
            member(dev.clone(), "registry-admin"),
            member(Subject::user("ann"), "registry-editor"),
        ];
        let groups = ["ops".to_owned()];
        let risk = |subject: &Subject, role, to| {
            RoleRemovalRisk::new(Some(&all), subject, role, to, Some("dev"), &groups)
        };
        let all_of_it = RoleRemovalRisk {
            oneself: true,
            own_group: false,
            last_admin: true,
        };
        assert_eq!(risk(&dev, "registry-admin", None), all_of_it);
        assert_eq!(
            risk(&dev, "registry-admin", Some("registry-viewer")),
            all_of_it
        );
        assert!(!risk(&dev, "registry-viewer", Some("registry-admin")).needs_confirmation());
        assert_eq!(
            risk(&ops, "registry-viewer", None),
            RoleRemovalRisk {
                own_group: true,
                ..RoleRemovalRisk::default()
            }
        );
        assert!(!risk(&Subject::user("ann"), "registry-editor", None).needs_confirmation());
        assert!(
            risk(
                &Subject::group("system:authenticated"),
                "registry-viewer",
                None
            )
            .own_group
        );
        let unknown = RoleRemovalRisk::new(
            None,
            &Subject::user("ann"),
            "registry-admin",
            None,
            Some("dev"),
            &groups,
        );
        assert!(
            !unknown.needs_confirmation(),
            "bindings that cannot be read say nothing about who else is there"
        );
    }
}

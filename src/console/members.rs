//! Who belongs to a project: the list, and giving and taking roles.

use serde::Serialize;

use super::change::ChangeFailed;
use super::projects::members_of;
use super::section::{EXTRA_PATIENCE, Section, within};
use super::{AsUser, Failure, Member, MemberRole, Oc, Subject, Upstream};
use crate::model::{ProjectName, Subject as Who, SubjectKind};
use crate::openshift::Access;

/// The role of robots that may pull.
pub const PULLER: &str = "system:image-puller";
/// The roles that the console gives: to administer, to push, to pull.
const REGISTRY_ROLES: [&str; 3] = ["registry-admin", "registry-editor", "registry-viewer"];

/// Who belongs to a project.
#[derive(Clone, Debug, Serialize)]
pub struct Members {
    /// The project.
    pub project: ProjectName,
    /// Everybody with a role in it.
    pub members: Section<Vec<Member>>,
    /// Whether the master lets the person change that.
    pub allowed: bool,
}

/// What taking a role from somebody would mean.
#[derive(Clone, Debug, Serialize)]
pub struct MemberRemoval {
    /// The project.
    pub project: ProjectName,
    /// From whom. Untrusted.
    pub who: Who,
    /// The role.
    pub role: String,
    /// Whether it is the person who asks.
    pub oneself: bool,
    /// The roles that they keep.
    pub kept: Vec<MemberRole>,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: Oc,
}

impl Members {
    /// Everybody but the projects that may pull.
    #[must_use]
    pub fn people(&self) -> Vec<&Member> {
        self.all().filter(|member| !member.is_of_the_system()).collect()
    }

    /// Robots and whom the cluster itself names.
    #[must_use]
    pub fn system(&self) -> Vec<&Member> {
        self.all().filter(|member| member.is_of_the_system()).collect()
    }

    /// Other projects that may pull, all their service accounts.
    #[must_use]
    pub fn pullers(&self) -> Vec<(&str, &Who)> {
        let pulls = |member: &&Member| member.roles.iter().any(|role| self.may_go(member, role) && role.role == PULLER);
        self.all().filter(pulls).filter_map(|member| Some((member.who.project_of_service_accounts()?, &member.who))).collect()
    }

    /// Whether the console takes this role away: its own ones, and pulls of other projects. What the cluster itself gave stays.
    #[must_use]
    pub fn may_go(&self, member: &Member, role: &MemberRole) -> bool {
        let of_other = member.who.project_of_service_accounts().is_some_and(|project| project != self.project.as_str());
        role.cluster_role && (is_registry_role(&role.role) || role.role == PULLER && of_other)
    }

    fn all(&self) -> impl Iterator<Item = &Member> {
        self.members.ready().into_iter().flatten()
    }
}

/// Whether the console gives this role.
#[must_use]
pub fn is_registry_role(role: &str) -> bool {
    REGISTRY_ROLES.contains(&role)
}

impl AsUser<'_> {
    /// Who belongs to a project.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself.
    pub async fn members(&self, project: &ProjectName) -> Result<Members, Failure> {
        let (found, bindings, [allowed]) = tokio::join!(
            self.master.project(project),
            within(EXTRA_PATIENCE, Upstream::Master, self.master.role_bindings(project)),
            self.allowed([Access::change_bindings(project)]),
        );
        found.map_err(|error| Failure::of_master(error, Subject::Project))?;
        Ok(Members { project: project.clone(), members: bindings.map(|bindings| members_of(&bindings)), allowed })
    }

    /// What taking the role from `who` would mean; `user` is the person's own name.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself, or [`Failure::NotFound`]: they do not have the role.
    pub async fn member_removal(&self, project: &ProjectName, who: &Who, role: &str, user: Option<&str>) -> Result<MemberRemoval, Failure> {
        let members = self.members(project).await?;
        let mut kept = Vec::new();
        if let Some(all) = members.members.ready() {
            let member = all.iter().find(|member| member.who == *who).ok_or(Failure::NotFound(Subject::Page))?;
            if !member.roles.iter().any(|has| has.role == role && members.may_go(member, has)) {
                return Err(Failure::NotFound(Subject::Page));
            }
            kept.extend(member.roles.iter().filter(|has| has.role != role || !has.cluster_role).cloned());
        }
        let oneself = who.kind == SubjectKind::User && user == Some(who.name.as_str());
        let oc = oc_policy("remove", project, who, role);
        Ok(MemberRemoval { project: project.clone(), who: who.clone(), role: role.to_owned(), oneself, kept, allowed: members.allowed, oc })
    }

    /// Gives somebody a role of the registry.
    ///
    /// # Errors
    ///
    /// The master refuses (nobody may give what they do not have), or cannot be asked.
    pub async fn give_role(&self, project: &ProjectName, who: &Who, role: &str) -> Result<(), ChangeFailed> {
        self.change_binding(project, role, &[], std::slice::from_ref(who)).await
    }

    /// Takes a role from somebody. One that they do not have counts as taken.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn take_role(&self, project: &ProjectName, who: &Who, role: &str) -> Result<(), ChangeFailed> {
        self.change_binding(project, role, std::slice::from_ref(who), &[]).await
    }

    /// Lets everything that runs in `other` pull from the project.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn let_pull(&self, project: &ProjectName, other: &ProjectName) -> Result<(), ChangeFailed> {
        self.give_role(project, &Who::service_accounts_of(other.as_str()), PULLER).await
    }
}

impl Oc {
    /// What lets another project pull; `other` as typed, or a placeholder.
    #[must_use]
    pub fn let_pull(project: &ProjectName, other: &str) -> Self {
        oc_policy("add", project, &Who::service_accounts_of(other), PULLER)
    }

    /// What gives a role in a project.
    #[must_use]
    pub fn give_role(project: &ProjectName, who: &Who, role: &str) -> Self {
        oc_policy("add", project, who, role)
    }
}

/// `oc policy` that adds or removes a role. A service account is a user by its long name.
pub(super) fn oc_policy(verb: &str, project: &ProjectName, who: &Who, role: &str) -> Oc {
    let preposition = if verb == "add" { "to" } else { "from" };
    let kind = if who.kind == SubjectKind::Group { "group" } else { "user" };
    Oc::new(["policy", &format!("{verb}-role-{preposition}-{kind}"), role, &who.account_name(), "-n", project.as_str()])
}

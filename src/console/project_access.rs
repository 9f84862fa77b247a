//! Who may pull from a project without being a member: private, shared or anonymous, as in the old console.

use serde::Serialize;

use super::change::ChangeFailed;
use super::members::{RoleChange, oc_policy};
use super::section::{EXTRA_PATIENCE, Section, within};
use super::{AsUser, Failure, ShellCommand, Subject, Upstream};
use crate::model::{AccessPolicy, ProjectName, RoleBinding, Subject as Who};
use crate::openshift::Access;

/// The role through which the policy is set.
const ROLE: &str = "registry-viewer";
const SIGNED_IN: &str = "system:authenticated";
/// Everybody who signed in through the OAuth server: all people, no robots.
const BY_OAUTH: &str = "system:authenticated:oauth";
const EVERYBODY_ELSE: &str = "system:unauthenticated";

/// Who may pull from a project, and how to change it.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectAccess {
    /// The project.
    pub project: ProjectName,
    /// As it is.
    pub policy: Section<AccessPolicy>,
    /// Other roles that are given to everybody: choosing a policy does not take them.
    pub openings: Vec<Opening>,
    /// It is open although no binding of the project opens it: one of the whole cluster does.
    pub by_cluster: bool,
    /// Whether the master lets the person change it.
    pub allowed: bool,
}

/// A role that a group of everybody has in the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// The role. Untrusted.
    pub role: String,
    /// The binding that gives it. Untrusted.
    pub binding: String,
    /// The virtual group.
    pub group: String,
}

impl Opening {
    /// Whether all people have the role through which the policy is set: shared, in other words. `private` takes it.
    fn is_by_oauth(&self) -> bool {
        self.role == ROLE && self.group == BY_OAUTH
    }
}

impl AccessPolicy {
    /// Who loses and who gets the role, as the old console had it.
    fn groups(self) -> (Vec<Who>, Vec<Who>) {
        let (signed_in, others) = (group(SIGNED_IN), group(EVERYBODY_ELSE));
        match self {
            // The narrower group of everybody would leave a private project open.
            Self::Private => (vec![others, signed_in, group(BY_OAUTH)], vec![]),
            Self::Shared => (vec![others], vec![signed_in]),
            Self::Anonymous => (vec![], vec![signed_in, others]),
        }
    }
}

impl ProjectAccess {
    /// The same in a terminal.
    #[must_use]
    pub fn commands(&self, policy: AccessPolicy) -> Vec<ShellCommand> {
        let (gone, come) = policy.groups();
        let needless = |who: &&Who| who.name != BY_OAUTH || self.openings.iter().any(|opening| opening.is_by_oauth());
        let gone = gone.iter().filter(needless).map(|who| oc_policy(RoleChange::Take, &self.project, who, ROLE));
        gone.chain(come.iter().map(|who| oc_policy(RoleChange::Give, &self.project, who, ROLE))).collect()
    }
}

impl AsUser<'_> {
    /// Who may pull from a project.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself.
    pub async fn project_access(&self, project: &ProjectName) -> Result<ProjectAccess, Failure> {
        let (found, policy, bindings, [allowed]) = tokio::join!(
            self.master.project(project),
            self.access_policy(project),
            within(EXTRA_PATIENCE, Upstream::Master, self.master.role_bindings(project)),
            self.allowed([Access::change_bindings(project)]),
        );
        found.map_err(|error| Failure::of_master(error, Subject::Project))?;
        let open = policy.ready().is_some_and(|policy| *policy != AccessPolicy::Private);
        let through = bindings.ready().map(|bindings| everybodys(bindings));
        let by_cluster = open && through.as_ref().is_some_and(Vec::is_empty);
        let openings = through.unwrap_or_default().into_iter().filter(|(usual, _)| !usual).map(|(_, opening)| opening).collect();
        Ok(ProjectAccess { project: project.clone(), policy, openings, by_cluster, allowed })
    }

    /// Sets who may pull from a project.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn set_project_access(&self, project: &ProjectName, policy: AccessPolicy) -> Result<(), ChangeFailed> {
        let (gone, come) = policy.groups();
        self.change_binding(project, ROLE, &gone, &come).await
    }
}

/// What the groups of everybody were given, and whether through the usual role.
fn everybodys(bindings: &[RoleBinding]) -> Vec<(bool, Opening)> {
    let everybody = [group(SIGNED_IN), group(BY_OAUTH), group(EVERYBODY_ELSE)];
    let mut found = Vec::new();
    for binding in bindings {
        for who in binding.subjects.iter().filter(|who| everybody.contains(who)) {
            let usual = binding.cluster_role && binding.role == ROLE && who.name != BY_OAUTH;
            found.push((usual, Opening { role: binding.role.clone(), binding: binding.name.clone(), group: who.name.clone() }));
        }
    }
    found
}

fn group(name: &str) -> Who {
    Who::group(name)
}

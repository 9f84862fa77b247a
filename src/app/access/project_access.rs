//! Who may pull from a project without being a member: private, shared or anonymous, as in the old
//! console.

use serde::Serialize;

use crate::app::AsUser;
use crate::app::change::ChangeFailed;
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::members::view::{RoleChange, oc_policy};
use crate::app::section::{EXTRA_PATIENCE, Section, within};
use crate::app::shell_command::ShellCommand;
use crate::openshift::Access;
use registry_model::{AccessPolicy, ProjectName, RoleBinding, Subject as Who};

/// The role through which the policy is set.
const ROLE: &str = "registry-viewer";
const SIGNED_IN: &str = "system:authenticated";
/// Everybody who signed in through the OAuth server: all people, no robots.
const BY_OAUTH: &str = "system:authenticated:oauth";
const EVERYBODY_ELSE: &str = "system:unauthenticated";

/// Who may pull from a project, and how to change it.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectAccess {
    pub project: ProjectName,
    pub policy: Section<AccessPolicy>,
    /// Other roles that are given to everybody: choosing a policy does not take them.
    pub openings: Vec<Opening>,
    /// It is open although no binding of the project opens it: one of the whole cluster does.
    pub by_cluster: bool,
    /// Whether the master lets the person change it.
    pub allowed: bool,
    /// The virtual groups that have the role through which the policy is set. `None`: the bindings
    /// could not be read.
    #[serde(skip)]
    bound: Option<Vec<Who>>,
}

/// A role that a group of everybody has in the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// The role. Untrusted.
    pub role: String,
    /// The binding that gives it. Untrusted.
    pub binding: String,
    pub group: String,
}

/// The groups that lose and that get the role for a policy, as the old console had it.
fn groups_of(policy: AccessPolicy) -> (Vec<Who>, Vec<Who>) {
    let (signed_in, others) = (group(SIGNED_IN), group(EVERYBODY_ELSE));
    match policy {
        // The narrower group of everybody would leave a private project open.
        AccessPolicy::Private => (vec![others, signed_in, group(BY_OAUTH)], vec![]),
        AccessPolicy::Shared => (vec![others], vec![signed_in]),
        AccessPolicy::Anonymous => (vec![], vec![signed_in, others]),
        AccessPolicy::OnlyAnonymous => (vec![signed_in, group(BY_OAUTH)], vec![others]),
    }
}

impl ProjectAccess {
    /// What sets `policy` in a terminal: only bindings that exist are removed, only missing ones
    /// are added. Empty: nothing to do, or the bindings could not be read.
    #[must_use]
    pub fn commands(&self, policy: AccessPolicy) -> Vec<ShellCommand> {
        let Some(bound) = &self.bound else {
            return Vec::new();
        };
        let (gone, come) = groups_of(policy);
        let gone = gone
            .iter()
            .filter(|who| bound.contains(who))
            .map(|who| oc_policy(RoleChange::Take, &self.project, who, ROLE));
        let come = come
            .iter()
            .filter(|who| !bound.contains(who))
            .map(|who| oc_policy(RoleChange::Give, &self.project, who, ROLE));
        gone.chain(come).collect()
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
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                self.master.role_bindings(project)
            ),
            self.allowed([Access::change_bindings(project)]),
        );
        found.map_err(|error| Failure::of_master(error, Subject::Project))?;
        let open = policy
            .ready()
            .is_some_and(|policy| *policy != AccessPolicy::Private);
        let through = bindings.ready().map(|bindings| everybodys(bindings));
        let bound = bindings
            .ready()
            .map(|bindings| bound_to_everybody(bindings));
        let by_cluster = open && through.as_ref().is_some_and(Vec::is_empty);
        let openings = through
            .unwrap_or_default()
            .into_iter()
            .filter(|(usual, _)| !usual)
            .map(|(_, opening)| opening)
            .collect();
        Ok(ProjectAccess {
            project: project.clone(),
            policy,
            openings,
            by_cluster,
            allowed,
            bound,
        })
    }

    /// Sets who may pull from a project.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn set_project_access(
        &self,
        project: &ProjectName,
        policy: AccessPolicy,
    ) -> Result<(), ChangeFailed> {
        let (gone, come) = groups_of(policy);
        self.change_binding(project, ROLE, &gone, &come).await
    }
}

/// The virtual groups that hold all people who sign in, or all who do not.
fn virtual_groups() -> [Who; 3] {
    [group(SIGNED_IN), group(BY_OAUTH), group(EVERYBODY_ELSE)]
}

/// Those of them that a binding gives the role through which the policy is set.
fn bound_to_everybody(bindings: &[RoleBinding]) -> Vec<Who> {
    let of_role = |who: &Who| {
        bindings.iter().any(|binding| {
            binding.cluster_role && binding.role == ROLE && binding.subjects.contains(who)
        })
    };
    virtual_groups().into_iter().filter(of_role).collect()
}

/// What the groups of everybody were given, and whether through the usual role.
fn everybodys(bindings: &[RoleBinding]) -> Vec<(bool, Opening)> {
    let everybody = virtual_groups();
    let mut found = Vec::new();
    for binding in bindings {
        for who in binding
            .subjects
            .iter()
            .filter(|who| everybody.contains(who))
        {
            let usual = binding.cluster_role && binding.role == ROLE && who.name != BY_OAUTH;
            found.push((
                usual,
                Opening {
                    role: binding.role.clone(),
                    binding: binding.name.clone(),
                    group: who.name.clone(),
                },
            ));
        }
    }
    found
}

fn group(name: &str) -> Who {
    Who::group(name)
}

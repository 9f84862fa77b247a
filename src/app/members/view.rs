//! Who belongs to a project: the list, and giving and taking roles.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use crate::app::AsUser;
use crate::app::bounds::{MOST_ROWS, keep_first};
use crate::app::change::ChangeFailed;
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::projects::view::members_of;
use crate::app::projects::{Member, MemberRole};
use crate::app::section::{EXTRA_PATIENCE, Section, within};
use crate::app::shell_command::ShellCommand;
use crate::openshift::Access;
use registry_model::{ProjectName, Subject as Who, SubjectKind};

/// The role of robots that may pull.
pub const PULLER: &str = "system:image-puller";
/// The roles that the console gives: to administer, to push, to pull.
const REGISTRY_ROLES: [&str; 3] = ["registry-admin", "registry-editor", "registry-viewer"];

/// How long the page waits for names to choose from: it does as well without them.
const NAMES_PATIENCE: Duration = Duration::from_millis(800);
/// How many names of a kind it offers.
const MOST_NAMES: usize = 200;

/// Who belongs to a project.
#[derive(Clone, Debug, Serialize)]
pub struct Members {
    pub project: ProjectName,
    /// Those with a role in it. At most 200.
    pub members: Section<Vec<Member>>,
    /// How many more there are.
    pub more_members: usize,
    /// Whether the master lets the person change that.
    pub allowed: bool,
    /// Names to choose from, for whoever may change that.
    #[serde(skip)]
    pub names: Names,
}

/// Names to choose from, each once: those that may be listed, and those that the bindings hold
/// anyway. Untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub users: BTreeSet<String>,
    pub groups: BTreeSet<String>,
    /// Service accounts of the project.
    pub service_accounts: BTreeSet<String>,
}

impl Members {
    /// Everybody but the projects that may pull.
    #[must_use]
    pub fn people(&self) -> Vec<&Member> {
        self.all()
            .filter(|member| !member.is_of_the_system())
            .collect()
    }

    /// Robots and whom the cluster itself names.
    #[must_use]
    pub fn system(&self) -> Vec<&Member> {
        self.all()
            .filter(|member| member.is_of_the_system())
            .collect()
    }

    /// Other projects that may pull, all their service accounts.
    #[must_use]
    pub fn pullers(&self) -> Vec<(&str, &Who)> {
        let pulls = |member: &&Member| {
            member
                .roles
                .iter()
                .any(|role| self.may_go(member, role) && role.role == PULLER)
        };
        self.all()
            .filter(pulls)
            .filter_map(|member| Some((member.who.project_of_service_accounts()?, &member.who)))
            .collect()
    }

    /// Whether the console takes this role away: its own ones, and pulls of other projects. What
    /// the cluster itself gave stays.
    #[must_use]
    pub fn may_go(&self, member: &Member, role: &MemberRole) -> bool {
        may_go(&self.project, member, role)
    }

    fn all(&self) -> impl Iterator<Item = &Member> {
        self.members.ready().into_iter().flatten()
    }
}

/// Whether the console takes this role away.
pub(in crate::app) fn may_go(project: &ProjectName, member: &Member, role: &MemberRole) -> bool {
    let of_other = member
        .who
        .project_of_service_accounts()
        .is_some_and(|other| other != project.as_str());
    role.cluster_role && (is_registry_role(&role.role) || role.role == PULLER && of_other)
}

/// Whether the console gives this role.
#[must_use]
pub fn is_registry_role(role: &str) -> bool {
    REGISTRY_ROLES.contains(&role)
}

impl Names {
    /// Each name, and what it names.
    #[must_use]
    pub fn all(&self) -> Vec<(&str, SubjectKind)> {
        let of = [
            (&self.users, SubjectKind::User),
            (&self.groups, SubjectKind::Group),
            (&self.service_accounts, SubjectKind::ServiceAccount),
        ];
        of.into_iter()
            .flat_map(|(names, kind)| names.iter().map(move |name| (name.as_str(), kind)))
            .collect()
    }

    /// Adds people and robots that have a role already: they may need another.
    fn add_those_of(&mut self, members: &[Member], project: &ProjectName) {
        for Member { who, .. } in members
            .iter()
            .filter(|member| !member.who.name.starts_with("system:"))
            .take(MOST_NAMES)
        {
            let all = match who.kind {
                SubjectKind::User => &mut self.users,
                SubjectKind::Group => &mut self.groups,
                SubjectKind::ServiceAccount if who.project.as_deref() == Some(project.as_str()) => {
                    &mut self.service_accounts
                }
                SubjectKind::ServiceAccount => continue,
            };
            all.insert(who.name.clone());
        }
    }
}

impl AsUser<'_> {
    /// Who belongs to a project.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself.
    pub async fn members(&self, project: &ProjectName) -> Result<Members, Failure> {
        let (found, bindings, (allowed, mut names)) = tokio::join!(
            self.master.project(project),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                self.master.role_bindings(project)
            ),
            async {
                let [allowed] = self.allowed([Access::change_bindings(project)]).await;
                (
                    allowed,
                    if allowed {
                        self.names(project).await
                    } else {
                        Names::default()
                    },
                )
            },
        );
        found.map_err(|error| Failure::of_master(error, Subject::Project))?;
        let mut members = bindings.map(|bindings| members_of(&bindings));
        if allowed {
            names.add_those_of(
                members.ready().map(Vec::as_slice).unwrap_or_default(),
                project,
            );
        }
        let more_members = members
            .ready_mut()
            .map_or(0, |members| keep_first(members, MOST_ROWS));
        Ok(Members {
            project: project.clone(),
            members,
            more_members,
            allowed,
            names,
        })
    }

    /// The names that the person may list. Nobody waits long for them, and a refusal is everyday.
    async fn names(&self, project: &ProjectName) -> Names {
        let (users, groups, service_accounts) = tokio::join!(
            within(NAMES_PATIENCE, Upstream::Master, self.master.user_names()),
            within(NAMES_PATIENCE, Upstream::Master, self.master.groups()),
            within(
                NAMES_PATIENCE,
                Upstream::Master,
                self.master.service_account_names(project)
            ),
        );
        let groups = groups.map(|groups| {
            groups
                .into_iter()
                .map(|group| group.name)
                .collect::<Vec<_>>()
        });
        let first = |names: Section<Vec<String>>| {
            names
                .ready()
                .into_iter()
                .flatten()
                .take(MOST_NAMES)
                .cloned()
                .collect()
        };
        Names {
            users: first(users),
            groups: first(groups),
            service_accounts: first(service_accounts),
        }
    }

    /// Gives somebody a role of the registry.
    ///
    /// # Errors
    ///
    /// The master refuses (nobody may give what they do not have), or cannot be asked.
    pub async fn give_role(
        &self,
        project: &ProjectName,
        who: &Who,
        role: &str,
    ) -> Result<(), ChangeFailed> {
        self.change_binding(project, role, &[], std::slice::from_ref(who))
            .await
    }

    /// Takes a role from somebody. One that they do not have counts as taken.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn take_role(
        &self,
        project: &ProjectName,
        who: &Who,
        role: &str,
    ) -> Result<(), ChangeFailed> {
        self.change_binding(project, role, std::slice::from_ref(who), &[])
            .await
    }

    /// Lets everything that runs in `other` pull from the project.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn let_pull(
        &self,
        project: &ProjectName,
        other: &ProjectName,
    ) -> Result<(), ChangeFailed> {
        self.give_role(project, &Who::service_accounts_of(other.as_str()), PULLER)
            .await
    }
}

impl ShellCommand {
    /// What lets another project pull; `other` as typed, or a placeholder.
    #[must_use]
    pub fn let_pull(project: &ProjectName, other: &str) -> Self {
        oc_policy(
            RoleChange::Give,
            project,
            &Who::service_accounts_of(other),
            PULLER,
        )
    }

    /// What gives a role in a project.
    #[must_use]
    pub fn give_role(project: &ProjectName, who: &Who, role: &str) -> Self {
        oc_policy(RoleChange::Give, project, who, role)
    }
}

/// What happens to a role.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) enum RoleChange {
    Give,
    Take,
}

/// `oc policy` that adds or removes a role. A service account is a user by its long name.
pub(in crate::app) fn oc_policy(
    change: RoleChange,
    project: &ProjectName,
    who: &Who,
    role: &str,
) -> ShellCommand {
    let program = match (change, who.kind) {
        (RoleChange::Give, SubjectKind::Group) => "oc policy add-role-to-group",
        (RoleChange::Give, _) => "oc policy add-role-to-user",
        (RoleChange::Take, SubjectKind::Group) => "oc policy remove-role-from-group",
        (RoleChange::Take, _) => "oc policy remove-role-from-user",
    };
    let own = (who.kind == SubjectKind::ServiceAccount && who.project.is_none())
        .then(|| Who::service_account(project.as_str(), &who.name));
    let name = own.as_ref().unwrap_or(who).account_name();
    ShellCommand::new(program)
        .operand(role)
        .operand(&*name)
        .option("-n", project.as_str())
}

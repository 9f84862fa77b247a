//! The members of a project: listing them, and granting and removing roles.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::bounds::{MAX_TABLE_ROWS, truncate_counting};
use crate::app::change::ChangeError;
use crate::app::failure::Upstream;
use crate::app::lists::RowLimit;
use crate::app::projects::view::members_from_bindings;
use crate::app::projects::{Member, MemberRole};
use crate::app::section::{Section, UnavailableReason, with_timeout};
use crate::app::shell_command::ShellCommand;
use crate::openshift::AccessRight;
use registry_model::{ProjectName, RoleBinding, Subject, SubjectKind};

/// The role of service accounts that may pull.
pub const IMAGE_PULLER: &str = "system:image-puller";
/// The roles that the console grants: to administer, to push, to pull.
const REGISTRY_ROLES: [&str; 3] = ["registry-admin", "registry-editor", "registry-viewer"];

/// How long the page waits for the suggested names, without which it works as well.
const NAMES_TIMEOUT: Duration = Duration::from_millis(800);
/// How many names of a kind are suggested.
const MAX_NAMES: usize = 200;

/// The members of a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MembersView {
    pub project: ProjectName,
    /// The subjects that have a role in the project. At most 200.
    pub members: Section<Vec<Member>>,
    /// How many more there are.
    pub more_members: usize,
    /// Whether the API server allows the user to change members.
    pub allowed: bool,
    /// Suggested names, for users who may change members.
    #[serde(skip)]
    pub name_suggestions: NameSuggestions,
}

/// Suggested names, without duplicates: those that the user may list, and those in the bindings.
/// Untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameSuggestions {
    pub users: BTreeSet<String>,
    pub groups: BTreeSet<String>,
    /// Service accounts of the project.
    pub service_accounts: BTreeSet<String>,
    /// Other projects.
    pub projects: BTreeSet<String>,
}

impl MembersView {
    pub(in crate::app) fn new(
        project: ProjectName,
        bindings: Section<Vec<RoleBinding>>,
        allowed: bool,
        mut name_suggestions: NameSuggestions,
        limit: RowLimit,
    ) -> Self {
        let mut members = bindings.map(|bindings| members_from_bindings(&bindings));
        if allowed {
            let known = members.ready().map(Vec::as_slice).unwrap_or_default();
            name_suggestions.add_members(known, &project);
        }
        let more_members = members.ready_mut().map_or(0, |members| {
            truncate_counting(members, limit.rows(MAX_TABLE_ROWS))
        });
        Self {
            project,
            members,
            more_members,
            allowed,
            name_suggestions,
        }
    }

    /// The members of a project of which nothing can be read. The forms are offered: the API server
    /// decides when they are sent again.
    pub(in crate::app) fn unavailable(project: ProjectName) -> Self {
        let reason = UnavailableReason::Unreachable;
        Self {
            project,
            members: Section::unavailable(Upstream::ApiServer, reason),
            more_members: 0,
            allowed: true,
            name_suggestions: NameSuggestions::default(),
        }
    }

    /// All members except projects that may pull.
    #[must_use]
    pub fn users_and_groups(&self) -> Vec<&Member> {
        self.all()
            .filter(|member| !member.is_system_subject())
            .collect()
    }

    /// Service accounts, and subjects of the cluster itself.
    #[must_use]
    pub fn system_subjects(&self) -> Vec<&Member> {
        self.all()
            .filter(|member| member.is_system_subject())
            .collect()
    }

    /// Other projects, all of whose service accounts may pull.
    #[must_use]
    pub fn pulling_projects(&self) -> Vec<(&str, &Subject)> {
        let pulls = |member: &&Member| {
            member
                .roles
                .iter()
                .any(|role| self.is_removable(member, role) && role.role == IMAGE_PULLER)
        };
        self.all()
            .filter(pulls)
            .filter_map(|member| Some((member.who.service_accounts_group_project()?, &member.who)))
            .collect()
    }

    /// Whether the console removes this role: the roles that it grants, and pulls of other
    /// projects. Roles that the cluster itself granted stay.
    #[must_use]
    pub fn is_removable(&self, member: &Member, role: &MemberRole) -> bool {
        is_removable_role(&self.project, member, role)
    }

    fn all(&self) -> impl Iterator<Item = &Member> {
        self.members.ready().into_iter().flatten()
    }
}

/// Whether the console removes this role.
pub(in crate::app) fn is_removable_role(
    project: &ProjectName,
    member: &Member,
    role: &MemberRole,
) -> bool {
    let of_other = member
        .who
        .service_accounts_group_project()
        .is_some_and(|other| other != project.as_str());
    role.cluster_role && (is_registry_role(&role.role) || role.role == IMAGE_PULLER && of_other)
}

/// Whether the console grants this role.
#[must_use]
pub fn is_registry_role(role: &str) -> bool {
    REGISTRY_ROLES.contains(&role)
}

impl NameSuggestions {
    /// Each name of a subject, with its kind.
    #[must_use]
    pub fn all(&self) -> Vec<(&str, SubjectKind)> {
        let names_by_kind = [
            (&self.users, SubjectKind::User),
            (&self.groups, SubjectKind::Group),
            (&self.service_accounts, SubjectKind::ServiceAccount),
        ];
        names_by_kind
            .into_iter()
            .flat_map(|(names, kind)| names.iter().map(move |name| (name.as_str(), kind)))
            .collect()
    }

    /// Adds users and service accounts that have a role already: they may need another.
    fn add_members(&mut self, members: &[Member], project: &ProjectName) {
        for Member { who: subject, .. } in members
            .iter()
            .filter(|member| !member.who.name.starts_with("system:"))
            .take(MAX_NAMES)
        {
            let names = match subject.kind {
                SubjectKind::User => &mut self.users,
                SubjectKind::Group => &mut self.groups,
                SubjectKind::ServiceAccount
                    if subject.project.as_deref() == Some(project.as_str()) =>
                {
                    &mut self.service_accounts
                }
                SubjectKind::ServiceAccount => continue,
            };
            names.insert(subject.name.clone());
        }
    }
}

impl AppForUser<'_> {
    /// Whether the API server allows the user to change members, and the names to suggest then.
    pub(in crate::app) async fn may_change_members(
        &self,
        project: &ProjectName,
    ) -> (bool, NameSuggestions) {
        let [allowed] = self
            .review_access([AccessRight::update_role_bindings(project)])
            .await;
        let names = if allowed {
            self.name_suggestions(project).await
        } else {
            NameSuggestions::default()
        };
        (allowed, names)
    }

    /// The names that the user may list. The time limit is short, and refusals are expected.
    async fn name_suggestions(&self, project: &ProjectName) -> NameSuggestions {
        let (users, groups, service_accounts, projects) = tokio::join!(
            with_timeout(
                NAMES_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.list_user_names()
            ),
            with_timeout(
                NAMES_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.list_groups()
            ),
            with_timeout(
                NAMES_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.list_service_account_names(project)
            ),
            with_timeout(
                NAMES_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.list_projects()
            ),
        );
        let projects = projects.map(|projects| {
            let names = projects.into_iter().map(|other| other.name);
            names
                .filter(|name| name != project)
                .map(|name| name.to_string())
                .collect()
        });
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
                .take(MAX_NAMES)
                .cloned()
                .collect()
        };
        NameSuggestions {
            users: first(users),
            groups: first(groups),
            service_accounts: first(service_accounts),
            projects: first(projects),
        }
    }

    /// Grants a role of the registry to a subject.
    ///
    /// # Errors
    ///
    /// The API server refuses the change (users may not grant what they do not have) or cannot be
    /// reached.
    pub async fn add_role(
        &self,
        project: &ProjectName,
        subject: &Subject,
        role: &str,
    ) -> Result<(), ChangeError> {
        self.change_binding(project, role, &[], std::slice::from_ref(subject))
            .await
    }

    /// Removes a role from a subject. A role that the subject does not have counts as removed.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn remove_role(
        &self,
        project: &ProjectName,
        subject: &Subject,
        role: &str,
    ) -> Result<(), ChangeError> {
        self.change_binding(project, role, std::slice::from_ref(subject), &[])
            .await
    }

    /// Lets all pods of `other` pull from the project.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn grant_pull(
        &self,
        project: &ProjectName,
        other: &ProjectName,
    ) -> Result<(), ChangeError> {
        self.add_role(
            project,
            &Subject::service_accounts_group(other.as_str()),
            IMAGE_PULLER,
        )
        .await
    }
}

impl ShellCommand {
    /// The command that lets another project pull; `other` as typed, or a placeholder.
    #[must_use]
    pub fn grant_pull(project: &ProjectName, other: &str) -> Self {
        oc_policy(
            RoleChange::Add,
            project,
            &Subject::service_accounts_group(other),
            IMAGE_PULLER,
        )
    }

    /// The command that grants a role in a project.
    #[must_use]
    pub fn add_role(project: &ProjectName, subject: &Subject, role: &str) -> Self {
        oc_policy(RoleChange::Add, project, subject, role)
    }

    /// The command that grants a role to a user or group in a project that is not chosen yet.
    #[must_use]
    pub fn add_role_in_any_project(subject: &Subject, role: &str) -> Self {
        oc_policy_in(RoleChange::Add, "PROJECT", subject, role)
    }
}

/// Whether a role is added or removed.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) enum RoleChange {
    Add,
    Remove,
}

/// The `oc policy` command that adds or removes a role. A service account is a user by its full
/// name.
pub(in crate::app) fn oc_policy(
    change: RoleChange,
    project: &ProjectName,
    subject: &Subject,
    role: &str,
) -> ShellCommand {
    oc_policy_in(change, project.as_str(), subject, role)
}

/// As [`oc_policy`]; `project` may be a placeholder.
pub(in crate::app) fn oc_policy_in(
    change: RoleChange,
    project: &str,
    subject: &Subject,
    role: &str,
) -> ShellCommand {
    let program = match (change, subject.kind) {
        (RoleChange::Add, SubjectKind::Group) => "oc policy add-role-to-group",
        (RoleChange::Add, _) => "oc policy add-role-to-user",
        (RoleChange::Remove, SubjectKind::Group) => "oc policy remove-role-from-group",
        (RoleChange::Remove, _) => "oc policy remove-role-from-user",
    };
    let own = (subject.kind == SubjectKind::ServiceAccount && subject.project.is_none())
        .then(|| Subject::service_account(project, &subject.name));
    let name = own.as_ref().unwrap_or(subject).qualified_name();
    ShellCommand::new(program)
        .with_operand(role)
        .with_operand(&*name)
        .with_option("-n", project)
}

//! Who has access to a project: its members, and who may pull without being one: private, shared or
//! anonymous, the policies of the old console.

use serde::Serialize;
use utoipa::ToSchema;

use super::access_check::AccessCheck;
use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::lists::RowLimit;
use crate::app::members::MembersView;
use crate::app::members::view::{RoleChange, oc_policy, oc_policy_in};
use crate::app::section::{Section, UnavailableReason, optional};
use crate::app::shell_command::ShellCommand;
use registry_model::{
    AUTHENTICATED_GROUP, AccessPolicy, OAUTH_AUTHENTICATED_GROUP, ProjectName, RoleBinding,
    Subject, UNAUTHENTICATED_GROUP,
};

/// The role that the policy grants.
const VIEWER_ROLE: &str = "registry-viewer";

/// Who has access to a project, and how to change it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectAccess {
    /// The members, and whether the API server allows the user to change the access.
    #[serde(flatten)]
    pub members: MembersView,
    /// Who may pull without being a member.
    pub policy: Section<AccessPolicy>,
    /// Other roles that are granted to virtual groups of all users. Choosing a policy does not
    /// remove them.
    pub openings: Vec<PublicRole>,
    /// Whether the project is open although no binding in it opens it: a cluster role binding does.
    pub by_cluster: bool,
    /// Whether the signed-in user may pull.
    pub may_pull: Section<bool>,
    /// Whether the signed-in user may push.
    pub may_push: Section<bool>,
    /// The access of the subject that the user asked about.
    pub check: Option<AccessCheck>,
    /// The virtual groups that have the role that the policy grants. `None`: the bindings could not
    /// be read.
    #[serde(skip)]
    bound_groups: Option<Vec<Subject>>,
}

/// A role that a virtual group of all users has in the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicRole {
    /// The role. Untrusted.
    pub role: String,
    /// The binding that grants it. Untrusted.
    pub binding: String,
    pub group: String,
}

/// The groups from which a policy removes the role, and those to which it grants it, as in the old
/// console.
fn groups_to_change(policy: AccessPolicy) -> (Vec<Subject>, Vec<Subject>) {
    let (signed_in, others) = (
        Subject::group(AUTHENTICATED_GROUP),
        Subject::group(UNAUTHENTICATED_GROUP),
    );
    match policy {
        // `system:authenticated:oauth`, left bound, would leave a private project open.
        AccessPolicy::Private => (
            vec![others, signed_in, Subject::group(OAUTH_AUTHENTICATED_GROUP)],
            vec![],
        ),
        AccessPolicy::Shared => (vec![others], vec![signed_in]),
        AccessPolicy::Anonymous => (vec![], vec![signed_in, others]),
        AccessPolicy::OnlyAnonymous => (
            vec![signed_in, Subject::group(OAUTH_AUTHENTICATED_GROUP)],
            vec![others],
        ),
    }
}

/// The commands that grant what `policy` grants in a project without bindings; `project` as typed,
/// or a placeholder.
pub(in crate::app) fn grant_commands(project: &str, policy: AccessPolicy) -> Vec<ShellCommand> {
    let (_, added) = groups_to_change(policy);
    added
        .iter()
        .map(|subject| oc_policy_in(RoleChange::Add, project, subject, VIEWER_ROLE))
        .collect()
}

impl ProjectAccess {
    /// The commands that set `policy`: only bindings that exist are removed, only missing ones are
    /// added. Empty if there is nothing to do, or the bindings could not be read.
    #[must_use]
    pub fn commands(&self, policy: AccessPolicy) -> Vec<ShellCommand> {
        let Some(bound) = &self.bound_groups else {
            return Vec::new();
        };
        let (removed, added) = groups_to_change(policy);
        let removed = removed
            .iter()
            .filter(|subject| bound.contains(subject))
            .map(|subject| {
                oc_policy(
                    RoleChange::Remove,
                    &self.members.project,
                    subject,
                    VIEWER_ROLE,
                )
            });
        let added = added
            .iter()
            .filter(|subject| !bound.contains(subject))
            .map(|subject| oc_policy(RoleChange::Add, &self.members.project, subject, VIEWER_ROLE));
        removed.chain(added).collect()
    }
}

impl ProjectAccess {
    /// The access of a project of which nothing can be read, so that a form that was sent can be
    /// shown again with its values.
    #[must_use]
    pub fn unavailable(project: ProjectName) -> Self {
        let reason = UnavailableReason::Unreachable;
        Self {
            members: MembersView::unavailable(project),
            policy: Section::unavailable(Upstream::ApiServer, reason),
            openings: Vec::new(),
            by_cluster: false,
            may_pull: Section::unavailable(Upstream::ApiServer, reason),
            may_push: Section::unavailable(Upstream::ApiServer, reason),
            check: None,
            bound_groups: None,
        }
    }

    /// Whether the user may not read the role bindings: then the page shows only the user's own
    /// access.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        let missing = self.members.members.missing();
        missing.is_some_and(|missing| missing.why == UnavailableReason::NotAllowed)
    }
}

impl AppForUser<'_> {
    /// Who has access to a project. `asked` is the subject whose access is to be explained, `user`
    /// the name of the signed-in user.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself.
    pub async fn project_access(
        &self,
        project: &ProjectName,
        asked: Option<&Subject>,
        user: Option<&str>,
        limit: RowLimit,
    ) -> Result<ProjectAccess, Failure> {
        let review = async {
            match asked {
                Some(subject) => {
                    let review = self.review_subjects(project, Some(subject)).await;
                    Some((subject, review))
                }
                None => None,
            }
        };
        let (found, policy, bindings, (allowed, names), (may_pull, may_push), review) = tokio::join!(
            self.api_server.get_project(project),
            self.access_policy(project),
            optional(self.api_server.list_role_bindings(project)),
            self.may_change_members(project),
            self.own_image_rights(project),
            review,
        );
        found.map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let open = policy
            .ready()
            .is_some_and(|policy| *policy != AccessPolicy::Private);
        let through = bindings.ready().map(|bindings| public_roles(bindings));
        let bound = bindings
            .ready()
            .map(|bindings| bound_virtual_groups(bindings));
        let by_cluster = open && through.as_ref().is_some_and(Vec::is_empty);
        let openings = through
            .unwrap_or_default()
            .into_iter()
            .filter(|(usual, _)| !usual)
            .map(|(_, opening)| opening)
            .collect();
        let readable_bindings = bindings.ready().map(Vec::as_slice).unwrap_or_default();
        let check = review
            .map(|(subject, review)| review.explain(project, subject, readable_bindings, user));
        Ok(ProjectAccess {
            members: MembersView::new(project.clone(), bindings, allowed, names, limit),
            policy,
            openings,
            by_cluster,
            may_pull,
            may_push,
            check,
            bound_groups: bound,
        })
    }

    /// Sets who may pull from a project.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn set_project_access(
        &self,
        project: &ProjectName,
        policy: AccessPolicy,
    ) -> Result<(), ChangeError> {
        let (removed, added) = groups_to_change(policy);
        self.change_binding(project, VIEWER_ROLE, &removed, &added)
            .await
    }
}

/// The virtual groups that contain all users who sign in, or all clients that do not.
fn virtual_groups() -> [Subject; 3] {
    [
        Subject::group(AUTHENTICATED_GROUP),
        Subject::group(OAUTH_AUTHENTICATED_GROUP),
        Subject::group(UNAUTHENTICATED_GROUP),
    ]
}

/// The virtual groups that have the role that the policy grants.
fn bound_virtual_groups(bindings: &[RoleBinding]) -> Vec<Subject> {
    let of_role = |subject: &Subject| {
        bindings.iter().any(|binding| {
            binding.cluster_role
                && binding.role == VIEWER_ROLE
                && binding.subjects.contains(subject)
        })
    };
    virtual_groups().into_iter().filter(of_role).collect()
}

/// The roles that bindings grant to virtual groups of all users; `true` for the role that the
/// policy grants.
fn public_roles(bindings: &[RoleBinding]) -> Vec<(bool, PublicRole)> {
    let groups = virtual_groups();
    let mut roles = Vec::new();
    for binding in bindings {
        for subject in binding
            .subjects
            .iter()
            .filter(|subject| groups.contains(subject))
        {
            let usual = binding.cluster_role
                && binding.role == VIEWER_ROLE
                && subject.name != OAUTH_AUTHENTICATED_GROUP;
            roles.push((
                usual,
                PublicRole {
                    role: binding.role.clone(),
                    binding: binding.name.clone(),
                    group: subject.name.clone(),
                },
            ));
        }
    }
    roles
}

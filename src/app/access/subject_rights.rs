//! The subjects that can pull from a project or push to it, each with the bindings that explain it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::projects::view::MemberRole;
use crate::openshift::AllowedSubjects;
use registry_model::{
    AUTHENTICATED_GROUP, RoleBinding, Subject, SubjectKind, UNAUTHENTICATED_GROUP,
};

/// A subject that can pull or push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubjectRights {
    pub who: Subject,
    /// Whether they can pull.
    pub pull: bool,
    /// Whether they can push.
    pub push: bool,
    /// The project's bindings that name the subject and grant access to images. Empty: a cluster
    /// role binding, or a role that the console does not know.
    pub through: Vec<MemberRole>,
}

impl SubjectRights {
    /// Whether another subject than `subject` has the right: a group that it belongs to.
    #[must_use]
    pub fn is_of_another(&self, subject: &Subject) -> bool {
        self.who != *subject
    }

    /// Where a page lists the subject.
    #[must_use]
    pub fn group(&self) -> SubjectGroup {
        let is_system =
            self.who.kind == SubjectKind::ServiceAccount || self.who.name.starts_with("system:");
        let is_everybody =
            [AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP].contains(&self.who.name.as_str());
        if is_system && !is_everybody {
            SubjectGroup::System
        } else if is_everybody || self.through.is_empty() {
            SubjectGroup::Others
        } else {
            SubjectGroup::Members
        }
    }
}

/// The groups in which subjects are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectGroup {
    /// Users and groups with a role in the project: those that its own page lists as members.
    Members,
    /// Users and groups whose rights no binding of the project explains, and everybody who is
    /// signed in or not.
    Others,
    /// Service accounts and groups of the cluster itself.
    System,
}

/// All subjects of two access reviews, with the roles of `bindings` that explain their rights.
pub(super) fn subjects_with_rights(
    pull: &AllowedSubjects,
    push: &AllowedSubjects,
    bindings: &[RoleBinding],
) -> Vec<SubjectRights> {
    let mut all: BTreeMap<Subject, (bool, bool)> = BTreeMap::new();
    for (list, pulls) in [(pull, true), (push, false)] {
        let groups = list.groups.iter().map(Subject::group);
        for subject in list
            .users
            .iter()
            .map(|name| Subject::from_user_name(name))
            .chain(groups)
        {
            let entry = all.entry(subject).or_default();
            if pulls {
                entry.0 = true
            } else {
                entry.1 = true
            }
        }
    }
    all.into_iter()
        .map(|(subject, (pull, push))| SubjectRights {
            through: granting_roles(&subject, bindings),
            who: subject,
            pull,
            push,
        })
        .collect()
}

/// The bindings that name a subject, for the roles that are known to grant access to images. Where
/// there is none, those for roles that the project defines itself: one of them may be what grants
/// it.
pub(super) fn granting_roles(subject: &Subject, bindings: &[RoleBinding]) -> Vec<MemberRole> {
    let naming_bindings = bindings.iter().filter(|binding| {
        binding
            .subjects
            .iter()
            .any(|bound| names_subject(bound, subject))
    });
    let mut roles: Vec<MemberRole> = naming_bindings
        .map(|binding| MemberRole {
            role: binding.role.clone(),
            binding: binding.name.clone(),
            cluster_role: binding.cluster_role,
        })
        .collect();
    roles.sort();
    let gives_images = |role: &MemberRole| role.image_right().is_some_and(|right| right != "see");
    if roles.iter().any(gives_images) {
        roles.retain(gives_images);
    } else {
        roles.retain(|role| !role.cluster_role);
    }
    roles
}

/// Bindings may name a service account by its user name.
fn names_subject(bound: &Subject, subject: &Subject) -> bool {
    bound == subject
        || (bound.kind == SubjectKind::User
            && subject.project.is_some()
            && bound.name == subject.qualified_name())
}

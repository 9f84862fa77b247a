//! What one user, group or service account can do with the images of a project, and why.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::subject_rights::SubjectRights;
use crate::app::shell_command::ShellCommand;
use registry_model::{
    ALL_SERVICE_ACCOUNTS_GROUP, AUTHENTICATED_GROUP, Group, OAUTH_AUTHENTICATED_GROUP, ProjectName,
    Subject, SubjectKind, UNAUTHENTICATED_GROUP,
};

/// The access of one user, group or service account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SubjectAccess {
    pub pull: RightExplanation,
    pub push: RightExplanation,
    /// Whether the subject can pull only anonymously, that is, without sending a token.
    pub only_anonymous: bool,
    /// Whether the groups of the user are known.
    pub groups_known: bool,
    /// The command that grants pulling, where the subject cannot.
    #[schema(value_type = ShellCommand)]
    pub oc_pull: Option<ShellCommand>,
    /// The command that grants pushing, where the subject cannot.
    #[schema(value_type = ShellCommand)]
    pub oc_push: Option<ShellCommand>,
}

/// Whether an access is granted, and through what.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct RightExplanation {
    /// Each of these suffices. Empty: not granted, as far as is known.
    pub because: Vec<SubjectRights>,
    /// Groups that have the right and of which the user may be a member: their members are not
    /// known.
    pub perhaps: Vec<String>,
}

impl RightExplanation {
    /// Whether the access is granted.
    #[must_use]
    pub fn is_granted(&self) -> bool {
        !self.because.is_empty()
    }
}

impl SubjectAccess {
    pub(super) fn new(
        subject: &Subject,
        subjects: &[SubjectRights],
        groups: Option<&[Group]>,
        project: &ProjectName,
    ) -> Self {
        let groups_known = subject.kind != SubjectKind::User || groups.is_some();
        let own_groups = subject_groups(subject, groups.unwrap_or_default());
        let answer = |can: fn(&SubjectRights) -> bool| {
            let applies = |rights: &SubjectRights| {
                rights.who == *subject
                    || (rights.who.kind == SubjectKind::Group
                        && own_groups.contains(&rights.who.name))
            };
            let (because, others): (Vec<&SubjectRights>, Vec<&SubjectRights>) = subjects
                .iter()
                .filter(|rights| can(rights))
                .partition(|rights| applies(rights));
            let own_group = |rights: &&SubjectRights| {
                rights.who.kind == SubjectKind::Group && !rights.who.name.starts_with("system:")
            };
            let perhaps = others
                .into_iter()
                .filter(own_group)
                .map(|rights| rights.who.name.clone());
            let unsure = because.is_empty() && !groups_known;
            RightExplanation {
                because: because.into_iter().cloned().collect(),
                perhaps: if unsure {
                    perhaps.collect()
                } else {
                    Vec::new()
                },
            }
        };
        let (pull, mut push) = (answer(|rights| rights.pull), answer(|rights| rights.push));
        for rights in &mut push.because {
            // A binding that grants only pulling does not explain the right to push.
            rights
                .through
                .retain(|role| role.image_right() != Some("pull"));
        }
        let grant = |answer: &RightExplanation, role| {
            (!answer.is_granted()).then(|| ShellCommand::add_role(project, subject, role))
        };
        let (oc_pull, oc_push) = (
            grant(&pull, "registry-viewer"),
            grant(&push, "registry-editor"),
        );
        let only_anonymous = !pull.is_granted()
            && subjects
                .iter()
                .any(|rights| rights.pull && rights.who == Subject::group(UNAUTHENTICATED_GROUP));
        Self {
            pull,
            push,
            only_anonymous,
            groups_known,
            oc_pull,
            oc_push,
        }
    }
}

/// The groups whose rights the subject has as well. A request with a token is not in
/// `system:unauthenticated`.
fn subject_groups(subject: &Subject, groups: &[Group]) -> BTreeSet<String> {
    if subject.name == UNAUTHENTICATED_GROUP {
        return BTreeSet::from([UNAUTHENTICATED_GROUP.to_owned()]);
    }
    let mut own_groups = BTreeSet::from([AUTHENTICATED_GROUP.to_owned()]);
    match (subject.kind, &subject.project) {
        (SubjectKind::User, _) => {
            own_groups.insert(OAUTH_AUTHENTICATED_GROUP.to_owned());
            own_groups.extend(
                groups
                    .iter()
                    .filter(|group| group.users.contains(&subject.name))
                    .map(|group| group.name.clone()),
            );
        }
        (SubjectKind::ServiceAccount, Some(project)) => own_groups.extend([
            ALL_SERVICE_ACCOUNTS_GROUP.to_owned(),
            Subject::service_accounts_group(project).name,
        ]),
        _ if subject.service_accounts_group_project().is_some() => {
            own_groups.insert(ALL_SERVICE_ACCOUNTS_GROUP.to_owned());
        }
        _ => {}
    }
    own_groups
}

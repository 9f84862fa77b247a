//! What one user, group or service account can do with the images of a project, and through which
//! role.

use serde::Serialize;
use utoipa::ToSchema;

use super::subject_access::SubjectAccess;
use super::subject_rights::subjects_with_rights;
use crate::app::AppForUser;
use crate::app::members::NameCheck;
use crate::app::section::{Section, optional};
use crate::openshift::AllowedSubjects;
use registry_model::{Group, ProjectName, RoleBinding, Subject, SubjectKind};

/// The access of one subject to the images of a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessCheck {
    /// The subject. Untrusted.
    pub who: Subject,
    /// Whether that is the signed-in user.
    pub oneself: bool,
    /// Whether the subject exists. `None` where the user may not look it up, or the cluster reserves
    /// the name.
    pub exists: Option<bool>,
    /// Whether the subject can pull and push, and why. Missing where the user may not know it.
    pub verdict: Section<SubjectAccess>,
}

/// What the API server says, before the bindings of the project explain it.
pub(super) struct AccessReview {
    /// Who can pull, and who can push.
    pub(super) allowed: Section<(AllowedSubjects, AllowedSubjects)>,
    /// The groups of the cluster. `None`: not known, or not needed.
    pub(super) groups: Option<Vec<Group>>,
    /// Whether the subject exists. `None` where that is not known, or no subject was given.
    pub(super) exists: Option<bool>,
}

impl AppForUser<'_> {
    /// Asks the API server who can pull and push, and looks up the subject, if one is given.
    pub(super) async fn review_subjects(
        &self,
        project: &ProjectName,
        subject: Option<&Subject>,
    ) -> AccessReview {
        let groups = async {
            subject.filter(|subject| subject.kind == SubjectKind::User)?;
            let groups = self.api_server.list_groups();
            optional(groups).await.ready().cloned()
        };
        let (pull, push, groups, exists) = tokio::join!(
            optional(self.api_server.review_pull_access(project)),
            optional(self.api_server.review_push_access(project)),
            groups,
            self.subject_exists(subject),
        );
        let allowed = match (pull, push) {
            (Section::Ready(pull), Section::Ready(push)) => Section::Ready((pull, push)),
            (Section::Missing { missing }, _) | (_, Section::Missing { missing }) => {
                Section::Missing { missing }
            }
        };
        AccessReview {
            allowed,
            groups,
            exists,
        }
    }

    /// Whether there is such a user, group or service account.
    async fn subject_exists(&self, subject: Option<&Subject>) -> Option<bool> {
        match self.check_subject_name(subject?).await {
            NameCheck::Exists => Some(true),
            NameCheck::NotFound => Some(false),
            NameCheck::NotChecked => None,
        }
    }
}

impl AccessReview {
    /// Explains the access of `subject` by the bindings of the project. `user` is the name of the
    /// signed-in user.
    pub(super) fn explain(
        self,
        project: &ProjectName,
        subject: &Subject,
        bindings: &[RoleBinding],
        user: Option<&str>,
    ) -> AccessCheck {
        AccessCheck {
            who: subject.clone(),
            oneself: is_user(subject, user),
            exists: self.exists,
            verdict: self.allowed.map(|(pull, push)| {
                let all = subjects_with_rights(&pull, &push, bindings);
                SubjectAccess::new(subject, &all, self.groups.as_deref(), project)
            }),
        }
    }
}

/// Whether the subject is the user of this name.
pub(super) fn is_user(subject: &Subject, name: Option<&str>) -> bool {
    subject.kind == SubjectKind::User && name == Some(subject.name.as_str())
}

//! What one user, group or service account can do with the images of a project, and through which
//! role.

use serde::Serialize;

use super::stream_access::{SubjectAccess, subjects_with_rights};
use crate::app::AppForUser;
use crate::app::failure::Upstream;
use crate::app::section::{OPTIONAL_TIMEOUT, Section, with_timeout};
use crate::openshift::AllowedSubjects;
use registry_model::{Group, ProjectName, RoleBinding, Subject, SubjectKind};

/// The access of one subject to the images of a project.
#[derive(Clone, Debug, Serialize)]
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
    allowed: Section<(AllowedSubjects, AllowedSubjects)>,
    /// The groups of the cluster. `None`: not known, or not needed.
    groups: Option<Vec<Group>>,
    exists: Option<bool>,
}

impl AppForUser<'_> {
    /// Asks the API server who can pull and push, and looks up the subject.
    pub(super) async fn review_subject(
        &self,
        project: &ProjectName,
        subject: &Subject,
    ) -> AccessReview {
        let groups = async {
            if subject.kind != SubjectKind::User {
                return None;
            }
            let groups = self.api_server.list_groups();
            with_timeout(OPTIONAL_TIMEOUT, Upstream::ApiServer, groups)
                .await
                .ready()
                .cloned()
        };
        let (pull, push, groups, exists) = tokio::join!(
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.review_pull_access(project)
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.review_push_access(project)
            ),
            groups,
            self.subject_exists(Some(subject)),
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
            oneself: subject.kind == SubjectKind::User && user == Some(subject.name.as_str()),
            exists: self.exists,
            verdict: self.allowed.map(|(pull, push)| {
                let all = subjects_with_rights(&pull, &push, bindings);
                SubjectAccess::new(subject, &all, self.groups.as_deref(), project)
            }),
        }
    }
}

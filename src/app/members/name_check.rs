//! Whether a name in a form exists. Role bindings accept any name, so a typing error grants a right
//! to a name that does not exist.

use crate::app::AppForUser;
use crate::app::section::{OPTIONAL_TIMEOUT, optional};
use crate::openshift::ApiError;
use registry_model::{
    ALL_SERVICE_ACCOUNTS_GROUP, AUTHENTICATED_GROUP, OAUTH_AUTHENTICATED_GROUP, ProjectName,
    Subject, SubjectKind, UNAUTHENTICATED_GROUP,
};

/// Virtual groups that every cluster has. They have no object.
const VIRTUAL_GROUPS: [&str; 8] = [
    AUTHENTICATED_GROUP,
    OAUTH_AUTHENTICATED_GROUP,
    UNAUTHENTICATED_GROUP,
    ALL_SERVICE_ACCOUNTS_GROUP,
    "system:cluster-admins",
    "system:cluster-readers",
    "system:masters",
    "system:nodes",
];

/// The result of looking up a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameCheck {
    Exists,
    /// No object has this name now.
    NotFound,
    /// The user may not look it up, or the API server did not answer in time.
    NotChecked,
}

impl AppForUser<'_> {
    /// Looks up a user, group or service account.
    pub async fn check_subject_name(&self, subject: &Subject) -> NameCheck {
        if let Some(project) = subject.service_accounts_group_project() {
            return match project.parse() {
                Ok(project) => self.check_project_name(&project).await,
                Err(_) => NameCheck::NotFound,
            };
        }
        if subject.kind == SubjectKind::Group && VIRTUAL_GROUPS.contains(&subject.name.as_str()) {
            return NameCheck::Exists;
        }
        let subject = if subject.kind == SubjectKind::User {
            Subject::from_user_name(&subject.name)
        } else {
            subject.clone()
        };
        if subject.kind != SubjectKind::ServiceAccount && subject.name.starts_with("system:") {
            // Components of the cluster authenticate with certificates and need no object.
            return NameCheck::NotChecked;
        }
        let found = optional(self.api_server.subject_exists(&subject)).await;
        found.ready().map_or(NameCheck::NotChecked, |exists| {
            if *exists {
                NameCheck::Exists
            } else {
                NameCheck::NotFound
            }
        })
    }

    /// Looks up a project. Without the right to all projects, the API server's response for a
    /// missing project is the same as for one that the user may not see.
    pub async fn check_project_name(&self, project: &ProjectName) -> NameCheck {
        match tokio::time::timeout(OPTIONAL_TIMEOUT, self.api_server.get_project(project)).await {
            Ok(Ok(_)) => NameCheck::Exists,
            Ok(Err(ApiError::NotFound)) => NameCheck::NotFound,
            Ok(Err(_)) | Err(_) => NameCheck::NotChecked,
        }
    }
}

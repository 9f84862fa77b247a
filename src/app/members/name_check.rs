//! Whether a name in a form is the name of something. Role bindings accept any name, so a slip of
//! the pen grants a right to nobody.

use crate::app::AsUser;
use crate::app::failure::Upstream;
use crate::app::section::{EXTRA_PATIENCE, within};
use crate::openshift::Error;
use registry_model::{ProjectName, Subject as Who, SubjectKind};

/// Virtual groups that every cluster has; no object stands for them.
const VIRTUAL_GROUPS: [&str; 8] = [
    "system:authenticated",
    "system:authenticated:oauth",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:cluster-admins",
    "system:cluster-readers",
    "system:masters",
    "system:nodes",
];

/// What is known of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameCheck {
    Exists,
    /// Nothing has it now.
    Missing,
    /// The person may not look it up, or the API server did not answer in time.
    NotChecked,
}

impl AsUser<'_> {
    /// Looks up a user, group or service account.
    pub async fn check_member(&self, who: &Who) -> NameCheck {
        if let Some(project) = who.project_of_service_accounts() {
            return match project.parse() {
                Ok(project) => self.check_project(&project).await,
                Err(_) => NameCheck::Missing,
            };
        }
        if who.kind == SubjectKind::Group && VIRTUAL_GROUPS.contains(&who.name.as_str()) {
            return NameCheck::Exists;
        }
        let who = if who.kind == SubjectKind::User {
            Who::of_user_name(&who.name)
        } else {
            who.clone()
        };
        if who.kind != SubjectKind::ServiceAccount && who.name.starts_with("system:") {
            // Components of the cluster sign in with certificates: no object has to stand for them.
            return NameCheck::NotChecked;
        }
        let found = within(EXTRA_PATIENCE, Upstream::Master, self.master.exists(&who)).await;
        found.ready().map_or(NameCheck::NotChecked, |exists| {
            if *exists {
                NameCheck::Exists
            } else {
                NameCheck::Missing
            }
        })
    }

    /// Looks up a project. Without the right to all projects, the API server does not tell one that
    /// is missing from one of somebody else.
    pub async fn check_project(&self, project: &ProjectName) -> NameCheck {
        match tokio::time::timeout(EXTRA_PATIENCE, self.master.project(project)).await {
            Ok(Ok(_)) => NameCheck::Exists,
            Ok(Err(Error::NotFound)) => NameCheck::Missing,
            Ok(Err(_)) | Err(_) => NameCheck::NotChecked,
        }
    }
}

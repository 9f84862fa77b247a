//! Who may do what.

use http::StatusCode;

use super::requests::{self, Reviewed};
use super::{AsUser, Error, Status, error, note_unreadable, wire};
use crate::model::{AccessPolicy, ProjectName, RoleBinding};

/// Something that a person may or may not be allowed to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    project: Option<ProjectName>,
    reviewed: Reviewed,
}

/// What the registry asks the master before it serves a pull.
pub(super) const PULL: Reviewed = Reviewed { verb: "get", resource: "imagestreams", subresource: Some("layers") };

impl Access {
    /// Push to the image streams of a project.
    #[must_use]
    pub fn push_to(project: ProjectName) -> Self {
        Self { project: Some(project), reviewed: Reviewed { verb: "update", ..PULL } }
    }

    /// Pull from the image streams of a project.
    #[must_use]
    pub fn pull_from(project: ProjectName) -> Self {
        Self { project: Some(project), reviewed: PULL }
    }

    /// List the image streams of a project, or of the whole cluster.
    #[must_use]
    pub fn list_streams(project: Option<ProjectName>) -> Self {
        Self { project, reviewed: Reviewed { verb: "list", resource: "imagestreams", subresource: None } }
    }
}

/// Everybody who may pull from a project: many are the cluster's own robots. Untrusted names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// User names.
    pub users: Vec<String>,
    /// Group names, virtual ones too.
    pub groups: Vec<String>,
}

impl WhoCan {
    /// Which of the three policies of the old console this amounts to.
    #[must_use]
    pub fn access_policy(&self) -> AccessPolicy {
        let holds = |group: &str| self.groups.iter().any(|member| member == group);
        if holds("system:unauthenticated") {
            AccessPolicy::Anonymous
        } else if holds("system:authenticated") {
            AccessPolicy::Shared
        } else {
            AccessPolicy::Private
        }
    }
}

pub(super) async fn may(user: &AsUser<'_>, access: &Access) -> Result<bool, Error> {
    let project = access.project.as_ref();
    let answer = user.send(requests::self_review(project, access.reviewed)).await?;
    if answer.status == StatusCode::NOT_FOUND {
        let review: wire::SubjectReview = user.ask(requests::legacy_self_review(project, access.reviewed)).await?;
        return Ok(review.allowed);
    }
    Ok(error::decode::<wire::SelfReview>(&answer)?.allowed())
}

pub(super) async fn role_bindings(user: &AsUser<'_>, project: &ProjectName) -> Result<Vec<RoleBinding>, Error> {
    let answer = user.send(requests::role_bindings(project)).await?;
    let missing = answer.status == StatusCode::NOT_FOUND && Status::of(&answer).is_none_or(|status| status.is_about_a_missing_resource());
    let (bindings, unreadable) = if missing {
        let list: wire::List<wire::LegacyRoleBinding> = user.ask(requests::legacy_role_bindings(project)).await?;
        list.read(wire::LegacyRoleBinding::into_model)
    } else {
        error::decode::<wire::List<wire::RoleBinding>>(&answer)?.read(wire::RoleBinding::into_model)
    };
    note_unreadable("role bindings", unreadable);
    Ok(bindings)
}

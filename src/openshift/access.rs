//! Who may do what.

use http::StatusCode;

use super::requests::{self, Reviewed};
use super::{AsUser, BindingGroup, Error, error, wire};
use registry_model::{AccessPolicy, ProjectName};

/// Something that a person may or may not be allowed to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    project: Option<ProjectName>,
    reviewed: Reviewed,
}

const CORE: &str = "";
const IMAGE: &str = "image.openshift.io";
const PROJECT: &str = "project.openshift.io";
const RBAC: &str = "rbac.authorization.k8s.io";
const OAUTH: &str = "oauth.openshift.io";
const ROUTE: &str = "route.openshift.io";
const USER: &str = "user.openshift.io";

/// What the registry asks the master before it serves a pull.
pub(super) const PULL: Reviewed = Reviewed {
    verb: "get",
    group: IMAGE,
    resource: "imagestreams",
    subresource: Some("layers"),
};

/// What it asks before it takes a push.
pub(super) const PUSH: Reviewed = Reviewed {
    verb: "update",
    ..PULL
};

impl Access {
    fn within(
        project: &ProjectName,
        verb: &'static str,
        group: &'static str,
        resource: &'static str,
    ) -> Self {
        Self {
            project: Some(project.clone()),
            reviewed: Reviewed {
                verb,
                group,
                resource,
                subresource: None,
            },
        }
    }

    fn cluster_wide(verb: &'static str, group: &'static str, resource: &'static str) -> Self {
        Self {
            project: None,
            reviewed: Reviewed {
                verb,
                group,
                resource,
                subresource: None,
            },
        }
    }

    /// Push to the image streams of a project.
    #[must_use]
    pub fn push_to(project: ProjectName) -> Self {
        Self {
            project: Some(project),
            reviewed: PUSH,
        }
    }

    /// Pull from the image streams of a project.
    #[must_use]
    pub fn pull_from(project: ProjectName) -> Self {
        Self {
            project: Some(project),
            reviewed: PULL,
        }
    }

    /// List the image streams of a project, or of the whole cluster.
    #[must_use]
    pub fn list_streams(project: Option<ProjectName>) -> Self {
        Self {
            project,
            reviewed: Reviewed {
                verb: "list",
                subresource: None,
                ..PULL
            },
        }
    }

    /// Be told of every change to an image stream of the cluster.
    #[must_use]
    pub fn watch_streams() -> Self {
        Self::cluster_wide("watch", IMAGE, "imagestreams")
    }

    /// Read the OAuth clients of the cluster, their secrets included.
    #[must_use]
    pub fn read_oauth_clients() -> Self {
        Self::cluster_wide("get", OAUTH, "oauthclients")
    }

    /// Read the routes of a project, or of the whole cluster.
    #[must_use]
    pub fn list_routes(project: Option<&ProjectName>) -> Self {
        match project {
            Some(project) => Self::within(project, "list", ROUTE, "routes"),
            None => Self::cluster_wide("list", ROUTE, "routes"),
        }
    }

    /// Create image streams in a project.
    #[must_use]
    pub fn create_streams(project: &ProjectName) -> Self {
        Self::within(project, "create", IMAGE, "imagestreams")
    }

    /// Create image streams in all projects.
    #[must_use]
    pub fn create_streams_anywhere() -> Self {
        Self::cluster_wide("create", IMAGE, "imagestreams")
    }

    /// Change what the image streams of a project follow, and their annotations.
    #[must_use]
    pub fn update_streams(project: &ProjectName) -> Self {
        Self::within(project, "update", IMAGE, "imagestreams")
    }

    /// Delete image streams of a project.
    #[must_use]
    pub fn delete_streams(project: &ProjectName) -> Self {
        Self::within(project, "delete", IMAGE, "imagestreams")
    }

    /// Import images into a project, or look at what an import would bring.
    #[must_use]
    pub fn import_streams(project: &ProjectName) -> Self {
        Self::within(project, "create", IMAGE, "imagestreamimports")
    }

    /// Point tags of a project's image streams at images: new tags and old ones.
    #[must_use]
    pub fn update_tags(project: &ProjectName) -> Self {
        Self::within(project, "update", IMAGE, "imagestreamtags")
    }

    /// Take tags from a project's image streams.
    #[must_use]
    pub fn delete_tags(project: &ProjectName) -> Self {
        Self::within(project, "delete", IMAGE, "imagestreamtags")
    }

    #[must_use]
    pub fn request_projects() -> Self {
        Self::cluster_wide("create", PROJECT, "projectrequests")
    }

    /// Change the texts of a project.
    #[must_use]
    pub fn update_project(project: &ProjectName) -> Self {
        Self::within(project, "update", PROJECT, "projects")
    }

    #[must_use]
    pub fn delete_project(project: &ProjectName) -> Self {
        Self::within(project, "delete", PROJECT, "projects")
    }

    /// Give roles in a project, and take them: in the API group that the master has bindings in.
    #[must_use]
    pub fn change_bindings(project: &ProjectName) -> Self {
        Self::within(project, "update", RBAC, "rolebindings")
    }

    /// Give roles in every project, and take them.
    #[must_use]
    pub fn change_all_bindings() -> Self {
        Self::cluster_wide("update", RBAC, "rolebindings")
    }

    /// `verb` on the identities that providers vouch for: `create`, `delete`.
    #[must_use]
    pub fn on_identities(verb: &'static str) -> Self {
        Self::cluster_wide(verb, USER, "identities")
    }

    /// Create service accounts in a project.
    #[must_use]
    pub fn create_service_accounts(project: &ProjectName) -> Self {
        Self::within(project, "create", CORE, "serviceaccounts")
    }

    /// List service accounts of a project.
    #[must_use]
    pub fn list_service_accounts(project: &ProjectName) -> Self {
        Self::within(project, "list", CORE, "serviceaccounts")
    }

    /// Delete service accounts of a project.
    #[must_use]
    pub fn delete_service_accounts(project: &ProjectName) -> Self {
        Self::within(project, "delete", CORE, "serviceaccounts")
    }

    /// `verb` on the secrets of a project: `create`, `get`.
    #[must_use]
    pub fn on_secrets(project: &ProjectName, verb: &'static str) -> Self {
        Self::within(project, verb, CORE, "secrets")
    }

    /// Ask for tokens of a project's service accounts that end by themselves.
    #[must_use]
    pub fn request_tokens(project: &ProjectName) -> Self {
        let reviewed = Reviewed {
            verb: "create",
            group: CORE,
            resource: "serviceaccounts",
            subresource: Some("token"),
        };
        Self {
            project: Some(project.clone()),
            reviewed,
        }
    }

    /// `verb` on the cluster's users: `list`, `create`, `update`, `delete`.
    #[must_use]
    pub fn on_users(verb: &'static str) -> Self {
        Self::cluster_wide(verb, USER, "users")
    }

    /// `verb` on the cluster's groups: `list`, `create`, `update`, `delete`.
    #[must_use]
    pub fn on_groups(verb: &'static str) -> Self {
        Self::cluster_wide(verb, USER, "groups")
    }
}

/// Everybody who may pull from a project: many are the cluster's own robots. Untrusted names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCan {
    pub users: Vec<String>,
    /// Group names, virtual ones too.
    pub groups: Vec<String>,
}

impl WhoCan {
    /// Which access policy this amounts to.
    #[must_use]
    pub fn access_policy(&self) -> AccessPolicy {
        let holds = |group: &str| self.groups.iter().any(|member| member == group);
        let signed_in = holds("system:authenticated") || holds("system:authenticated:oauth");
        match (signed_in, holds("system:unauthenticated")) {
            (true, true) => AccessPolicy::Anonymous,
            (true, false) => AccessPolicy::Shared,
            (false, true) => AccessPolicy::OnlyAnonymous,
            (false, false) => AccessPolicy::Private,
        }
    }
}

pub(super) async fn may(user: &AsUser<'_>, access: &Access) -> Result<bool, Error> {
    let (project, reviewed) = (access.project.as_ref(), access.reviewed);
    let allowed = review(user, project, reviewed).await?;
    if allowed || reviewed.group != RBAC || user.binding_group().await == BindingGroup::Rbac {
        return Ok(allowed);
    }
    review(
        user,
        project,
        Reviewed {
            group: BindingGroup::Openshift.name(),
            ..reviewed
        },
    )
    .await
}

async fn review(
    user: &AsUser<'_>,
    project: Option<&ProjectName>,
    reviewed: Reviewed,
) -> Result<bool, Error> {
    let answer = user.send(requests::self_review(project, reviewed)).await?;
    let review: wire::SubjectReview = if answer.status == StatusCode::NOT_FOUND {
        user.ask(requests::legacy_self_review(project, reviewed))
            .await?
    } else {
        error::decode::<wire::SelfReview>(&answer)?.into_status()
    };
    if !review.allowed && error::is_undecided(&review.reason, &review.evaluation_error) {
        return Err(Error::roles_not_loaded(review.reason));
    }
    Ok(review.allowed)
}

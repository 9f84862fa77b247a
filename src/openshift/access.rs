//! Access reviews: whether a user has a right, and who may pull from or push to a project.

use http::StatusCode;

use super::requests::{self, ResourceAttributes};
use super::{ApiError, BindingApiGroup, UserApi, error, wire};
use registry_model::{
    AUTHENTICATED_GROUP, AccessPolicy, OAUTH_AUTHENTICATED_GROUP, ProjectName,
    UNAUTHENTICATED_GROUP,
};

/// A right that an access review checks: a verb on a resource, in a project or in the whole
/// cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccessRight {
    project: Option<ProjectName>,
    attributes: ResourceAttributes,
}

const CORE_GROUP: &str = "";
const IMAGE_GROUP: &str = "image.openshift.io";
const PROJECT_GROUP: &str = "project.openshift.io";
const RBAC_GROUP: &str = "rbac.authorization.k8s.io";
const OAUTH_GROUP: &str = "oauth.openshift.io";
const ROUTE_GROUP: &str = "route.openshift.io";
const USER_GROUP: &str = "user.openshift.io";

/// The right that the registry checks before it serves a pull.
pub(super) const PULL: ResourceAttributes = ResourceAttributes {
    verb: "get",
    group: IMAGE_GROUP,
    resource: "imagestreams",
    subresource: Some("layers"),
};

/// The right that the registry checks before it accepts a push.
pub(super) const PUSH: ResourceAttributes = ResourceAttributes {
    verb: "update",
    ..PULL
};

impl AccessRight {
    fn in_project(
        project: &ProjectName,
        verb: &'static str,
        group: &'static str,
        resource: &'static str,
    ) -> Self {
        Self {
            project: Some(project.clone()),
            attributes: ResourceAttributes {
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
            attributes: ResourceAttributes {
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
            attributes: PUSH,
        }
    }

    /// Pull from the image streams of a project.
    #[must_use]
    pub fn pull_from(project: ProjectName) -> Self {
        Self {
            project: Some(project),
            attributes: PULL,
        }
    }

    /// List the image streams of a project, or of the whole cluster.
    #[must_use]
    pub fn list_streams(project: Option<ProjectName>) -> Self {
        Self {
            project,
            attributes: ResourceAttributes {
                verb: "list",
                subresource: None,
                ..PULL
            },
        }
    }

    /// List the pods of the whole cluster.
    #[must_use]
    pub fn list_all_pods() -> Self {
        Self::cluster_wide("list", CORE_GROUP, "pods")
    }

    /// List the pods of a project.
    #[must_use]
    pub fn list_pods(project: &ProjectName) -> Self {
        Self::in_project(project, "list", CORE_GROUP, "pods")
    }

    /// `list` or `watch` a resource of an API group in a project, or in the whole cluster.
    pub(super) fn for_workloads(
        verb: &'static str,
        group: &'static str,
        resource: &'static str,
        project: Option<&ProjectName>,
    ) -> Self {
        match project {
            Some(project) => Self::in_project(project, verb, group, resource),
            None => Self::cluster_wide(verb, group, resource),
        }
    }

    /// Watch all image streams of the cluster.
    #[must_use]
    pub fn watch_all_streams() -> Self {
        Self::cluster_wide("watch", IMAGE_GROUP, "imagestreams")
    }

    /// Read the OAuth clients of the cluster, their secrets included.
    #[must_use]
    pub fn read_oauth_clients() -> Self {
        Self::cluster_wide("get", OAUTH_GROUP, "oauthclients")
    }

    /// Read the routes of a project, or of the whole cluster.
    #[must_use]
    pub fn list_routes(project: Option<&ProjectName>) -> Self {
        match project {
            Some(project) => Self::in_project(project, "list", ROUTE_GROUP, "routes"),
            None => Self::cluster_wide("list", ROUTE_GROUP, "routes"),
        }
    }

    /// Create image streams in a project.
    #[must_use]
    pub fn create_streams(project: &ProjectName) -> Self {
        Self::in_project(project, "create", IMAGE_GROUP, "imagestreams")
    }

    /// Create image streams in all projects.
    #[must_use]
    pub fn create_streams_anywhere() -> Self {
        Self::cluster_wide("create", IMAGE_GROUP, "imagestreams")
    }

    /// Change what the image streams of a project follow, and their annotations.
    #[must_use]
    pub fn update_streams(project: &ProjectName) -> Self {
        Self::in_project(project, "update", IMAGE_GROUP, "imagestreams")
    }

    /// Delete image streams of a project.
    #[must_use]
    pub fn delete_streams(project: &ProjectName) -> Self {
        Self::in_project(project, "delete", IMAGE_GROUP, "imagestreams")
    }

    /// Import images into a project, or preview an import.
    #[must_use]
    pub fn import_streams(project: &ProjectName) -> Self {
        Self::in_project(project, "create", IMAGE_GROUP, "imagestreamimports")
    }

    /// Point new and existing tags of a project's image streams to images.
    #[must_use]
    pub fn update_tags(project: &ProjectName) -> Self {
        Self::in_project(project, "update", IMAGE_GROUP, "imagestreamtags")
    }

    /// Delete tags of a project's image streams.
    #[must_use]
    pub fn delete_tags(project: &ProjectName) -> Self {
        Self::in_project(project, "delete", IMAGE_GROUP, "imagestreamtags")
    }

    #[must_use]
    pub fn request_projects() -> Self {
        Self::cluster_wide("create", PROJECT_GROUP, "projectrequests")
    }

    /// Change the display name and description of a project.
    #[must_use]
    pub fn update_project(project: &ProjectName) -> Self {
        Self::in_project(project, "update", PROJECT_GROUP, "projects")
    }

    #[must_use]
    pub fn delete_project(project: &ProjectName) -> Self {
        Self::in_project(project, "delete", PROJECT_GROUP, "projects")
    }

    /// Grant and revoke roles in a project, in the API group of the API server's role bindings.
    #[must_use]
    pub fn update_role_bindings(project: &ProjectName) -> Self {
        Self::in_project(project, "update", RBAC_GROUP, "rolebindings")
    }

    /// Grant and revoke roles in all projects.
    #[must_use]
    pub fn update_all_role_bindings() -> Self {
        Self::cluster_wide("update", RBAC_GROUP, "rolebindings")
    }

    /// `verb` on identities of identity providers: `create`, `delete`.
    #[must_use]
    pub fn for_identities(verb: &'static str) -> Self {
        Self::cluster_wide(verb, USER_GROUP, "identities")
    }

    /// Create service accounts in a project.
    #[must_use]
    pub fn create_service_accounts(project: &ProjectName) -> Self {
        Self::in_project(project, "create", CORE_GROUP, "serviceaccounts")
    }

    /// List service accounts of a project.
    #[must_use]
    pub fn list_service_accounts(project: &ProjectName) -> Self {
        Self::in_project(project, "list", CORE_GROUP, "serviceaccounts")
    }

    /// Delete service accounts of a project.
    #[must_use]
    pub fn delete_service_accounts(project: &ProjectName) -> Self {
        Self::in_project(project, "delete", CORE_GROUP, "serviceaccounts")
    }

    /// `verb` on the secrets of a project: `create`, `get`.
    #[must_use]
    pub fn for_secrets(project: &ProjectName, verb: &'static str) -> Self {
        Self::in_project(project, verb, CORE_GROUP, "secrets")
    }

    /// Request tokens with an expiry for service accounts of a project.
    #[must_use]
    pub fn request_tokens(project: &ProjectName) -> Self {
        let reviewed = ResourceAttributes {
            verb: "create",
            group: CORE_GROUP,
            resource: "serviceaccounts",
            subresource: Some("token"),
        };
        Self {
            project: Some(project.clone()),
            attributes: reviewed,
        }
    }

    /// `verb` on the cluster's users: `list`, `create`, `update`, `delete`.
    #[must_use]
    pub fn for_users(verb: &'static str) -> Self {
        Self::cluster_wide(verb, USER_GROUP, "users")
    }

    /// `verb` on the cluster's groups: `list`, `create`, `update`, `delete`.
    #[must_use]
    pub fn for_groups(verb: &'static str) -> Self {
        Self::cluster_wide(verb, USER_GROUP, "groups")
    }
}

/// The users and groups that have a right in a project, including many service accounts of the
/// cluster itself. The names are untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSubjects {
    pub users: Vec<String>,
    /// Groups, including virtual ones.
    pub groups: Vec<String>,
}

impl AllowedSubjects {
    /// The access policy that results from the groups.
    #[must_use]
    pub fn access_policy(&self) -> AccessPolicy {
        let has_group = |group: &str| self.groups.iter().any(|member| member == group);
        let signed_in = has_group(AUTHENTICATED_GROUP) || has_group(OAUTH_AUTHENTICATED_GROUP);
        match (signed_in, has_group(UNAUTHENTICATED_GROUP)) {
            (true, true) => AccessPolicy::Anonymous,
            (true, false) => AccessPolicy::Shared,
            (false, true) => AccessPolicy::OnlyAnonymous,
            (false, false) => AccessPolicy::Private,
        }
    }
}

pub(super) async fn is_allowed(user: &UserApi<'_>, access: &AccessRight) -> Result<bool, ApiError> {
    let (project, reviewed) = (access.project.as_ref(), access.attributes);
    let allowed = review(user, project, reviewed).await?;
    if allowed
        || reviewed.group != RBAC_GROUP
        || user.detect_binding_api_group().await == BindingApiGroup::Rbac
    {
        return Ok(allowed);
    }
    review(
        user,
        project,
        ResourceAttributes {
            group: BindingApiGroup::Openshift.name(),
            ..reviewed
        },
    )
    .await
}

async fn review(
    user: &UserApi<'_>,
    project: Option<&ProjectName>,
    reviewed: ResourceAttributes,
) -> Result<bool, ApiError> {
    let response = user
        .send(requests::self_access_review(project, reviewed))
        .await?;
    let review: wire::WireAccessReviewStatus = if response.status == StatusCode::NOT_FOUND {
        user.request(requests::legacy_self_access_review(project, reviewed))
            .await?
    } else {
        error::decode::<wire::WireSelfAccessReview>(&response)?.into_status()
    };
    if !review.allowed && error::is_undecided(&review.reason, &review.evaluation_error) {
        return Err(ApiError::roles_not_loaded(review.reason));
    }
    Ok(review.allowed)
}

//! The responses of an API server during a partial outage.

use axum::http::StatusCode;

use super::{discovery, forbidden};
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{ApiOutage, ClusterError, ClusterErrorReason, NamedResource};

/// Roles that all users have, in the order in which a starting 4.x API server lacks them.
const DEFAULT_ROLES: [&str; 5] = [
    "system:public-info-viewer",
    "system:discovery",
    "system:basic-user",
    "basic-user",
    "self-access-reviewer",
];

/// The response to a request during the outage; `None` if it is not affected.
pub(super) fn answer(request: &ApiRequest) -> Result<Option<ApiResponse>, ClusterError> {
    if discovery::is_public_path(&request.path) {
        return Ok(None);
    }
    match request.cluster.outage() {
        ApiOutage::Down(groups)
            if request.token_holder.is_some() && is_in_groups(request, groups) =>
        {
            Ok(Some(ApiResponse::text_with_status(
                StatusCode::SERVICE_UNAVAILABLE,
                "service unavailable\n",
            )))
        }
        ApiOutage::NotServed(groups) if is_in_groups(request, groups) => Ok(Some(
            ApiResponse::text_with_status(StatusCode::NOT_FOUND, "404 page not found\n"),
        )),
        ApiOutage::RolesNotLoaded => Err(roles_not_found(request)),
        ApiOutage::TokensRefused => Err(ClusterErrorReason::Unauthorized.into()),
        _ => Ok(None),
    }
}

fn is_in_groups(request: &ApiRequest, groups: &[&str]) -> bool {
    groups.iter().any(|group| {
        request
            .path
            .strip_prefix("/apis/")
            .and_then(|path| path.split('/').next())
            == Some(*group)
    })
}

fn roles_not_found(request: &ApiRequest) -> ClusterError {
    let missing: Vec<String> = DEFAULT_ROLES
        .iter()
        .map(|role| format!("clusterrole.rbac.authorization.k8s.io {role:?} not found"))
        .collect();
    let suffix = format!(": RBAC: [{}]", missing.join(", "));
    if request.resource.is_empty() {
        let user = request.user().unwrap_or("system:anonymous");
        let message = format!(
            "User {user:?} cannot {} path {:?}{suffix}",
            request.verb, request.path
        );
        return ClusterErrorReason::Forbidden {
            object: NamedResource::new("", "", ""),
            message,
        }
        .into();
    }
    forbidden(request, &request.access(), &suffix)
}

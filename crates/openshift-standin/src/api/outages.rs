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
pub(super) fn answer(asked: &ApiRequest) -> Result<Option<ApiResponse>, ClusterError> {
    if discovery::is_public_path(&asked.path) {
        return Ok(None);
    }
    match asked.cluster.outage() {
        ApiOutage::Down(groups) if asked.token_holder.is_some() && is_in_groups(asked, groups) => {
            Ok(Some(ApiResponse::text_with_status(
                StatusCode::SERVICE_UNAVAILABLE,
                "service unavailable\n",
            )))
        }
        ApiOutage::NotServed(groups) if is_in_groups(asked, groups) => Ok(Some(
            ApiResponse::text_with_status(StatusCode::NOT_FOUND, "404 page not found\n"),
        )),
        ApiOutage::RolesNotLoaded => Err(roles_not_found(asked)),
        ApiOutage::TokensRefused => Err(ClusterErrorReason::Unauthorized.into()),
        _ => Ok(None),
    }
}

fn is_in_groups(asked: &ApiRequest, groups: &[&str]) -> bool {
    groups.iter().any(|group| {
        asked
            .path
            .strip_prefix("/apis/")
            .and_then(|path| path.split('/').next())
            == Some(*group)
    })
}

fn roles_not_found(asked: &ApiRequest) -> ClusterError {
    let missing: Vec<String> = DEFAULT_ROLES
        .iter()
        .map(|role| format!("clusterrole.rbac.authorization.k8s.io {role:?} not found"))
        .collect();
    let suffix = format!(": RBAC: [{}]", missing.join(", "));
    if asked.resource.is_empty() {
        let user = asked.user().unwrap_or("system:anonymous");
        let message = format!(
            "User {user:?} cannot {} path {:?}{suffix}",
            asked.verb, asked.path
        );
        return ClusterErrorReason::Forbidden {
            object: NamedResource::new("", "", ""),
            message,
        }
        .into();
    }
    forbidden(asked, &asked.access(), &suffix)
}

//! What an API server answers during an outage of a part of it.

use axum::http::StatusCode;

use super::answer::Answer;
use super::asked::Asked;
use super::{discovery, forbidden};
use crate::cluster::{ApiOutage, Object, Reason, Refusal};

/// Roles that everybody is bound to, in the order in which a 4.x API server misses them.
const ROLES: [&str; 5] = [
    "system:public-info-viewer",
    "system:discovery",
    "system:basic-user",
    "basic-user",
    "self-access-reviewer",
];

/// The answer that the outage makes of the request; `None` where it is not affected.
pub(super) fn answer(asked: &Asked) -> Result<Option<Answer>, Refusal> {
    if discovery::is_open(&asked.path) {
        return Ok(None);
    }
    match asked.cluster.outage() {
        ApiOutage::Down(groups) if asked.holder.is_some() && is_of(asked, groups) => Ok(Some(
            Answer::plain(StatusCode::SERVICE_UNAVAILABLE, "service unavailable\n"),
        )),
        ApiOutage::NotServed(groups) if is_of(asked, groups) => Ok(Some(Answer::plain(
            StatusCode::NOT_FOUND,
            "404 page not found\n",
        ))),
        ApiOutage::RolesNotLoaded => Err(without_roles(asked)),
        ApiOutage::TokensRefused => Err(Reason::Unauthorized.into()),
        _ => Ok(None),
    }
}

fn is_of(asked: &Asked, groups: &[&str]) -> bool {
    groups.iter().any(|group| {
        asked
            .path
            .strip_prefix("/apis/")
            .and_then(|path| path.split('/').next())
            == Some(*group)
    })
}

fn without_roles(asked: &Asked) -> Refusal {
    let missing: Vec<String> = ROLES
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
        return Reason::Forbidden {
            object: Object::new("", "", ""),
            message,
        }
        .into();
    }
    forbidden(asked, &asked.access(), &suffix)
}

//! The cluster roles of OpenShift, read-only: `oc` reads one before it binds it.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::list::{self, ListPage};
use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    CLUSTER_ROLES, ClusterError, ClusterErrorReason, ClusterState, NamedResource, ObjectMetadata,
    RBAC_GROUP, Rule, Version,
};

/// `clusterroles`.
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match request.verb {
        "list" => {
            list::requested_list_kind(request)?;
            let list = request.cluster.read(|state| {
                let roles = CLUSTER_ROLES
                    .iter()
                    .filter_map(|name| item(request, state, name))
                    .collect();
                list::list_object(
                    request,
                    state,
                    "ClusterRoleList",
                    ListPage::from_items(roles),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => {
            let role = request
                .cluster
                .read(|state| item(request, state, &request.name));
            let missing = || {
                ClusterError::from(ClusterErrorReason::NotFound(NamedResource::new(
                    request.group,
                    "clusterroles",
                    &request.name,
                )))
            };
            Ok(ApiResponse::ok(&Renderer::from_request(request).typed(
                "ClusterRole",
                request.group,
                role.ok_or_else(missing)?,
            )))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn item(request: &ApiRequest, state: &ClusterState, name: &str) -> Option<Value> {
    let rules: Vec<Value> = state.rules_of_cluster_role(name)?.map(rule).collect();
    let render = Renderer::from_request(request);
    let mut role = json!({"metadata": render.meta(&meta(state, name), Some((request.group, "clusterroles"))), "rules": rules});
    if let (Some(part), RBAC_GROUP) = (aggregation_base(name), request.group) {
        let label = format!("rbac.authorization.k8s.io/aggregate-to-{part}");
        role["aggregationRule"] =
            json!({"clusterRoleSelectors": [{"matchLabels": {label: "true"}}]});
    }
    Some(role)
}

/// Roles that are aggregated from others.
fn aggregation_base(name: &str) -> Option<&str> {
    matches!(name, "admin" | "edit" | "view").then_some(name)
}

/// Roles belong to the cluster and are never written, so their metadata need not be stored.
fn meta(state: &ClusterState, name: &str) -> ObjectMetadata {
    let hash = Sha256::digest(name);
    let word = |at: usize| u32::from_be_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]);
    let labels = match (name, state.version()) {
        ("admin" | "edit" | "view", _) => Some((
            "kubernetes.io/bootstrapping".to_owned(),
            "rbac-defaults".to_owned(),
        )),
        ("registry-admin" | "registry-editor" | "registry-viewer", Version::V4) => {
            let part = name
                .trim_start_matches("registry-")
                .trim_end_matches("or")
                .trim_end_matches("er");
            Some((
                format!("rbac.authorization.k8s.io/aggregate-to-{part}"),
                "true".to_owned(),
            ))
        }
        _ => None,
    };
    ObjectMetadata {
        name: name.to_owned(),
        namespace: None,
        uid: format!("{:08x}-eb22-11f1-bc3e-{:08x}0000", word(0), word(4)),
        resource_version: 79,
        generation: None,
        created: state.created_at(),
        labels: labels.into_iter().collect(),
        annotations: [(
            "rbac.authorization.kubernetes.io/autoupdate".to_owned(),
            "true".to_owned(),
        )]
        .into(),
    }
}

/// A rule as the API shows it.
fn rule(rule: &Rule) -> Value {
    let mut shown =
        json!({"verbs": rule.verbs, "apiGroups": rule.groups, "resources": rule.resources});
    if !rule.names.is_empty() {
        shown["resourceNames"] = json!(rule.names);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_cluster_role_has_rules() {
        let cluster = crate::cluster::Cluster::new(
            Version::V4,
            crate::cluster::Hosts {
                api: String::new(),
                oauth: String::new(),
                registry_internal: String::new(),
                registry_public: None,
            },
            registry_model::Clock::fixed_at(chrono::DateTime::default()),
        );
        let without: Vec<_> = CLUSTER_ROLES
            .iter()
            .filter(|name| {
                cluster.read(|state| {
                    state
                        .rules_of_cluster_role(name)
                        .is_none_or(|mut rules| rules.next().is_none())
                })
            })
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}

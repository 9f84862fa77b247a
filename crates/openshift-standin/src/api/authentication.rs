//! `Authentication` of `config.openshift.io`, read-only, on a cluster with external OIDC.
//!
//! Source: openshift/api, `config/v1/types_authentication.go`.

use serde_json::{Value, json};

use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{ClusterState, TrustedIssuer, UsernamePrefixPolicy};

/// The object, if the request reads it and users sign in at an OIDC provider.
pub(super) fn answer(request: &ApiRequest) -> Option<ApiResponse> {
    let is_read = (request.group, request.resource.as_str(), request.verb)
        == ("config.openshift.io", "authentications", "get")
        && request.name == "cluster";
    if !is_read {
        return None;
    }
    request.cluster.read(ClusterState::external_oidc)?;
    let providers: Vec<Value> = request
        .cluster
        .trusted_issuer()
        .iter()
        .map(provider)
        .collect();
    Some(ApiResponse::ok(&json!({
        "apiVersion": "config.openshift.io/v1",
        "kind": "Authentication",
        "metadata": {"name": "cluster"},
        "spec": {"type": "OIDC", "oidcProviders": providers},
    })))
}

fn provider(issuer: &TrustedIssuer) -> Value {
    let claims = &issuer.claims;
    let mut username = json!({"claim": claims.username});
    match &claims.username_prefix {
        UsernamePrefixPolicy::NoOpinion => {}
        UsernamePrefixPolicy::NoPrefix => username["prefixPolicy"] = "NoPrefix".into(),
        UsernamePrefixPolicy::Prefix(prefix) => {
            username["prefixPolicy"] = "Prefix".into();
            username["prefix"] = json!({"prefixString": prefix});
        }
    }
    json!({
        "name": "oidc",
        "issuer": {"issuerURL": issuer.url, "audiences": issuer.audiences},
        "claimMappings": {
            "username": username,
            "groups": {"claim": claims.groups, "prefix": claims.groups_prefix},
        },
    })
}

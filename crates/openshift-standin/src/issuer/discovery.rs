//! The discovery document and the key set (OpenID Connect Discovery 1.0).

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{Issuer, IssuerFault, read};

/// The scopes that can be asked for.
pub(super) const SCOPES: [&str; 5] = ["openid", "profile", "email", "groups", "offline_access"];

/// `GET /oidc/.well-known/openid-configuration`
pub(super) async fn document(State(issuer): State<Issuer>) -> Json<Value> {
    let url = issuer.url();
    let mut document = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "jwks_uri": format!("{url}/keys"),
        "end_session_endpoint": format!("{url}/end-session"),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "claims_supported": ["sub", "preferred_username", "name", "email", "email_verified", "groups", "auth_time", "sid"],
    });
    match issuer.fault() {
        Some(IssuerFault::OtherIssuerInDiscovery) => {
            document["issuer"] = "https://other.example.com".into();
        }
        Some(IssuerFault::NoS256) => {
            document["code_challenge_methods_supported"] = json!(["plain"]);
        }
        Some(IssuerFault::NoCodeFlow) => {
            document["response_types_supported"] = json!(["id_token"]);
            document["grant_types_supported"] = json!(["implicit"]);
        }
        Some(IssuerFault::NoEndSession) => {
            if let Some(fields) = document.as_object_mut() {
                fields.remove("end_session_endpoint");
            }
        }
        _ => {}
    }
    Json(document)
}

/// `GET /oidc/keys`
pub(super) async fn key_set(State(issuer): State<Issuer>) -> Json<Value> {
    if issuer.has_fault(IssuerFault::NoKeys) {
        return Json(json!({"keys": []}));
    }
    Json(read(&issuer.0.keys).key_set())
}

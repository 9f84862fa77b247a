//! The user information endpoint (OpenID Connect Core 1.0, 5.3).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};

use super::Issuer;

/// `GET /oidc/userinfo`, with an access token.
pub(super) async fn show(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    let now = issuer.0.cluster.clock().now();
    let grant = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .and_then(|token| issuer.0.grants.access.get(token))
        .filter(|grant| now < grant.expires_at);
    match grant {
        Some(grant) => Json(issuer.user_claims(&grant.sign_in.user)).into_response(),
        None => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
            (StatusCode::UNAUTHORIZED, challenge).into_response()
        }
    }
}

//! The OAuth server: sign-in form, authorization codes, tokens.
//!
//! Responses follow the recorded exchanges; if none was recorded, the observations made on both
//! versions (authorize validates the client and the redirect URI before the user signs in, PKCE is
//! enforced once a challenge was sent, the login session ends with the authorization). A client
//! whose grant method is `prompt` is granted at once, like one with `auto`: there is no approval
//! page.

mod authorize;
pub(crate) mod client_auth;
pub(crate) mod error;
pub(crate) mod pkce;
pub(crate) mod redirect;
mod sign_in;
pub(crate) mod store;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::cluster::{Cluster, Version};
use crate::sign_in_form;
use store::{AuthorizationCodes, OauthSessions};

/// The lifetime of an access token (A2), in seconds.
const TOKEN_TTL_SECONDS: i64 = 86_400;

/// The OAuth server as an axum router. On 3.9 it is merged into the API server's, so it has no
/// fallback of its own.
pub fn router(cluster: Cluster) -> Router {
    Router::new()
        .route("/oauth/authorize", get(authorize::authorize))
        .route(
            "/oauth/token",
            post(token::from_form).get(token::from_query),
        )
        .route("/login", get(sign_in::show_sign_in).post(sign_in::sign_in))
        .route("/login/style.css", get(sign_in_form::stylesheet))
        .route("/logout", post(sign_in::sign_out))
        .with_state(OauthServerState {
            cluster,
            codes: AuthorizationCodes::default(),
            sessions: OauthSessions::default(),
        })
}

#[derive(Clone)]
struct OauthServerState {
    cluster: Cluster,
    codes: AuthorizationCodes,
    sessions: OauthSessions,
}

impl OauthServerState {
    /// A new secret in the format of this version's codes: 43 base64url characters, on 4 after
    /// `sha256~`.
    fn new_code(&self) -> String {
        let random = store::random_token();
        match self.cluster.version() {
            Version::V3_9 => random,
            Version::V4 => format!("sha256~{random}"),
        }
    }
}

//! `POST /oauth/token`: redeems a code for a token.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::client_auth::ClientAuth;
use super::error::{self, OauthErrorCode};
use super::{OauthServerState, TOKEN_TTL_SECONDS};
use crate::oauth::pkce::VerifierError;

/// A token request (RFC 6749, 4.1.3; RFC 7636, 4.5).
#[derive(Default, Deserialize)]
#[serde(default)]
struct AccessTokenRequest {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

#[derive(Serialize)]
struct AccessTokenResponse {
    access_token: String,
    expires_in: i64,
    scope: String,
    token_type: &'static str,
}

pub(super) async fn from_form(
    State(server): State<OauthServerState>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    server.exchange(
        &headers,
        &serde_urlencoded::from_bytes(&body).unwrap_or_default(),
    )
}

/// The server allows GET as well; a client that uses it exposes its secrets in the logs of proxies
/// (A2).
pub(super) async fn from_query(
    State(server): State<OauthServerState>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    server.exchange(
        &headers,
        &serde_urlencoded::from_str(query.as_deref().unwrap_or_default()).unwrap_or_default(),
    )
}

impl OauthServerState {
    fn exchange(&self, headers: &HeaderMap, asked: &AccessTokenRequest) -> Response {
        match self.issue(headers, asked) {
            Ok(issued) => error::json(StatusCode::OK, &issued),
            Err(code) => code.json(None),
        }
    }

    fn issue(
        &self,
        headers: &HeaderMap,
        asked: &AccessTokenRequest,
    ) -> Result<AccessTokenResponse, OauthErrorCode> {
        match &*asked.grant_type {
            "authorization_code" => {}
            "password" | "client_credentials" => return Err(OauthErrorCode::AccessDenied),
            // Refresh tokens are never issued (A2).
            "refresh_token" => return Err(OauthErrorCode::InvalidGrant),
            _ => return Err(OauthErrorCode::UnsupportedGrantType),
        }
        let (id, secret) = (asked.client_id.as_deref(), asked.client_secret.as_deref());
        let auth = ClientAuth::from_request(self.cluster.version(), headers, id, secret)
            .ok_or(OauthErrorCode::InvalidRequest)?;
        if asked.code.is_empty() {
            return Err(OauthErrorCode::InvalidGrant);
        }
        let client = auth
            .authenticate(&self.cluster)
            .ok_or(OauthErrorCode::UnauthorizedClient)?;
        let grant = self
            .codes
            .get(&asked.code)
            .filter(|grant| grant.client == client.id)
            .ok_or(OauthErrorCode::UnauthorizedClient)?;
        if grant.is_expired(self.cluster.clock().now()) {
            return Err(OauthErrorCode::InvalidGrant);
        }
        if grant.redirect_uri != asked.redirect_uri {
            return Err(OauthErrorCode::InvalidRequest);
        }
        if let Some(challenge) = &grant.challenge {
            // A wrong verifier does not use up the code: observed, the right one works afterwards.
            challenge
                .verify(&asked.code_verifier)
                .map_err(|mismatch| match mismatch {
                    VerifierError::Malformed => OauthErrorCode::InvalidRequest,
                    VerifierError::Wrong => OauthErrorCode::InvalidGrant,
                })?;
        }
        if !self.codes.redeem(&asked.code) {
            return Err(OauthErrorCode::UnauthorizedClient);
        }
        let scopes: Vec<String> = grant.scope.split(' ').map(str::to_owned).collect();
        let access_token =
            self.cluster
                .issue_token(&grant.user, &client.id, &scopes, &grant.redirect_uri);
        Ok(AccessTokenResponse {
            access_token,
            expires_in: TOKEN_TTL_SECONDS,
            scope: grant.scope,
            token_type: "Bearer",
        })
    }
}

//! The token endpoint: redeems codes and refresh tokens (RFC 6749, 4.1.3 and 6; OpenID Connect Core
//! 1.0, 3.1.3 and 12).

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::client::OidcClient;
use super::error::TokenError;
use super::store::{AccessGrant, CODE_TTL, RefreshGrant, SignIn, new_id, new_secret};
use super::{Issuer, IssuerFault, RefreshTokenPolicy};
use crate::oauth::error::{self, OauthErrorCode};

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenRequest {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    refresh_token: String,
    scope: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

#[derive(Serialize)]
struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// What a code or a refresh token grants.
struct Granted {
    family: String,
    sign_in: SignIn,
    scope: String,
    /// Only the first ID token has it (Core, 12.2).
    nonce: Option<String>,
    /// Whether the client uses the refresh token that it has again.
    keeps_refresh_token: bool,
}

/// `POST /oidc/token`
pub(super) async fn exchange(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match issuer.exchange(&headers, &body) {
        Ok(issued) => error::json(StatusCode::OK, &issued),
        Err(refusal) => refusal.into_response(),
    }
}

impl Issuer {
    fn exchange(&self, headers: &HeaderMap, body: &[u8]) -> Result<TokenResponse, TokenError> {
        let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
            let kind = kind.as_bytes();
            kind.starts_with(b"application/x-www-form-urlencoded")
        });
        let malformed = |text| TokenError::new(OauthErrorCode::InvalidRequest, text);
        if !is_form {
            return Err(malformed("the body has to be a form"));
        }
        let asked: TokenRequest = serde_urlencoded::from_bytes(body)
            .map_err(|_| malformed("a parameter is repeated or malformed"))?;
        let client = self.authenticate_client(
            headers,
            asked.client_id.as_deref(),
            asked.client_secret.as_deref(),
        )?;
        let granted = match &*asked.grant_type {
            "" => return Err(malformed("grant_type is missing")),
            "authorization_code" => self.redeem_code(&client, &asked)?,
            "refresh_token" => self.refresh(&client, &asked)?,
            _ => {
                return Err(TokenError::new(
                    OauthErrorCode::UnsupportedGrantType,
                    "only codes and refresh tokens are accepted",
                ));
            }
        };
        Ok(self.issue(&client, granted))
    }

    /// Each code can be used once, also in vain.
    fn redeem_code(
        &self,
        client: &OidcClient,
        asked: &TokenRequest,
    ) -> Result<Granted, TokenError> {
        if asked.code.is_empty() {
            let text = "code is missing";
            return Err(TokenError::new(OauthErrorCode::InvalidRequest, text));
        }
        let grants = &self.0.grants;
        let Some(grant) = grants.codes.remove(&asked.code) else {
            grants.revoke_reused(&asked.code);
            return Err(TokenError::invalid_grant("the code is not valid"));
        };
        let family = new_id();
        grants.used.insert(asked.code.clone(), family.clone());
        let now = self.0.cluster.clock().now();
        if grant.client != client.id || now >= grant.issued_at + CODE_TTL {
            return Err(TokenError::invalid_grant("the code is not valid"));
        }
        if grant.redirect_uri != asked.redirect_uri {
            return Err(TokenError::invalid_grant("redirect_uri is another one"));
        }
        if grant.challenge.verify(&asked.code_verifier).is_err() {
            return Err(TokenError::invalid_grant("code_verifier does not match"));
        }
        Ok(Granted {
            family,
            sign_in: grant.sign_in,
            scope: grant.scope,
            nonce: grant.nonce,
            keeps_refresh_token: false,
        })
    }

    /// Each refresh token can be used once; if one is used again, all of its family are revoked.
    /// The exception is [`RefreshTokenPolicy::Reusable`].
    fn refresh(&self, client: &OidcClient, asked: &TokenRequest) -> Result<Granted, TokenError> {
        if asked.refresh_token.is_empty() {
            let text = "refresh_token is missing";
            return Err(TokenError::new(OauthErrorCode::InvalidRequest, text));
        }
        let grants = &self.0.grants;
        let invalid = || TokenError::invalid_grant("the refresh token is not valid");
        let Some(grant) = grants.refresh.get(&asked.refresh_token) else {
            grants.revoke_reused(&asked.refresh_token);
            return Err(invalid());
        };
        if grant.client != client.id {
            return Err(invalid());
        }
        let is_wider = |scope: &str| !grant.scope.split(' ').any(|one| one == scope);
        if !asked.scope.is_empty() && asked.scope.split(' ').any(is_wider) {
            let text = "a scope was not granted";
            return Err(TokenError::new(OauthErrorCode::InvalidScope, text));
        }
        let keeps_refresh_token = self.settings().refresh_tokens == RefreshTokenPolicy::Reusable;
        if !keeps_refresh_token {
            if grants.refresh.remove(&asked.refresh_token).is_none() {
                grants.revoke_reused(&asked.refresh_token);
                return Err(invalid());
            }
            grants
                .used
                .insert(asked.refresh_token.clone(), grant.family.clone());
        }
        let cluster = &self.0.cluster;
        let is_known = cluster.read(|state| state.user(&grant.sign_in.user).is_some());
        if !is_known || grant.sign_in.has_ended(cluster.clock().now()) {
            return Err(invalid());
        }
        Ok(Granted {
            family: grant.family,
            sign_in: grant.sign_in,
            scope: grant.scope,
            nonce: None,
            keeps_refresh_token,
        })
    }

    fn issue(&self, client: &OidcClient, granted: Granted) -> TokenResponse {
        let settings = self.settings();
        let grants = &self.0.grants;
        let access_token = new_secret();
        grants.access.insert(
            access_token.clone(),
            AccessGrant {
                family: granted.family.clone(),
                sign_in: granted.sign_in.clone(),
                expires_at: self.0.cluster.clock().now() + settings.token_lifetime,
            },
        );
        let id_token = self.id_token(
            &granted.sign_in,
            &client.id,
            granted.nonce.as_deref(),
            &access_token,
        );
        let is_refreshable = match settings.refresh_tokens {
            RefreshTokenPolicy::WithOfflineAccess => {
                granted.scope.split(' ').any(|one| one == "offline_access")
            }
            RefreshTokenPolicy::Always => true,
            RefreshTokenPolicy::Reusable => !granted.keeps_refresh_token,
            RefreshTokenPolicy::Never => false,
        };
        let refresh_token = is_refreshable.then(new_secret);
        if let Some(token) = &refresh_token {
            grants.refresh.insert(
                token.clone(),
                RefreshGrant {
                    family: granted.family,
                    sign_in: granted.sign_in,
                    client: client.id.clone(),
                    scope: granted.scope.clone(),
                },
            );
        }
        TokenResponse {
            access_token,
            token_type: "Bearer",
            expires_in: settings.token_lifetime.num_seconds(),
            scope: granted.scope,
            id_token: (!self.has_fault(IssuerFault::NoIdToken)).then_some(id_token),
            refresh_token,
        }
    }
}

//! The authorization endpoint (OpenID Connect Core 1.0, 3.1.2).

use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::store::{CodeGrant, SignIn, new_secret};
use super::{ISSUER_PATH, Issuer, discovery, error, sign_in};
use crate::oauth::error::OauthErrorCode;
use crate::oauth::pkce::PkceChallenge;
use crate::oauth::redirect;

/// An authentication request. An absent parameter is equivalent to an empty one.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct AuthenticationRequest {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    response_type: String,
    response_mode: String,
    scope: String,
    state: String,
    nonce: String,
    prompt: String,
    max_age: String,
    login_hint: String,
    request: String,
    request_uri: String,
    code_challenge: String,
    code_challenge_method: String,
}

/// `GET /oidc/authorize`
pub(super) async fn from_query(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    issuer.authorize(&headers, query.as_deref().unwrap_or_default())
}

/// `POST /oidc/authorize`
pub(super) async fn from_form(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    issuer.authorize(&headers, str::from_utf8(&body).unwrap_or_default())
}

impl AuthenticationRequest {
    /// `None` if a parameter is repeated.
    pub(super) fn parse(query: &str) -> Option<Self> {
        serde_urlencoded::from_str(query).ok()
    }

    /// The path of the request, without the demand to sign in again.
    fn path_after_sign_in(&self) -> String {
        let asked = Self {
            prompt: String::new(),
            max_age: String::new(),
            ..self.clone()
        };
        let query = serde_urlencoded::to_string(&asked).unwrap_or_default();
        format!("{ISSUER_PATH}/authorize?{query}")
    }

    /// What is asked for, if it can be granted.
    fn check(&self) -> Result<PkceChallenge, (OauthErrorCode, &'static str)> {
        use OauthErrorCode::{InvalidRequest, InvalidScope, UnsupportedResponseType};
        if self.response_type.is_empty() {
            return Err((InvalidRequest, "response_type is missing"));
        }
        if self.response_type != "code" {
            return Err((UnsupportedResponseType, "only the code flow is supported"));
        }
        if !matches!(&*self.response_mode, "" | "query") {
            return Err((InvalidRequest, "response_mode is not supported"));
        }
        if !self.request.is_empty() || !self.request_uri.is_empty() {
            return Err((
                OauthErrorCode::RequestNotSupported,
                "request objects are not supported",
            ));
        }
        let scopes: Vec<&str> = self.scope.split(' ').collect();
        if !scopes.contains(&"openid") {
            return Err((InvalidScope, "the scope openid is missing"));
        }
        if !scopes.iter().all(|scope| discovery::SCOPES.contains(scope)) {
            return Err((InvalidScope, "a scope is not known"));
        }
        if self.prompt.split(' ').count() > 1 && self.prompt.split(' ').any(|one| one == "none") {
            return Err((InvalidRequest, "prompt is contradictory"));
        }
        if self.code_challenge.is_empty() {
            return Err((InvalidRequest, "code_challenge is missing"));
        }
        match PkceChallenge::parse(&self.code_challenge, &self.code_challenge_method) {
            Ok(Some(challenge @ PkceChallenge::S256(_))) => Ok(challenge),
            _ => Err((InvalidRequest, "code_challenge_method has to be S256")),
        }
    }

    /// Whether a user who signed in at that time has to sign in again.
    fn demands_sign_in(&self, issuer: &Issuer, earlier: &SignIn) -> bool {
        let age = issuer.0.cluster.clock().now() - earlier.time;
        let is_too_old = self
            .max_age
            .parse()
            .is_ok_and(|limit: i64| age.num_seconds() > limit);
        is_too_old || self.prompt.split(' ').any(|one| one == "login")
    }
}

impl Issuer {
    fn authorize(&self, headers: &HeaderMap, query: &str) -> Response {
        let Some(asked) = AuthenticationRequest::parse(query) else {
            return error::page("A parameter is repeated.");
        };
        if !self.knows(&asked) {
            return error::page("The client or its redirect URI is not registered.");
        }
        let challenge = match asked.check() {
            Ok(challenge) => challenge,
            Err((code, text)) => return self.refuse(&asked, code, text),
        };
        let sign_in = sign_in::current(self, headers);
        match sign_in.filter(|sign_in| !asked.demands_sign_in(self, sign_in)) {
            Some(sign_in) => self.grant(&asked, sign_in, challenge),
            None if asked.prompt == "none" => {
                self.refuse(&asked, OauthErrorCode::LoginRequired, "nobody is signed in")
            }
            None => redirect::found(&sign_in::path(&asked.path_after_sign_in(), "")),
        }
    }

    /// Whether the client and exactly this redirect URI are registered. Nothing is sent to one that
    /// is not.
    pub(super) fn knows(&self, asked: &AuthenticationRequest) -> bool {
        let client = self.client();
        client.id == asked.client_id && client.redirect_uris.contains(&asked.redirect_uri)
    }

    /// Sends an error to the redirect URI, which has been checked.
    pub(super) fn refuse(
        &self,
        asked: &AuthenticationRequest,
        code: OauthErrorCode,
        text: &str,
    ) -> Response {
        let parameters = [
            ("error", code.as_str()),
            ("error_description", text),
            ("state", &asked.state),
            ("iss", self.url()),
        ];
        redirect::with_query(&asked.redirect_uri, &parameters)
    }

    fn grant(
        &self,
        asked: &AuthenticationRequest,
        sign_in: SignIn,
        challenge: PkceChallenge,
    ) -> Response {
        let code = new_secret();
        let grant = CodeGrant {
            sign_in,
            client: asked.client_id.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            scope: asked.scope.clone(),
            nonce: Some(asked.nonce.clone()).filter(|nonce| !nonce.is_empty()),
            challenge,
            issued_at: self.0.cluster.clock().now(),
        };
        self.0.grants.codes.insert(code.clone(), grant);
        let parameters = [
            ("code", &*code),
            ("state", &asked.state),
            ("iss", self.url()),
        ];
        redirect::with_query(&asked.redirect_uri, &parameters)
    }
}

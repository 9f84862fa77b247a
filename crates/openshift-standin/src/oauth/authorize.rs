//! `GET /oauth/authorize`: validates the request, requires a sign-in, and redirects back to the
//! client with a code or a token.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Uri, header};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::error::OauthErrorCode;
use super::{OauthServerState, TOKEN_TTL_SECONDS, redirect};
use crate::cluster::RegisteredOauthClient;
use crate::oauth::pkce::PkceChallenge;
use crate::oauth::sign_in;
use crate::oauth::store::AuthorizationCode;

/// An authorization request (RFC 6749, 4.1.1; RFC 7636, 4.3). An absent parameter is equivalent to
/// an empty one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AuthorizeQuery {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    response_type: String,
    state: String,
    scope: String,
    code_challenge: String,
    code_challenge_method: String,
    error: String,
    error_description: String,
}

impl AuthorizeQuery {
    pub(super) fn parse(query: &str) -> Self {
        serde_urlencoded::from_str(query).unwrap_or_default()
    }
}

pub(super) async fn authorize(
    State(server): State<OauthServerState>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let asked = AuthorizeQuery::parse(query.as_deref().unwrap_or_default());
    let (client, redirect_uri) = match server.validate(&asked) {
        Ok(valid) => valid,
        Err(code) => return code.json(Some(&asked.state)),
    };
    if !asked.error.is_empty() {
        // An error of another server is passed on unread (A4): the text of an error at the callback
        // can come from anywhere.
        let parameters = [
            ("error", &*asked.error),
            ("error_description", &asked.error_description),
            ("state", &asked.state),
        ];
        return redirect::with_query(&redirect_uri, &parameters);
    }
    let session = sign_in::session_of(&headers);
    match server.grant(&asked, &client, &redirect_uri, session.as_deref()) {
        Ok(response)
            if session
                .as_deref()
                .is_some_and(|id| server.sessions.contains(id)) =>
        {
            response
        }
        Ok(response) => clear_session_cookie(response),
        Err(AuthorizeError::SignInRequired) => redirect::found(&format!(
            "/login?{}",
            redirect::encode_form(&[("then", &return_path(&uri))])
        )),
        Err(AuthorizeError::Oauth(code, state)) => {
            let parameters = [
                ("error", code.as_str()),
                ("error_description", code.description()),
                ("state", &state),
            ];
            redirect::with_query(&redirect_uri, &parameters)
        }
    }
}

fn return_path(uri: &Uri) -> String {
    uri.path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// The login session ends with an authorization, except for that of kube:admin (A7).
fn clear_session_cookie(mut response: Response) -> Response {
    let gone = HeaderValue::from_static("ssn=; Path=/; Max-Age=0; HttpOnly; Secure");
    response.headers_mut().append(header::SET_COOKIE, gone);
    response
}

/// Why no grant was made.
enum AuthorizeError {
    SignInRequired,
    /// Reported to the client, with the state if the server includes it in this case.
    Oauth(OauthErrorCode, String),
}

impl OauthServerState {
    /// The client, and its redirect URI. An error here is never redirected.
    pub(super) fn validate(
        &self,
        asked: &AuthorizeQuery,
    ) -> Result<(RegisteredOauthClient, String), OauthErrorCode> {
        let client = self
            .cluster
            .oauth_client(&asked.client_id)
            .ok_or(OauthErrorCode::UnauthorizedClient)?;
        // The query was decoded once; the real server decodes this parameter a second time (A4).
        let named = percent_decode_str(&asked.redirect_uri)
            .decode_utf8()
            .map_err(|_| OauthErrorCode::InvalidRequest)?;
        let uri = match (&*named, client.redirect_uris.as_slice()) {
            (_, []) => return Err(OauthErrorCode::UnauthorizedClient),
            ("", [only]) => only.clone(),
            _ => named.into_owned(),
        };
        let version = self.cluster.version();
        if client
            .redirect_uris
            .iter()
            .any(|base| redirect::is_allowed(version, base, &uri))
        {
            Ok((client, uri))
        } else {
            Err(OauthErrorCode::InvalidRequest)
        }
    }

    fn grant(
        &self,
        asked: &AuthorizeQuery,
        client: &RegisteredOauthClient,
        uri: &str,
        session: Option<&str>,
    ) -> Result<Response, AuthorizeError> {
        let to_client = |code| AuthorizeError::Oauth(code, asked.state.clone());
        let wants_token = match &*asked.response_type {
            "code" => false,
            "token" => true,
            _ => return Err(to_client(OauthErrorCode::UnsupportedResponseType)),
        };
        let challenge = PkceChallenge::parse(&asked.code_challenge, &asked.code_challenge_method);
        let challenge = challenge.map_err(|_| to_client(OauthErrorCode::InvalidRequest))?;
        let scope = if asked.scope.is_empty() {
            "user:full"
        } else {
            &asked.scope
        };
        if !scope.split(' ').all(is_known_scope) {
            // Without the state, as in the real server (A4).
            return Err(AuthorizeError::Oauth(
                OauthErrorCode::InvalidScope,
                String::new(),
            ));
        }
        let user = session
            .and_then(|id| {
                self.sessions
                    .use_for_authorization(id, self.cluster.clock().now())
            })
            .ok_or(AuthorizeError::SignInRequired)?;
        if wants_token {
            let token = self
                .cluster
                .issue_token(&user, &client.id, &[scope.to_owned()], uri);
            let life = TOKEN_TTL_SECONDS.to_string();
            let parameters = [
                ("access_token", &*token),
                ("expires_in", &life),
                ("scope", scope),
                ("state", &asked.state),
                ("token_type", "Bearer"),
            ];
            return Ok(redirect::with_fragment(uri, &parameters));
        }
        let code = self.new_code();
        let given = self.cluster.clock().now();
        let redirect_uri = uri.to_owned();
        let grant = AuthorizationCode {
            client: client.id.clone(),
            user,
            redirect_uri,
            scope: scope.to_owned(),
            challenge,
            issued_at: given,
        };
        self.codes.insert(code.clone(), grant);
        Ok(redirect::with_query(uri, &[("code", &code), ("state", &asked.state)]).into_response())
    }
}

/// A6.
fn is_known_scope(scope: &str) -> bool {
    let user = [
        "user:full",
        "user:info",
        "user:check-access",
        "user:list-projects",
        "user:list-scoped-projects",
    ];
    let role = scope
        .strip_prefix("role:")
        .is_some_and(|rest| rest.contains(':'));
    user.contains(&scope) || role
}

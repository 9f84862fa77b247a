//! The end session endpoint (OpenID Connect RP-Initiated Logout 1.0).

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::Value;

use super::{Issuer, error, read, sign_in};
use crate::oauth::redirect;

#[derive(Default, Deserialize)]
#[serde(default)]
struct LogoutRequest {
    id_token_hint: String,
    client_id: String,
    post_logout_redirect_uri: String,
    state: String,
}

/// `GET /oidc/end-session`
pub(super) async fn from_query(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    issuer.end_session(&headers, query.as_deref().unwrap_or_default())
}

/// `POST /oidc/end-session`
pub(super) async fn from_form(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    issuer.end_session(&headers, str::from_utf8(&body).unwrap_or_default())
}

impl Issuer {
    /// The hint, or the client's id, is needed to redirect to the client; the session that ends is
    /// that of the hint and of the browser.
    fn end_session(&self, headers: &HeaderMap, query: &str) -> Response {
        let Ok(asked) = serde_urlencoded::from_str::<LogoutRequest>(query) else {
            return error::page("A parameter is repeated or malformed.");
        };
        if asked.id_token_hint.is_empty() && self.settings().requires_id_token_hint {
            return error::page("The ID token is missing.");
        }
        let client = self.client();
        let hint = self.read_hint(&asked.id_token_hint);
        if !asked.id_token_hint.is_empty() && hint.is_none() {
            return error::page("The ID token was not issued here.");
        }
        let hint = hint.unwrap_or_default();
        let names_client = if asked.client_id.is_empty() {
            hint["aud"] == client.id.as_str()
        } else {
            asked.client_id == client.id && (hint.is_null() || hint["aud"] == client.id.as_str())
        };
        let uri = &asked.post_logout_redirect_uri;
        let is_registered = names_client && client.post_logout_redirect_uris.contains(uri);
        if !uri.is_empty() && !is_registered {
            return error::page("The address to return to is not registered.");
        }
        let of_browser = sign_in::current(self, headers).map(|sign_in| sign_in.session);
        for session in hint["sid"]
            .as_str()
            .into_iter()
            .chain(of_browser.as_deref())
        {
            self.0.grants.end_session(session);
        }
        if uri.is_empty() {
            let page = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Signed out · OpenShift demonstration</title>\n<h1>Signed out</h1>\n</html>\n";
            return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
        }
        redirect::with_query(uri, &[("state", &asked.state)])
    }

    /// The claims of an ID token that was issued here. It may have expired since (2.).
    fn read_hint(&self, token: &str) -> Option<Value> {
        let (message, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let payload = URL_SAFE_NO_PAD.decode(message.split_once('.')?.1).ok()?;
        let is_own = read(&self.0.keys).verifies(message, &signature);
        is_own
            .then(|| serde_json::from_slice(&payload).ok())
            .flatten()
    }
}

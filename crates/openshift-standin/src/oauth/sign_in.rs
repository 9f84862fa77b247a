//! Signing in with the form, its session cookie, and signing out of the OAuth server.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

use super::authorize::AuthorizeQuery;
use super::{OauthServerState, redirect};
use crate::cluster::Version;
use crate::sign_in_form::{self, SignInForm, SignInPage, SignInQuery};

const PAGE: SignInPage = SignInPage {
    server: "OAuth server",
    path: "/login",
    csrf_cookie: "csrf",
    has_kube_admin: true,
    can_cancel: false,
};

/// `GET /login`
pub(super) async fn show_sign_in(
    State(server): State<OauthServerState>,
    headers: HeaderMap,
    Query(query): Query<SignInQuery>,
) -> Response {
    let origin = server.redirect_origin(&query.then);
    PAGE.response(&server.cluster, &headers, &query, &origin)
}

/// `POST /login`
pub(super) async fn sign_in(
    State(server): State<OauthServerState>,
    headers: HeaderMap,
    Form(submitted): Form<SignInForm>,
) -> Response {
    let again = |reason| {
        redirect::found(&format!(
            "/login?{}",
            redirect::encode_form(&[("reason", reason), ("then", &submitted.then)])
        ))
    };
    if !PAGE.accepts(&headers, &submitted) {
        return again("token_expired");
    }
    if submitted.username.is_empty() {
        return again("user_required");
    }
    let Some(user) = server
        .cluster
        .authenticate_password(&submitted.username, &submitted.password)
    else {
        return again("access_denied");
    };
    let session = server.sessions.create(user, server.cluster.clock().now());
    let mut response = redirect::found(sign_in_form::local_path_or_root(&submitted.then));
    if let Ok(value) = HeaderValue::from_str(&format!("ssn={session}; Path=/; HttpOnly; Secure")) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// `POST /logout` of 4, which 3.x does not have. It redirects only to paths of this server.
pub(super) async fn sign_out(
    State(server): State<OauthServerState>,
    headers: HeaderMap,
    Form(query): Form<SignInQuery>,
) -> Response {
    if server.cluster.version() == Version::V3_9 {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(id) = session_of(&headers) {
        server.sessions.remove(&id);
    }
    let mut response = if sign_in_form::is_local_path(&query.then) {
        redirect::found(&query.then)
    } else {
        StatusCode::OK.into_response()
    };
    let gone = HeaderValue::from_static("ssn=; Path=/; Max-Age=0; HttpOnly; Secure");
    response.headers_mut().append(header::SET_COOKIE, gone);
    response
}

/// The login session of the browser.
pub(super) fn session_of(headers: &HeaderMap) -> Option<String> {
    sign_in_form::cookie(headers, "ssn")
}

impl OauthServerState {
    /// The origin of the waiting client: browsers apply the page's `form-action` to redirects after
    /// a form.
    fn redirect_origin(&self, then: &str) -> String {
        let asked = AuthorizeQuery::parse(then.split_once('?').map_or("", |(_, query)| query));
        let uri = self
            .validate(&asked)
            .ok()
            .and_then(|(_, uri)| Url::parse(&uri).ok());
        uri.map(|uri| format!(" {}", uri.origin().ascii_serialization()))
            .unwrap_or_default()
    }
}

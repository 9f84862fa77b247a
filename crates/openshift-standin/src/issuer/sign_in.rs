//! The sign-in form and the session of the browser, which lasts until it is ended.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use url::Url;

use super::authorize::AuthenticationRequest;
use super::store::{SignIn, new_id, new_secret};
use super::{ISSUER_PATH, Issuer, error};
use crate::oauth::error::OauthErrorCode;
use crate::oauth::redirect;
use crate::sign_in_form::{self, SignInForm, SignInPage, SignInQuery};

const PAGE: SignInPage = SignInPage {
    server: "OIDC issuer",
    path: "/oidc/login",
    csrf_cookie: "issuer-csrf",
    has_kube_admin: false,
    can_cancel: true,
};

const SESSION_COOKIE: &str = "issuer-session";

/// The address of the form.
pub(super) fn path(then: &str, reason: &str) -> String {
    let query = redirect::encode_form(&[("reason", reason), ("then", then)]);
    format!("{ISSUER_PATH}/login?{query}")
}

/// `GET /oidc/login`
pub(super) async fn show_sign_in(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    Query(query): Query<SignInQuery>,
) -> Response {
    let origin = waiting_request(&issuer, &query.then)
        .and_then(|asked| Url::parse(&asked.redirect_uri).ok())
        .map(|uri| format!(" {}", uri.origin().ascii_serialization()))
        .unwrap_or_default();
    PAGE.response(&issuer.0.cluster, &headers, &query, &origin)
}

/// `POST /oidc/login`
pub(super) async fn sign_in(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    Form(submitted): Form<SignInForm>,
) -> Response {
    let again = |reason| redirect::found(&path(&submitted.then, reason));
    if !PAGE.accepts(&headers, &submitted) {
        return again("token_expired");
    }
    let Some(asked) = waiting_request(&issuer, &submitted.then) else {
        return error::page("No client is waiting for this sign-in.");
    };
    if !submitted.cancel.is_empty() {
        return issuer.refuse(&asked, OauthErrorCode::AccessDenied, "the user canceled");
    }
    if submitted.username.is_empty() {
        return again("user_required");
    }
    let cluster = &issuer.0.cluster;
    if !cluster.check_password(&submitted.username, &submitted.password) {
        return again("access_denied");
    }
    let cookie = new_secret();
    let sign_in = SignIn {
        user: submitted.username.clone(),
        session: new_id(),
        time: cluster.clock().now(),
    };
    issuer.0.grants.sessions.insert(cookie.clone(), sign_in);
    let mut response = redirect::found(&submitted.then);
    let cookie = format!("{SESSION_COOKIE}={cookie}; Path={ISSUER_PATH}; HttpOnly; Secure");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The authentication request that continues after the form.
fn waiting_request(issuer: &Issuer, then: &str) -> Option<AuthenticationRequest> {
    let (path, query) = then.split_once('?')?;
    let asked = AuthenticationRequest::parse(query)?;
    (path == format!("{ISSUER_PATH}/authorize") && issuer.knows(&asked)).then_some(asked)
}

/// Who is signed in with this browser.
pub(super) fn current(issuer: &Issuer, headers: &HeaderMap) -> Option<SignIn> {
    let cookie = sign_in_form::cookie(headers, SESSION_COOKIE)?;
    let sign_in = issuer.0.grants.sessions.get(&cookie)?;
    (!sign_in.has_ended(issuer.0.cluster.clock().now())).then_some(sign_in)
}

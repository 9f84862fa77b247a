//! The sign-in form, its session cookie, and signing out of the OAuth server.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use url::Url;

use super::authorize::AuthorizeQuery;
use super::{OauthServerState, redirect};
use crate::cluster::Version;
use crate::oauth::store;

/// How many users the form lists.
const MAX_LISTED_USERS: usize = 8;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SignInQuery {
    then: String,
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    #[serde(default)]
    then: String,
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

/// `GET /login`
pub(super) async fn show_sign_in(
    State(server): State<OauthServerState>,
    headers: HeaderMap,
    Query(query): Query<SignInQuery>,
) -> Response {
    let csrf = cookie(&headers, "csrf").unwrap_or_else(store::random_token);
    let page = server.render_form(&query, &csrf);
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{}",
        server.redirect_origin(&query.then)
    );
    let of_page = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (
            header::SET_COOKIE,
            format!("csrf={csrf}; Path=/; HttpOnly; Secure; SameSite=Lax"),
        ),
        (
            header::CACHE_CONTROL,
            "no-cache, no-store, max-age=0, must-revalidate".to_owned(),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::REFERRER_POLICY,
            "strict-origin-when-cross-origin".to_owned(),
        ),
    ];
    for (name, value) in of_page {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
    response
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
    if submitted.csrf.is_empty() || cookie(&headers, "csrf").as_ref() != Some(&submitted.csrf) {
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
    let mut response = redirect::found(local_path_or_root(&submitted.then));
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
    let mut response = if is_local_path(&query.then) {
        redirect::found(&query.then)
    } else {
        StatusCode::OK.into_response()
    };
    let gone = HeaderValue::from_static("ssn=; Path=/; Max-Age=0; HttpOnly; Secure");
    response.headers_mut().append(header::SET_COOKIE, gone);
    response
}

/// `GET /login/style.css`
pub(super) async fn stylesheet() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("login/style.css"),
    )
        .into_response()
}

/// The login session of the browser.
pub(super) fn session_of(headers: &HeaderMap) -> Option<String> {
    cookie(headers, "ssn")
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(known, value)| *known == name && value.bytes().all(is_cookie_byte))
        .map(|(_, value)| value.to_owned())
}

fn is_cookie_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// After a form, only paths of this server are redirected to.
fn local_path_or_root(then: &str) -> &str {
    if is_local_path(then) { then } else { "/" }
}

fn is_local_path(then: &str) -> bool {
    then.starts_with('/') && !then.starts_with("//") && !then.starts_with("/\\")
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

    fn render_form(&self, query: &SignInQuery, csrf: &str) -> String {
        let problem = match &*query.reason {
            "" => "",
            "access_denied" => {
                r#"<p class="problem" role="alert">Wrong user name or password.</p>"#
            }
            "user_required" => r#"<p class="problem" role="alert">Enter a user name.</p>"#,
            "token_expired" => {
                r#"<p class="problem" role="alert">The form was too old. Try again.</p>"#
            }
            _ => r#"<p class="problem" role="alert">Signing in failed. Try again.</p>"#,
        };
        include_str!("login/form.html")
            .replace("{problem}", problem)
            .replace("{people}", &self.render_known_users())
            .replace("{csrf}", &redirect::escape_html(csrf))
            .replace("{then}", &redirect::escape_html(&query.then))
    }

    /// The users whose password is their own name, which a demo need not hide.
    fn render_known_users(&self) -> String {
        let names: Vec<String> = self
            .cluster
            .read(|state| state.users().map(|user| user.meta.name.clone()).collect());
        let names = self
            .cluster
            .kube_admin_sign_in_name()
            .map(str::to_owned)
            .into_iter()
            .chain(names);
        let names = names.filter(|name| self.cluster.authenticate_password(name, name).is_some());
        let items: String = names
            .take(MAX_LISTED_USERS)
            .map(|name| format!("<li>{}</li>", redirect::escape_html(&name)))
            .collect();
        if items.is_empty() {
            return String::new();
        }
        format!(
            "<section><h2>Demo users</h2><p>The password is the same as the name.</p><ul>{items}</ul></section>"
        )
    }
}

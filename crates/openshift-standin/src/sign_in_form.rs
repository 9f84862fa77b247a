//! The sign-in form of the servers that sign users in: the OAuth server and the OIDC issuer.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;

use crate::cluster::Cluster;
use crate::oauth::{redirect, store};

/// How many users the form lists.
const MAX_LISTED_USERS: usize = 8;

/// What the form's page is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignInQuery {
    pub(crate) then: String,
    pub(crate) reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignInForm {
    pub(crate) then: String,
    pub(crate) csrf: String,
    pub(crate) username: String,
    pub(crate) password: String,
    /// Not empty: the button to cancel was pressed.
    pub(crate) cancel: String,
}

/// The form of one of the servers.
pub(crate) struct SignInPage {
    /// What the server calls itself.
    pub(crate) server: &'static str,
    /// The path of the form.
    pub(crate) path: &'static str,
    pub(crate) csrf_cookie: &'static str,
    /// Whether kube:admin, which the cluster itself knows, can sign in.
    pub(crate) has_kube_admin: bool,
    pub(crate) can_cancel: bool,
}

impl SignInPage {
    /// The page. Browsers apply its `form-action` to redirects after the form: `client_origin` is
    /// the origin of the waiting client, after a space, or nothing.
    pub(crate) fn response(
        &self,
        cluster: &Cluster,
        headers: &HeaderMap,
        query: &SignInQuery,
        client_origin: &str,
    ) -> Response {
        let csrf = cookie(headers, self.csrf_cookie).unwrap_or_else(store::random_token);
        let page = self.render(cluster, query, &csrf);
        let mut response =
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
        let policy = format!(
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{client_origin}"
        );
        let of_page = [
            (header::CONTENT_SECURITY_POLICY, policy),
            (
                header::SET_COOKIE,
                format!(
                    "{}={csrf}; Path=/; HttpOnly; Secure; SameSite=Lax",
                    self.csrf_cookie
                ),
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

    /// Whether the form was sent by its own page.
    pub(crate) fn accepts(&self, headers: &HeaderMap, form: &SignInForm) -> bool {
        !form.csrf.is_empty() && cookie(headers, self.csrf_cookie).as_ref() == Some(&form.csrf)
    }

    fn render(&self, cluster: &Cluster, query: &SignInQuery, csrf: &str) -> String {
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
        let cancel = if self.can_cancel {
            r#"<button type="submit" name="cancel" value="true" formnovalidate>Cancel</button>"#
        } else {
            ""
        };
        include_str!("sign_in_form/form.html")
            .replace("{server}", self.server)
            .replace("{path}", self.path)
            .replace("{problem}", problem)
            .replace("{people}", &self.render_known_users(cluster))
            .replace("{cancel}", cancel)
            .replace("{csrf}", &redirect::escape_html(csrf))
            .replace("{then}", &redirect::escape_html(&query.then))
    }

    /// The users whose password is their own name, which a demo need not hide.
    fn render_known_users(&self, cluster: &Cluster) -> String {
        let names: Vec<String> =
            cluster.read(|state| state.users().map(|user| user.meta.name.clone()).collect());
        let kube_admin = cluster
            .kube_admin_sign_in_name()
            .filter(|_| self.has_kube_admin);
        let names = kube_admin.map(str::to_owned).into_iter().chain(names);
        let names = names.filter(|name| cluster.authenticate_password(name, name).is_some());
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

/// The style sheet of the page.
pub(crate) async fn stylesheet() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("sign_in_form/style.css"),
    )
        .into_response()
}

/// The value of a cookie that one of the servers has set.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
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

/// After a form, only paths of the same server are redirected to.
pub(crate) fn local_path_or_root(then: &str) -> &str {
    if is_local_path(then) { then } else { "/" }
}

pub(crate) fn is_local_path(then: &str) -> bool {
    then.starts_with('/') && !then.starts_with("//") && !then.starts_with("/\\")
}

//! Who may knock: the right host (S11), and forms that come from our own pages (S24, S25).

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use url::Url;

use super::App;
use super::context::Context;
use super::csrf;
use super::errors::Refused;

/// The largest form (S42 allows 1 MiB; ours are tiny).
const LARGEST_FORM: usize = 64 * 1024;

/// Refuses requests for any host but the configured one, or where none is configured, for what is no host. Everything that is built from an
/// address is built from configuration, or else compared by the OAuth server with what is registered there: a foreign name can do no harm. It
/// is still told where the console lives.
pub(super) async fn right_host(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.address.is_asked_by(request.uri(), request.headers()) { next.run(request).await } else { Refused::WrongHost.into_response() }
}

/// Lets a request that changes something through only from our own pages: its `Origin` and `Sec-Fetch-Site` must be ours, and within a
/// session its form must hold the session's own token.
pub(super) async fn own_forms(context: Context, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    if !context.home.as_ref().is_some_and(|home| from_our_origin(request.headers(), home)) {
        return Refused::ForeignForm.into_response();
    }
    let Some(session) = context.session.as_ref() else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let Ok(form) = to_bytes(body, LARGEST_FORM).await else {
        return Refused::TooLarge.into_response();
    };
    if holds_token(&form, &session.csrf) {
        next.run(Request::from_parts(parts, Body::from(form))).await
    } else {
        Refused::ForeignForm.into_response()
    }
}

/// Our pages send `Referrer-Policy: no-referrer` (S27), under which browsers give their forms the origin `null`, like that of a sandboxed foreign
/// page. What no page can make up then tells the two apart: `Sec-Fetch-Site`.
pub(super) fn from_our_origin(headers: &HeaderMap, public: &Url) -> bool {
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("?"));
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    match text(header::ORIGIN) {
        Some("null") => site == Some("same-origin"),
        Some(origin) => Url::parse(origin).is_ok_and(|origin| origin.origin() == public.origin()),
        None => true,
    }
}

fn holds_token(form: &[u8], token: &SecretString) -> bool {
    let mut sent = url::form_urlencoded::parse(form).filter(|(name, _)| name == "csrf");
    match (sent.next(), sent.next()) {
        (Some((_, value)), None) => csrf::is(token, &value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn public() -> Url {
        Url::parse("https://registry-console-default.example.com").unwrap()
    }

    /// S25.
    #[test]
    fn a_foreign_or_opaque_origin_is_refused() {
        let from = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
            from_our_origin(&headers.collect(), &public())
        };
        assert!(from(&[("origin", "https://registry-console-default.example.com"), ("sec-fetch-site", "same-origin")]));
        assert!(from(&[]), "a client that is no browser sends neither");
        for foreign in
            ["https://evil", "null", "http://registry-console-default.example.com", "https://registry-console-default.example.com:9090"]
        {
            assert!(!from(&[("origin", foreign)]), "{foreign}");
        }
        assert!(from(&[("origin", "null"), ("sec-fetch-site", "same-origin")]), "a form of ours, sent without a referrer");
        for site in ["none", "same-site", "cross-site"] {
            assert!(!from(&[("origin", "null"), ("sec-fetch-site", site)]), "{site}");
        }
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        assert!(!from(&[("sec-fetch-site", "same-site")]), "other routes of the apps domain are other tenants");
    }

    #[test]
    fn a_form_must_hold_the_token_once() {
        let token = SecretString::from(crate::web::session::random_text());
        let form = |times| format!("a=1{}", format!("&csrf={}", csrf::masked(&token)).repeat(times));
        assert!(holds_token(form(1).as_bytes(), &token));
        assert!(!holds_token(form(0).as_bytes(), &token));
        assert!(!holds_token(form(2).as_bytes(), &token));
    }
}

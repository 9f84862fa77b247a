//! Which requests may change something: those for the right host (S11), and forms that come from
//! the console's own pages (S24, S25).

use std::error::Error as _;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http_body_util::LengthLimitError;
use secrecy::SecretString;
use url::Url;

use super::AppState;
use super::context::RequestContext;
use super::csrf;
use super::errors::WebError;
use super::forms::{FormData, ResendForm};
use super::links;
use crate::app::failure::Failure;
use crate::outbound::may_have_changed;
use crate::web::sign_in;

/// The largest form or JSON document, in bytes (S42 allows 1 MiB; those of the console are far smaller).
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Refuses requests for any host but the configured one or, if none is configured, for an invalid
/// host. Every URL is built from the configuration, or else compared by the OAuth server with the
/// registered ones, so another host name does no harm. The response nevertheless says where the
/// console is.
pub(super) async fn check_host(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    if app.address.matches_host(request.uri(), request.headers()) {
        next.run(request).await
    } else {
        WebError::WrongHost.into_response()
    }
}

/// Refuses a request that could change something and does not come from the console's own pages:
/// its `Origin` and `Sec-Fetch-Site` must be the console's. The body is not read.
pub(super) async fn check_origin(
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads
        || context
            .console_url
            .as_ref()
            .is_some_and(|home| is_same_origin(request.headers(), home))
    {
        next.run(request).await
    } else {
        WebError::ForeignForm.into_response()
    }
}

/// Reads a form of bounded size and passes it on if there is a session and the form contains the
/// session's token.
///
/// Otherwise nothing is done with it, but it is kept for the page that says so ([`ResendForm`]): a
/// user who was signed out, or has signed in again since the page was opened, can send it again.
pub(super) async fn csrf_protection(
    State(app): State<AppState>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    // Other methods are answered with 405.
    if *request.method() != Method::POST {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    if path == links::OAUTH_CALLBACK
        && let Some(answer) = sign_in::reject_before_form(&app, &context, request.headers())
    {
        return answer;
    }
    let is_same_origin_proven = context
        .console_url
        .as_ref()
        .is_some_and(|home| proves_same_origin(request.headers(), home));
    let (parts, body) = request.into_parts();
    let form = match read_form_body(&parts.headers, body).await {
        Ok(form) => form,
        Err(refused) => return refused.into_response(),
    };
    let form_data = FormData::parse(&form);
    let refused = match &context.session {
        // The state of the sign-in replaces the form token, which the page that passes the token on
        // may not have.
        Some(_) if path == links::OAUTH_CALLBACK && is_same_origin_proven => None,
        None if matches!(
            path.as_str(),
            links::SIGN_OUT | links::PREFERENCES | links::OAUTH_CALLBACK
        ) =>
        {
            None
        }
        None => Some(WebError::from(Failure::SignInRequired)),
        Some(session) => check_form_token(&form_data, &session.form_token, is_same_origin_proven),
    };
    let resend_form = ResendForm::new(&parts.uri, form_data);
    let (mut response, is_untouched) = match refused {
        Some(refused) => (refused.into_response(), true),
        None => {
            let response = next.run(Request::from_parts(parts, Body::from(form))).await;
            let is_untouched = has_changed_nothing(&response);
            (response, is_untouched)
        }
    };
    if let Some(resend_form) = resend_form
        .filter(|_| response.status().is_client_error() || response.status().is_server_error())
    {
        response
            .extensions_mut()
            .insert(resend_form.with_changed_nothing(is_untouched));
    }
    response
}

/// Whether it is certain that a form with this response has changed nothing.
fn has_changed_nothing(response: &Response) -> bool {
    let refused = response.extensions().get::<Arc<WebError>>();
    let is_early = refused.is_some_and(|refused| {
        matches!(
            **refused,
            WebError::Failure(Failure::SignInRequired) | WebError::Overload(_)
        )
    });
    is_early && !may_have_changed()
}

/// Why a form does not belong to the session, if it does not. A form that certainly comes from a
/// page of the console, but not of this session, can be confirmed.
fn check_form_token(
    form_data: &FormData,
    token: &SecretString,
    is_same_origin_proven: bool,
) -> Option<WebError> {
    let tokens: Vec<&str> = form_data.all(csrf::FORM_TOKEN_FIELD).collect();
    match tokens[..] {
        [one] if csrf::matches(token, one) => None,
        [] | [_] if is_same_origin_proven => Some(WebError::StaleForm),
        _ => Some(WebError::ForeignForm),
    }
}

/// The body of a form.
async fn read_form_body(headers: &HeaderMap, body: Body) -> Result<Bytes, WebError> {
    check_declared_length(headers)?;
    let is_form = headers.get(header::CONTENT_TYPE).map(is_urlencoded);
    if is_form == Some(false) {
        return Err(WebError::NotFormEncoded);
    }
    let form = read_body(headers, body).await?;
    // A form with only a button may have neither type nor body.
    if is_form.is_none() && !form.is_empty() {
        Err(WebError::NotFormEncoded)
    } else {
        Ok(form)
    }
}

/// A body of bounded size. One that announces a larger size is not read.
pub(super) async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, WebError> {
    check_declared_length(headers)?;
    to_bytes(body, MAX_FORM_BYTES).await.map_err(|error| {
        let too_large = error
            .source()
            .is_some_and(|source| source.is::<LengthLimitError>());
        if too_large {
            WebError::TooLarge
        } else {
            Failure::Invalid("the body did not arrive").into()
        }
    })
}

fn check_declared_length(headers: &HeaderMap) -> Result<(), WebError> {
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|bytes| bytes > MAX_FORM_BYTES as u64) {
        Err(WebError::TooLarge)
    } else {
        Ok(())
    }
}

fn is_urlencoded(content_type: &axum::http::HeaderValue) -> bool {
    let essence = content_type
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    essence
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Whether the request's headers prove that a page of the console sent it. Clients that are not
/// browsers prove nothing.
fn proves_same_origin(headers: &HeaderMap, public: &Url) -> bool {
    let shown = headers.contains_key(header::ORIGIN)
        || headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "same-origin");
    shown && is_same_origin(headers, public)
}

/// The console's pages send `Referrer-Policy: no-referrer` (S27), under which browsers give their
/// forms the origin `null`, like that of a sandboxed foreign page. `Sec-Fetch-Site`, which no page
/// can set, distinguishes the two.
pub(super) fn is_same_origin(headers: &HeaderMap, public: &Url) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("?"))
    };
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

/// Redirects a path with trailing slashes to the path without them: users and proxies add them.
pub(super) async fn redirect_trailing_slash(request: Request, next: Next) -> Response {
    match path_without_slash(request.method(), request.uri()) {
        Some(address) => Redirect::permanent(&address).into_response(),
        None => next.run(request).await,
    }
}

fn path_without_slash(method: &Method, uri: &Uri) -> Option<String> {
    let path = uri.path().trim_end_matches('/');
    let reads = matches!(*method, Method::GET | Method::HEAD);
    // `//host` in `Location` is a URL of another host, and browsers treat `\` as `/`.
    let leads_elsewhere = path.starts_with("//") || path.contains('\\');
    if !reads
        || path.len() == uri.path().len()
        || path.is_empty()
        || path == links::API_ROOT
        || leads_elsewhere
    {
        return None;
    }
    Some(
        uri.query()
            .map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")),
    )
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
    fn foreign_or_opaque_origin_is_rejected() {
        let from = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            });
            is_same_origin(&headers.collect(), &public())
        };
        assert!(from(&[
            ("origin", "https://registry-console-default.example.com"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(from(&[]), "a client that is no browser sends neither");
        for foreign in [
            "https://evil",
            "null",
            "http://registry-console-default.example.com",
            "https://registry-console-default.example.com:9090",
        ] {
            assert!(!from(&[("origin", foreign)]), "{foreign}");
        }
        assert!(
            from(&[("origin", "null"), ("sec-fetch-site", "same-origin")]),
            "a form of ours, sent without a referrer"
        );
        for site in ["none", "same-site", "cross-site"] {
            assert!(
                !from(&[("origin", "null"), ("sec-fetch-site", site)]),
                "{site}"
            );
        }
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        assert!(
            !from(&[("sec-fetch-site", "same-site")]),
            "other routes of the apps domain are other tenants"
        );
    }

    #[test]
    fn missing_origin_headers_are_no_proof_of_same_origin() {
        let proves = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            });
            proves_same_origin(&headers.collect(), &public())
        };
        let own = ("origin", "https://registry-console-default.example.com");
        for headers in [
            &[own][..],
            &[("sec-fetch-site", "same-origin")],
            &[("origin", "null"), ("sec-fetch-site", "same-origin")],
        ] {
            assert!(proves(headers), "{headers:?}");
        }
        for headers in [
            &[][..],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://evil")],
            &[own, ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!proves(headers), "{headers:?}");
        }
    }

    #[tokio::test]
    async fn form_over_64_kib_is_rejected() {
        let urlencoded = (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let declared = |bytes: usize| {
            HeaderMap::from_iter([urlencoded.clone(), (header::CONTENT_LENGTH, bytes.into())])
        };
        let undeclared = HeaderMap::from_iter([urlencoded.clone()]);
        for headers in [declared(MAX_FORM_BYTES), undeclared.clone()] {
            assert_eq!(
                read_form_body(&headers, Body::from("x".repeat(MAX_FORM_BYTES)))
                    .await
                    .unwrap()
                    .len(),
                MAX_FORM_BYTES
            );
        }
        let refused = read_form_body(&undeclared, Body::from("x".repeat(MAX_FORM_BYTES + 1))).await;
        assert!(matches!(refused, Err(WebError::TooLarge)), "{refused:?}");
        // A body that announces a larger size is not read: this one never arrives.
        let never =
            Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let refused = futures_util::FutureExt::now_or_never(read_form_body(
            &declared(MAX_FORM_BYTES + 1),
            never,
        ));
        assert!(
            matches!(refused, Some(Err(WebError::TooLarge))),
            "{refused:?}"
        );
    }

    #[test]
    fn form_with_missing_or_repeated_token_is_rejected() {
        let token = SecretString::from(crate::web::session::random_text());
        let refused = |times: usize, is_same_origin_proven| {
            let form = format!(
                "a=1{}",
                format!("&csrf={}", csrf::mask(&token)).repeat(times)
            );
            check_form_token(
                &FormData::parse(form.as_bytes()),
                &token,
                is_same_origin_proven,
            )
        };
        assert!(refused(1, false).is_none() && refused(1, true).is_none());
        assert!(
            matches!(refused(0, true), Some(WebError::StaleForm)),
            "can be confirmed"
        );
        assert!(matches!(refused(0, false), Some(WebError::ForeignForm)));
        assert!(matches!(refused(2, true), Some(WebError::ForeignForm)));
    }

    #[test]
    fn non_form_content_type_is_rejected() {
        let is = |text| is_urlencoded(&HeaderValue::from_static(text));
        assert!(
            is("application/x-www-form-urlencoded")
                && is("Application/X-WWW-Form-Urlencoded ; charset=utf-8")
        );
        for other in [
            "application/json",
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencodedx",
            "",
        ] {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn trailing_slash_redirect_stays_on_this_host() {
        let led =
            |address: &'static str| path_without_slash(&Method::GET, &Uri::from_static(address));
        assert_eq!(
            led("/images/team-a/?q=a/").as_deref(),
            Some("/images/team-a?q=a/")
        );
        assert_eq!(
            led("/%5Cevil.example.com/").as_deref(),
            Some("/%5Cevil.example.com"),
            "this one is no slash"
        );
        for address in [
            "//evil.example.com/",
            r"/\evil.example.com/",
            r"/\/evil.example.com/",
            r"/images\..\..//",
        ] {
            assert_eq!(led(address), None, "{address}");
        }
    }
}

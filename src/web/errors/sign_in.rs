//! How an error page leads to the sign-in.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::WebError;
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};

/// The page between a page of the console and the sign-in.
#[derive(Template, Serialize)]
#[template(path = "sign_in/redirect.html")]
struct SignInRedirectPage {
    #[serde(skip)]
    chrome: Chrome,
    /// The URL to which the browser navigates automatically.
    login: String,
}

/// Whether a link or a form of a console page leads here.
pub(super) fn is_same_origin_navigation(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|sent| sent == value);
    is("sec-fetch-site", "same-origin") && is("sec-fetch-mode", "navigate")
}

/// Redirects a browser without a session to the sign-in.
///
/// Chromium applies `form-action 'self'` to all redirects that follow a form, so a form of the
/// console (the search, a filter) would be blocked when it is redirected to the OAuth server. A
/// page that navigates automatically ends the chain of the form.
pub(super) fn redirect_to_sign_in(
    app: &AppState,
    context: &RequestContext,
    from_our_page: bool,
) -> Response {
    let login = links::sign_in(links::form_page(&context.path));
    if !from_our_page {
        return Redirect::to(&login).into_response();
    }
    let mut chrome = Chrome::new(
        context,
        app.clock.now(),
        Area::Other,
        context.lang.msg("sign-in").to_string(),
    );
    chrome.user = None;
    render_with_status(
        StatusCode::UNAUTHORIZED,
        context,
        &SignInRedirectPage { chrome, login },
    )
}

/// The sign-in link of an error page.
pub(super) fn sign_in_link(
    refused: &WebError,
    context: &RequestContext,
    signed_out: bool,
) -> Option<String> {
    match refused {
        WebError::SignInRestarts { next, .. } => Some(links::sign_in(next)),
        _ if signed_out => Some(links::sign_in(links::form_page(&context.path))),
        WebError::SignInFailed(_) | WebError::UserUnknown(_) => Some(links::SIGN_IN.to_owned()),
        _ => context.token().is_none().then(|| links::SIGN_IN.to_owned()),
    }
}

/// The URL to which the browser navigates automatically.
pub(super) fn automatic_sign_in_link(refused: &WebError) -> Option<String> {
    match refused {
        WebError::SignInRestarts {
            next,
            attempt: Some(attempt),
            ..
        } => Some(links::sign_in_attempt(next, *attempt)),
        _ => None,
    }
}

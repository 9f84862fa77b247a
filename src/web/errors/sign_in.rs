//! How an error page leads to signing in.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::Refused;
use crate::web::App;
use crate::web::context::Context;
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

/// The page between a page of the console and the sign-in.
#[derive(Template, Serialize)]
#[template(path = "sign-in-first.html")]
struct SignInFirstPage {
    #[serde(skip)]
    chrome: Chrome,
    /// Where the browser goes by itself.
    login: String,
}

/// Whether a page of the console leads here: by a link, or by a form.
pub(super) fn is_navigation_from_our_page(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|sent| sent == value);
    is("sec-fetch-site", "same-origin") && is("sec-fetch-mode", "navigate")
}

/// Sends a browser without a session to the sign-in.
///
/// Chromium applies `form-action 'self'` to all redirects that follow a form, so a form of the
/// console (the search, a filter) would end nowhere when it is redirected to the OAuth server. A
/// page that navigates by itself ends the chain of the form.
pub(super) fn lead_to_login(app: &App, context: &Context, from_our_page: bool) -> Response {
    let login = links::login(links::page_of_form(&context.path));
    if !from_our_page {
        return Redirect::to(&login).into_response();
    }
    let mut chrome = Chrome::new(
        context,
        app.clock.now(),
        Area::Elsewhere,
        context.lang.msg("sign-in").to_string(),
    );
    chrome.user = None;
    page_with(
        StatusCode::UNAUTHORIZED,
        context,
        &SignInFirstPage { chrome, login },
    )
}

/// Where an error page offers to sign in.
pub(super) fn offered(refused: &Refused, context: &Context, signed_out: bool) -> Option<String> {
    match refused {
        Refused::LoginAgain { next, .. } => Some(links::login(next)),
        _ if signed_out => Some(links::login(links::page_of_form(&context.path))),
        Refused::Login(_) | Refused::NoUser(_) => Some(links::LOGIN.to_owned()),
        _ => context.token().is_none().then(|| links::LOGIN.to_owned()),
    }
}

/// Where the browser goes by itself.
pub(super) fn automatic(refused: &Refused) -> Option<String> {
    match refused {
        Refused::LoginAgain {
            next,
            attempt: Some(attempt),
            ..
        } => Some(links::login_attempt(next, *attempt)),
        _ => None,
    }
}

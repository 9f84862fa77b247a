//! Signing out: here at once, on the master as soon as it can (S16).

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Serialize;

use super::pending::expired;
use crate::web::App;
use crate::web::context::Context;
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, page};
use crate::web::session::SESSION_COOKIE;

/// The page after signing out.
#[derive(Template, Serialize)]
#[template(path = "signed-out.html")]
struct SignedOutPage {
    #[serde(skip)]
    chrome: Chrome,
    /// Whether the master confirmed that the token is gone; not known where there was no session to end.
    revoked: Option<bool>,
}

/// `POST /logout`: ends the session here whatever happens, and asks the master to delete the token.
pub(in crate::web) async fn sign_out(State(app): State<App>, context: Context) -> Response {
    let Some(session) = context.session.as_ref() else {
        return Redirect::to(links::SIGNED_OUT).into_response();
    };
    app.sessions.end(session);
    // Streams of this session end at once (S26).
    app.pulse.beat();
    let revoked = app.console.as_user(&session.token).revoke().await;
    let page = match &revoked {
        Ok(()) => format!("{}?token=revoked", links::SIGNED_OUT),
        Err(failure) => {
            tracing::warn!(user = session.user.name, session = session.id, error = failure as &dyn std::error::Error, "token not revoked");
            format!("{}?token=uncertain", links::SIGNED_OUT)
        }
    };
    tracing::info!(user = session.user.name, session = session.id, revoked = revoked.is_ok(), "signed out");
    (CookieJar::new().add(expired(SESSION_COOKIE)), Redirect::to(&page)).into_response()
}

/// `GET /signed-out`.
pub(in crate::web) async fn signed_out(State(app): State<App>, context: Context, RawQuery(query): RawQuery) -> Response {
    let revoked = match query.as_deref() {
        Some("token=revoked") => Some(true),
        Some("token=uncertain") => Some(false),
        _ => None,
    };
    let title = context.lang.msg("signed-out").to_string();
    page(&context, &SignedOutPage { chrome: Chrome::new(&context, app.clock.now(), Area::Elsewhere, title), revoked })
}

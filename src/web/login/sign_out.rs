//! Signing out: here at once, on the master as soon as it can (S16), and for kube:admin at the
//! OAuth server.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Serialize;

use super::pending::expired;
use super::preflights::{self, Checked};
use crate::openshift::oauth::{KUBE_ADMIN, Preflight, SessionEnd};
use crate::web::App;
use crate::web::context::Context;
use crate::web::filters;
use crate::web::headers::FormTarget;
use crate::web::links;
use crate::web::render::{Area, Chrome, page};
use crate::web::session::SESSION_COOKIE;

/// The page after signing out.
#[derive(Template, Serialize)]
#[template(path = "signed-out.html")]
struct SignedOutPage {
    #[serde(skip)]
    chrome: Chrome,
    /// Whether the master confirmed that the token is gone; not known where there was no session to
    /// end.
    revoked: Option<bool>,
    /// The session of kube:admin at the OAuth server. None for everybody else: theirs ends when
    /// they sign in.
    oauth_session: Option<OauthSession>,
    #[serde(skip)]
    end: Option<SessionEnd>,
    /// Whether a script may end it without being asked to.
    #[serde(skip)]
    at_once: bool,
}

/// What is known of a session at the OAuth server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum OauthSession {
    /// It goes on, and the form of the page ends it.
    Open,
    /// It goes on, and the OAuth server does not work just now.
    OutOfReach,
    /// The OAuth server has ended it.
    Ended,
}

impl SignedOutPage {
    fn is_out_of_reach(&self) -> bool {
        self.oauth_session == Some(OauthSession::OutOfReach)
    }

    fn has_ended(&self) -> bool {
        self.oauth_session == Some(OauthSession::Ended)
    }
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
    let token = match &revoked {
        Ok(()) => "revoked",
        Err(failure) => {
            tracing::warn!(
                user = session.user.name,
                session = session.id,
                error = failure as &dyn std::error::Error,
                "token not revoked"
            );
            "uncertain"
        }
    };
    tracing::info!(
        user = session.user.name,
        session = session.id,
        revoked = revoked.is_ok(),
        "signed out"
    );
    let oauth = if session.user.name == KUBE_ADMIN {
        "&oauth=open"
    } else {
        ""
    };
    let page = format!("{}?token={token}{oauth}", links::SIGNED_OUT);
    (
        CookieJar::new().add(expired(SESSION_COOKIE)),
        Redirect::to(&page),
    )
        .into_response()
}

/// `GET /signed-out`.
pub(in crate::web) async fn signed_out(
    State(app): State<App>,
    context: Context,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let revoked = match field(&query, "token").as_deref() {
        Some("revoked") => Some(true),
        Some("uncertain") => Some(false),
        _ => None,
    };
    let (oauth_session, end) = match field(&query, "oauth").as_deref() {
        Some("open") => open_session(&app, &context, revoked).await,
        Some("ended") => (Some(OauthSession::Ended), None),
        _ => (None, None),
    };
    // A link on a foreign page must not sign anybody out of the OAuth server.
    let is_foreign = headers
        .get("sec-fetch-site")
        .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    let at_once = oauth_session == Some(OauthSession::Open) && !is_foreign;
    let title = context.lang.msg("signed-out").to_string();
    let chrome = Chrome::new(&context, app.clock.now(), Area::Elsewhere, title);
    let target = end.as_ref().map(|end| FormTarget(end.logout.origin()));
    let mut response = page(
        &context,
        &SignedOutPage {
            chrome,
            revoked,
            oauth_session,
            end,
            at_once,
        },
    );
    if let Some(target) = target {
        response.extensions_mut().insert(target);
    }
    response
}

/// The browser must not end at a host that does not answer, or at a bare JSON: so the OAuth server
/// is asked first whether it works.
async fn open_session(
    app: &App,
    context: &Context,
    revoked: Option<bool>,
) -> (Option<OauthSession>, Option<SessionEnd>) {
    let Some(redirect_uri) = context.redirect_uri() else {
        return (None, None);
    };
    let mut back = redirect_uri.clone();
    back.set_path(links::OAUTH_SESSION_ENDED);
    let state = if revoked == Some(true) {
        "revoked"
    } else {
        "uncertain"
    };
    let end = app.oauth.session_end(&back, state).await;
    let works = matches!(
        preflights::find(app, &redirect_uri).await,
        None | Some(Checked::Answered(Preflight::Good))
    );
    (
        Some(if works {
            OauthSession::Open
        } else {
            OauthSession::OutOfReach
        }),
        Some(end),
    )
}

/// `GET /oauth/callback/signed-out`: the OAuth server has ended its session.
pub(in crate::web) async fn oauth_session_ended(RawQuery(query): RawQuery) -> Redirect {
    let revoked =
        field(query.as_deref().unwrap_or_default(), "state").as_deref() == Some("revoked");
    let token = if revoked { "revoked" } else { "uncertain" };
    Redirect::to(&format!("{}?token={token}&oauth=ended", links::SIGNED_OUT))
}

fn field(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

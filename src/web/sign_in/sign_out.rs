//! Signing out: immediately at the console, at the API server as soon as possible (S16), and for
//! kube:admin at the OAuth server.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Serialize;

use super::pending::removal_cookie;
use crate::config::AUDIT_TARGET;
use crate::openshift::oauth::{KUBE_ADMIN, PreflightResult, SignOutForm};
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::filters;
use crate::web::headers::FormTarget;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use crate::web::session::SESSION_COOKIE;
use crate::web::sign_in::preflight_cache;
use crate::web::sign_in::preflight_cache::PreflightOutcome;

/// The page after signing out.
#[derive(Template, Serialize)]
#[template(path = "sign_in/signed_out.html")]
struct SignedOutPage {
    #[serde(skip)]
    chrome: Chrome,
    /// Whether the API server confirmed that the token is deleted; not known if there was no
    /// session to end.
    revoked: Option<bool>,
    /// The session of kube:admin at the OAuth server. `None` for other users: theirs ends when they
    /// sign in.
    oauth_session: Option<OauthSession>,
    #[serde(skip)]
    session_end: Option<SignOutForm>,
    /// Whether a script may end it automatically.
    #[serde(skip)]
    ends_immediately: bool,
}

/// The state of a session at the OAuth server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum OauthSession {
    /// It continues, and the form of the page ends it.
    Open,
    /// It continues, and the OAuth server does not work at the moment.
    OutOfReach,
    /// The OAuth server has ended it.
    Ended,
}

impl SignedOutPage {
    fn is_oauth_unreachable(&self) -> bool {
        self.oauth_session == Some(OauthSession::OutOfReach)
    }

    fn has_oauth_session_ended(&self) -> bool {
        self.oauth_session == Some(OauthSession::Ended)
    }
}

/// `POST /logout`: ends the session at the console in any case, and asks the API server to delete
/// the token.
pub(in crate::web) async fn sign_out(
    State(app): State<AppState>,
    context: RequestContext,
) -> Response {
    let Some(session) = context.session.as_ref() else {
        return Redirect::to(links::SIGNED_OUT).into_response();
    };
    app.sessions.end(session);
    // The live updates of this session end at once (S26).
    app.live_scheduler.wake_all();
    let revoked = app.app.for_user(&session.token).revoke_token().await;
    let token = match &revoked {
        Ok(()) => "revoked",
        Err(failure) => {
            tracing::warn!(
                user = session.user.name,
                session_id = session.id,
                error = failure as &dyn std::error::Error,
                "token not revoked"
            );
            "uncertain"
        }
    };
    tracing::info!(
        target: AUDIT_TARGET,
        event = "sign-out",
        token_revoked = revoked.is_ok(),
        user = session.user.name,
        session_id = session.id,
        request_id = context.request_id.as_str(),
        "signed out"
    );
    let oauth = if session.user.name == KUBE_ADMIN {
        "&oauth=open"
    } else {
        ""
    };
    let page = format!("{}?token={token}{oauth}", links::SIGNED_OUT);
    (
        CookieJar::new().add(removal_cookie(SESSION_COOKIE)),
        Redirect::to(&page),
    )
        .into_response()
}

/// `GET /signed-out`.
pub(in crate::web) async fn show_signed_out(
    State(app): State<AppState>,
    context: RequestContext,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let revoked = match query_param(&query, "token").as_deref() {
        Some("revoked") => Some(true),
        Some("uncertain") => Some(false),
        _ => None,
    };
    let (oauth_session, end) = match query_param(&query, "oauth").as_deref() {
        Some("open") => load_oauth_session(&app, &context, revoked).await,
        Some("ended") => (Some(OauthSession::Ended), None),
        _ => (None, None),
    };
    // A link on a foreign page must not sign a user out of the OAuth server.
    let is_foreign = headers
        .get("sec-fetch-site")
        .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    let at_once = oauth_session == Some(OauthSession::Open) && !is_foreign;
    let title = context.lang.msg("signed-out").to_string();
    let chrome = Chrome::new(&context, app.clock.now(), Area::Other, title);
    let target = end.as_ref().map(|end| FormTarget(end.action.origin()));
    let mut response = render(
        &context,
        &SignedOutPage {
            chrome,
            revoked,
            oauth_session,
            session_end: end,
            ends_immediately: at_once,
        },
    );
    if let Some(target) = target {
        response.extensions_mut().insert(target);
    }
    response
}

/// The browser must not end at a host that does not answer, or at raw JSON: so a preflight checks
/// first whether the OAuth server works.
async fn load_oauth_session(
    app: &AppState,
    context: &RequestContext,
    revoked: Option<bool>,
) -> (Option<OauthSession>, Option<SignOutForm>) {
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
    let end = app.oauth.sign_out_form(&back, state).await;
    let works = matches!(
        preflight_cache::lookup_preflight(app, &redirect_uri).await,
        None | Some(PreflightOutcome::Completed(PreflightResult::Good))
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
        query_param(query.as_deref().unwrap_or_default(), "state").as_deref() == Some("revoked");
    let token = if revoked { "revoked" } else { "uncertain" };
    Redirect::to(&format!("{}?token={token}&oauth=ended", links::SIGNED_OUT))
}

fn query_param(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

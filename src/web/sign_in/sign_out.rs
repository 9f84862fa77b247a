//! Signing out: immediately at the console, at the API server as soon as possible (S16), and for
//! kube:admin at the OAuth server.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use crate::config::AUDIT_TARGET;
use crate::openshift::oauth::{KUBE_ADMIN, PreflightResult, SignOutForm};
use crate::outbound::UserToken;
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::filters;
use crate::web::headers::FormTarget;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use crate::web::session::{Session, remove_session_cookies};
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
    /// Until when the token of an OIDC provider, which nobody can revoke, is accepted.
    valid_until: Option<DateTime<Utc>>,
    /// Whether the browser comes back from the OIDC provider, which has ended its session.
    has_provider_session_ended: bool,
    /// The address that ends the user's session at the OIDC provider.
    #[serde(skip)]
    provider_sign_out: Option<Url>,
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
    headers: HeaderMap,
) -> Response {
    let Some(session) = context.session.as_ref() else {
        return Redirect::to(links::SIGNED_OUT).into_response();
    };
    app.sessions.end(session);
    // The live updates of this session end at once (S26).
    app.live_scheduler.wake_all();
    if session.oidc.is_some() {
        // Nothing can revoke an ID token: the API server checks only its signature and its times.
        log_sign_out(&context, session, false);
        let page = end_with_hint(&app, &context, session).await;
        let page = page.unwrap_or_else(|| {
            let until = session.token_expires_at().timestamp();
            Redirect::to(&format!("{}?valid-until={until}", links::SIGNED_OUT)).into_response()
        });
        return (remove_session_cookies(&headers), page).into_response();
    }
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
    log_sign_out(&context, session, revoked.is_ok());
    let oauth = if session.user.name == KUBE_ADMIN {
        "&oauth=open"
    } else {
        ""
    };
    let page = format!("{}?token={token}{oauth}", links::SIGNED_OUT);
    (remove_session_cookies(&headers), Redirect::to(&page)).into_response()
}

fn log_sign_out(context: &RequestContext, session: &Session, is_revoked: bool) {
    tracing::info!(
        target: AUDIT_TARGET,
        event = "sign-out",
        token_revoked = is_revoked,
        user = session.user.name,
        session_id = session.id,
        request_id = context.request_id.as_str(),
        "signed out"
    );
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
    let has_provider_session_ended = app.oidc().is_some() && query_param(&query, "until").is_some();
    let valid_until = query_param(&query, "valid-until").or_else(|| query_param(&query, "until"));
    let valid_until = valid_until
        .filter(|_| app.oidc().is_some())
        .and_then(|seconds| DateTime::from_timestamp(seconds.parse().ok()?, 0));
    let provider_sign_out = match query_param(&query, "valid-until") {
        Some(state) => provider_sign_out(&app, &context, &state, None).await,
        None => None,
    };
    let at_once = (at_once || provider_sign_out.is_some()) && !is_foreign;
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
            valid_until: valid_until.filter(|until| *until > app.clock.now()),
            has_provider_session_ended,
            provider_sign_out,
            ends_immediately: at_once,
        },
    );
    if let Some(target) = target {
        response.extensions_mut().insert(target);
    }
    response
}

/// The address that ends the session at the OIDC provider and returns to the page after signing
/// out.
async fn provider_sign_out(
    app: &AppState,
    context: &RequestContext,
    state: &str,
    hint: Option<&UserToken>,
) -> Option<Url> {
    let mut back = context.console_url.clone()?;
    back.set_path(links::OAUTH_SESSION_ENDED);
    app.oidc()?.end_session_url(&back, state, hint).await
}

/// The page that leads to the OIDC provider with the ID token, if the settings allow that. It is the
/// response to the form itself, because the browser has no session to read the token from
/// afterwards.
async fn end_with_hint(
    app: &AppState,
    context: &RequestContext,
    session: &Session,
) -> Option<Response> {
    let hint = app.oidc()?.id_token_hint(&session.token)?;
    let until = session.token_expires_at();
    let state = until.timestamp().to_string();
    let url = provider_sign_out(app, context, &state, Some(hint)).await?;
    let title = context.lang.msg("signed-out").to_string();
    let chrome = Chrome::new(context, app.clock.now(), Area::Other, title).signed_out();
    let page = SignedOutPage {
        chrome,
        revoked: None,
        oauth_session: None,
        session_end: None,
        valid_until: (until > app.clock.now()).then_some(until),
        has_provider_session_ended: false,
        provider_sign_out: Some(url),
        ends_immediately: true,
    };
    Some(render(context, &page))
}

/// The browser must not end at a host that does not answer, or at raw JSON: so a preflight checks
/// first whether the OAuth server works.
async fn load_oauth_session(
    app: &AppState,
    context: &RequestContext,
    revoked: Option<bool>,
) -> (Option<OauthSession>, Option<SignOutForm>) {
    let (Some(oauth), Some(redirect_uri)) = (app.oauth(), context.redirect_uri()) else {
        return (None, None);
    };
    let mut back = redirect_uri.clone();
    back.set_path(links::OAUTH_SESSION_ENDED);
    let state = if revoked == Some(true) {
        "revoked"
    } else {
        "uncertain"
    };
    let end = oauth.sign_out_form(&back, state).await;
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

/// `GET /oauth/callback/signed-out`: the server that signs users in has ended its session.
pub(in crate::web) async fn oauth_session_ended(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
) -> Redirect {
    let state = query_param(query.as_deref().unwrap_or_default(), "state");
    if app.oidc().is_some() {
        let until = state.and_then(|state| state.parse::<i64>().ok());
        return match until {
            Some(until) => Redirect::to(&format!("{}?until={until}", links::SIGNED_OUT)),
            None => Redirect::to(links::SIGNED_OUT),
        };
    }
    let revoked = state.as_deref() == Some("revoked");
    let token = if revoked { "revoked" } else { "uncertain" };
    Redirect::to(&format!("{}?token={token}&oauth=ended", links::SIGNED_OUT))
}

fn query_param(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

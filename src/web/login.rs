//! Signing in and out (S1-S10, S15-S18).
//!
//! The code flow with PKCE, or where the console was not told its client's secret, the implicit
//! flow. What must survive the trip to the OAuth server and back is in one cookie and in the
//! `state` parameter (`pending`).

mod callback;
mod next;
mod pending;
mod preflights;
mod returned;
mod sign_out;
mod trouble;

use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;

pub(super) use callback::{answer_without_form, callback, returned};
pub(super) use next::safe_next;
pub(super) use pending::{UsedStates, expired};
pub(super) use preflights::Preflights;
pub(super) use sign_out::{oauth_session_ended, sign_out, signed_out};

use super::App;
use super::context::Context;
use super::distrust;
use super::errors::{LoginTrouble, Refused};
use super::render::{Area, Chrome, page};
use crate::app::failure::Upstream;
use crate::config::Flow;
use crate::i18n::Message;
use crate::openshift::oauth::Endpoints;
use crate::outbound::CertificateFault;
use crate::web::filters;
use next::short_next;
use pending::{BrowserSecret, SignIn};
use registry_model::Clock;

/// How long a person waits for us to find the OAuth server before they are told that we cannot. A
/// master that is down says so at once (R1); one that is slow deserves a moment.
const DISCOVERY_PATIENCE: Duration = Duration::from_secs(2);

/// The sign-in page that is only seen when signing in cannot begin.
#[derive(Template, Serialize)]
#[template(path = "login.html")]
struct LoginPage {
    #[serde(skip)]
    chrome: Chrome,
    /// Since when the master has not answered.
    since: DateTime<Utc>,
    /// What is wrong with the master's certificate, and what to do about it (S47).
    #[serde(skip)]
    distrust: Option<(Message, Message)>,
    /// Where to go on to.
    next: String,
}

/// `GET /login?next=…`: sends the browser to the OAuth server, unless that would refuse it there.
pub(super) async fn login(
    State(app): State<App>,
    context: Context,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    if !is_page_load(&headers) {
        return Err(LoginTrouble::NotANavigation.into());
    }
    let redirect_uri = context.redirect_uri().ok_or(Refused::WrongHost)?;
    if app.oauth.flow() == Flow::Disabled {
        return Ok(trouble::no_flow(&app, &context));
    }
    let (next, anyway) = (next_of(query.as_deref()), anyway(query.as_deref()));
    let endpoints = endpoints(&app).await;
    let unreachable_since = endpoints
        .as_ref()
        .map_or(Some(app.clock.now()), |endpoints| {
            endpoints.unreachable_since
        });
    if let (Some(since), false) = (unreachable_since, anyway) {
        let fault = endpoints
            .as_ref()
            .and_then(|endpoints| endpoints.distrusted);
        return Ok(unreachable(&app.clock, &context, since, fault, next));
    }
    if !anyway
        && let Some(endpoints) = &endpoints
        && let Some(checked) = preflights::find(&app, &redirect_uri).await
        && let Some(page) =
            trouble::explained(&app, &context, checked, (&redirect_uri, &next), endpoints).await
    {
        return Ok(page);
    }
    let (secret, cookie) = BrowserSecret::of_or_new(&app.sessions, &headers);
    let sign_in = SignIn::new(next, attempt(query.as_deref()), app.clock.now());
    let verifier = (app.oauth.flow() == Flow::Code).then(|| secret.verifier(&sign_in));
    let url = app
        .oauth
        .begin_with(
            &redirect_uri,
            sign_in.seal(&app.sessions, &secret),
            verifier.as_ref(),
        )
        .await;
    Ok((
        app.sessions.jar(&HeaderMap::new()).add(cookie),
        Redirect::to(url.as_str()),
    )
        .into_response())
}

/// Whether a tab is to show the answer. Other pages, also those of other hosts of the same site,
/// can load this address with the person's cookies: no sign-in begins for them (S54). Clients that
/// are no browsers send neither header.
fn is_page_load(headers: &HeaderMap) -> bool {
    let absent_or = |name: &str, value: &str| headers.get(name).is_none_or(|sent| sent == value);
    absent_or("sec-fetch-mode", "navigate") && absent_or("sec-fetch-dest", "document")
}

/// Where the OAuth server is, if the master says so in time. Whoever waits longer finds the answer
/// at the next try: the question goes on.
async fn endpoints(app: &App) -> Option<Endpoints> {
    let asking = tokio::spawn({
        let app = app.clone();
        async move { app.oauth.endpoints().await }
    });
    tokio::time::timeout(DISCOVERY_PATIENCE, asking)
        .await
        .ok()?
        .ok()
}

/// R1: the sign-in page stands even when the master does not.
fn unreachable(
    clock: &Clock,
    context: &Context,
    since: DateTime<Utc>,
    fault: Option<CertificateFault>,
    next: String,
) -> Response {
    let (lang, master) = (context.lang, Upstream::Master);
    let distrust = fault.map(|fault| {
        (
            distrust::text(master, fault, lang),
            distrust::hint(master, fault, lang),
        )
    });
    let title = context.lang.msg("sign-in").to_string();
    page(
        context,
        &LoginPage {
            chrome: Chrome::new(context, clock.now(), Area::Elsewhere, title),
            since,
            distrust,
            next,
        },
    )
}

/// Whether the person wants to go on although the master does not answer.
fn anyway(query: Option<&str>) -> bool {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .any(|(name, value)| name == "anyway" && value == "1")
}

/// How many sign-ins of this tab have failed because another tab began one at the same moment.
fn attempt(query: Option<&str>) -> u8 {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs
        .find(|(name, _)| name == "attempt")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0)
}

fn next_of(query: Option<&str>) -> String {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let next = pairs
        .into_iter()
        .find(|(name, _)| name == "next")
        .map(|(_, value)| value.into_owned());
    short_next(next.as_deref())
}

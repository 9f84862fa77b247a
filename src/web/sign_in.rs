//! Signing in and out (S1-S10, S15-S18).
//!
//! The code flow with PKCE or, if the client's secret is not configured, the implicit flow; on
//! clusters with external OIDC, the code flow of the OIDC provider (`oidc`). What must survive the
//! redirect to the other server and back is in one cookie and in the `state` parameter (`pending`).

mod callback;
mod implicit_flow;
mod oidc;
mod pending;
mod preflight_cache;
mod preflight_page;
mod return_path;
mod sign_out;

use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;

pub(super) use callback::{callback, implicit_callback, reject_before_form};
pub(super) use pending::UsedStates;
pub(super) use preflight_cache::PreflightCache;
pub(super) use return_path::safe_return_path;
pub(super) use sign_out::{oauth_session_ended, show_signed_out, sign_out};

use super::AppState;
use super::context::RequestContext;
use super::errors::{SignInError, WebError};
use super::render::{Area, Chrome, render};
use crate::app::failure::Upstream;
use crate::config::OauthFlow;
use crate::i18n::Message;
use crate::openshift::oauth::{OauthClient, OauthEndpoints};
use crate::openshift::oidc::OidcClient;
use crate::outbound::CertificateFault;
use crate::web::filters;
use crate::web::tls_messages;
use pending::{BrowserSecret, PendingSignIn};
use registry_model::Clock;
use return_path::short_return_path;

/// How long the sign-in waits for the discovery of the OAuth server before the page reports that it
/// failed. An API server that is down is reported at once (R1); a slow one gets some time.
const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(2);

/// The sign-in page, which is shown only if a sign-in cannot begin.
#[derive(Template, Serialize)]
#[template(path = "sign_in/unavailable.html")]
struct SignInUnavailablePage {
    #[serde(skip)]
    chrome: Chrome,
    /// Since when the API server has not answered.
    since: DateTime<Utc>,
    /// What is wrong with the API server's certificate, and what to do about it (S47).
    #[serde(skip)]
    certificate_fault: Option<(Message, Message)>,
    /// The page to continue to.
    next: String,
}

/// The console as a client of the server that users sign in at.
pub(super) enum SignInClient {
    Oauth(Box<OauthClient>),
    Oidc(Box<OidcClient>),
}

impl SignInClient {
    /// The flow by which users sign in.
    pub(super) fn flow(&self) -> OauthFlow {
        match self {
            Self::Oauth(oauth) => oauth.flow(),
            Self::Oidc(_) => OauthFlow::Code,
        }
    }
}

/// `GET /login?next=…`: redirects the browser to the server that signs users in, unless that server
/// would refuse the sign-in.
pub(super) async fn sign_in(
    State(app): State<AppState>,
    context: RequestContext,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    if !is_top_level_navigation(&headers) {
        return Err(SignInError::NotANavigation.into());
    }
    let redirect_uri = context.redirect_uri().ok_or(WebError::WrongHost)?;
    let attempt = attempt_number(query.as_deref());
    let (next, anyway) = (next_param(query.as_deref()), wants_anyway(query.as_deref()));
    let oauth = match &app.sign_in_client {
        SignInClient::Oauth(oauth) => oauth,
        SignInClient::Oidc(oidc) => {
            let sign_in = PendingSignIn::new(next, attempt, app.clock.now());
            return oidc::begin(&app, oidc, &headers, &redirect_uri, sign_in).await;
        }
    };
    if oauth.flow() == OauthFlow::Disabled {
        return Ok(preflight_page::render_no_flow(&app, &context));
    }
    let endpoints = discover_endpoints(&app).await;
    let unreachable_since = endpoints
        .as_ref()
        .map_or(Some(app.clock.now()), |endpoints| {
            endpoints.unreachable_since
        });
    if let (Some(since), false) = (unreachable_since, anyway) {
        let fault = endpoints
            .as_ref()
            .and_then(|endpoints| endpoints.certificate_fault);
        return Ok(render_unavailable(&app.clock, &context, since, fault, next));
    }
    if !anyway
        && let Some(endpoints) = &endpoints
        && let Some(checked) = preflight_cache::lookup_preflight(&app, &redirect_uri).await
        && let Some(page) = preflight_page::render_preflight_problem(
            (&app, oauth),
            &context,
            checked,
            (&redirect_uri, &next),
            endpoints,
        )
        .await
    {
        return Ok(page);
    }
    let (secret, cookie) = BrowserSecret::from_cookie_or_new(&app.sessions, &headers);
    let sign_in = PendingSignIn::new(next, attempt, app.clock.now());
    let verifier = (oauth.flow() == OauthFlow::Code).then(|| secret.verifier(&sign_in));
    let url = oauth
        .authorization_url(
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

/// Whether a tab will show the response. Other pages, also those of other hosts of the same site,
/// can load this URL with the user's cookies: no sign-in begins for them (S54). Clients that are
/// not browsers send neither header.
fn is_top_level_navigation(headers: &HeaderMap) -> bool {
    let absent_or = |name: &str, value: &str| headers.get(name).is_none_or(|sent| sent == value);
    absent_or("sec-fetch-mode", "navigate") && absent_or("sec-fetch-dest", "document")
}

/// The endpoints of the OAuth server, if the API server answers in time. The request continues in
/// the background, so that a later attempt finds the result.
async fn discover_endpoints(app: &AppState) -> Option<OauthEndpoints> {
    let lookup = tokio::spawn({
        let app = app.clone();
        async move { Some(app.oauth()?.endpoints().await) }
    });
    tokio::time::timeout(DISCOVERY_TIMEOUT, lookup)
        .await
        .ok()?
        .ok()?
}

/// R1: the sign-in page works even when the API server does not.
fn render_unavailable(
    clock: &Clock,
    context: &RequestContext,
    since: DateTime<Utc>,
    fault: Option<CertificateFault>,
    next: String,
) -> Response {
    let (lang, upstream) = (context.lang, Upstream::ApiServer);
    let distrust = fault.map(|fault| {
        (
            tls_messages::fault_text(upstream, fault, lang),
            tls_messages::fault_hint(upstream, fault, lang),
        )
    });
    let title = context.lang.msg("sign-in").to_string();
    render(
        context,
        &SignInUnavailablePage {
            chrome: Chrome::new(context, clock.now(), Area::Other, title),
            since,
            certificate_fault: distrust,
            next,
        },
    )
}

/// Whether the user wants to continue although the API server does not answer.
fn wants_anyway(query: Option<&str>) -> bool {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .any(|(name, value)| name == "anyway" && value == "1")
}

/// How many sign-ins of this tab have failed because another tab began one at the same time.
fn attempt_number(query: Option<&str>) -> u8 {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs
        .find(|(name, _)| name == "attempt")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0)
}

fn next_param(query: Option<&str>) -> String {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let next = pairs
        .into_iter()
        .find(|(name, _)| name == "next")
        .map(|(_, value)| value.into_owned());
    short_return_path(next.as_deref())
}

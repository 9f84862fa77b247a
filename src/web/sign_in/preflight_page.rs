//! The sign-in page for a sign-in that would fail, so that users do not end at the OAuth server's
//! raw JSON, or at a host that does not answer.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use url::Url;

use crate::app::failure::Upstream;
use crate::app::release::Release;
use crate::app::remediation::{oauth_server_steps, origin};
use crate::openshift::oauth::{DiscoveryResult, OauthClient, OauthEndpoints, PreflightResult};
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::filters;
use crate::web::links;
use crate::web::remediation::{SignInRemediation, Step, translate};
use crate::web::render::{Area, Chrome, render};
use crate::web::sign_in::preflight_cache::{OauthFault, PreflightOutcome};
use crate::web::tls_messages;

/// What was sent, the address that the console assumes, and the remediation.
#[derive(Template, Serialize)]
#[template(path = "sign_in/preflight_failed.html")]
struct PreflightFailedPage {
    #[serde(skip)]
    chrome: Chrome,
    result: PreflightResult,
    redirect_uri: String,
    own_address: String,
    /// Whether the address comes from `COCKPIT_KUBE_URL`; otherwise it comes from the browser.
    configured: bool,
    client: String,
    steps: Vec<Step>,
    /// The page to continue to.
    next: String,
}

impl PreflightFailedPage {
    fn is_client_missing(&self) -> bool {
        self.result == PreflightResult::NoSuchClient
    }
}

/// What is wrong with the OAuth server itself.
#[derive(Template, Serialize)]
#[template(path = "sign_in/oauth_fault.html")]
struct OauthFaultPage {
    #[serde(skip)]
    chrome: Chrome,
    title: String,
    text: String,
    advice: String,
    /// Scheme, host and port of the OAuth server.
    server: String,
    /// Whether the API server named it; otherwise it is the configured provider.
    discovered: bool,
    steps: Vec<Step>,
    next: String,
}

/// The sign-in page of a cluster that has no OAuth server.
#[derive(Template, Serialize)]
#[template(path = "sign_in/no_oauth_server.html")]
struct NoOauthServerPage {
    #[serde(skip)]
    chrome: Chrome,
    provider: String,
    steps: Vec<Step>,
    next: String,
}

/// The sign-in page of a console that has no OAuth flow.
#[derive(Template, Serialize)]
#[template(path = "sign_in/no_flow.html")]
struct NoFlowPage {
    #[serde(skip)]
    chrome: Chrome,
    steps: Vec<Step>,
}

/// The page of a console without a client secret for which the implicit flow is disabled.
pub(super) fn render_no_flow(app: &AppState, context: &RequestContext) -> Response {
    let title = context.lang.msg("sign-in").to_string();
    let chrome = Chrome::new(context, app.clock.now(), Area::Other, title);
    render(
        context,
        &NoFlowPage {
            chrome,
            steps: SignInRemediation::new(app, context).missing_client_secret(),
        },
    )
}

/// The page, if `checked` is not good.
pub(super) async fn render_preflight_problem(
    (app, oauth): (&AppState, &OauthClient),
    context: &RequestContext,
    checked: PreflightOutcome,
    (redirect_uri, next): (&Url, &str),
    endpoints: &OauthEndpoints,
) -> Option<Response> {
    let chrome = || {
        Chrome::new(
            context,
            app.clock.now(),
            Area::Other,
            context.lang.msg("sign-in").to_string(),
        )
    };
    let remediation = SignInRemediation::new(app, context);
    let (result, steps) = match checked {
        PreflightOutcome::Completed(PreflightResult::Good) => return None,
        PreflightOutcome::Completed(PreflightResult::NoOauthServer) => {
            return Some(render(
                context,
                &no_oauth_server_page(app, chrome(), context, endpoints, next),
            ));
        }
        PreflightOutcome::Failed(fault) => {
            let release = app.app.release().await;
            return Some(render(
                context,
                &oauth_fault_page(chrome(), fault, (endpoints, release), next),
            ));
        }
        PreflightOutcome::Completed(result @ PreflightResult::NoSuchClient) => {
            (result, remediation.oauth_client())
        }
        PreflightOutcome::Completed(result @ PreflightResult::RedirectNotRegistered) => {
            (result, remediation.redirect_uri())
        }
    };
    let result = PreflightFailedPage {
        chrome: chrome(),
        result,
        redirect_uri: redirect_uri.to_string(),
        own_address: origin(redirect_uri),
        configured: app.address.configured_url().is_some(),
        client: oauth.client_id().to_owned(),
        steps,
        next: next.to_owned(),
    };
    Some(render(context, &result))
}

fn oauth_fault_page(
    chrome: Chrome,
    fault: OauthFault,
    (endpoints, release): (&OauthEndpoints, Option<Release>),
    next: &str,
) -> OauthFaultPage {
    let lang = chrome.lang;
    let title = match fault {
        OauthFault::Unreachable => lang.msg("oauth-fault-unreachable"),
        OauthFault::TimedOut => lang.msg("oauth-fault-late"),
        OauthFault::Untrusted(fault) if fault.is_about_certificate() => {
            lang.msg("oauth-fault-untrusted")
        }
        OauthFault::Untrusted(_) => lang.msg("oauth-fault-not-secure"),
        OauthFault::ServerError(_) => lang.msg("oauth-fault-error"),
        OauthFault::Busy(_) => lang.msg("oauth-fault-busy"),
        OauthFault::NotOauthServer => lang.msg("oauth-fault-answer"),
    };
    let (text, advice) = match fault {
        OauthFault::Untrusted(fault) => (
            tls_messages::fault_text(Upstream::Oauth, fault, lang),
            tls_messages::fault_hint(Upstream::Oauth, fault, lang),
        ),
        OauthFault::ServerError(status) => (
            lang.msg("oauth-fault-error-text")
                .arg("status", status.to_string()),
            lang.msg("oauth-fault-advice"),
        ),
        OauthFault::Busy(wait) => (
            lang.msg("oauth-fault-busy-text"),
            lang.msg("error-retry").arg("when", lang.retry_time(wait)),
        ),
        OauthFault::TimedOut => (
            lang.msg("oauth-fault-late-text"),
            lang.msg("oauth-fault-advice"),
        ),
        OauthFault::Unreachable | OauthFault::NotOauthServer => {
            (lang.msg("oauth-fault-text"), lang.msg("oauth-fault-advice"))
        }
    };
    let is_certificate_fault = matches!(fault, OauthFault::Untrusted(_));
    let steps = oauth_server_steps(&endpoints.authorize, release, is_certificate_fault);
    OauthFaultPage {
        title: title.to_string(),
        text: text.to_string(),
        advice: advice.to_string(),
        server: origin(&endpoints.authorize),
        discovered: endpoints.discovery_result == DiscoveryResult::Found,
        steps: translate(lang, steps),
        next: next.to_owned(),
        chrome,
    }
}

fn no_oauth_server_page(
    app: &AppState,
    chrome: Chrome,
    context: &RequestContext,
    endpoints: &OauthEndpoints,
    next: &str,
) -> NoOauthServerPage {
    let api = context
        .console_url
        .as_ref()
        .map(|console| format!("{}{}", origin(console), links::API_ROOT));
    let steps = app
        .doctor
        .installation()
        .no_oauth_server_steps(api.as_deref());
    NoOauthServerPage {
        provider: origin(&endpoints.authorize),
        steps: translate(chrome.lang, steps),
        next: next.to_owned(),
        chrome,
    }
}

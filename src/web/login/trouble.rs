//! The sign-in page when a sign-in would not begin well: so nobody ends at the OAuth server's bare
//! JSON, or at a host that does not answer.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use url::Url;

use super::preflights::{Checked, OauthFault};
use crate::app::failure::Upstream;
use crate::app::release::Release;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Lang;
use crate::openshift::oauth::{DiscoveryDocument, Endpoints, Preflight};
use crate::web::App;
use crate::web::context::Context;
use crate::web::distrust;
use crate::web::filters;
use crate::web::links;
use crate::web::mend::{Mend, Step, origin, step};
use crate::web::render::{Area, Chrome, page};

/// What was sent, what the console takes for its own address, and what mends it.
#[derive(Template, Serialize)]
#[template(path = "login-trouble.html")]
struct TroublePage {
    #[serde(skip)]
    chrome: Chrome,
    trouble: Preflight,
    redirect_uri: String,
    own_address: String,
    /// Whether `COCKPIT_KUBE_URL` says so; else the browser did.
    configured: bool,
    client: String,
    steps: Vec<Step>,
    /// Where to go on to.
    next: String,
}

impl TroublePage {
    fn is_client(&self) -> bool {
        self.trouble == Preflight::NoSuchClient
    }
}

/// What is wrong with the OAuth server itself.
#[derive(Template, Serialize)]
#[template(path = "login-oauth-fault.html")]
struct OauthFaultPage {
    #[serde(skip)]
    chrome: Chrome,
    title: String,
    text: String,
    advice: String,
    /// Scheme, host and port of the OAuth server.
    server: String,
    /// Whether the API server named it; else it is the configured provider.
    discovered: bool,
    steps: Vec<Step>,
    next: String,
}

/// The sign-in page of a cluster that has no OAuth server.
#[derive(Template, Serialize)]
#[template(path = "login-no-oauth.html")]
struct NoOauthPage {
    #[serde(skip)]
    chrome: Chrome,
    provider: String,
    steps: Vec<Step>,
    next: String,
}

/// The sign-in page of a console that has no flow to sign anybody in by.
#[derive(Template, Serialize)]
#[template(path = "login-no-flow.html")]
struct NoFlowPage {
    #[serde(skip)]
    chrome: Chrome,
    steps: Vec<Step>,
}

/// The page of a console without a client secret for which the implicit flow is off.
pub(super) fn no_flow(app: &App, context: &Context) -> Response {
    let title = context.lang.msg("sign-in").to_string();
    let chrome = Chrome::new(context, app.clock.now(), Area::Elsewhere, title);
    page(
        context,
        &NoFlowPage {
            chrome,
            steps: Mend::new(app, context).client_secret(),
        },
    )
}

/// The page, if `checked` is anything but good.
pub(super) async fn explained(
    app: &App,
    context: &Context,
    checked: Checked,
    (redirect_uri, next): (&Url, &str),
    endpoints: &Endpoints,
) -> Option<Response> {
    let chrome = || {
        Chrome::new(
            context,
            app.clock.now(),
            Area::Elsewhere,
            context.lang.msg("sign-in").to_string(),
        )
    };
    let mend = Mend::new(app, context);
    let (trouble, steps) = match checked {
        Checked::Answered(Preflight::Good) => return None,
        Checked::Answered(Preflight::NoOauthServer) => {
            return Some(page(
                context,
                &no_oauth(app, chrome(), context, endpoints, next),
            ));
        }
        Checked::Failed(fault) => {
            let release = app.console.release().await;
            return Some(page(
                context,
                &oauth_fault(chrome(), fault, (endpoints, release), next),
            ));
        }
        Checked::Answered(trouble @ Preflight::NoSuchClient) => (trouble, mend.client()),
        Checked::Answered(trouble @ Preflight::RedirectNotRegistered) => (trouble, mend.redirect()),
    };
    let trouble = TroublePage {
        chrome: chrome(),
        trouble,
        redirect_uri: redirect_uri.to_string(),
        own_address: origin(redirect_uri),
        configured: app.address.configured().is_some(),
        client: app.oauth.client_id().to_owned(),
        steps,
        next: next.to_owned(),
    };
    Some(page(context, &trouble))
}

fn oauth_fault(
    chrome: Chrome,
    fault: OauthFault,
    (endpoints, release): (&Endpoints, Option<Release>),
    next: &str,
) -> OauthFaultPage {
    let lang = chrome.lang;
    let title = match fault {
        OauthFault::Unreachable => lang.msg("oauth-fault-unreachable"),
        OauthFault::Late => lang.msg("oauth-fault-late"),
        OauthFault::Untrusted(fault) if fault.is_about_certificate() => {
            lang.msg("oauth-fault-untrusted")
        }
        OauthFault::Untrusted(_) => lang.msg("oauth-fault-not-secure"),
        OauthFault::ServerError(_) => lang.msg("oauth-fault-error"),
        OauthFault::Busy(_) => lang.msg("oauth-fault-busy"),
        OauthFault::NoOauthAnswer => lang.msg("oauth-fault-answer"),
    };
    let (text, advice) = match fault {
        OauthFault::Untrusted(fault) => (
            distrust::text(Upstream::Oauth, fault, lang),
            distrust::hint(Upstream::Oauth, fault, lang),
        ),
        OauthFault::ServerError(status) => (
            lang.msg("oauth-fault-error-text")
                .arg("status", status.to_string()),
            lang.msg("oauth-fault-advice"),
        ),
        OauthFault::Busy(wait) => (
            lang.msg("oauth-fault-busy-text"),
            lang.msg("error-retry").arg("when", lang.after(wait)),
        ),
        OauthFault::Late => (
            lang.msg("oauth-fault-late-text"),
            lang.msg("oauth-fault-advice"),
        ),
        OauthFault::Unreachable | OauthFault::NoOauthAnswer => {
            (lang.msg("oauth-fault-text"), lang.msg("oauth-fault-advice"))
        }
    };
    OauthFaultPage {
        title: title.to_string(),
        text: text.to_string(),
        advice: advice.to_string(),
        server: origin(&endpoints.authorize),
        discovered: endpoints.document == DiscoveryDocument::Found,
        steps: server_steps(lang, fault, endpoints, release),
        next: next.to_owned(),
        chrome,
    }
}

/// What an administrator can look at. OpenShift 3.x has the OAuth server in the API server, 4 in
/// pods of its own.
fn server_steps(
    lang: Lang,
    fault: OauthFault,
    endpoints: &Endpoints,
    release: Option<Release>,
) -> Vec<Step> {
    let healthz =
        ShellCommand::new("curl -sik").operand(format!("{}/healthz", origin(&endpoints.authorize)));
    let mut steps = vec![step(&lang.msg("oauth-fault-curl"), healthz)];
    if !matches!(fault, OauthFault::Untrusted(_)) && release != Some(Release::Three) {
        steps.push(step(
            &lang.msg("oauth-fault-operator"),
            ShellCommand::new("oc get clusteroperator authentication"),
        ));
        steps.push(step(
            &lang.msg("oauth-fault-pods"),
            ShellCommand::new("oc get pods -n openshift-authentication"),
        ));
    }
    steps
}

fn no_oauth(
    app: &App,
    chrome: Chrome,
    context: &Context,
    endpoints: &Endpoints,
    next: &str,
) -> NoOauthPage {
    let lang = chrome.lang;
    let kind = ShellCommand::new(
        "oc get authentication.config.openshift.io cluster -o 'jsonpath={.spec.type}'",
    );
    let mut steps = vec![step(&lang.msg("no-oauth-type"), kind)];
    if let Some(home) = &context.home {
        // The token goes through a pipe: it is not in the list of processes.
        let projects = format!("{}{}/projects", origin(home), links::API);
        let ask = ShellCommand::new("curl -H @-").operand(projects);
        let token = ShellCommand::new("oc create token default")
            .option("-n", app.doctor.installation().project);
        let header = token.pipe_to(ShellCommand::new("sed 's/^/Authorization: Bearer /'"));
        steps.push(step(&lang.msg("no-oauth-bearer"), header.pipe_to(ask)));
    }
    NoOauthPage {
        provider: origin(&endpoints.authorize),
        steps,
        next: next.to_owned(),
        chrome,
    }
}

//! The sign-in page of a console that the OAuth server would refuse.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use url::Url;

use crate::openshift::oauth::Preflight;
use crate::web::App;
use crate::web::context::Context;
use crate::web::filters;
use crate::web::mend::{Mend, Step, origin};
use crate::web::render::{Area, Chrome, page};

/// What was sent, what the console takes for its own, and what mends it: so that nobody ends at the OAuth server's bare JSON.
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

/// The page, if `found` is trouble.
pub(super) fn explained(app: &App, context: &Context, found: Option<Preflight>, redirect_uri: &Url, next: &str) -> Option<Response> {
    let mend = Mend::new(app, context);
    let (trouble, steps) = match found? {
        Preflight::Good => return None,
        trouble @ Preflight::NoSuchClient => (trouble, mend.client()),
        trouble @ Preflight::RedirectNotRegistered => (trouble, mend.redirect()),
    };
    Some(page(
        context,
        &TroublePage {
            chrome: Chrome::new(context, app.clock.now(), Area::Elsewhere, context.lang.msg("sign-in").to_string()),
            trouble,
            redirect_uri: redirect_uri.to_string(),
            own_address: origin(redirect_uri),
            configured: app.address.configured().is_some(),
            client: app.oauth.client_id().to_owned(),
            steps,
            next: next.to_owned(),
        },
    ))
}

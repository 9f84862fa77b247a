//! The redirect back from the OAuth server with a token in the fragment: the page whose script
//! passes it on (implicit flow).
//!
//! Fragments never leave the browser. The script first removes it from the URL, then sends it as a
//! form of this page; the state in it is checked like that of a code.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::filters;
use crate::web::render::{Area, Chrome, render};

/// The form field that contains the fragment, without its `#`.
pub(super) const FRAGMENT_FIELD: &str = "fragment";

/// The page that users see for a moment, or for longer if the script cannot run.
#[derive(Template, Serialize)]
#[template(path = "sign_in/implicit_callback.html")]
struct ImplicitCallbackPage {
    #[serde(skip)]
    chrome: Chrome,
    field: &'static str,
}

pub(super) fn render_fragment_page(app: &AppState, context: &RequestContext) -> Response {
    let title = context.lang.msg("sign-in").to_string();
    render(
        context,
        &ImplicitCallbackPage {
            chrome: Chrome::new(context, app.clock.now(), Area::Other, title),
            field: FRAGMENT_FIELD,
        },
    )
}

//! Back from the OAuth server with a token in the fragment: the page whose script hands it over
//! (implicit flow).
//!
//! Fragments never leave the browser. The script wipes it from the address first, then sends it as
//! a form of this page; the state in it is checked as that of a code is.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::web::App;
use crate::web::context::Context;
use crate::web::filters;
use crate::web::render::{Area, Chrome, page};

/// The field that holds the fragment, without its `#`.
pub(super) const FIELD: &str = "fragment";

/// The page that a person sees for a moment, or for longer if the script cannot run.
#[derive(Template, Serialize)]
#[template(path = "returned.html")]
struct ReturnedPage {
    #[serde(skip)]
    chrome: Chrome,
    field: &'static str,
}

pub(super) fn page_with_script(app: &App, context: &Context) -> Response {
    let title = context.lang.msg("sign-in").to_string();
    page(
        context,
        &ReturnedPage {
            chrome: Chrome::new(context, app.clock.now(), Area::Elsewhere, title),
            field: FIELD,
        },
    )
}

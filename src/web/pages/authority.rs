//! `/connect/ca.crt`: the certificate of the registry's authority, for anybody.
//!
//! Whoever connects to the registry is shown as much; a client that does not trust it yet has no
//! token to spare for this.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::connect::Authority;
use crate::web::App;
use crate::web::context::Context;
use crate::web::filters;
use crate::web::render::{Area, Chrome, page_with};

#[derive(Template, Serialize)]
#[template(path = "no-authority.html")]
struct NoAuthorityPage {
    #[serde(skip)]
    chrome: Chrome,
    authority: Authority,
}

/// The certificate, or a page that says why there is none.
pub(in crate::web) async fn download(State(app): State<App>, context: Context) -> Response {
    match app.console.registry_authority().await {
        Authority::Known { certificate, .. } => {
            let headers = [
                (header::CONTENT_TYPE, "application/x-pem-file"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"ca.crt\"",
                ),
            ];
            (headers, certificate.pem).into_response()
        }
        authority => {
            let title = context.lang.msg("authority-none").to_string();
            let chrome = Chrome::new(&context, app.clock.now(), Area::Connect, title);
            page_with(
                StatusCode::NOT_FOUND,
                &context,
                &NoAuthorityPage { chrome, authority },
            )
        }
    }
}

//! `/connect/ca.crt`: the certificate of the registry's certificate authority, without
//! authentication.
//!
//! Every TLS client that connects to the registry receives the same certificate. A client that does
//! not trust it yet should not send a token to get it.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::connect::RegistryAuthority;
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};

#[derive(Template, Serialize)]
#[template(path = "connect/no_authority.html")]
struct NoAuthorityPage {
    #[serde(skip)]
    chrome: Chrome,
    authority: RegistryAuthority,
}

impl NoAuthorityPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title).below(links::CONNECT, lang.msg("connect"))
    }
}

/// The certificate, or a page that explains why there is none.
pub(in crate::web) async fn download_authority(
    State(app): State<AppState>,
    context: RequestContext,
) -> Response {
    match app.app.registry_authority().await {
        RegistryAuthority::Known { certificate, .. } => {
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
            render_with_status(
                StatusCode::NOT_FOUND,
                &context,
                &NoAuthorityPage { chrome, authority },
            )
        }
    }
}

//! The flash message: text about a completed change, kept in a cookie of this host until the next
//! page displays it.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::web::context::{RequestContext, ResponseFormat};
use crate::web::links;
use crate::web::session::host_cookie;

/// The `__Host-` prefix means that only this host can set the cookie, so that its text is the
/// console's own.
pub(in crate::web) const FLASH_COOKIE: &str = "__Host-done";

/// A browser keeps 4 KiB of a cookie. A message that does not fit is not displayed.
const MAX_COOKIE_BYTES: usize = 3_000;

/// How long a browser keeps the cookie if no page displays the message.
const COOKIE_MAX_AGE_SECONDS: i64 = 120;

/// A message about a completed change, in the user's language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// A sentence. It contains names that users chose.
    pub(crate) text: String,
    /// Whether the change is incomplete. The message is then displayed as a warning.
    pub(crate) unfinished: bool,
    pub(crate) undo: Option<UndoForm>,
}

/// A form of a single button.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UndoForm {
    pub(crate) action: String,
    /// The label of the button.
    pub(crate) label: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Flash {
    pub(in crate::web) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            unfinished: false,
            undo: None,
        }
    }

    /// Adds a button that undoes the change.
    pub(in crate::web) fn with_undo(
        self,
        action: String,
        label: impl Into<String>,
        fields: &[(&str, &str)],
    ) -> Self {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self {
            undo: Some(UndoForm {
                action,
                label: label.into(),
                fields,
            }),
            ..self
        }
    }

    /// Redirects to the page at `path`, which displays the message. In JSON, redirects to the JSON
    /// form of the page.
    pub(in crate::web) fn redirect_to(self, context: &RequestContext, path: &str) -> Response {
        if context.format == ResponseFormat::Json {
            return Redirect::to(&format!("{}{path}", links::API_ROOT)).into_response();
        }
        let value =
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self).expect("texts are always JSON"));
        if value.len() > MAX_COOKIE_BYTES {
            return Redirect::to(path).into_response();
        }
        let mut cookie = host_cookie(FLASH_COOKIE, value);
        cookie.set_max_age(time::Duration::seconds(COOKIE_MAX_AGE_SECONDS));
        (CookieJar::new().add(cookie), Redirect::to(path)).into_response()
    }
}

/// The flash message in the cookie of a request.
pub(in crate::web) fn read_flash(headers: &HeaderMap) -> Option<Flash> {
    let value = CookieJar::from_headers(headers)
        .get(FLASH_COOKIE)?
        .value()
        .to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

//! The flash message that the page after a form shows once: stored in a cookie of this host until
//! the next page shows it.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::web::context::{RequestContext, ResponseFormat};
use crate::web::links;
use crate::web::session::host_cookie;

/// The cookie. Only this host can set it (`__Host-`), so its content comes from the console.
pub(in crate::web) const FLASH_COOKIE: &str = "__Host-done";

/// A browser keeps 4 KiB of a cookie: a larger message is not shown.
const MAX_COOKIE_BYTES: usize = 3_000;

/// How long a browser keeps a message that no page has shown, in seconds.
const COOKIE_MAX_AGE_SECONDS: i64 = 120;

/// What was done, in the user's language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// A sentence. Contains names that users chose.
    pub(crate) text: String,
    /// Whether something remains to be done: shown as a warning.
    pub(crate) unfinished: bool,
    /// The form that undoes the change.
    pub(crate) undo: Option<UndoForm>,
}

/// A form with only a button.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UndoForm {
    /// The URL to which it is sent.
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

    /// Redirects to the page at `path`, which shows the message; for JSON, to its JSON form.
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

/// The flash message of the last form.
pub(in crate::web) fn read_flash(headers: &HeaderMap) -> Option<Flash> {
    let value = CookieJar::from_headers(headers)
        .get(FLASH_COOKIE)?
        .value()
        .to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

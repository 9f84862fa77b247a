//! The flash message: text about a completed change, kept in a cookie of this host until the next
//! page displays it.

use std::io::{Read as _, Write as _};

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

use crate::web::context::{RequestContext, ResponseFormat};
use crate::web::cookies::host_cookie;
use crate::web::links;

/// The `__Host-` prefix means that only this host can set the cookie, so that its text is the
/// console's own.
pub(in crate::web) const FLASH_COOKIE: &str = "__Host-done";

/// A browser keeps 4 KiB of a cookie. A message that does not fit is not displayed.
const MAX_COOKIE_BYTES: usize = 3_500;

/// More than a message in a cookie of that size contains. A longer one is not read.
const MAX_JSON_BYTES: u64 = 64 << 10;

/// How long a browser keeps the cookie if no page displays the message.
const COOKIE_MAX_AGE_SECONDS: i64 = 120;

/// A message about a completed change, in the user's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// A sentence. It contains names that users chose.
    pub(crate) text: String,
    /// Further sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<String>,
    /// The objects that were not changed, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) refused: Vec<RefusedItem>,
    /// Whether the change is incomplete. The message is then displayed as a warning.
    pub(crate) unfinished: bool,
    /// Where the user can continue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<NextLink>,
    pub(crate) undo: Option<UndoForm>,
}

/// An object that was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefusedItem {
    pub(crate) name: String,
    /// Contains the message of the API server. Untrusted.
    pub(crate) reason: String,
}

/// A link of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NextLink {
    pub(crate) href: String,
    pub(crate) text: String,
}

/// A form of a single button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
            details: Vec::new(),
            refused: Vec::new(),
            unfinished: false,
            next: None,
            undo: None,
        }
    }

    /// Whether there is anything below the first sentence.
    pub(crate) fn has_description(&self) -> bool {
        !self.details.is_empty()
            || !self.refused.is_empty()
            || self.next.is_some()
            || self.undo.is_some()
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

    /// Whether a cookie can contain the message.
    pub(in crate::web) fn fits_cookie(&self) -> bool {
        self.to_cookie_value().is_some()
    }

    /// The value of the cookie, compressed: digests take half of the space then. `None` if it is
    /// too long.
    fn to_cookie_value(&self) -> Option<String> {
        let json = serde_json::to_vec(self).expect("texts are always JSON");
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&json).ok()?;
        let value = URL_SAFE_NO_PAD.encode(encoder.finish().ok()?);
        (value.len() <= MAX_COOKIE_BYTES).then_some(value)
    }

    fn from_cookie_value(value: &str) -> Option<Self> {
        let compressed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let mut json = Vec::new();
        ZlibDecoder::new(compressed.as_slice())
            .take(MAX_JSON_BYTES)
            .read_to_end(&mut json)
            .ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// Redirects to the page at `path`, which displays the message. In JSON, redirects to the JSON
    /// form of the page.
    pub(in crate::web) fn redirect_to(self, context: &RequestContext, path: &str) -> Response {
        if context.format == ResponseFormat::Json {
            return Redirect::to(&format!("{}{path}", links::API_ROOT)).into_response();
        }
        let Some(value) = self.to_cookie_value() else {
            return Redirect::to(path).into_response();
        };
        let mut cookie = host_cookie(FLASH_COOKIE, value);
        cookie.set_max_age(time::Duration::seconds(COOKIE_MAX_AGE_SECONDS));
        (CookieJar::new().add(cookie), Redirect::to(path)).into_response()
    }
}

/// The flash message in the cookie of a request.
pub(in crate::web) fn read_flash(headers: &HeaderMap) -> Option<Flash> {
    let jar = CookieJar::from_headers(headers);
    Flash::from_cookie_value(jar.get(FLASH_COOKIE)?.value())
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::Digest;

    fn removal_of(count: usize) -> Flash {
        let tags: Vec<String> = (0..count)
            .map(|number| format!("1.{number}.0@{}", Digest::sha256(&number.to_be_bytes())))
            .collect();
        let fields: Vec<(&str, &str)> = tags.iter().map(|tag| ("tag", tag.as_str())).collect();
        Flash {
            details: vec!["Undo restores them.".to_owned()],
            ..Flash::new("Tags were removed.")
        }
        .with_undo(
            "/images/shop/storefront/restore".to_owned(),
            "Undo",
            &fields,
        )
    }

    #[test]
    fn undo_of_fifty_tags_fits_the_cookie() {
        let flash = removal_of(50);
        let value = flash.to_cookie_value().unwrap();
        assert_eq!(Flash::from_cookie_value(&value), Some(flash));
        assert_eq!(removal_of(90).to_cookie_value(), None);
    }

    #[test]
    fn other_cookie_values_are_no_message() {
        let mut bomb = ZlibEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(format!("\"{}\"", "x".repeat(1 << 20)).as_bytes())
            .unwrap();
        let bomb = URL_SAFE_NO_PAD.encode(bomb.finish().unwrap());
        for value in ["", "e30", "?", &bomb] {
            assert_eq!(Flash::from_cookie_value(value), None, "{value}");
        }
    }
}

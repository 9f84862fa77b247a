//! Responses to requests that are refused before they reach the router: short texts in the user's
//! language, which contain nothing of the request.

use axum::body::Body;
use axum::response::IntoResponse as _;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use crate::i18n::Lang;
use crate::web;

/// Seconds after which to retry.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Why a request is refused before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EarlyRefusal {
    /// The headers are larger than this many bytes, or too many.
    HeadersTooLarge(usize),
    /// There are no bytes left in the budget.
    Overloaded,
}

impl EarlyRefusal {
    fn status(self) -> StatusCode {
        match self {
            Self::HeadersTooLarge(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn message(self, lang: Lang) -> String {
        let (title, text, hint) = match self {
            Self::HeadersTooLarge(limit) => (
                lang.msg("error-headers-title"),
                lang.msg("error-headers-text").arg("kib", limit >> 10),
                lang.msg("error-headers-hint"),
            ),
            Self::Overloaded => (
                lang.msg("error-no-memory-title"),
                lang.msg("error-no-memory-text"),
                lang.msg("error-no-memory-hint"),
            ),
        };
        format!("{title}\n\n{text}\n{hint}\n")
    }

    /// The response, with the headers of every response of the console.
    pub(super) fn into_response(self, headers: &HeaderMap) -> Response<Body> {
        let reason = if self == Self::Overloaded {
            "overloaded"
        } else {
            "headers"
        };
        metrics::counter!("registry_console_refused_requests_total", "reason" => reason)
            .increment(1);
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let text = self.message(Lang::negotiate(accepted, None));
        let mut response = (
            self.status(),
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            text,
        )
            .into_response();
        response
            .headers_mut()
            .insert(header::VARY, HeaderValue::from(header::ACCEPT_LANGUAGE));
        if self == Self::Overloaded {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        web::set_secure_headers(response.headers_mut());
        response
    }
}

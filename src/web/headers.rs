//! The headers of every response (S27, S28).

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Allows only what this server sends itself: no inline script or style, no frame, no other host.
/// Forms may only be sent to this host, except with [`FormTarget`].
///
/// Chromium applies `form-action` to every redirect after a form as well. The OAuth server's origin
/// would not suffice for a form that ends in a sign-in: the OAuth server may redirect to an
/// identity provider whose origin the console does not know. So no form is ever redirected there; a
/// form that needs a sign-in is answered with a page that leads to it (`errors/sign_in.rs`).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
                   frame-ancestors 'none'; object-src 'none'; form-action 'self'";

/// Another origin to which the forms of one page may be sent: an extension of its response.
#[derive(Clone, Debug)]
pub(super) struct FormTarget(pub(super) url::Origin);

impl FormTarget {
    /// The policy of the page. An origin in ASCII contains nothing that ends a directive.
    fn content_security_policy(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!(
            "{CONTENT_SECURITY_POLICY} {}",
            self.0.ascii_serialization()
        ))
        .ok()
        .filter(|_| self.0.is_tuple())
    }
}

const SECURITY_HEADERS: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    // One year. No includeSubDomains: the host belongs to the console, its subdomains do not.
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (HeaderName::from_static("x-dns-prefetch-control"), "off"),
];

/// Adds the headers to every response. Responses without a cache policy must not be stored: going
/// back after signing out shows nothing (S28).
pub async fn add_security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    set_security_headers(response.headers_mut());
    if let Some(policy) = response
        .extensions()
        .get()
        .and_then(FormTarget::content_security_policy)
    {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The same for a response that is built elsewhere, whose forms are sent to this host only.
pub fn set_security_headers(headers: &mut HeaderMap) {
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

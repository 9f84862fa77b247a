//! The headers that every answer carries (S27, S28).

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Nothing is allowed but what this server sends itself: no inline script or style, no frame, no
/// other host. Forms go back here alone, but for [`FormTarget`].
///
/// Chromium applies `form-action` to every redirect after a form, too. The OAuth server's origin
/// would not be enough for a form that ends in a sign-in: the OAuth server may redirect on to an
/// identity provider whose origin the console does not know. So no form is ever redirected there;
/// what needs a sign-in is answered with a page that leads to it (`errors/sign_in.rs`).
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
                   frame-ancestors 'none'; object-src 'none'; form-action 'self'";

/// Another origin that the forms of one page may go to: an extension of its response.
#[derive(Clone, Debug)]
pub(super) struct FormTarget(pub(super) url::Origin);

impl FormTarget {
    /// The policy of the page. An origin in ASCII holds nothing that ends a directive.
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
    // One year. No includeSubDomains: the host is ours, what stands below it is not.
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (HeaderName::from_static("x-dns-prefetch-control"), "off"),
];

/// Sets them on every answer. What a handler did not say about caching is not to be stored: going
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

/// The same for an answer that is made elsewhere, whose forms lead to this host alone.
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

//! Which redirect URIs are allowed (A4), and how responses redirect.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use url::Url;

use crate::cluster::Version;

/// Whether `asked` is allowed by the registered `base`: same scheme, same host with port, same path
/// or below it.
pub(crate) fn is_allowed(version: Version, base: &str, asked: &str) -> bool {
    let (Ok(base_url), Ok(asked_url)) = (Url::parse(base), Url::parse(asked)) else {
        return false;
    };
    if asked.contains('#') || base_url.scheme() != asked_url.scheme() {
        return false;
    }
    if version == Version::V3_9 && path_of(asked).split('/').any(|segment| segment == "..") {
        return false;
    }
    let same_host = authority_of(base) == authority_of(asked)
        || (version == Version::V4 && is_loopback_port_change(&base_url, &asked_url));
    // Compared as written: `https://host` has no path, and `/` is below it.
    let (base_path, asked_path) = (path_of(base).trim_end_matches('/'), asked_url.path());
    let below = asked_path
        .strip_prefix(base_path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    same_host && below
}

/// Plain HTTP to a loopback address may change its port, on 4 only.
fn is_loopback_port_change(base: &Url, asked: &Url) -> bool {
    let loopback = |url: &Url| match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    base.scheme() == "http" && loopback(base) && base.host() == asked.host()
}

fn after_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

fn authority_of(url: &str) -> &str {
    let rest = after_scheme(url);
    &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]
}

fn path_of(url: &str) -> &str {
    let rest = &after_scheme(url)[authority_of(url).len()..];
    &rest[..rest.find(['?', '#']).unwrap_or(rest.len())]
}

/// 302 to `uri` with `parameters` in its query. No slash comes before the `?`, as observed.
pub(crate) fn with_query(uri: &str, parameters: &[(&str, &str)]) -> Response {
    let joint = if uri.contains('?') { '&' } else { '?' };
    found(&format!("{uri}{joint}{}", encode_form(parameters)))
}

/// 302 to `uri` with `parameters` in its fragment.
pub(crate) fn with_fragment(uri: &str, parameters: &[(&str, &str)]) -> Response {
    found(&format!("{uri}#{}", encode_form(parameters)))
}

pub(crate) fn encode_form(parameters: &[(&str, &str)]) -> String {
    let mut serializer = url::form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    serializer.finish()
}

/// 302, with the small page that old clients display.
pub(crate) fn found(location: &str) -> Response {
    let Ok(value) = HeaderValue::from_str(location) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let page = format!("<a href=\"{}\">Found</a>.\n\n", escape_html(location));
    let headers = [
        (header::LOCATION, value),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-store, max-age=0, must-revalidate"),
        ),
    ];
    (StatusCode::FOUND, headers, page).into_response()
}

/// Escapes text for HTML.
pub(crate) fn escape_html(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&#34;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uri_may_be_below_the_registered_one() {
        for (base, asked, expected) in [
            (
                "https://console.example.com",
                "https://console.example.com/oauth/callback",
                true,
            ),
            (
                "https://console.example.com",
                "https://console.example.com",
                true,
            ),
            (
                "https://console.example.com/",
                "https://console.example.com/x?y=1",
                true,
            ),
            (
                "https://console.example.com/a",
                "https://console.example.com/a/b",
                true,
            ),
            (
                "https://console.example.com/a",
                "https://console.example.com/ab",
                false,
            ),
            (
                "https://console.example.com",
                "http://console.example.com/oauth/callback",
                false,
            ),
            (
                "https://console.example.com",
                "https://console.example.com:9090/oauth/callback",
                false,
            ),
            (
                "https://console.example.com",
                "https://console.example.com.evil.example/",
                false,
            ),
            (
                "https://console.example.com",
                "https://console.example.com@evil.example/",
                false,
            ),
            (
                "https://console.example.com",
                "https://console.example.com/#x",
                false,
            ),
            ("https://console.example.com", "//evil.example", false),
        ] {
            for version in [Version::V3_9, Version::V4] {
                assert_eq!(
                    is_allowed(version, base, asked),
                    expected,
                    "{version:?} {base} {asked}"
                );
            }
        }
    }

    #[test]
    fn dot_segments_are_rejected_on_3_and_normalized_on_4() {
        let (base, asked) = ("https://c.example/a", "https://c.example/a/x/../b");
        assert!(!is_allowed(Version::V3_9, base, asked));
        assert!(is_allowed(Version::V4, base, asked));
        assert!(!is_allowed(Version::V4, base, "https://c.example/a/../b"));
    }

    #[test]
    fn loopback_port_may_differ_on_4_only() {
        let (base, asked) = ("http://127.0.0.1:9090/cb", "http://127.0.0.1:50000/cb");
        assert!(is_allowed(Version::V4, base, asked));
        assert!(!is_allowed(Version::V3_9, base, asked));
        assert!(!is_allowed(
            Version::V4,
            "https://127.0.0.1:9090/cb",
            "https://127.0.0.1:50000/cb"
        ));
    }
}

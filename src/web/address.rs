//! The address of the console: from the configuration, or from the request.
//!
//! The template of OpenShift 3 does not configure the console's own address. Then any valid host
//! name is accepted, and nothing is built from it but the redirect URI of a sign-in, which the
//! OAuth server compares with the registered ones: an invented host name gets no further.

use axum::http::{HeaderMap, Uri, header};
use url::Url;

/// The longest name of a host with its port (RFC 1035, section 2.3.4, and five digits).
const MAX_HOST_BYTES: usize = 253 + 6;

/// The address of the console, and its source.
#[derive(Clone, Debug)]
pub enum ConsoleAddress {
    /// The setting `COCKPIT_KUBE_URL`.
    Configured(Url),
    /// The host of each request; always https, because session cookies are sent only over https.
    FromHost,
}

impl From<Url> for ConsoleAddress {
    fn from(public: Url) -> Self {
        Self::Configured(public)
    }
}

impl From<Option<Url>> for ConsoleAddress {
    fn from(public: Option<Url>) -> Self {
        public.map_or(Self::FromHost, Self::Configured)
    }
}

impl ConsoleAddress {
    /// The address of the console for this request; `None` if it is not configured and the request
    /// names no valid host.
    pub(super) fn resolve(&self, uri: &Uri, headers: &HeaderMap) -> Option<Url> {
        match self {
            Self::Configured(public) => Some(public.clone()),
            Self::FromHost => url_from_host(request_host(uri, headers)?),
        }
    }

    /// Whether the host of the request is, or may be, the console's.
    pub(super) fn matches_host(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        match self {
            Self::Configured(public) => {
                request_host(uri, headers).is_some_and(|host| is_host_of(host, public))
            }
            Self::FromHost => self.resolve(uri, headers).is_some(),
        }
    }

    pub(super) fn configured_url(&self) -> Option<&Url> {
        match self {
            Self::Configured(public) => Some(public),
            Self::FromHost => None,
        }
    }
}

/// HTTP/2 has the host in the URI, HTTP/1.1 in the header. More than one `Host` counts as none.
fn request_host<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Option<&'r str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

fn is_host_of(host: &str, public: &Url) -> bool {
    Url::parse(&format!("{}://{host}/", public.scheme())).is_ok_and(|url| {
        url.host() == public.host()
            && url.port_or_known_default() == public.port_or_known_default()
            && url.username().is_empty()
    })
}

/// Stricter than a URL: a host of letters, digits, dots, hyphens and underscores, or an IP address;
/// optionally a port.
fn url_from_host(host: &str) -> Option<Url> {
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    if host.len() > MAX_HOST_BYTES || !host.bytes().all(lawful) {
        return None;
    }
    Url::parse(&format!("https://{host}/"))
        .ok()
        .filter(Url::has_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Url {
        Url::parse("https://registry-console-default.example.com").unwrap()
    }

    #[test]
    fn only_the_configured_host_is_accepted() {
        for ours in [
            "registry-console-default.example.com",
            "Registry-Console-Default.example.com",
            "registry-console-default.example.com:443",
        ] {
            assert!(is_host_of(ours, &public()), "{ours}");
        }
        for foreign in [
            "evil.example",
            "registry-console-default.example.com:9090",
            "registry-console-default.example.com.evil.example",
            "a@registry-console-default.example.com",
            "",
        ] {
            assert!(!is_host_of(foreign, &public()), "{foreign}");
        }
    }

    #[test]
    fn invalid_host_header_is_not_learned() {
        for (host, url) in [
            ("console.example.com", "https://console.example.com/"),
            ("Console.example.com:443", "https://console.example.com/"),
            (
                "console.example.com:9090",
                "https://console.example.com:9090/",
            ),
            ("127.0.0.1:9090", "https://127.0.0.1:9090/"),
            ("[::1]:9090", "https://[::1]:9090/"),
        ] {
            assert_eq!(
                url_from_host(host).as_ref().map(Url::as_str),
                Some(url),
                "{host}"
            );
        }
        let endless = "a".repeat(300);
        for none in [
            "",
            ":",
            "a b",
            "a/b",
            "a@b",
            "a?b",
            "a#b",
            "a%2fb",
            "a'b",
            "$(a)",
            "a,b",
            "a:b",
            "a:99999",
            "[::1",
            "\u{e4}.example",
            &endless,
        ] {
            assert_eq!(url_from_host(none), None, "{none}");
        }
    }

    #[test]
    fn two_host_headers_are_rejected() {
        let host = |names: &[&'static str]| {
            let headers = names
                .iter()
                .map(|name| (header::HOST, axum::http::HeaderValue::from_static(name)))
                .collect();
            ConsoleAddress::FromHost.resolve(&Uri::from_static("/"), &headers)
        };
        assert!(host(&["one.example"]).is_some());
        assert!(host(&["one.example", "two.example"]).is_none() && host(&[]).is_none());
    }
}

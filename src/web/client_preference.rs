//! The registry client that a user's commands are shown for, remembered in a cookie.

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;

use super::preferences::preference_cookie;
use crate::app::connect::PullClient;

const CLIENT_COOKIE: &str = "__Host-client";

/// The client that the user chose last; the default if there is none.
pub(super) fn preferred_client(cookies: &CookieJar) -> PullClient {
    cookies
        .get(CLIENT_COOKIE)
        .and_then(|cookie| PullClient::from_name(cookie.value()))
        .unwrap_or_default()
}

/// The cookie that remembers `client`.
pub(super) fn client_cookie(client: PullClient) -> Cookie<'static> {
    preference_cookie(CLIENT_COOKIE, client.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_clients_are_accepted() {
        let preferred = |value: &'static str| {
            preferred_client(&CookieJar::new().add(Cookie::new(CLIENT_COOKIE, value)))
        };
        assert_eq!(preferred("skopeo"), PullClient::Skopeo);
        for value in ["", "Skopeo", "rm -rf", "skopeo2"] {
            assert_eq!(preferred(value), PullClient::Podman, "{value}");
        }
        let cookie = client_cookie(PullClient::Docker);
        assert!(cookie.secure() == Some(true) && cookie.http_only() == Some(true));
        assert_eq!((cookie.path(), cookie.value()), (Some("/"), "docker"));
    }
}

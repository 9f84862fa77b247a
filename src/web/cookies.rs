//! Cookies of this host.

use axum_extra::extract::cookie::{Cookie, SameSite};

/// A cookie of this host only, which is sent when the server that signs users in redirects back
/// (Lax; Strict would prevent that, S2).
pub(super) fn host_cookie(
    name: impl Into<std::borrow::Cow<'static, str>>,
    value: String,
) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
}

/// A cookie that removes another: browsers accept the removal of a `__Host-` cookie only with the
/// attributes with which it was set.
pub(super) fn removal_cookie(name: impl Into<std::borrow::Cow<'static, str>>) -> Cookie<'static> {
    let mut cookie = host_cookie(name, String::new());
    cookie.set_max_age(time::Duration::ZERO);
    cookie
}

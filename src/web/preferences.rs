//! Language, theme, format of times and registry client: chosen by a form, each stored in a cookie that contains
//! nothing else.

use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use crate::app::connect::PullClient;
use crate::i18n::Lang;
use crate::web::client_preference::client_cookie;
use crate::web::sign_in::safe_return_path;

pub(super) const LANGUAGE_COOKIE: &str = "__Host-language";
pub(super) const THEME_COOKIE: &str = "__Host-theme";
pub(super) const TIMES_COOKIE: &str = "__Host-times";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// The setting of the user's system.
    #[default]
    System,
    /// Light, whatever the system's setting is.
    Light,
    /// Dark, whatever the system's setting is.
    Dark,
}

impl Theme {
    pub(super) fn from_cookie(value: Option<&str>) -> Self {
        match value {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn is_system(self) -> bool {
        self == Self::System
    }

    pub(crate) fn is_light(self) -> bool {
        self == Self::Light
    }

    pub(crate) fn is_dark(self) -> bool {
        self == Self::Dark
    }
}

/// How times in lists are displayed. A relative time has the exact one as its tooltip, which only
/// a pointer opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    /// As in "3 minutes ago".
    #[default]
    Relative,
    /// To the second, in UTC.
    Exact,
}

impl TimeFormat {
    pub(super) fn from_cookie(value: Option<&str>) -> Self {
        match value {
            Some("exact") => Self::Exact,
            _ => Self::Relative,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Relative => "relative",
            Self::Exact => "exact",
        }
    }

    pub(crate) fn is_exact(self) -> bool {
        self == Self::Exact
    }
}

/// The form of the preferences menu, each of whose buttons sends one of the values. The client is
/// sent by the script of the page that shows commands.
#[derive(Deserialize)]
pub(super) struct PreferencesForm {
    lang: Option<String>,
    theme: Option<String>,
    times: Option<String>,
    client: Option<String>,
    next: Option<String>,
}

/// `POST /preferences`: stores the choice and returns to the previous page.
pub(super) async fn save_preferences(
    cookies: CookieJar,
    Form(choice): Form<PreferencesForm>,
) -> Response {
    let mut cookies = cookies;
    if let Some(tag) = choice.lang {
        cookies = cookies.add(preference_cookie(
            LANGUAGE_COOKIE,
            Lang::negotiate(None, Some(&tag)).tag(),
        ));
    }
    if let Some(theme) = choice.theme {
        cookies = cookies.add(preference_cookie(
            THEME_COOKIE,
            Theme::from_cookie(Some(&theme)).as_str(),
        ));
    }
    if let Some(times) = choice.times {
        cookies = cookies.add(preference_cookie(
            TIMES_COOKIE,
            TimeFormat::from_cookie(Some(&times)).as_str(),
        ));
    }
    if let Some(client) = choice.client.as_deref().and_then(PullClient::from_name) {
        cookies = cookies.add(client_cookie(client));
    }
    (
        cookies,
        Redirect::to(&safe_return_path(choice.next.as_deref())),
    )
        .into_response()
}

/// A cookie that stores a choice until the user makes another one.
pub(super) fn preference_cookie(name: &'static str, value: &'static str) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .permanent()
        .build()
}

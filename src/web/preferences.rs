//! Language and theme: chosen by a form, kept in two cookies that say nothing else.

use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::login::safe_next;
use crate::i18n::Lang;

pub(super) const LANGUAGE_COOKIE: &str = "__Host-language";
pub(super) const THEME_COOKIE: &str = "__Host-theme";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the person's system has it.
    #[default]
    System,
    /// Light, whatever the system says.
    Light,
    /// Dark, whatever the system says.
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

/// The form behind the preferences menu. Each button sends one of the two.
#[derive(Deserialize)]
pub(super) struct Choice {
    lang: Option<String>,
    theme: Option<String>,
    next: Option<String>,
}

/// `POST /preferences`: remembers the choice and goes back to where the person was.
pub(super) async fn choose(cookies: CookieJar, Form(choice): Form<Choice>) -> Response {
    let mut cookies = cookies;
    if let Some(tag) = choice.lang {
        cookies = cookies.add(kept(
            LANGUAGE_COOKIE,
            Lang::negotiate(None, Some(&tag)).tag(),
        ));
    }
    if let Some(theme) = choice.theme {
        cookies = cookies.add(kept(
            THEME_COOKIE,
            Theme::from_cookie(Some(&theme)).as_str(),
        ));
    }
    (cookies, Redirect::to(&safe_next(choice.next.as_deref()))).into_response()
}

fn kept(name: &'static str, value: &'static str) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .permanent()
        .build()
}

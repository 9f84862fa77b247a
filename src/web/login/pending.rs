//! Sign-ins that were begun and not finished.

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::Cookie;
use axum_extra::extract::{CookieJar, PrivateCookieJar};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::openshift::oauth::Begun;
use crate::web::session::{Sessions, host_cookie};

/// The beginning of the name of the cookie of each pending sign-in; the beginning of its state follows.
const PREFIX: &str = "__Host-login-";

/// How much of the state is in the name: enough to tell the tabs apart.
const NAMED_BY: usize = 12;

/// How long signing in may take (S2).
const LONGEST: TimeDelta = TimeDelta::minutes(10);

/// How many sign-ins a browser may have under way (S3): together they stay far below what a request's headers may hold.
const MOST: usize = 8;

/// What must survive the trip to the OAuth server.
#[derive(Serialize, Deserialize)]
struct Sealed {
    state: String,
    verifier: Option<String>,
    next: String,
    begun: i64,
}

/// A sign-in under way.
pub(super) struct Pending {
    state: SecretString,
    /// The PKCE verifier. None where the browser brings the token itself.
    pub(super) verifier: Option<SecretString>,
    /// Where to go afterwards.
    pub(super) next: String,
    begun: DateTime<Utc>,
}

impl Pending {
    pub(super) fn of(begun: Begun, next: String, now: DateTime<Utc>) -> Self {
        Self { state: begun.state.into(), verifier: begun.verifier, next, begun: now }
    }

    /// The cookies that remember it; the oldest sign-ins are forgotten where there are too many.
    pub(super) fn remember(self, sessions: &Sessions, headers: &HeaderMap) -> (PrivateCookieJar, CookieJar) {
        let mut others = pending_of(sessions, headers);
        others.sort_by_key(|(_, sealed)| sealed.begun);
        let too_many = (others.len() + 1).saturating_sub(MOST);
        let forgotten = others.into_iter().take(too_many).fold(CookieJar::new(), |jar, (name, _)| jar.add(expired(name)));
        let name = cookie_name(self.state.expose_secret());
        let sealed = Sealed {
            state: self.state.expose_secret().to_owned(),
            verifier: self.verifier.as_ref().map(|verifier| verifier.expose_secret().to_owned()),
            next: self.next,
            begun: self.begun.timestamp(),
        };
        let value = serde_json::to_string(&sealed).expect("four texts are always JSON");
        let mut cookie = host_cookie(name, value);
        cookie.set_max_age(seconds(LONGEST));
        (sessions.jar(&HeaderMap::new()).add(cookie), forgotten)
    }

    /// The sign-in of this browser that `state` belongs to (S4): none if it is unknown, someone else's, or too old.
    pub(super) fn recall(sessions: &Sessions, headers: &HeaderMap, state: &str, now: DateTime<Utc>) -> Option<Self> {
        let sealed: Sealed = serde_json::from_str(&sessions.open(headers, &cookie_name(state))?).ok()?;
        let begun = DateTime::from_timestamp(sealed.begun, 0)?;
        let same: bool = sealed.state.as_bytes().ct_eq(state.as_bytes()).into();
        (same && now - begun < LONGEST).then(|| Self {
            state: sealed.state.into(),
            verifier: sealed.verifier.map(SecretString::from),
            next: sealed.next,
            begun,
        })
    }

    /// The cookie that makes the browser forget it.
    pub(super) fn forgotten(&self) -> Cookie<'static> {
        expired(cookie_name(self.state.expose_secret()))
    }
}

/// The states that came back: each is good once (S5).
#[derive(Clone)]
pub(in crate::web) struct UsedStates(moka::sync::Cache<String, ()>);

impl UsedStates {
    pub(in crate::web) fn new() -> Self {
        let longest = Duration::from_secs(LONGEST.num_seconds().unsigned_abs());
        Self(moka::sync::Cache::builder().max_capacity(100_000).time_to_live(longest).build())
    }

    /// Uses up `state`; `false` if it was used before.
    pub(super) fn first_use_of(&self, state: &str) -> bool {
        self.0.entry(state.to_owned()).or_insert(()).is_fresh()
    }
}

fn pending_of(sessions: &Sessions, headers: &HeaderMap) -> Vec<(String, Sealed)> {
    let names: Vec<String> =
        CookieJar::from_headers(headers).iter().map(|cookie| cookie.name().to_owned()).filter(|name| name.starts_with(PREFIX)).collect();
    let unreadable = || Sealed { state: String::new(), verifier: None, next: String::new(), begun: 0 };
    names
        .into_iter()
        .map(|name| {
            let sealed = sessions.open(headers, &name).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(unreadable);
            (name, sealed)
        })
        .collect()
}

fn cookie_name(state: &str) -> String {
    let known: String = state.chars().filter(char::is_ascii_alphanumeric).take(NAMED_BY).collect();
    format!("{PREFIX}{known}")
}

/// A cookie that is gone: browsers take a `__Host-` cookie's removal only with the attributes that it was set with.
pub(in crate::web) fn expired(name: impl Into<std::borrow::Cow<'static, str>>) -> Cookie<'static> {
    let mut cookie = host_cookie(name, String::new());
    cookie.set_max_age(seconds(TimeDelta::zero()));
    cookie
}

fn seconds(delta: TimeDelta) -> time::Duration {
    time::Duration::seconds(delta.num_seconds())
}

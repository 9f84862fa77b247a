//! Sign-ins in progress.
//!
//! A browser has one cookie for all of them, with a secret of its own ([`BrowserSecret`]);
//! everything else is in the `state` parameter, sealed with the console's key ([`PendingSignIn`]).
//! So any number of tabs can sign in at once, any replica can finish what another began, and
//! responses that arrive out of order cannot lose a sign-in: while the cookie exists, all of them
//! set the same one.

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, Key};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use ring::hmac;
use secrecy::SecretString;
use subtle::ConstantTimeEq;

use crate::web::cookies::host_cookie;
use crate::web::errors::{SignInError, WebError};
use crate::web::session::{Sessions, derive_key};

/// The cookie that contains the browser's secret. It names no sign-in, so its size does not depend
/// on the number of sign-ins.
pub(super) const SIGN_IN_COOKIE: &str = "__Host-login";

/// How long a sign-in may take (S2).
const SIGN_IN_TIMEOUT: TimeDelta = TimeDelta::minutes(10);

/// How often a browser starts a sign-in again automatically.
const MAX_ATTEMPTS: u8 = 3;

/// The longest state, in characters: the return path is short (`crate::web::sign_in::return_path`).
const MAX_STATE_BYTES: usize = 1_024;

/// The bytes that make a sign-in unique (S1).
const ID_BYTES: usize = 16;

/// The bytes that bind a sign-in to a browser.
const BINDING_BYTES: usize = 16;

/// Shared by all sign-ins of a browser while some are in progress. No `Debug`: it is secret.
pub(super) struct BrowserSecret(hmac::Key);

/// A sign-in, as its state contains it.
#[derive(Debug)]
pub(super) struct PendingSignIn {
    id: [u8; ID_BYTES],
    started_at: DateTime<Utc>,
    /// How many sign-ins of this tab have failed because another tab began one at the same time.
    attempt: u8,
    /// The page to return to afterwards.
    pub(super) return_path: String,
}

/// A callback that does not continue a sign-in of this browser.
#[derive(Debug)]
pub(super) struct CallbackMismatch {
    error: SignInError,
    /// The return path and the attempt of the sign-in, if the state is the console's own.
    sign_in: Option<(String, u8)>,
}

impl BrowserSecret {
    /// The secret that the browser sent, or a new one.
    pub(super) fn from_cookie_or_new(
        sessions: &Sessions,
        headers: &HeaderMap,
    ) -> (Self, Cookie<'static>) {
        let text = sessions
            .open(headers, SIGN_IN_COOKIE)
            .filter(|text| Self::parse(text).is_some());
        let text = text.unwrap_or_else(crate::web::session::random_text);
        let secret = Self::parse(&text).expect("256 random bits as text");
        let mut cookie = host_cookie(SIGN_IN_COOKIE, text);
        cookie.set_max_age(to_cookie_duration(SIGN_IN_TIMEOUT));
        (secret, cookie)
    }

    /// The secret that the browser sent, if it is valid.
    pub(super) fn from_cookie(sessions: &Sessions, headers: &HeaderMap) -> Option<Self> {
        Self::parse(&sessions.open(headers, SIGN_IN_COOKIE)?)
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .filter(|bytes| bytes.len() == 32)?;
        Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The PKCE verifier of a sign-in: 43 characters (RFC 7636, section 4.1), known only to this
    /// browser and the console.
    pub(super) fn verifier(&self, sign_in: &PendingSignIn) -> SecretString {
        URL_SAFE_NO_PAD
            .encode(self.derive(b"verifier", &sign_in.id))
            .into()
    }

    /// The nonce of a sign-in at an OIDC provider, which its ID token must contain.
    pub(super) fn nonce(&self, sign_in: &PendingSignIn) -> String {
        URL_SAFE_NO_PAD.encode(self.derive(b"nonce", &sign_in.id))
    }

    /// The proof that a state was created for this browser.
    fn binding(&self, id: &[u8]) -> [u8; BINDING_BYTES] {
        let tag = self.derive(b"state", id);
        tag.as_ref()[..BINDING_BYTES]
            .try_into()
            .expect("a part of it")
    }

    fn derive(&self, purpose: &[u8], id: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, &[purpose, b":", id].concat())
    }
}

impl PendingSignIn {
    /// A sign-in that returns to `next`.
    pub(super) fn new(next: String, attempt: u8, now: DateTime<Utc>) -> Self {
        Self {
            id: rand::random(),
            started_at: now,
            attempt,
            return_path: next,
        }
    }

    /// The state: URL-safe text that only the console can open, bound to the browser.
    pub(super) fn seal(&self, sessions: &Sessions, secret: &BrowserSecret) -> String {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = [
            &self.id[..],
            &secret.binding(&self.id),
            &self.started_at.timestamp().to_be_bytes(),
            &[self.attempt],
        ]
        .concat();
        sealed.extend_from_slice(self.return_path.as_bytes());
        let key = state_key(sessions.sealing_key());
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut sealed,
        )
        .expect("far below 64 GiB");
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// The sign-in of this browser to which `state` belongs (S4). It is not used up yet
    /// ([`UsedStates::try_use`]).
    ///
    /// # Errors
    ///
    /// It is unknown, belongs to another browser, has expired, or was used before.
    pub(super) fn from_state(
        sessions: &Sessions,
        headers: &HeaderMap,
        used: &UsedStates,
        state: &str,
        now: DateTime<Utc>,
    ) -> Result<(Self, BrowserSecret), CallbackMismatch> {
        let Some((sign_in, binding)) = Self::open(sessions, state) else {
            return Err(CallbackMismatch {
                error: SignInError::BadCallback,
                sign_in: None,
            });
        };
        let not = |why, sign_in: Self| {
            Err(CallbackMismatch {
                error: why,
                sign_in: Some((sign_in.return_path, sign_in.attempt)),
            })
        };
        if now - sign_in.started_at >= SIGN_IN_TIMEOUT {
            return not(SignInError::Expired, sign_in);
        }
        if used.contains(&sign_in) {
            return not(SignInError::AlreadyUsed, sign_in);
        }
        let Some(secret) = BrowserSecret::from_cookie(sessions, headers) else {
            return not(SignInError::CookieMissing, sign_in);
        };
        if !bool::from(secret.binding(&sign_in.id).ct_eq(&binding)) {
            return not(SignInError::SupersededByOtherTab, sign_in);
        }
        Ok((sign_in, secret))
    }

    fn open(sessions: &Sessions, state: &str) -> Option<(Self, [u8; BINDING_BYTES])> {
        if state.len() > MAX_STATE_BYTES {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(state).ok()?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let opened = sessions.keys().iter().find_map(|key| {
            let mut sealed = sealed.to_vec();
            let opened = state_key(key)
                .open_in_place(
                    Nonce::assume_unique_for_key(*nonce),
                    Aad::empty(),
                    &mut sealed,
                )
                .ok()?;
            Some(opened.to_vec())
        })?;
        let (id, rest) = opened.split_first_chunk::<ID_BYTES>()?;
        let (binding, rest) = rest.split_first_chunk::<BINDING_BYTES>()?;
        let (begun, rest) = rest.split_first_chunk::<8>()?;
        let (&attempt, next) = rest.split_first()?;
        let begun = DateTime::from_timestamp(i64::from_be_bytes(*begun), 0)?;
        let next = String::from_utf8(next.to_vec()).ok()?;
        Some((
            Self {
                id: *id,
                started_at: begun,
                attempt,
                return_path: next,
            },
            *binding,
        ))
    }
}

impl CallbackMismatch {
    /// A sign-in that was completed before.
    pub(super) fn already_used(sign_in: PendingSignIn) -> Self {
        Self {
            error: SignInError::AlreadyUsed,
            sign_in: Some((sign_in.return_path, sign_in.attempt)),
        }
    }

    /// The page to which a signed-in user continues.
    pub(super) fn return_path(&self) -> &str {
        self.sign_in
            .as_ref()
            .map_or(crate::web::links::HOME, |(next, _)| next)
    }
}

impl From<CallbackMismatch> for WebError {
    fn from(mismatch: CallbackMismatch) -> Self {
        let CallbackMismatch {
            error,
            sign_in: began,
        } = mismatch;
        let Some((next, attempt)) = began else {
            return error.into();
        };
        // Only in this case is it certain that the next attempt finds another cookie: in others it
        // could fail in the same way for ever.
        let attempt = (error == SignInError::SupersededByOtherTab && attempt < MAX_ATTEMPTS)
            .then_some(attempt + 1);
        Self::SignInRestarts {
            error,
            next,
            attempt,
        }
    }
}

/// The states that have been used: each can be used once (S5).
#[derive(Clone)]
pub(in crate::web) struct UsedStates(moka::sync::Cache<[u8; ID_BYTES], ()>);

impl UsedStates {
    pub(in crate::web) fn new() -> Self {
        let longest = Duration::from_secs(SIGN_IN_TIMEOUT.num_seconds().unsigned_abs());
        let newest_stay = moka::policy::EvictionPolicy::lru();
        Self(
            moka::sync::Cache::builder()
                .max_capacity(100_000)
                .eviction_policy(newest_stay)
                .time_to_live(longest)
                .build(),
        )
    }

    fn contains(&self, sign_in: &PendingSignIn) -> bool {
        self.0.contains_key(&sign_in.id)
    }

    /// Uses the state up; `false` if it was used before.
    pub(super) fn try_use(&self, sign_in: &PendingSignIn) -> bool {
        self.0.entry(sign_in.id).or_insert(()).is_fresh()
    }
}

fn state_key(key: &Key) -> LessSafeKey {
    derive_key(key, "registry-console: state of a sign-in")
}

fn to_cookie_duration(delta: TimeDelta) -> time::Duration {
    time::Duration::seconds(delta.num_seconds())
}

#[cfg(test)]
mod tests;

//! The session: sealed into cookies, so that replicas share only a key.
//!
//! The browser stores the token, encrypted and authenticated (AES-256-GCM), in a `__Host-` cookie
//! that no other host of the apps domain can set or read (S14), or in several if it is large
//! (`cookie_parts`). What a cookie cannot express is stored here: which sessions were signed out
//! (S16), and for a short time the results of renewals (`renewal`).

mod cookie_parts;
pub(super) mod renewal;
mod sealed;

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::Key;
use chrono::{DateTime, TimeDelta, Utc};
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hmac;
use secrecy::SecretString;

use crate::config::SessionLimits;
use crate::openshift::oidc::OidcTokens;
use crate::outbound::UserToken;
use registry_model::CurrentUser;

pub(super) use sealed::{SetCookies, remove_session_cookies};

/// The session cookie. `__Host-`: Secure, no Domain, Path=/ (RFC 6265bis).
pub const SESSION_COOKIE: &str = "__Host-registry-console";

/// How many ended sessions are remembered. Sign-outs beyond this number within a day evict those
/// that were neither ended nor used lately.
const MAX_ENDED_SESSIONS: u64 = 100_000;

/// Seals and opens sessions, and remembers those that ended.
#[derive(Clone)]
pub(super) struct Sessions {
    /// The first key seals; all open, so that a key can be replaced without signing users out.
    keys: Vec<Key>,
    limits: SessionLimits,
    ended: moka::sync::Cache<String, ()>,
}

/// The session of a signed-in user.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// Identifies the session in logs and in the list of ended ones. Not a secret: it grants
    /// nothing.
    pub(super) id: String,
    /// The user's own token.
    pub(super) token: UserToken,
    pub(super) user: CurrentUser,
    /// Proves that a form comes from a page of this session (S24).
    pub(super) form_token: SecretString,
    /// When the session ends at the latest.
    pub(super) expires_at: DateTime<Utc>,
    /// When its user last opened a page, as far as the cookie says: it is renewed when a part of the
    /// idle timeout has passed.
    pub(super) last_used: DateTime<Utc>,
    /// Whether it is sealed with a key that is no longer the first: the next page seals it again
    /// (S22).
    pub(super) has_old_key: bool,
    /// Whether the navigation links to the administration: the user could list the cluster's users
    /// when the session began. Only a link: the pages check the user's rights themselves.
    pub(super) links_administration: bool,
    /// What renews the token. `None` for a token of the OAuth server, which lasts as long as the
    /// session.
    pub(super) oidc: Option<OidcSession>,
}

/// The part of a session that only sign-ins through an OIDC provider have.
#[derive(Clone, Debug)]
pub(super) struct OidcSession {
    /// The user at the provider (`sub`): a renewed token must be of the same.
    pub(super) subject: String,
    /// `None` if the provider does not renew the session.
    pub(super) refresh_token: Option<SecretString>,
    pub(super) token_expires_at: DateTime<Utc>,
}

impl Sessions {
    /// `keys` must not be empty; the first key seals.
    pub(super) fn new(keys: Vec<Key>, limits: SessionLimits) -> Self {
        Self::with_capacity(keys, limits, MAX_ENDED_SESSIONS)
    }

    /// The same, with room for `ended` sign-outs.
    fn with_capacity(keys: Vec<Key>, limits: SessionLimits, ended: u64) -> Self {
        let keep = limits.max_lifetime.to_std().unwrap_or_default();
        // The default policy of moka rejects new entries once the cache is full: users who sign out
        // now would stay signed in.
        let newest_stay = moka::policy::EvictionPolicy::lru();
        Self {
            keys,
            limits,
            ended: moka::sync::Cache::builder()
                .max_capacity(ended)
                .eviction_policy(newest_stay)
                .time_to_live(keep)
                .build(),
        }
    }

    /// A jar that seals cookies.
    pub(super) fn jar(&self, headers: &HeaderMap) -> PrivateCookieJar {
        PrivateCookieJar::from_headers(headers, self.sealing_key().clone())
    }

    /// The cookie's value, opened by any of the keys.
    pub(super) fn open(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        self.open_with_key_index(headers, name)
            .map(|(_, value)| value)
    }

    /// The same, with the number of the key that opened it.
    fn open_with_key_index(&self, headers: &HeaderMap, name: &str) -> Option<(usize, String)> {
        self.keys.iter().enumerate().find_map(|(number, key)| {
            let cookie = PrivateCookieJar::<Key>::from_headers(headers, key.clone()).get(name)?;
            Some((number, cookie.value().to_owned()))
        })
    }

    /// The session that the browser sent, if it is intact, has not expired and was not signed out.
    /// Anything else is no session (S23).
    pub(super) fn read(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Session> {
        let session = self.unseal(headers)?;
        let is_idle = |timeout| session.last_used + timeout <= now;
        let is_over = session.expires_at <= now
            || self.limits.idle_timeout.is_some_and(is_idle)
            || self.ended.contains_key(&session.id);
        (!is_over).then_some(session)
    }

    /// When a session that begins `now` with this token ends at the latest.
    pub(super) fn end_of_new(&self, now: DateTime<Utc>, token_lifetime: Duration) -> DateTime<Utc> {
        let longest = self.limits.max_lifetime;
        now + TimeDelta::from_std(token_lifetime).map_or(longest, |token| token.min(longest))
    }

    /// Whether the use of a session must be recorded in its cookie: a tenth of the idle timeout has
    /// passed since the last time.
    pub(super) fn must_record_use(&self, session: &Session, now: DateTime<Utc>) -> bool {
        let is_due = |timeout: TimeDelta| now - session.last_used >= timeout / 10;
        self.limits.idle_timeout.is_some_and(is_due)
    }

    /// Refuses the session from now on, whatever cookie still contains it (S16).
    pub(super) fn end(&self, session: &Session) {
        self.ended.insert(session.id.clone(), ());
    }

    /// Whether the session was signed out at this console, or has expired.
    pub(super) fn has_ended(&self, session: &Session, now: DateTime<Utc>) -> bool {
        session.expires_at <= now || self.ended.contains_key(&session.id)
    }

    /// All keys; the first seals.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(super) fn sealing_key(&self) -> &Key {
        self.keys
            .first()
            .expect("configuration gives at least one key")
    }
}

impl Session {
    /// A new session with a new id and a new form token: it contains nothing that the browser sent
    /// before (S15).
    pub(super) fn new(
        token: UserToken,
        user: CurrentUser,
        now: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> Self {
        Self {
            id: random_text(),
            token,
            user,
            form_token: random_text().into(),
            expires_at: expires,
            last_used: now,
            has_old_key: false,
            links_administration: false,
            oidc: None,
        }
    }

    /// A new session of a user of the OIDC provider. It lasts until `expires` if it can be renewed,
    /// otherwise until its token expires.
    pub(super) fn from_oidc(
        tokens: OidcTokens,
        user: CurrentUser,
        now: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> Self {
        Self::new(tokens.id_token.clone(), user, now, expires).with_tokens(tokens)
    }

    /// The same session with newer tokens of its user. Its id, form token and end stay.
    pub(super) fn with_tokens(self, tokens: OidcTokens) -> Self {
        let expires_at = match tokens.refresh_token {
            Some(_) => self.expires_at,
            None => self.expires_at.min(tokens.expires_at),
        };
        Self {
            token: tokens.id_token,
            expires_at,
            oidc: Some(OidcSession {
                subject: tokens.subject,
                refresh_token: tokens.refresh_token,
                token_expires_at: tokens.expires_at,
            }),
            ..self
        }
    }

    /// Sets whether the navigation links to the administration.
    pub(super) fn with_administration(self, links_administration: bool) -> Self {
        Self {
            links_administration,
            ..self
        }
    }

    /// The session, used `now`.
    pub(super) fn used_at(&self, now: DateTime<Utc>) -> Self {
        Self {
            last_used: now,
            ..self.clone()
        }
    }

    /// When its token expires: before the session ends if it can be renewed.
    pub(super) fn token_expires_at(&self) -> DateTime<Utc> {
        let renewed = self.oidc.as_ref().map(|oidc| oidc.token_expires_at);
        renewed.map_or(self.expires_at, |expires| expires.min(self.expires_at))
    }
}

/// A key for `purpose` that is derived from a key of the configuration: not the one that seals
/// cookies, which is used with other nonces.
pub(super) fn derive_key(key: &Key, purpose: &str) -> LessSafeKey {
    let derived = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, key.encryption()),
        purpose.as_bytes(),
    );
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, derived.as_ref()).expect("32 bytes"))
}

/// 256 random bits as text.
pub(super) fn random_text() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests;

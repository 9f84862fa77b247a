//! The session: sealed into a cookie, so that replicas share only a key.
//!
//! The browser stores the token, encrypted and authenticated (AES-256-GCM), in a `__Host-` cookie
//! that no other host of the apps domain can set or read (S14). What a cookie cannot express is
//! stored here: which sessions were signed out (S16).

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::{Cookie, Key, SameSite};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::config::SessionLimits;
use crate::outbound::UserToken;
use registry_model::CurrentUser;

/// The session cookie. `__Host-`: Secure, no Domain, Path=/ (RFC 6265bis).
pub const SESSION_COOKIE: &str = "__Host-registry-console";

/// Browsers limit a cookie to 4 KiB; sealing and encoding take a third of it.
const MAX_PAYLOAD_BYTES: usize = 2_900;

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
}

/// The content of the cookie.
#[derive(Serialize, Deserialize)]
struct SealedSession {
    id: String,
    token: String,
    name: String,
    full_name: Option<String>,
    csrf: String,
    expires: i64,
    /// Absent in sessions of earlier versions.
    #[serde(default)]
    administration: bool,
    /// Absent in sessions of earlier versions, which then end with the idle timeout.
    #[serde(default)]
    used: i64,
}

/// The token is too long for a cookie.
#[derive(Debug, thiserror::Error)]
#[error("the token does not fit into a cookie")]
pub(super) struct TokenTooLargeError;

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
        let (key, value) = self.open_with_key_index(headers, SESSION_COOKIE)?;
        let sealed: SealedSession = serde_json::from_str(&value).ok()?;
        let expires = DateTime::from_timestamp(sealed.expires, 0)?;
        let last_used = DateTime::from_timestamp(sealed.used, 0)?;
        let is_idle = |timeout| last_used + timeout <= now;
        if expires <= now
            || self.limits.idle_timeout.is_some_and(is_idle)
            || self.ended.contains_key(&sealed.id)
        {
            return None;
        }
        Some(Session {
            id: sealed.id,
            token: UserToken::new(sealed.token.into()),
            user: CurrentUser {
                name: sealed.name,
                full_name: sealed.full_name,
                groups: Vec::new(),
            },
            form_token: sealed.csrf.into(),
            expires_at: expires,
            last_used,
            has_old_key: key > 0,
            links_administration: sealed.administration,
        })
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

    /// The cookie that contains the session.
    ///
    /// # Errors
    ///
    /// The token is longer than a cookie can hold: it is refused, not cut.
    pub(super) fn cookie(&self) -> Result<Cookie<'static>, TokenTooLargeError> {
        let sealed = SealedSession {
            id: self.id.clone(),
            token: self.token.expose().to_owned(),
            name: self.user.name.clone(),
            full_name: self.user.full_name.clone(),
            csrf: self.form_token.expose_secret().to_owned(),
            expires: self.expires_at.timestamp(),
            administration: self.links_administration,
            used: self.last_used.timestamp(),
        };
        let payload = serde_json::to_string(&sealed).map_err(|_| TokenTooLargeError)?;
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(TokenTooLargeError);
        }
        Ok(host_cookie(SESSION_COOKIE, payload))
    }
}

/// A cookie of this host only, which is sent when the OAuth server redirects back (Lax; Strict
/// would prevent that, S2).
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

/// 256 random bits as text.
pub(super) fn random_text() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, header};
    use axum::response::IntoResponse;

    fn sessions(seeds: &[u8]) -> Sessions {
        let keys = seeds.iter().map(|seed| Key::from(&[*seed; 64])).collect();
        Sessions::new(keys, SessionLimits::default())
    }

    fn session() -> Session {
        let user = CurrentUser {
            name: "dev".to_owned(),
            full_name: None,
            groups: Vec::new(),
        };
        Session::new(
            UserToken::from("sha256~very-secret"),
            user,
            now(0),
            now(2_000),
        )
    }

    /// What a browser sends after it received the session cookie.
    fn sent_back(sessions: &Sessions, session: &Session) -> HeaderMap {
        let set = sessions
            .jar(&HeaderMap::new())
            .add(session.cookie().unwrap())
            .into_response();
        let cookie = set.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(cookie).unwrap())])
    }

    fn now(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// S14.
    #[test]
    fn session_cookie_is_sealed_and_host_only() {
        let set = sessions(&[1])
            .jar(&HeaderMap::new())
            .add(session().cookie().unwrap())
            .into_response();
        let header = set.headers()[header::SET_COOKIE].to_str().unwrap();
        for part in [
            "__Host-registry-console=",
            "HttpOnly",
            "Secure",
            "SameSite=Lax",
            "Path=/",
        ] {
            assert!(header.contains(part), "{header}");
        }
        assert!(!header.contains("Domain"));
        assert!(!header.contains("very-secret"));
    }

    #[test]
    fn session_opens_until_it_expires() {
        let (sessions, session) = (sessions(&[1]), session());
        let headers = sent_back(&sessions, &session);
        assert_eq!(
            sessions.read(&headers, now(1_999)).unwrap().token.expose(),
            "sha256~very-secret"
        );
        assert!(sessions.read(&headers, now(2_000)).is_none());
    }

    #[test]
    fn unused_session_ends_with_the_idle_timeout() {
        let limits = SessionLimits {
            idle_timeout: Some(TimeDelta::seconds(300)),
            ..SessionLimits::default()
        };
        let sessions = Sessions::new(vec![Key::from(&[1; 64])], limits);
        let headers = sent_back(&sessions, &session());
        let read = sessions.read(&headers, now(299)).unwrap();
        assert!(sessions.read(&headers, now(300)).is_none());
        assert!(!sessions.must_record_use(&read, now(29)));
        assert!(sessions.must_record_use(&read, now(30)));
        let used = sent_back(&sessions, &read.used_at(now(299)));
        assert!(sessions.read(&used, now(598)).is_some());
        assert!(sessions.read(&used, now(599)).is_none());
        let unlimited = super::tests::sessions(&[1]);
        assert!(unlimited.read(&headers, now(1_999)).is_some());
        assert!(!unlimited.must_record_use(&read, now(1_999)));
    }

    #[test]
    fn session_ends_with_its_token_or_its_longest_lifetime() {
        let limits = SessionLimits {
            max_lifetime: TimeDelta::seconds(600),
            ..SessionLimits::default()
        };
        let sessions = Sessions::new(vec![Key::from(&[1; 64])], limits);
        for (token, end) in [(599, 599), (601, 600), (u64::MAX, 600)] {
            let end_of_new = sessions.end_of_new(now(0), Duration::from_secs(token));
            assert_eq!(end_of_new, now(end));
        }
    }

    /// S16.
    #[test]
    fn signed_out_session_is_rejected_with_a_valid_cookie() {
        let (sessions, session) = (sessions(&[1]), session());
        let headers = sent_back(&sessions, &session);
        sessions.end(&session);
        assert!(sessions.read(&headers, now(1)).is_none());
    }

    #[test]
    fn previous_key_opens_a_session_and_removed_key_does_not() {
        let headers = sent_back(&sessions(&[1]), &session());
        assert!(sessions(&[2, 1]).read(&headers, now(1)).is_some());
        assert!(sessions(&[2]).read(&headers, now(1)).is_none());
    }

    /// S22.
    #[test]
    fn session_sealed_with_an_old_key_is_marked() {
        let headers = sent_back(&sessions(&[1]), &session());
        let renewed = sessions(&[2, 1]);
        assert!(
            !sessions(&[1, 2])
                .read(&headers, now(1))
                .unwrap()
                .has_old_key
        );
        let session = renewed.read(&headers, now(1)).unwrap();
        assert!(session.has_old_key);
        let sealed_again = sent_back(&renewed, &session);
        assert!(
            !sessions(&[2])
                .read(&sealed_again, now(1))
                .unwrap()
                .has_old_key
        );
    }

    #[test]
    fn newest_sign_outs_are_kept_over_the_limit() {
        let sessions =
            Sessions::with_capacity(vec![Key::from(&[1; 64])], SessionLimits::default(), 10);
        // Old ones that are used again and again do not evict new ones.
        let old: Vec<Session> = (0..10).map(|_| session()).collect();
        old.iter().for_each(|session| sessions.end(session));
        for _ in 0..50 {
            assert!(
                old.iter()
                    .all(|session| sessions.has_ended(session, now(1)))
            );
        }
        let new: Vec<Session> = (0..25).map(|_| session()).collect();
        for session in &new {
            sessions.end(session);
            sessions.ended.run_pending_tasks();
            assert!(sessions.has_ended(session, now(1)), "signed out just now");
        }
        assert!(
            new.iter()
                .rev()
                .take(9)
                .all(|session| sessions.has_ended(session, now(1)))
        );
        assert!(sessions.ended.entry_count() <= 10);
    }

    /// S23: every flipped bit, every cut, and a flood.
    #[test]
    fn tampered_cookie_is_no_session() {
        let sessions = sessions(&[1]);
        let headers = sent_back(&sessions, &session());
        let whole = headers[header::COOKIE].to_str().unwrap().to_owned();
        let (name, value) = whole.split_once('=').unwrap();
        let refused = |value: &[u8]| {
            let Ok(cookie) = HeaderValue::from_bytes(&[name.as_bytes(), b"=", value].concat())
            else {
                return;
            };
            let read = sessions.read(&HeaderMap::from_iter([(header::COOKIE, cookie)]), now(1));
            assert!(
                read.is_none_or(|session| session.token.expose() == "sha256~very-secret"
                    && value.len() == whole.len() - name.len() - 1)
            );
        };
        for at in 0..value.len() {
            refused(&value.as_bytes()[..at]);
            let flipped: Vec<u8> = value
                .bytes()
                .enumerate()
                .map(|(i, b)| if i == at { b ^ 1 } else { b })
                .collect();
            let cookie =
                HeaderValue::from_bytes(&[name.as_bytes(), b"=", &flipped].concat()).unwrap();
            if let Some(session) =
                sessions.read(&HeaderMap::from_iter([(header::COOKIE, cookie)]), now(1))
            {
                panic!(
                    "bit flipped at {at}, yet {} is signed in",
                    session.user.name
                );
            }
        }
        refused("A".repeat(16 * 1024).as_bytes());
    }

    #[test]
    fn oversized_token_is_rejected() {
        let user = CurrentUser {
            name: "dev".to_owned(),
            full_name: None,
            groups: Vec::new(),
        };
        let session = Session::new(UserToken::from(&*"t".repeat(3_000)), user, now(0), now(1));
        assert!(session.cookie().is_err());
    }
}

//! The session as the browser stores it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{AppendHeaders, IntoResponse as _};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use chrono::DateTime;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::cookie_parts::{self, MAX_PARTS, part_name};
use super::{OidcSession, SESSION_COOKIE, Session, Sessions};
use crate::outbound::UserToken;
use crate::web::cookies::{host_cookie, removal_cookie};
use registry_model::CurrentUser;

/// Browsers limit a cookie to 4 KiB; sealing and encoding take a third of it.
const MAX_COOKIE_PAYLOAD_BYTES: usize = 2_900;

/// Headers that set or remove the cookies of a session.
pub(in crate::web) type SetCookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

/// The content of the cookies.
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
    /// Absent in sessions of the OAuth server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oidc: Option<SealedOidcSession>,
}

#[derive(Serialize, Deserialize)]
struct SealedOidcSession {
    sub: String,
    refresh: Option<String>,
    expires: i64,
}

/// The session is larger than browsers and proxies accept: its token is refused, not cut.
#[derive(Debug, thiserror::Error)]
#[error("the session does not fit into cookies")]
pub(in crate::web) struct SessionTooLargeError;

impl Sessions {
    /// The session in the cookies, if they are intact. It may have ended.
    pub(super) fn unseal(&self, headers: &HeaderMap) -> Option<Session> {
        let cookies = CookieJar::from_headers(headers);
        let value = |name: &str| cookies.get(name).map(|cookie| cookie.value().to_owned());
        let first = value(SESSION_COOKIE)?;
        let (key, payload) = match cookie_parts::open(self.keys(), &first, value) {
            Some(opened) => opened,
            None => self.open_with_key_index(headers, SESSION_COOKIE)?,
        };
        let sealed: SealedSession = serde_json::from_str(&payload).ok()?;
        sealed.into_session(key > 0)
    }

    /// The headers that set the cookies of `session`, and remove those parts of an earlier one that
    /// the browser `sent` and that this one does not have.
    ///
    /// One cookie holds every session of the OAuth server. Only ID tokens are larger.
    ///
    /// # Errors
    ///
    /// The session is too large.
    pub(in crate::web) fn set_cookies(
        &self,
        session: &Session,
        sent: &HeaderMap,
    ) -> Result<SetCookies, SessionTooLargeError> {
        let payload = serde_json::to_string(&SealedSession::from(session))
            .map_err(|_| SessionTooLargeError)?;
        if payload.len() <= MAX_COOKIE_PAYLOAD_BYTES {
            let jar = self
                .jar(&HeaderMap::new())
                .add(host_cookie(SESSION_COOKIE, payload));
            let mut response = jar.into_response();
            let set = response.headers_mut().remove(header::SET_COOKIE);
            let set = set.into_iter().map(|value| (header::SET_COOKIE, value));
            return Ok(AppendHeaders(set.chain(remove_parts(sent, 1)).collect()));
        }
        if session.oidc.is_none() {
            return Err(SessionTooLargeError);
        }
        let parts = cookie_parts::seal(self.sealing_key(), payload.as_bytes())
            .ok_or(SessionTooLargeError)?;
        let count = parts.len();
        let set = parts
            .into_iter()
            .enumerate()
            .map(|(index, value)| set_cookie(&host_cookie(part_name(index), value)));
        Ok(AppendHeaders(
            set.chain(remove_parts(sent, count)).collect(),
        ))
    }
}

/// The headers that remove all cookies of the session that the browser `sent`.
pub(in crate::web) fn remove_session_cookies(sent: &HeaderMap) -> SetCookies {
    let first = set_cookie(&removal_cookie(SESSION_COOKIE));
    AppendHeaders(
        std::iter::once(first)
            .chain(remove_parts(sent, 1))
            .collect(),
    )
}

/// The headers that remove the parts from number `from` on that the browser sent.
fn remove_parts(
    sent: &HeaderMap,
    from: usize,
) -> impl Iterator<Item = (HeaderName, HeaderValue)> + use<> {
    let cookies = CookieJar::from_headers(sent);
    (from..MAX_PARTS)
        .map(part_name)
        .filter(move |name| cookies.get(name).is_some())
        .map(|name| set_cookie(&removal_cookie(name)))
}

fn set_cookie(cookie: &Cookie<'static>) -> (HeaderName, HeaderValue) {
    let value = cookie.to_string().parse();
    (
        header::SET_COOKIE,
        value.expect("our own cookie is a header"),
    )
}

impl From<&Session> for SealedSession {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.clone(),
            token: session.token.expose().to_owned(),
            name: session.user.name.clone(),
            full_name: session.user.full_name.clone(),
            csrf: session.form_token.expose_secret().to_owned(),
            expires: session.expires_at.timestamp(),
            administration: session.links_administration,
            used: session.last_used.timestamp(),
            oidc: session.oidc.as_ref().map(|oidc| SealedOidcSession {
                sub: oidc.subject.clone(),
                refresh: oidc
                    .refresh_token
                    .as_ref()
                    .map(|token| token.expose_secret().to_owned()),
                expires: oidc.token_expires_at.timestamp(),
            }),
        }
    }
}

impl SealedSession {
    fn into_session(self, has_old_key: bool) -> Option<Session> {
        let oidc = match self.oidc {
            None => None,
            Some(oidc) => Some(OidcSession {
                subject: oidc.sub,
                refresh_token: oidc.refresh.map(Into::into),
                token_expires_at: DateTime::from_timestamp(oidc.expires, 0)?,
            }),
        };
        Some(Session {
            id: self.id,
            token: UserToken::new(self.token.into()),
            user: CurrentUser {
                name: self.name,
                full_name: self.full_name,
                groups: Vec::new(),
            },
            form_token: self.csrf.into(),
            expires_at: DateTime::from_timestamp(self.expires, 0)?,
            last_used: DateTime::from_timestamp(self.used, 0)?,
            has_old_key,
            links_administration: self.administration,
            oidc,
        })
    }
}

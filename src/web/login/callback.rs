//! Back from the OAuth server.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use chrono::TimeDelta;
use secrecy::SecretString;

use super::pending::Pending;
use crate::openshift::oauth;
use crate::web::App;
use crate::web::errors::{LoginTrouble, Refused};
use crate::web::session::{LONGEST, Session};

/// A query longer than this is nobody's code and state (S7).
const LONGEST_QUERY: usize = 4_096;

/// What the OAuth server sent the browser back with.
#[derive(Debug)]
enum Returned {
    Code { code: SecretString, state: String },
    Error { error: String, state: String },
}

/// `GET /oauth/callback`: redeems the code and begins a session. Nothing is asked of anybody before the state is known to be ours (S4).
pub(in crate::web) async fn callback(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Refused> {
    let returned = Returned::parse(query.as_deref().unwrap_or_default()).ok_or(LoginTrouble::BadCallback)?;
    let pending = Pending::recall(&app.sessions, &headers, returned.state(), app.clock.now()).ok_or(LoginTrouble::BadCallback)?;
    if !app.used_states.first_use_of(returned.state()) {
        return Err(LoginTrouble::BadCallback.into());
    }
    let code = match returned {
        Returned::Code { code, .. } => code,
        Returned::Error { error, .. } => return Err(LoginTrouble::of_oauth_error(&error).into()),
    };
    let session = redeem(&app, code, &pending).await?;
    let cookie = session.cookie().map_err(|_| LoginTrouble::TokenTooLarge)?;
    tracing::info!(user = session.user.name, session = session.id, "signed in");
    let jar = app.sessions.jar(&HeaderMap::new()).add(cookie);
    let forgotten = CookieJar::new().add(pending.forgotten());
    Ok((jar, forgotten, Redirect::to(&pending.next)).into_response())
}

async fn redeem(app: &App, code: SecretString, pending: &Pending) -> Result<Session, Refused> {
    let redeemed = app.oauth.exchange(&code, &pending.verifier, &app.redirect_uri()).await;
    let token = redeemed.map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the code could not be redeemed");
        LoginTrouble::from(&error)
    })?;
    let user = app.console.as_user(&token.token).whoami().await.map_err(|failure| {
        tracing::warn!(error = &failure as &dyn std::error::Error, "the new token's user could not be read");
        if failure.certificate_fault().is_some() { Refused::from(failure) } else { LoginTrouble::NoUser.into() }
    })?;
    let lifetime = TimeDelta::from_std(token.expires_in).unwrap_or(LONGEST).min(LONGEST);
    Ok(Session::begin(token.token, user, app.clock.now() + lifetime))
}

impl Returned {
    /// A code or an error with a state, each once (S7).
    fn parse(query: &str) -> Option<Self> {
        if query.len() > LONGEST_QUERY {
            return None;
        }
        let (mut code, mut state, mut error) = (None, None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "code" => &mut code,
                "state" => &mut state,
                "error" => &mut error,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        match (code, error, state?) {
            (Some(code), None, state) => Some(Self::Code { code: code.into(), state }),
            (None, Some(error), state) => Some(Self::Error { error, state }),
            _ => None,
        }
    }

    fn state(&self) -> &str {
        match self {
            Self::Code { state, .. } | Self::Error { state, .. } => state,
        }
    }
}

impl From<&oauth::Error> for LoginTrouble {
    fn from(error: &oauth::Error) -> Self {
        match error {
            oauth::Error::WrongSecretOrCode => Self::WrongSecretOrCode,
            oauth::Error::InvalidGrant => Self::CodeRefused,
            oauth::Error::InvalidRequest => Self::RequestRefused,
            oauth::Error::Unreachable(failed) => failed.certificate_fault().map_or(Self::OauthUnreachable, Self::OauthUntrusted),
            oauth::Error::Unusable(_) => Self::OauthUnreachable,
            oauth::Error::BadAnswer => Self::OauthAnswer,
        }
    }
}

impl LoginTrouble {
    /// Fixed words for the codes of RFC 6749 section 4.1.2.1: the server's own text could be anybody's (S6).
    fn of_oauth_error(error: &str) -> Self {
        match error {
            "access_denied" => Self::AccessDenied,
            "invalid_scope" => Self::ScopeRefused,
            _ => Self::OauthAnswer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S7.
    #[test]
    fn a_callback_with_both_or_doubled_parameters_is_none() {
        assert!(matches!(Returned::parse("code=c&state=s&session_state=x"), Some(Returned::Code { .. })));
        assert!(matches!(Returned::parse("error=access_denied&error_description=x&state=s"), Some(Returned::Error { .. })));
        for bad in ["", "code=c", "state=s", "code=c&error=e&state=s", "code=c&code=d&state=s", "code=c&state=s&state=t"] {
            assert!(Returned::parse(bad).is_none(), "{bad}");
        }
        assert!(Returned::parse(&format!("code={}&state=s", "c".repeat(64 * 1024))).is_none());
    }

    #[test]
    fn the_code_is_not_in_debug_text() {
        let returned = Returned::parse("code=very-secret&state=s");
        assert!(!format!("{returned:?}").contains("very-secret"));
    }
}

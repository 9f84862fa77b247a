//! Back from the OAuth server.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};

use super::pending::Pending;
use crate::config::Flow;
use crate::console::Failure;
use crate::openshift::oauth::{self, OauthClient, Token};
use crate::web::App;
use crate::web::context::Context;
use crate::web::errors::{LoginTrouble, Refused};
use crate::web::forms::Sent;
use crate::web::session::{LONGEST, Session};

/// A query or fragment longer than this is nobody's code or token and state (S7).
const LONGEST_QUERY: usize = 4_096;

/// What the OAuth server sent the browser back with.
#[derive(Debug)]
struct Returned {
    state: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Code(SecretString),
    /// In a fragment only: what comes in a query is in histories and logs.
    Token {
        token: SecretString,
        expires_in: Option<Duration>,
    },
    Error(String),
}

/// `GET /oauth/callback`: redeems the code and begins a session. Nothing is asked of anybody before the state is known to be ours (S4).
///
/// In the implicit flow what came is in the fragment, which only a script in the browser can see: the page that has it.
pub(in crate::web) async fn callback(
    State(app): State<App>,
    context: Context,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    if query.is_empty() && app.oauth.flow() == Flow::Implicit {
        return Ok(super::returned::page_with_script(&app, &context));
    }
    let returned = Returned::parse(&query).filter(|returned| !matches!(returned.what, What::Token { .. }));
    finish(&app, &context, &headers, returned).await
}

/// `POST /oauth/callback`: what the script found in the fragment.
pub(in crate::web) async fn returned(
    State(app): State<App>,
    context: Context,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, Refused> {
    let returned = Returned::parse(sent.text(super::returned::FIELD)).filter(|returned| !matches!(returned.what, What::Code(_)));
    finish(&app, &context, &headers, returned.filter(|_| app.oauth.flow() == Flow::Implicit)).await
}

async fn finish(app: &App, context: &Context, headers: &HeaderMap, returned: Option<Returned>) -> Result<Response, Refused> {
    let returned = returned.ok_or(LoginTrouble::BadCallback)?;
    let pending = Pending::recall(&app.sessions, headers, &returned.state, app.clock.now()).ok_or(LoginTrouble::BadCallback)?;
    // Before the state and the code are used up: whoever has to wait longer can come again with both.
    let _turn = match returned.what {
        What::Code(_) => Some(app.limits.of_sign_in().await?),
        What::Token { .. } | What::Error(_) => None,
    };
    if !app.used_states.first_use_of(&returned.state) {
        return Err(LoginTrouble::BadCallback.into());
    }
    let token = match (returned.what, &pending.verifier) {
        (What::Code(code), Some(verifier)) => redeem(app, context, &code, verifier).await?,
        (What::Token { token, expires_in }, None) => OauthClient::brought(token.expose_secret(), expires_in),
        (What::Error(error), _) => return Err(LoginTrouble::of_oauth_error(&error).into()),
        // A token where a code was to come, or the other way round.
        _ => return Err(LoginTrouble::BadCallback.into()),
    };
    let session = begin(app, token).await?;
    let cookie = session.cookie().map_err(|_| LoginTrouble::TokenTooLarge)?;
    tracing::info!(user = session.user.name, session = session.id, "signed in");
    let jar = app.sessions.jar(&HeaderMap::new()).add(cookie);
    let forgotten = CookieJar::new().add(pending.forgotten());
    Ok((jar, forgotten, Redirect::to(&pending.next)).into_response())
}

async fn redeem(app: &App, context: &Context, code: &SecretString, verifier: &SecretString) -> Result<Token, Refused> {
    let redirect_uri = context.redirect_uri().ok_or(Refused::WrongHost)?;
    app.oauth.exchange(code, verifier, &redirect_uri).await.map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the code could not be redeemed");
        LoginTrouble::from(&error).into()
    })
}

/// The master says whose token it is, if it is one; beside that, it is asked for what the first list begins with.
async fn begin(app: &App, token: Token) -> Result<Session, Refused> {
    let as_user = app.console.as_user(&token.token);
    let (user, ()) = tokio::join!(as_user.whoami(), as_user.foresee_lists());
    let user = user.map_err(|failure| {
        tracing::warn!(error = &failure as &dyn std::error::Error, "the new token's user could not be read");
        match (&failure, app.oauth.flow()) {
            _ if failure.certificate_fault().is_some() => Refused::from(failure),
            (Failure::SignInRequired, Flow::Implicit) => LoginTrouble::TokenRefused.into(),
            (Failure::Unavailable { .. }, _) => LoginTrouble::NoUserNow.into(),
            _ => LoginTrouble::NoUser.into(),
        }
    })?;
    let lifetime = TimeDelta::from_std(token.expires_in).unwrap_or(LONGEST).min(LONGEST);
    Ok(Session::begin(token.token, user, app.clock.now() + lifetime))
}

impl Returned {
    /// A code, a token or an error with a state, each once (S7).
    fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST_QUERY {
            return None;
        }
        let (mut code, mut token, mut state, mut error, mut expires_in) = (None, None, None, None, None);
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let slot = match &*name {
                "code" => &mut code,
                "access_token" => &mut token,
                "state" => &mut state,
                "error" => &mut error,
                "expires_in" => &mut expires_in,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        let what = match (code, token.filter(|token| !token.is_empty()), error) {
            (Some(code), None, None) => What::Code(code.into()),
            (None, Some(token), None) => {
                let seconds = expires_in.map(|seconds| seconds.parse()).transpose().ok()?;
                What::Token { token: token.into(), expires_in: seconds.map(Duration::from_secs) }
            }
            (None, None, Some(error)) => What::Error(error),
            _ => return None,
        };
        Some(Self { state: state?, what })
    }
}

impl From<&oauth::Error> for LoginTrouble {
    fn from(error: &oauth::Error) -> Self {
        match error {
            oauth::Error::WrongSecretOrCode => Self::WrongSecretOrCode,
            oauth::Error::InvalidGrant => Self::CodeRefused,
            oauth::Error::InvalidRequest => Self::RequestRefused,
            oauth::Error::Unreachable(failed) => failed.certificate_fault().map_or(Self::OauthUnreachable, Self::OauthUntrusted),
            oauth::Error::Unusable(_) | oauth::Error::ServerError(_) => Self::OauthUnreachable,
            oauth::Error::BadAnswer | oauth::Error::NoSuchEndpoint => Self::OauthAnswer,
            oauth::Error::NoSecret => Self::BadCallback,
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

    fn what(text: &str) -> Option<What> {
        Returned::parse(text).map(|returned| returned.what)
    }

    /// S7.
    #[test]
    fn what_comes_back_with_two_things_or_doubled_parameters_is_nothing() {
        assert!(matches!(what("code=c&state=s&session_state=x"), Some(What::Code(_))));
        assert!(matches!(what("error=access_denied&error_description=x&state=s"), Some(What::Error(_))));
        for bad in [
            "",
            "code=c",
            "state=s",
            "code=c&error=e&state=s",
            "code=c&code=d&state=s",
            "code=c&state=s&state=t",
            "access_token=t",
            "access_token=&state=s",
            "access_token=t&code=c&state=s",
            "access_token=t&error=e&state=s",
            "access_token=t&access_token=u&state=s",
            "access_token=t&expires_in=1&expires_in=2&state=s",
            // S9.
            "access_token=t&expires_in=-1&state=s",
            "access_token=t&expires_in=soon&state=s",
        ] {
            assert!(Returned::parse(bad).is_none(), "{bad}");
        }
        assert!(Returned::parse(&format!("code={}&state=s", "c".repeat(64 * 1024))).is_none());
    }

    #[test]
    fn a_fragment_is_read_as_it_was_recorded() {
        let recorded = "access_token=TOKEN-new&expires_in=86400&scope=user%3Afull&state=abc&token_type=Bearer";
        let Some(What::Token { token, expires_in }) = what(recorded) else { panic!("a token") };
        assert_eq!((token.expose_secret(), expires_in), ("TOKEN-new", Some(Duration::from_hours(24))));
    }

    #[test]
    fn neither_code_nor_token_is_in_debug_text() {
        for text in ["code=very-secret&state=s", "access_token=very-secret&state=s"] {
            assert!(!format!("{:?}", Returned::parse(text).unwrap()).contains("very-secret"));
        }
    }
}

//! Back from the OAuth server.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};

use super::pending::{BrowserSecret, LOGIN_COOKIE, NotPending, SignIn, expired};
use crate::app::failure::Failure;
use crate::config::Flow;
use crate::openshift::oauth::{self, OauthClient, Token};
use crate::web::App;
use crate::web::context::Context;
use crate::web::errors::{LoginTrouble, Refused};
use crate::web::forms::Sent;
use crate::web::links;
use crate::web::session::{LONGEST, Session};

/// A query or fragment longer than this is nobody's code or token and state (S7).
const LONGEST_QUERY: usize = 4_096;

/// What the OAuth server sent the browser back with.
#[derive(Debug)]
struct Returned {
    state: Option<String>,
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

/// `GET /oauth/callback`: redeems the code and begins a session. Nothing is asked of anybody before
/// the state is known to be ours (S4).
///
/// In the implicit flow what came is in the fragment, which only a script in the browser can see:
/// the page that has it.
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
    let returned =
        Returned::parse(&query).filter(|returned| !matches!(returned.what, What::Token { .. }));
    finish(&app, &context, &headers, returned).await
}

/// `POST /oauth/callback`: what the script found in the fragment.
pub(in crate::web) async fn returned(
    State(app): State<App>,
    context: Context,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, Refused> {
    let returned = Returned::parse(sent.text(super::returned::FIELD))
        .filter(|returned| !matches!(returned.what, What::Code(_)));
    finish(
        &app,
        &context,
        &headers,
        returned.filter(|_| app.oauth.flow() == Flow::Implicit),
    )
    .await
}

/// The answer to `POST /oauth/callback` where no form could make a difference, so that none is
/// read.
pub(in crate::web) fn answer_without_form(
    app: &App,
    context: &Context,
    headers: &HeaderMap,
) -> Option<Response> {
    if app.oauth.flow() != Flow::Implicit {
        return Some(([(header::ALLOW, "GET, HEAD")], Refused::WrongMethod).into_response());
    }
    // Somebody who is signed in goes on to the page that the form names.
    let pointless =
        context.session.is_none() && BrowserSecret::of(&app.sessions, headers).is_none();
    pointless.then(|| Refused::from(LoginTrouble::CookieMissing).into_response())
}

async fn finish(
    app: &App,
    context: &Context,
    headers: &HeaderMap,
    returned: Option<Returned>,
) -> Result<Response, Refused> {
    let Some(returned) = returned else {
        return go_on(context, links::OVERVIEW, LoginTrouble::BadCallback);
    };
    let Some(state) = returned.state else {
        return match returned.what {
            What::Error(error) => Err(LoginTrouble::of_error_without_state(&error).into()),
            _ => go_on(context, links::OVERVIEW, LoginTrouble::NoState),
        };
    };
    let recalled = SignIn::recall(
        &app.sessions,
        headers,
        &app.used_states,
        &state,
        app.clock.now(),
    );
    let (sign_in, secret) = match recalled {
        Ok(recalled) => recalled,
        Err(not) => {
            let next = not.next().to_owned();
            return go_on(context, &next, not);
        }
    };
    // Before the state and the code are used up: whoever has to wait longer can come again with
    // both.
    let _turn = match returned.what {
        What::Code(_) => Some(app.limits.of_sign_in().await?),
        What::Token { .. } | What::Error(_) => None,
    };
    if !app.used_states.first_use_of(&sign_in) {
        let next = sign_in.next.clone();
        return go_on(context, &next, NotPending::used(sign_in));
    }
    let token = match (returned.what, app.oauth.flow()) {
        (What::Code(code), Flow::Code) => {
            redeem(app, context, &code, &secret.verifier(&sign_in)).await?
        }
        (What::Token { token, expires_in }, Flow::Implicit) => {
            OauthClient::brought(token.expose_secret(), expires_in)
        }
        (What::Error(error), _) => return Err(LoginTrouble::of_oauth_error(&error).into()),
        // A token where a code was to come, or the other way round.
        _ => return Err(LoginTrouble::BadCallback.into()),
    };
    let session = begin(app, token).await?;
    let cookie = session.cookie().map_err(|_| LoginTrouble::TokenTooLarge)?;
    tracing::info!(user = session.user.name, session = session.id, "signed in");
    let jar = app.sessions.jar(&HeaderMap::new()).add(cookie);
    // The other tabs that sign in do not need it: they find the session.
    let forgotten = CookieJar::new().add(expired(LOGIN_COOKIE));
    Ok((jar, forgotten, Redirect::to(&sign_in.next)).into_response())
}

/// A callback that continues no sign-in. Somebody who is signed in goes on to the page: Back, a
/// reload or another tab brought them here, and nothing was asked of the OAuth server.
fn go_on(context: &Context, next: &str, trouble: impl Into<Refused>) -> Result<Response, Refused> {
    if context.session.is_some() {
        Ok(Redirect::to(next).into_response())
    } else {
        Err(trouble.into())
    }
}

async fn redeem(
    app: &App,
    context: &Context,
    code: &SecretString,
    verifier: &SecretString,
) -> Result<Token, Refused> {
    let redirect_uri = context.redirect_uri().ok_or(Refused::WrongHost)?;
    app.oauth
        .exchange(code, verifier, &redirect_uri)
        .await
        .map_err(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the code could not be redeemed"
            );
            LoginTrouble::from(&error).into()
        })
}

/// The master says whose token it is, if it is one; beside that, it is asked for what the first
/// list begins with.
async fn begin(app: &App, token: Token) -> Result<Session, Refused> {
    let as_user = app.console.as_user(&token.token);
    let (user, ()) = tokio::join!(as_user.whoami(), as_user.foresee_lists());
    let user = user.map_err(|failure| {
        tracing::warn!(
            error = &failure as &dyn std::error::Error,
            "the new token's user could not be read"
        );
        match (&failure, app.oauth.flow()) {
            _ if failure.certificate_fault().is_some() => Refused::from(failure),
            (Failure::SignInRequired, Flow::Implicit) => LoginTrouble::TokenRefused.into(),
            (Failure::SignInRequired, _) => LoginTrouble::NoUser.into(),
            _ => Refused::NoUser(failure),
        }
    })?;
    let lifetime = TimeDelta::from_std(token.expires_in)
        .unwrap_or(LONGEST)
        .min(LONGEST);
    Ok(Session::begin(
        token.token,
        user,
        app.clock.now() + lifetime,
    ))
}

impl Returned {
    /// A code, a token or an error, perhaps with a state, each once (S7). The OAuth server of
    /// OpenShift leaves the state out of some errors.
    fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST_QUERY {
            return None;
        }
        let (mut code, mut token, mut state, mut error, mut expires_in) =
            (None, None, None, None, None);
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
                What::Token {
                    token: token.into(),
                    expires_in: seconds.map(Duration::from_secs),
                }
            }
            (None, None, Some(error)) => What::Error(error),
            _ => return None,
        };
        Some(Self {
            state: state.filter(|state| !state.is_empty()),
            what,
        })
    }
}

impl From<&oauth::Error> for LoginTrouble {
    fn from(error: &oauth::Error) -> Self {
        match error {
            oauth::Error::WrongSecretOrCode => Self::WrongSecretOrCode,
            oauth::Error::InvalidGrant => Self::CodeRefused,
            oauth::Error::InvalidRequest => Self::RequestRefused,
            oauth::Error::Unreachable(failed) => failed
                .certificate_fault()
                .map_or(Self::OauthUnreachable, Self::OauthUntrusted),
            oauth::Error::Unusable(_) => Self::OauthUnreachable,
            oauth::Error::Busy(wait) => Self::OauthBusy(*wait),
            oauth::Error::ServerError(status) => Self::OauthServerError(status.as_u16()),
            oauth::Error::BadAnswer | oauth::Error::NoSuchEndpoint => Self::OauthAnswer,
            oauth::Error::NoSecret => Self::BadCallback,
        }
    }
}

impl LoginTrouble {
    /// Fixed words for the codes of RFC 6749 section 4.1.2.1: the server's own text could be
    /// anybody's (S6).
    fn of_oauth_error(error: &str) -> Self {
        match error {
            "access_denied" => Self::AccessDenied,
            "invalid_scope" => Self::ScopeRefused,
            _ => Self::OauthAnswer,
        }
    }

    /// The same for an error that names no sign-in: anybody can have made the address.
    fn of_error_without_state(error: &str) -> Self {
        match error {
            "access_denied" => Self::NoStateAccessDenied,
            "invalid_scope" => Self::NoStateScopeRefused,
            _ => Self::NoStateError,
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
        assert!(matches!(
            what("code=c&state=s&session_state=x"),
            Some(What::Code(_))
        ));
        assert!(matches!(
            what("error=access_denied&error_description=x&state=s"),
            Some(What::Error(_))
        ));
        for bad in [
            "",
            "state=s",
            "code=c&error=e&state=s",
            "code=c&code=d&state=s",
            "code=c&state=s&state=t",
            "access_token=",
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
    fn an_error_without_a_state_is_still_an_error() {
        for text in ["error=access_denied", "error=access_denied&state="] {
            let returned = Returned::parse(text).unwrap();
            assert!(
                returned.state.is_none() && matches!(returned.what, What::Error(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_fragment_is_read_as_it_was_recorded() {
        let recorded =
            "access_token=TOKEN-new&expires_in=86400&scope=user%3Afull&state=abc&token_type=Bearer";
        let Some(What::Token { token, expires_in }) = what(recorded) else {
            panic!("a token")
        };
        assert_eq!(
            (token.expose_secret(), expires_in),
            ("TOKEN-new", Some(Duration::from_hours(24)))
        );
    }

    #[test]
    fn neither_code_nor_token_is_in_debug_text() {
        for text in [
            "code=very-secret&state=s",
            "access_token=very-secret&state=s",
        ] {
            assert!(!format!("{:?}", Returned::parse(text).unwrap()).contains("very-secret"));
        }
    }
}

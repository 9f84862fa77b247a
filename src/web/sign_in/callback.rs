//! The callback: the redirect back from the OAuth server.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use secrecy::{ExposeSecret, SecretString};

use super::pending::{
    BrowserSecret, CallbackMismatch, PendingSignIn, SIGN_IN_COOKIE, removal_cookie,
};
use crate::app::failure::Failure;
use crate::config::{AUDIT_TARGET, OauthFlow};
use crate::openshift::AccessRight;
use crate::openshift::oauth::{self, OauthClient, OauthToken};
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::errors::{SignInError, WebError};
use crate::web::forms::FormData;
use crate::web::links;
use crate::web::session::Session;

/// A longer query or fragment cannot be a code or token with a state (S7).
const MAX_QUERY_BYTES: usize = 4_096;

/// The parameters of the redirect.
#[derive(Debug)]
struct CallbackParams {
    state: Option<String>,
    payload: CallbackPayload,
}

#[derive(Debug)]
enum CallbackPayload {
    Code(SecretString),
    /// Only in a fragment: queries are in histories and logs.
    Token {
        token: SecretString,
        expires_in: Option<Duration>,
    },
    Error(String),
}

/// `GET /oauth/callback`: redeems the code and begins a session. No upstream is called before the
/// state is known to be valid (S4).
///
/// In the implicit flow the parameters are in the fragment, which only a script in the browser can
/// read: the response is the page with that script.
pub(in crate::web) async fn callback(
    State(app): State<AppState>,
    context: RequestContext,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    if query.is_empty() && app.oauth.flow() == OauthFlow::Implicit {
        return Ok(crate::web::sign_in::implicit_flow::render_fragment_page(
            &app, &context,
        ));
    }
    let returned = CallbackParams::parse(&query)
        .filter(|returned| !matches!(returned.payload, CallbackPayload::Token { .. }));
    finish_sign_in(&app, &context, &headers, returned).await
}

/// `POST /oauth/callback`: the fragment that the script read.
pub(in crate::web) async fn implicit_callback(
    State(app): State<AppState>,
    context: RequestContext,
    headers: HeaderMap,
    form: FormData,
) -> Result<Response, WebError> {
    let returned =
        CallbackParams::parse(form.text(crate::web::sign_in::implicit_flow::FRAGMENT_FIELD))
            .filter(|returned| !matches!(returned.payload, CallbackPayload::Code(_)));
    finish_sign_in(
        &app,
        &context,
        &headers,
        returned.filter(|_| app.oauth.flow() == OauthFlow::Implicit),
    )
    .await
}

/// The response to `POST /oauth/callback` if no form could change it, so that none is read.
pub(in crate::web) fn reject_before_form(
    app: &AppState,
    context: &RequestContext,
    headers: &HeaderMap,
) -> Option<Response> {
    if app.oauth.flow() != OauthFlow::Implicit {
        return Some(([(header::ALLOW, "GET, HEAD")], WebError::MethodNotAllowed).into_response());
    }
    // A signed-in user continues to the page that the form names.
    let pointless =
        context.session.is_none() && BrowserSecret::from_cookie(&app.sessions, headers).is_none();
    pointless.then(|| WebError::from(SignInError::CookieMissing).into_response())
}

async fn finish_sign_in(
    app: &AppState,
    context: &RequestContext,
    headers: &HeaderMap,
    returned: Option<CallbackParams>,
) -> Result<Response, WebError> {
    let Some(returned) = returned else {
        return continue_or_fail(context, links::HOME, SignInError::BadCallback);
    };
    let Some(state) = returned.state else {
        return match returned.payload {
            CallbackPayload::Error(error) => {
                Err(SignInError::from_error_code_without_state(&error).into())
            }
            _ => continue_or_fail(context, links::HOME, SignInError::MissingState),
        };
    };
    let recalled = PendingSignIn::from_state(
        &app.sessions,
        headers,
        &app.used_states,
        &state,
        app.clock.now(),
    );
    let (sign_in, secret) = match recalled {
        Ok(recalled) => recalled,
        Err(not) => {
            let next = not.return_path().to_owned();
            return continue_or_fail(context, &next, not);
        }
    };
    // Before the state and the code are used up: a user who has to wait longer can come back with
    // both.
    let _turn = match returned.payload {
        CallbackPayload::Code(_) => Some(app.request_limits.acquire_for_sign_in().await?),
        CallbackPayload::Token { .. } | CallbackPayload::Error(_) => None,
    };
    if !app.used_states.try_use(&sign_in) {
        let next = sign_in.return_path.clone();
        return continue_or_fail(context, &next, CallbackMismatch::already_used(sign_in));
    }
    let token = match (returned.payload, app.oauth.flow()) {
        (CallbackPayload::Code(code), OauthFlow::Code) => {
            redeem_code(app, context, &code, &secret.verifier(&sign_in)).await?
        }
        (CallbackPayload::Token { token, expires_in }, OauthFlow::Implicit) => {
            OauthClient::token_from_implicit_flow(token.expose_secret(), expires_in)
        }
        (CallbackPayload::Error(error), _) => {
            return Err(SignInError::from_oauth_error_code(&error).into());
        }
        // A token instead of a code, or the reverse.
        _ => return Err(SignInError::BadCallback.into()),
    };
    let session = begin_session(app, token).await?;
    let cookie = session.cookie().map_err(|_| SignInError::TokenTooLarge)?;
    let request_id = context.request_id.as_str();
    tracing::info!(
        target: AUDIT_TARGET,
        event = "sign-in",
        user = session.user.name,
        session_id = session.id,
        request_id,
        "signed in"
    );
    let jar = app.sessions.jar(&HeaderMap::new()).add(cookie);
    // Other tabs that sign in do not need it: they find the session.
    let forgotten = CookieJar::new().add(removal_cookie(SIGN_IN_COOKIE));
    Ok((jar, forgotten, Redirect::to(&sign_in.return_path)).into_response())
}

/// A callback that continues no sign-in. A signed-in user continues to the page: the back button, a
/// reload or another tab led here, and the OAuth server was not called.
fn continue_or_fail(
    context: &RequestContext,
    next: &str,
    error: impl Into<WebError>,
) -> Result<Response, WebError> {
    if context.session.is_some() {
        Ok(Redirect::to(next).into_response())
    } else {
        Err(error.into())
    }
}

async fn redeem_code(
    app: &AppState,
    context: &RequestContext,
    code: &SecretString,
    verifier: &SecretString,
) -> Result<OauthToken, WebError> {
    let redirect_uri = context.redirect_uri().ok_or(WebError::WrongHost)?;
    app.oauth
        .exchange_code(code, verifier, &redirect_uri)
        .await
        .map_err(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot redeem the authorization code"
            );
            SignInError::from(&error).into()
        })
}

/// How long a sign-in waits to know whether the navigation links to the administration.
const ADMINISTRATION_REVIEW_TIMEOUT: Duration = Duration::from_millis(500);

/// Determines the user of the token from the API server and, at the same time, whether they can
/// administer users. Prefetches what the first list begins with.
async fn begin_session(app: &AppState, token: OauthToken) -> Result<Session, WebError> {
    let as_user = app.app.for_user(&token.token);
    let administration = tokio::time::timeout(
        ADMINISTRATION_REVIEW_TIMEOUT,
        as_user.review_access([AccessRight::for_users("list")]),
    );
    let (user, (), administration) = tokio::join!(
        as_user.current_user(),
        as_user.prefetch_project_names(),
        administration
    );
    let user = user.map_err(|failure| {
        tracing::warn!(
            error = &failure as &dyn std::error::Error,
            "cannot determine the user of the new token"
        );
        match (&failure, app.oauth.flow()) {
            _ if failure.certificate_fault().is_some() => WebError::from(failure),
            (Failure::SignInRequired, OauthFlow::Implicit) => SignInError::TokenRefused.into(),
            (Failure::SignInRequired, _) => SignInError::UserUnknown.into(),
            _ => WebError::UserUnknown(failure),
        }
    })?;
    let now = app.clock.now();
    let expires = app.sessions.end_of_new(now, token.expires_in);
    let [can_administer] = administration.unwrap_or([false]);
    Ok(Session::new(token.token, user, now, expires).with_administration(can_administer))
}

impl CallbackParams {
    /// A code, a token or an error, optionally with a state, each at most once (S7). The OAuth
    /// server of OpenShift leaves the state out of some errors.
    fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_QUERY_BYTES {
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
        let payload = match (code, token.filter(|token| !token.is_empty()), error) {
            (Some(code), None, None) => CallbackPayload::Code(code.into()),
            (None, Some(token), None) => {
                let seconds = expires_in.map(|seconds| seconds.parse()).transpose().ok()?;
                CallbackPayload::Token {
                    token: token.into(),
                    expires_in: seconds.map(Duration::from_secs),
                }
            }
            (None, None, Some(error)) => CallbackPayload::Error(error),
            _ => return None,
        };
        Some(Self {
            state: state.filter(|state| !state.is_empty()),
            payload,
        })
    }
}

impl From<&oauth::OauthError> for SignInError {
    fn from(error: &oauth::OauthError) -> Self {
        match error {
            oauth::OauthError::WrongSecretOrCode => Self::InvalidClientSecretOrCode,
            oauth::OauthError::InvalidGrant => Self::CodeRefused,
            oauth::OauthError::InvalidRequest => Self::RequestRefused,
            oauth::OauthError::Transport(failed) => failed
                .certificate_fault()
                .map_or(Self::OauthUnreachable, Self::OauthUntrusted),
            oauth::OauthError::Setup(_) => Self::OauthUnreachable,
            oauth::OauthError::Busy(wait) => Self::OauthBusy(*wait),
            oauth::OauthError::ServerError(status) => Self::OauthServerError(status.as_u16()),
            oauth::OauthError::InvalidResponse | oauth::OauthError::NotAnOauthServer => {
                Self::MalformedOauthResponse
            }
            oauth::OauthError::NoSecret => Self::BadCallback,
        }
    }
}

impl SignInError {
    /// Fixed messages for the codes of RFC 6749 section 4.1.2.1: the text in the URL could come
    /// from any page (S6).
    fn from_oauth_error_code(error: &str) -> Self {
        match error {
            "access_denied" => Self::AccessDenied,
            "invalid_scope" => Self::ScopeRefused,
            _ => Self::MalformedOauthResponse,
        }
    }

    /// The same for an error without a state: any page can have created the URL.
    fn from_error_code_without_state(error: &str) -> Self {
        match error {
            "access_denied" => Self::AccessDeniedWithoutState,
            "invalid_scope" => Self::ScopeRefusedWithoutState,
            _ => Self::ErrorWithoutState,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(text: &str) -> Option<CallbackPayload> {
        CallbackParams::parse(text).map(|returned| returned.payload)
    }

    /// S7.
    #[test]
    fn callback_with_contradictory_parameters_is_rejected() {
        assert!(matches!(
            payload("code=c&state=s&session_state=x"),
            Some(CallbackPayload::Code(_))
        ));
        assert!(matches!(
            payload("error=access_denied&error_description=x&state=s"),
            Some(CallbackPayload::Error(_))
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
            assert!(CallbackParams::parse(bad).is_none(), "{bad}");
        }
        assert!(
            CallbackParams::parse(&format!("code={}&state=s", "c".repeat(64 * 1024))).is_none()
        );
    }

    #[test]
    fn callback_error_without_state_is_an_error() {
        for text in ["error=access_denied", "error=access_denied&state="] {
            let returned = CallbackParams::parse(text).unwrap();
            assert!(
                returned.state.is_none() && matches!(returned.payload, CallbackPayload::Error(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn recorded_fragment_is_parsed() {
        let recorded =
            "access_token=TOKEN-new&expires_in=86400&scope=user%3Afull&state=abc&token_type=Bearer";
        let Some(CallbackPayload::Token { token, expires_in }) = payload(recorded) else {
            panic!("a token")
        };
        assert_eq!(
            (token.expose_secret(), expires_in),
            ("TOKEN-new", Some(Duration::from_hours(24)))
        );
    }

    #[test]
    fn callback_debug_output_omits_code_and_token() {
        for text in [
            "code=very-secret&state=s",
            "access_token=very-secret&state=s",
        ] {
            assert!(!format!("{:?}", CallbackParams::parse(text).unwrap()).contains("very-secret"));
        }
    }
}

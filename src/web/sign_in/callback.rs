//! The callback: the redirect back from the server that signs users in.

mod params;

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use secrecy::{ExposeSecret, SecretString};

use super::pending::{BrowserSecret, CallbackMismatch, PendingSignIn, SIGN_IN_COOKIE};
use super::{SignInClient, oidc};
use crate::app::failure::Failure;
use crate::config::{AUDIT_TARGET, OauthFlow};
use crate::openshift::AccessRight;
use crate::openshift::oauth::{self, OauthClient, OauthToken};
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::cookies::removal_cookie;
use crate::web::errors::{SignInError, WebError};
use crate::web::forms::FormData;
use crate::web::links;
use crate::web::session::Session;
use params::{CallbackParams, CallbackPayload};

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
    if query.is_empty() && app.sign_in_client.flow() == OauthFlow::Implicit {
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
        returned.filter(|_| app.sign_in_client.flow() == OauthFlow::Implicit),
    )
    .await
}

/// The response to `POST /oauth/callback` if no form could change it, so that none is read.
pub(in crate::web) fn reject_before_form(
    app: &AppState,
    context: &RequestContext,
    headers: &HeaderMap,
) -> Option<Response> {
    if app.sign_in_client.flow() != OauthFlow::Implicit {
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
    let session = match (returned.payload, &app.sign_in_client) {
        (_, SignInClient::Oidc(client))
            if returned
                .issuer
                .as_ref()
                .is_some_and(|issuer| *issuer != client.settings().issuer) =>
        {
            return Err(SignInError::BadCallback.into());
        }
        (CallbackPayload::Code(code), SignInClient::Oidc(client)) => {
            oidc::finish(app, client, context, &code, (&secret, &sign_in)).await?
        }
        (CallbackPayload::Error(error), SignInClient::Oidc(_)) => {
            return Err(SignInError::from_oidc_error_code(&error).into());
        }
        (CallbackPayload::Error(error), SignInClient::Oauth(_)) => {
            return Err(SignInError::from_oauth_error_code(&error).into());
        }
        (CallbackPayload::Code(code), SignInClient::Oauth(oauth))
            if oauth.flow() == OauthFlow::Code =>
        {
            let verifier = secret.verifier(&sign_in);
            let token = redeem_code(oauth, context, &code, &verifier).await?;
            begin_session(app, oauth, token).await?
        }
        (CallbackPayload::Token { token, expires_in }, SignInClient::Oauth(oauth))
            if oauth.flow() == OauthFlow::Implicit =>
        {
            let token = OauthClient::token_from_implicit_flow(token.expose_secret(), expires_in);
            begin_session(app, oauth, token).await?
        }
        // A token instead of a code, or the reverse.
        _ => return Err(SignInError::BadCallback.into()),
    };
    let cookies = app.sessions.set_cookies(&session, headers);
    let cookies = cookies.map_err(|_| match session.oidc {
        Some(_) => SignInError::OidcTokenTooLarge,
        None => SignInError::TokenTooLarge,
    })?;
    let request_id = context.request_id.as_str();
    tracing::info!(
        target: AUDIT_TARGET,
        event = "sign-in",
        user = session.user.name,
        session_id = session.id,
        request_id,
        "signed in"
    );
    // Other tabs that sign in do not need it: they find the session.
    let forgotten = CookieJar::new().add(removal_cookie(SIGN_IN_COOKIE));
    Ok((cookies, forgotten, Redirect::to(&sign_in.return_path)).into_response())
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
    oauth: &OauthClient,
    context: &RequestContext,
    code: &SecretString,
    verifier: &SecretString,
) -> Result<OauthToken, WebError> {
    let redirect_uri = context.redirect_uri().ok_or(WebError::WrongHost)?;
    oauth
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
async fn begin_session(
    app: &AppState,
    oauth: &OauthClient,
    token: OauthToken,
) -> Result<Session, WebError> {
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
        match (&failure, oauth.flow()) {
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

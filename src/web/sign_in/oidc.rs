//! Signing in through an external OIDC provider: what differs from the OAuth server.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::SecretString;
use url::Url;

use super::pending::{BrowserSecret, PendingSignIn};
use crate::app::failure::Failure;
use crate::openshift::oidc::{OidcClient, OidcError};
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::errors::{SignInError, WebError};
use crate::web::session::Session;

/// The longest ID token. Each request to the API server and the registry has it as a header, and
/// servers refuse longer headers with errors that do not say it.
const MAX_ID_TOKEN_BYTES: usize = 32 << 10;

/// Redirects the browser to the provider. There is no preflight: a provider says whether it accepts
/// a redirect URI only on its own page, and in words of its own.
///
/// # Errors
///
/// The provider's description cannot be loaded. The page that says so leads back to this one.
pub(super) async fn begin(
    app: &AppState,
    oidc: &OidcClient,
    headers: &HeaderMap,
    redirect_uri: &Url,
    sign_in: PendingSignIn,
) -> Result<Response, WebError> {
    let (secret, cookie) = BrowserSecret::from_cookie_or_new(&app.sessions, headers);
    let verifier = secret.verifier(&sign_in);
    let state = sign_in.seal(&app.sessions, &secret);
    let url = oidc
        .authorization_url(redirect_uri, state, secret.nonce(&sign_in), &verifier)
        .await;
    let url = url.map_err(|error| WebError::SignInRestarts {
        error: SignInError::Oidc(error.fault),
        next: sign_in.return_path,
        attempt: None,
    })?;
    let cookies = app.sessions.jar(&HeaderMap::new()).add(cookie);
    Ok((cookies, Redirect::to(url.as_str())).into_response())
}

/// Redeems the code and begins a session: the provider says which user it is, and the API server what
/// it calls the user.
pub(super) async fn finish(
    app: &AppState,
    oidc: &OidcClient,
    context: &RequestContext,
    code: &SecretString,
    (secret, sign_in): (&BrowserSecret, &PendingSignIn),
) -> Result<Session, WebError> {
    let redirect_uri = context.redirect_uri().ok_or(WebError::WrongHost)?;
    let (verifier, nonce) = (secret.verifier(sign_in), secret.nonce(sign_in));
    let tokens = oidc
        .exchange_code(code, &verifier, nonce, &redirect_uri)
        .await
        .map_err(|error: OidcError| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot redeem the authorization code"
            );
            SignInError::Oidc(error.fault)
        })?;
    if tokens.id_token.expose().len() > MAX_ID_TOKEN_BYTES {
        return Err(SignInError::OidcTokenTooLarge.into());
    }
    let as_user = app.app.for_user(&tokens.id_token);
    let (user, ()) = tokio::join!(as_user.current_user(), as_user.prefetch_project_names());
    let mut user = user.map_err(|failure| {
        tracing::warn!(
            error = &failure as &dyn std::error::Error,
            "cannot determine the user of the new token"
        );
        match failure {
            Failure::SignInRequired => SignInError::OidcTokenRefused.into(),
            failure if failure.certificate_fault().is_some() => WebError::from(failure),
            failure => WebError::UserUnknown(failure),
        }
    })?;
    user.full_name = tokens.full_name.clone();
    let now = app.clock.now();
    // Its own limits alone end a session that can be renewed.
    let expires = app.sessions.end_of_new(now, Duration::MAX);
    Ok(Session::from_oidc(tokens, user, now, expires))
}

impl SignInError {
    /// Fixed messages for the codes of OpenID Connect Core, section 3.1.2.6, and RFC 6749, section
    /// 4.1.2.1. The provider's own text is not repeated: it comes in a URL (S6).
    pub(super) fn from_oidc_error_code(error: &str) -> Self {
        match error {
            "access_denied" => Self::OidcAccessDenied,
            "invalid_scope" => Self::OidcScopeRefused,
            "login_required" | "interaction_required" | "account_selection_required" => {
                Self::OidcInteractionRequired
            }
            "consent_required" => Self::OidcConsentRequired,
            "temporarily_unavailable" | "server_error" => Self::OidcUnavailable,
            "unauthorized_client" | "invalid_request" | "unsupported_response_type" => {
                Self::OidcRequestRefused
            }
            _ => Self::OidcUnknownError,
        }
    }
}

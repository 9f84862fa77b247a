//! The one place that turns any error into a page, or problem details, that say what happened, which server
//! it concerns and what to do next.
//!
//! Handlers and layers answer with [`WebError`]; [`render_errors`] finds it in the response, knows
//! language and format, and renders it. Any other response with an error status (an unknown
//! address, a deadline, a panic) is treated in the same way.

mod log;
mod page;
mod problem;
mod sign_in;
mod status;
mod text;

pub(super) use problem::{
    AffectedBy, FieldProblem, PROBLEM_JSON, Problem, render_page as render_problem_page,
};
pub(super) use text::quote_server_message;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::AppState;
use super::context::{RequestContext, ResponseFormat, SignedIn};
use super::forms::ResendForm;
use super::limits::Overload;
use super::render::{DoctorStatus, ErrorPageRendered};
use crate::app::failure::{Failure, PageSubject};
use crate::app::jobs::StartError;
use crate::openshift::oidc::OidcFault;
use crate::outbound::CertificateFault;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum WebError {
    /// The failure of a page.
    Failure(Failure),
    /// There is no user or group of this name. Untrusted.
    NoSuchUserOrGroup(PageSubject, String),
    /// The sign-in failed.
    SignInFailed(SignInError),
    /// The request is for another host (S11).
    WrongHost,
    /// The sign-in yielded a token, but the user that it belongs to could not be determined.
    UserUnknown(Failure),
    /// A sign-in that failed, and starts again at this page.
    SignInRestarts {
        error: SignInError,
        /// The page that the sign-in was for.
        next: String,
        /// The number of the next attempt, if the browser starts it automatically.
        attempt: Option<u8>,
    },
    /// A form that does not come from a page of the console (S24, S25).
    ForeignForm,
    /// A form of a page of the console, but not of the current session (S24): nothing is done
    /// before the user confirms it.
    StaleForm,
    /// A body that is not a form.
    NotFormEncoded,
    /// More bytes than the console reads.
    TooLarge,
    /// The address exists, but not for this method.
    MethodNotAllowed,
    /// Too many active requests (R10, R28).
    Overload(Overload),
    /// What only the API refuses.
    Problem(Box<Problem>),
}

/// Why a sign-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignInError {
    /// The callback does not belong to a sign-in that this browser began.
    BadCallback,
    /// The callback has no state.
    MissingState,
    /// The callback has no state, and the error code `access_denied`.
    AccessDeniedWithoutState,
    /// The callback has no state, and the error code `invalid_scope`.
    ScopeRefusedWithoutState,
    /// The callback has no state, and another error code.
    ErrorWithoutState,
    /// The browser did not send the cookie of the sign-in.
    CookieMissing,
    /// The cookie belongs to a sign-in that another tab began at the same time.
    SupersededByOtherTab,
    /// The sign-in took too long.
    Expired,
    /// The state has been used before.
    AlreadyUsed,
    /// The sign-in page was loaded by a script or as part of another page.
    NotANavigation,
    /// The user or the OAuth client's grant denied access.
    AccessDenied,
    /// The user canceled at the OIDC provider, or it denied access.
    OidcAccessDenied,
    /// The cluster does not grant the scope.
    ScopeRefused,
    /// The client's secret or the code is wrong: the OAuth server does not distinguish them.
    InvalidClientSecretOrCode,
    /// The code had expired or belongs to another request.
    CodeRefused,
    /// The OAuth server does not accept the request: most often because of the redirect URI.
    RequestRefused,
    /// The OAuth server could not be reached or is not trusted.
    OauthUnreachable,
    /// The OAuth server, or a proxy in front of it, answered with this status, a 5xx.
    OauthServerError(u16),
    /// The OAuth server is busy, and asks clients to wait for this time.
    OauthBusy(Option<Duration>),
    /// The OAuth server's certificate is not trusted (S47).
    OauthUntrusted(CertificateFault),
    /// The OAuth server's response is malformed.
    MalformedOauthResponse,
    /// The API server does not accept the token of the sign-in.
    TokenRefused,
    /// The token arrived, but the API server did not say which user it belongs to.
    UserUnknown,
    /// The token does not fit into a cookie.
    TokenTooLarge,
    /// The OIDC provider does not answer, or not as it must.
    Oidc(OidcFault),
    /// The OIDC provider refuses the scopes (`invalid_scope`).
    OidcScopeRefused,
    /// The OIDC provider wants something of the user that it did not ask (`login_required`).
    OidcInteractionRequired,
    /// The user, or an administrator, has not consented to the request (`consent_required`).
    /// LemonLDAP::NG reports so a user who refused.
    OidcConsentRequired,
    /// The OIDC provider cannot sign users in at the moment (`temporarily_unavailable`).
    OidcUnavailable,
    /// The OIDC provider does not accept the request of the console, or its client.
    OidcRequestRefused,
    /// Another error code of the OIDC provider.
    OidcUnknownError,
    /// The OIDC provider signed the user in, but the API server does not accept its token.
    OidcTokenRefused,
    /// The tokens do not fit into the cookies of a session.
    OidcTokenTooLarge,
}

impl From<Failure> for WebError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Overload> for WebError {
    fn from(overload: Overload) -> Self {
        Self::Overload(overload)
    }
}

impl From<StartError> for WebError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Failure(failure) => Self::Failure(failure),
            StartError::TooManyJobs => Self::Overload(Overload::User),
        }
    }
}

impl From<SignInError> for WebError {
    fn from(error: SignInError) -> Self {
        Self::SignInFailed(error)
    }
}

impl IntoResponse for WebError {
    /// Only the status; [`render_errors`] renders the page, where the request's language is known.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// What the masthead shows of the doctor's checks, as on the user's other pages. Nothing during an
/// outage: the page about it does not wait for the API server.
async fn load_health(
    app: &AppState,
    context: &RequestContext,
    refused: &WebError,
) -> Option<DoctorStatus> {
    let is_usual = context.session.is_some()
        && matches!(
            refused,
            WebError::Failure(Failure::NotFound(_) | Failure::Forbidden(_) | Failure::NotServed(_))
                | WebError::NoSuchUserOrGroup(..)
        );
    if !is_usual {
        return None;
    }
    SignedIn::from_context(app, context.clone()).await?.health()
}

/// Renders an error, and logs it once, with its causes.
pub(super) async fn render_errors(
    State(app): State<AppState>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let (method, from_our_page) = (
        request.method().clone(),
        sign_in::is_same_origin_navigation(request.headers()),
    );
    let response = next.run(request).await;
    let refused = match response.extensions().get::<Arc<WebError>>() {
        Some(refused) => Arc::clone(refused),
        None if response.extensions().get::<ErrorPageRendered>().is_some() => return response,
        None => match WebError::from_status(response.status()) {
            Some(refused) => Arc::new(refused),
            None => return response,
        },
    };
    log::log_error(&refused, &context);
    let reads = matches!(method, Method::GET | Method::HEAD);
    if reads
        && matches!(*refused, WebError::Failure(Failure::SignInRequired))
        && context.format == ResponseFormat::Html
    {
        return sign_in::redirect_to_sign_in(&app, &context, from_our_page);
    }
    let mut page = match context.format {
        ResponseFormat::Json => problem::render(&app, &context, &refused, reads),
        ResponseFormat::Html => {
            let resend_form = response.extensions().get::<ResendForm>().cloned();
            let health = load_health(&app, &context, &refused).await;
            page::render(&app, &context, &refused, reads, resend_form, health)
        }
    };
    page.headers_mut().extend(refused.headers());
    if let Some(allow) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allow.clone());
    }
    page
}

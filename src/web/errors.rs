//! The one place that turns any error into a page, or JSON, that says what happened, which server
//! it concerns and what to do next.
//!
//! Handlers and layers answer with [`WebError`]; [`render_errors`] finds it in the response, knows
//! language and format, and renders it. Any other response with an error status (an unknown
//! address, a deadline, a panic) is treated in the same way.

mod log_reason;
mod sign_in;
mod text;

pub(super) use text::quote_server_message;

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::AppState;
use super::context::{RequestContext, ResponseFormat};
use super::forms::{ResendField, ResendForm};
use super::limits::Overload;
use super::links;
use super::remediation::{SignInRemediation, Step};
use super::render::{Area, Chrome, ErrorPageRendered, render_with_status};
use crate::app::failure::{Failure, PageSubject};
use crate::i18n::Lang;
use crate::outbound::{CertificateFault, may_have_changed};
use crate::web::filters;

/// When to try again if the upstream does not say it.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(5);

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

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage {
    chrome: Chrome,
    status: u16,
    text: String,
    hint: String,
    /// What an administrator of the cluster can do.
    steps: Vec<Step>,
    /// The URL of this page, for errors that may be temporary.
    retry_link: Option<String>,
    /// The page above this one with the name of its object, if this one does not exist.
    page_above: Option<(String, String)>,
    /// The URL of the sign-in, if it is offered.
    sign_in_link: Option<String>,
    /// The URL to which the browser navigates automatically.
    refresh_link: Option<String>,
    /// The form that was not processed, to be sent again.
    resend: Option<ResendSection>,
}

/// A form on an error page.
struct ResendSection {
    form: ResendForm,
    reason: ResendReason,
    lang: Lang,
}

/// Why a form is shown again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ResendReason {
    /// There is no session.
    SignedOut,
    /// The session is newer than the page with the form.
    StaleForm,
    /// An error occurred after the form was accepted.
    Failed,
}

impl ResendSection {
    fn from_error(refused: &WebError, form: Option<ResendForm>, lang: Lang) -> Option<Self> {
        let why = match refused {
            WebError::Failure(Failure::SignInRequired) => ResendReason::SignedOut,
            WebError::StaleForm => ResendReason::StaleForm,
            refused if refused.is_retryable() => ResendReason::Failed,
            _ => return None,
        };
        Some(Self {
            form: form?,
            reason: why,
            lang,
        })
    }

    fn is_signed_out(&self) -> bool {
        self.reason == ResendReason::SignedOut
    }

    fn is_stale(&self) -> bool {
        self.reason == ResendReason::StaleForm
    }

    fn fields(&self) -> Vec<ResendField<'_>> {
        self.form.visible_fields(self.lang)
    }

    /// The page with the form.
    fn form_page(&self) -> String {
        links::form_page(self.form.action()).to_owned()
    }
}

/// The JSON form.
#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorDetails<'a>,
}

#[derive(Serialize)]
struct ErrorDetails<'a> {
    status: u16,
    kind: &'static str,
    message: &'a str,
    hint: &'a str,
    request_id: &'a str,
}

impl Serialize for ErrorPage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Error");
        let error = ErrorDetails {
            status: self.status,
            kind,
            message: &self.text,
            hint: &self.hint,
            request_id: &self.chrome.request_id,
        };
        ErrorBody { error }.serialize(serializer)
    }
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
    log_error(&refused, &context);
    let reads = matches!(method, Method::GET | Method::HEAD);
    if reads
        && matches!(*refused, WebError::Failure(Failure::SignInRequired))
        && context.format == ResponseFormat::Html
    {
        return sign_in::redirect_to_sign_in(&app, &context, from_our_page);
    }
    let resend_form = response.extensions().get::<ResendForm>().cloned();
    let mut page = render(&app, &context, &refused, reads, resend_form);
    page.headers_mut().extend(refused.headers());
    if let Some(allow) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allow.clone());
    }
    page
}

fn render(
    app: &AppState,
    context: &RequestContext,
    refused: &WebError,
    reads: bool,
    resend_form: Option<ResendForm>,
) -> Response {
    let resend = ResendSection::from_error(refused, resend_form, context.lang);
    let signed_out = context.format == ResponseFormat::Html
        && !reads
        && matches!(refused, WebError::Failure(Failure::SignInRequired));
    let error_text = match refused {
        _ if signed_out => {
            text::signed_out_text(context.lang, resend.is_some(), may_have_changed())
        }
        WebError::StaleForm if resend.is_none() => {
            WebError::ForeignForm.error_text(context.lang, &SignInRemediation::new(app, context))
        }
        _ => refused.error_text(context.lang, &SignInRemediation::new(app, context)),
    };
    let status = refused.status();
    let mut chrome = Chrome::new(context, app.clock.now(), Area::Other, error_text.title);
    if signed_out {
        // The cookie may still exist, but the API server no longer accepts its token.
        chrome.user = None;
    }
    let page = ErrorPage {
        status: status.as_u16(),
        retry_link: (reads && refused.is_retryable()).then(|| context.path.clone()),
        page_above: links::page_above(&context.path)
            .filter(|_| reads && status == StatusCode::NOT_FOUND),
        sign_in_link: sign_in::sign_in_link(refused, context, signed_out),
        refresh_link: sign_in::automatic_sign_in_link(refused),
        chrome,
        text: error_text.text,
        hint: error_text.hint,
        steps: error_text.steps,
        resend,
    };
    render_with_status(status, context, &page)
}

fn log_error(refused: &WebError, context: &RequestContext) {
    let request_id = context.request_id.as_str();
    match refused {
        WebError::Failure(
            Failure::SignInRequired | Failure::NotFound(_) | Failure::Forbidden(_),
        )
        | WebError::NoSuchUserOrGroup(..) => {
            tracing::debug!(request_id, reason = refused.log_reason(), "refused");
        }
        WebError::Failure(failure @ (Failure::Internal(_) | Failure::Unexpected { .. })) => {
            tracing::error!(
                request_id,
                error = failure as &dyn std::error::Error,
                "page failed"
            );
        }
        WebError::Failure(failure) | WebError::UserUnknown(failure) => {
            tracing::warn!(
                request_id,
                error = failure as &dyn std::error::Error,
                "page failed"
            )
        }
        WebError::SignInFailed(error) | WebError::SignInRestarts { error, .. } => {
            tracing::warn!(request_id, reason = error.log_reason(), "sign-in failed")
        }
        other => tracing::info!(request_id, reason = other.log_reason(), "refused"),
    }
}

impl WebError {
    /// The meaning of an error status without an explanation.
    fn from_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Failure::NotFound(PageSubject::Page).into()),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::MethodNotAllowed),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Some(Failure::DeadlineExceeded.into()),
            status if status.is_client_error() => {
                Some(Failure::Invalid("the request could not be read").into())
            }
            status if status.is_server_error() => {
                Some(Failure::Internal("a handler failed without saying why").into())
            }
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            // Not 401, 403 or 404, which would concern a page.
            Self::UserUnknown(failure) if !failure.is_temporary() => StatusCode::BAD_GATEWAY,
            Self::Failure(failure) | Self::UserUnknown(failure) => match failure {
                Failure::SignInRequired => StatusCode::UNAUTHORIZED,
                Failure::Forbidden(_) => StatusCode::FORBIDDEN,
                Failure::NotFound(_) => StatusCode::NOT_FOUND,
                Failure::Invalid(_) => StatusCode::BAD_REQUEST,
                Failure::Unreachable { .. }
                | Failure::Unavailable { .. }
                | Failure::DeadlineExceeded
                | Failure::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
                Failure::NotServed(_) => StatusCode::NOT_IMPLEMENTED,
                Failure::Unexpected { .. } => StatusCode::BAD_GATEWAY,
                Failure::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::SignInFailed(error) | Self::SignInRestarts { error, .. } => match error {
                SignInError::BadCallback
                | SignInError::MissingState
                | SignInError::AccessDeniedWithoutState
                | SignInError::ScopeRefusedWithoutState
                | SignInError::ErrorWithoutState
                | SignInError::CookieMissing
                | SignInError::SupersededByOtherTab
                | SignInError::Expired
                | SignInError::AlreadyUsed
                | SignInError::NotANavigation => StatusCode::BAD_REQUEST,
                SignInError::OauthBusy(_) => StatusCode::SERVICE_UNAVAILABLE,
                SignInError::AccessDenied
                | SignInError::ScopeRefused
                | SignInError::TokenRefused => StatusCode::FORBIDDEN,
                _ => StatusCode::BAD_GATEWAY,
            },
            Self::NoSuchUserOrGroup(..) => StatusCode::NOT_FOUND,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::ForeignForm | Self::StaleForm => StatusCode::FORBIDDEN,
            Self::NotFormEncoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Overload(Overload::User) => StatusCode::TOO_MANY_REQUESTS,
            Self::Overload(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether trying again soon may succeed.
    fn is_retryable(&self) -> bool {
        let passing = [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::BAD_GATEWAY,
            StatusCode::INTERNAL_SERVER_ERROR,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        // Whether a sign-in starts again is decided on its own page: no page repeats the code.
        passing.contains(&self.status())
            && !matches!(
                self,
                Self::SignInFailed(_)
                    | Self::UserUnknown(_)
                    | Self::SignInRestarts { .. }
                    | Self::Overload(Overload::SignIns)
            )
    }

    fn headers(&self) -> Vec<(header::HeaderName, HeaderValue)> {
        match self {
            Self::Failure(Failure::SignInRequired) => {
                vec![(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"registry-console\""),
                )]
            }
            Self::Failure(failure) | Self::UserUnknown(failure)
                if self.status() == StatusCode::SERVICE_UNAVAILABLE =>
            {
                let wait = failure
                    .retry_after()
                    .unwrap_or(DEFAULT_RETRY_AFTER)
                    .max(Duration::from_secs(1));
                vec![(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()))]
            }
            // The browser repeats the request automatically, with the same code.
            Self::Overload(Overload::SignIns) => {
                vec![
                    (header::RETRY_AFTER, HeaderValue::from_static("3")),
                    (header::REFRESH, HeaderValue::from_static("3")),
                ]
            }
            Self::Overload(_) => vec![(header::RETRY_AFTER, HeaderValue::from_static("3"))],
            _ => Vec::new(),
        }
    }
}

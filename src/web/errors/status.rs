//! The status of an error, and the headers that belong to it.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};

use super::{SignInError, WebError};
use crate::app::failure::{Failure, PageSubject};
use crate::openshift::oidc::OidcFault;
use crate::web::limits::Overload;

/// When to try again if the upstream does not say it.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(5);

impl WebError {
    /// The meaning of an error status without an explanation.
    pub(super) fn from_status(status: StatusCode) -> Option<Self> {
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

    pub(super) fn status(&self) -> StatusCode {
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
                SignInError::OauthBusy(_)
                | SignInError::Oidc(OidcFault::Busy(_) | OidcFault::Unreachable)
                | SignInError::OidcUnavailable => StatusCode::SERVICE_UNAVAILABLE,
                SignInError::AccessDenied
                | SignInError::OidcAccessDenied
                | SignInError::ScopeRefused
                | SignInError::TokenRefused
                | SignInError::OidcScopeRefused
                | SignInError::OidcInteractionRequired
                | SignInError::OidcConsentRequired
                | SignInError::OidcTokenRefused => StatusCode::FORBIDDEN,
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
            Self::Problem(problem) => problem.status_code(),
        }
    }

    /// What happened, as a fixed word for programs.
    pub(super) fn kind(&self) -> String {
        let kind = match self {
            Self::Failure(failure) | Self::UserUnknown(failure) => match failure {
                Failure::SignInRequired => "token-refused",
                Failure::Forbidden(_) => "forbidden",
                Failure::NotFound(_) => "not-found",
                Failure::Invalid(_) => "invalid-request",
                Failure::Unreachable { .. } => "unreachable",
                Failure::DeadlineExceeded => "timeout",
                Failure::Busy { .. } => "busy",
                Failure::Unavailable { .. } => "unavailable",
                Failure::NotServed(_) => "not-served",
                Failure::Unexpected { .. } => "unexpected-answer",
                Failure::Internal(_) => "internal",
            },
            Self::SignInFailed(_) | Self::SignInRestarts { .. } => "sign-in-failed",
            Self::NoSuchUserOrGroup(..) => "not-found",
            Self::WrongHost => "wrong-host",
            Self::ForeignForm | Self::StaleForm => "foreign-origin",
            Self::NotFormEncoded => "unsupported-media-type",
            Self::TooLarge => "too-large",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Overload(_) => "too-many-requests",
            Self::Problem(problem) => return problem.kind.clone(),
        };
        kind.to_owned()
    }

    /// Whether trying again soon may succeed.
    pub(super) fn is_retryable(&self) -> bool {
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

    pub(super) fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        match self {
            _ if self.status() == StatusCode::UNAUTHORIZED => {
                vec![(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"registry-console\""),
                )]
            }
            Self::Problem(problem) => problem
                .retry_after
                .map(|wait| (header::RETRY_AFTER, retry_after_value(wait)))
                .into_iter()
                .collect(),
            Self::Failure(failure) | Self::UserUnknown(failure)
                if self.status() == StatusCode::SERVICE_UNAVAILABLE =>
            {
                let wait = failure.retry_after().unwrap_or(DEFAULT_RETRY_AFTER);
                vec![(header::RETRY_AFTER, retry_after_value(wait))]
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

fn retry_after_value(wait: Duration) -> HeaderValue {
    HeaderValue::from(wait.max(Duration::from_secs(1)).as_secs())
}

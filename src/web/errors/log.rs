//! Errors in the log.

use super::{SignInError, WebError};
use crate::app::failure::Failure;
use crate::config::AUDIT_TARGET;
use crate::web::context::RequestContext;

/// Logs an error with its causes.
pub(super) fn log_error(refused: &WebError, context: &RequestContext) {
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
            tracing::warn!(
                target: AUDIT_TARGET,
                event = "sign-in-failed",
                reason = error.log_reason(),
                request_id,
                "sign-in failed"
            )
        }
        other => tracing::info!(request_id, reason = other.log_reason(), "refused"),
    }
}

impl WebError {
    /// The reason in a few words. Contains nothing of the request.
    fn log_reason(&self) -> String {
        match self {
            Self::Failure(failure) | Self::UserUnknown(failure) => failure.to_string(),
            Self::NoSuchUserOrGroup(subject, _) => format!("not found: {subject}"),
            Self::SignInFailed(error) | Self::SignInRestarts { error, .. } => error.log_reason(),
            Self::WrongHost => "wrong host".to_owned(),
            Self::ForeignForm => "the form is not from a page of the console".to_owned(),
            Self::StaleForm => "the form is of another session".to_owned(),
            Self::NotFormEncoded => "the body is no form".to_owned(),
            Self::TooLarge => "the request is too large".to_owned(),
            Self::MethodNotAllowed => "wrong method".to_owned(),
            Self::Overload(_) => "too much is under way".to_owned(),
            Self::Problem(problem) => problem.kind.clone(),
        }
    }
}

impl SignInError {
    fn log_reason(self) -> String {
        let fixed = match self {
            Self::BadCallback => "the callback answers no sign-in of this browser",
            Self::MissingState => "the callback names no sign-in",
            Self::AccessDeniedWithoutState => "the callback names no sign-in; access_denied",
            Self::ScopeRefusedWithoutState => "the callback names no sign-in; invalid_scope",
            Self::ErrorWithoutState => "the callback names no sign-in; another error code",
            Self::CookieMissing => "the browser did not send the cookie of the sign-in",
            Self::SupersededByOtherTab => "the cookie is of the sign-in of another tab",
            Self::Expired => "the sign-in took too long",
            Self::AlreadyUsed => "the sign-in came back before",
            Self::NotANavigation => "the sign-in page was not loaded as a page of its own",
            Self::AccessDenied | Self::OidcAccessDenied => "access_denied",
            Self::ScopeRefused => "invalid_scope",
            Self::InvalidClientSecretOrCode => {
                "the secret of the OAuth client or the code is wrong"
            }
            Self::CodeRefused => "the code is refused",
            Self::RequestRefused => "the OAuth server refuses the request",
            Self::OauthUnreachable => "the OAuth server cannot be reached",
            Self::OauthServerError(status) => return format!("the OAuth server answered {status}"),
            Self::OauthUntrusted(fault) => return format!("the OAuth server is refused: {fault}"),
            Self::OauthBusy(_) => "the OAuth server is busy",
            Self::MalformedOauthResponse => "the answer of the OAuth server cannot be read",
            Self::TokenRefused => "the API server refuses the token",
            Self::UserUnknown => "the API server does not say whose the token is",
            Self::TokenTooLarge => "the token does not fit into a cookie",
            Self::Oidc(fault) => return fault.to_string(),
            Self::OidcScopeRefused => "invalid_scope",
            Self::OidcInteractionRequired => "login_required",
            Self::OidcConsentRequired => "consent_required",
            Self::OidcUnavailable => "temporarily_unavailable",
            Self::OidcRequestRefused => "invalid_request",
            Self::OidcUnknownError => "the provider reports an error",
            Self::OidcTokenRefused => "the API server refuses the provider's token",
            Self::OidcTokenTooLarge => "the tokens do not fit into cookies",
        };
        fixed.to_owned()
    }
}

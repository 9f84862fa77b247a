//! The texts for failed sign-ins.

use super::oidc::oidc_error_text;
use super::{ErrorText, untrusted_certificate_text, with_server_message};
use crate::app::failure::{Failure, Upstream};
use crate::i18n::Lang;
use crate::openshift::{ApiError, OutageReason};
use crate::web::errors::SignInError;
use crate::web::remediation::SignInRemediation;

/// The OAuth server issued a token, but the API server did not say which user it belongs to.
pub(super) fn unknown_user_text(failure: &Failure, lang: Lang) -> ErrorText {
    let text = match failure {
        Failure::Busy { .. } => lang.msg("sign-in-error-user-unknown-busy"),
        Failure::Unavailable { cause, .. } => match cause {
            ApiError::Unavailable(outage) => match outage.reason {
                OutageReason::Proxy(status) => lang
                    .msg("sign-in-error-user-unknown-proxy")
                    .arg("status", status.as_u16()),
                OutageReason::RolesNotLoaded => lang.msg("sign-in-error-user-unknown-roles"),
                OutageReason::Status(_) => lang.msg("sign-in-error-user-unknown-now"),
            },
            _ => lang.msg("sign-in-error-user-unknown-now"),
        },
        Failure::Unexpected { .. } if failure.upstream_message().is_some() => {
            lang.msg("sign-in-error-user-unknown-failed")
        }
        Failure::NotServed(_) => lang.msg("sign-in-error-user-unknown-api"),
        Failure::Unreachable { .. } | Failure::DeadlineExceeded => {
            lang.msg("sign-in-error-user-unknown-unreachable")
        }
        _ => lang.msg("sign-in-error-user-unknown"),
    };
    let hint = match (failure, failure.retry_after()) {
        (Failure::NotServed(_), _) => lang.msg("error-not-served-hint"),
        (_, Some(wait)) => lang
            .msg("sign-in-error-busy-hint")
            .arg("when", lang.retry_time(Some(wait))),
        (_, None) if failure.is_temporary() => lang.msg("sign-in-error-user-unknown-now-hint"),
        (_, None) => lang.msg("error-unreachable-hint"),
    };
    let words = ErrorText::new(&lang.msg("sign-in-error-title"), &text, &hint);
    with_server_message(words, failure, lang)
}

pub(super) fn sign_in_error_text(
    error: SignInError,
    lang: Lang,
    remediation: &SignInRemediation<'_>,
) -> ErrorText {
    if let Some(text) = oidc_error_text(error, lang, remediation) {
        return text;
    }
    let steps = match error {
        SignInError::InvalidClientSecretOrCode => remediation.wrong_client_secret(),
        SignInError::RequestRefused => remediation.redirect_uri(),
        _ => Vec::new(),
    };
    let (text, hint) = match error {
        SignInError::BadCallback => (
            lang.msg("sign-in-error-bad-callback"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::MissingState => (
            lang.msg("sign-in-error-missing-state"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::AccessDeniedWithoutState => (
            lang.msg("sign-in-error-missing-state-denied"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::ScopeRefusedWithoutState => (
            lang.msg("sign-in-error-missing-state-scope"),
            lang.msg("sign-in-error-scope-hint"),
        ),
        SignInError::ErrorWithoutState => (
            lang.msg("sign-in-error-missing-state-error"),
            lang.msg("sign-in-error-unreachable-hint"),
        ),
        SignInError::CookieMissing => (
            lang.msg("sign-in-error-cookie-missing"),
            lang.msg("sign-in-error-cookie-hint"),
        ),
        SignInError::SupersededByOtherTab => (
            lang.msg("sign-in-error-other-tab"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::Expired => (
            lang.msg("sign-in-error-expired"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::AlreadyUsed => (
            lang.msg("sign-in-error-already-used"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::NotANavigation => (
            lang.msg("sign-in-error-not-a-navigation"),
            lang.msg("sign-in-error-not-a-navigation-hint"),
        ),
        SignInError::AccessDenied => (
            lang.msg("sign-in-error-access-denied"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::OidcAccessDenied => (
            lang.msg("sign-in-error-oidc-access-denied"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::ScopeRefused => (
            lang.msg("sign-in-error-scope-refused"),
            lang.msg("sign-in-error-scope-hint"),
        ),
        SignInError::InvalidClientSecretOrCode => (
            lang.msg("sign-in-error-wrong-secret")
                .arg("client", &remediation.installation().oauth_client),
            lang.msg("sign-in-error-secret-hint")
                .arg("setting", remediation.installation().client_secret_variable),
        ),
        SignInError::CodeRefused => (
            lang.msg("sign-in-error-code-refused"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::RequestRefused => (
            lang.msg("sign-in-error-request-refused"),
            lang.msg("sign-in-error-redirect-hint"),
        ),
        SignInError::OauthUnreachable => (
            lang.msg("error-unreachable-oauth"),
            lang.msg("sign-in-error-unreachable-hint"),
        ),
        SignInError::OauthServerError(status) => (
            lang.msg("oauth-fault-error-text").arg("status", status),
            lang.msg("sign-in-error-unreachable-hint"),
        ),
        SignInError::OauthBusy(wait) => (
            lang.msg("sign-in-error-oauth-busy"),
            lang.msg("sign-in-error-busy-hint")
                .arg("when", lang.retry_time(wait)),
        ),
        SignInError::OauthUntrusted(fault) => {
            return untrusted_certificate_text(Upstream::Oauth, fault, lang);
        }
        SignInError::MalformedOauthResponse => (
            lang.msg("sign-in-error-oauth-answer"),
            lang.msg("sign-in-error-unreachable-hint"),
        ),
        SignInError::TokenRefused => (
            lang.msg("sign-in-error-token-refused"),
            lang.msg("sign-in-error-again-hint"),
        ),
        SignInError::UserUnknown => (
            lang.msg("sign-in-error-user-unknown"),
            lang.msg("error-unreachable-hint"),
        ),
        SignInError::TokenTooLarge => (
            lang.msg("sign-in-error-token-too-large"),
            lang.msg("sign-in-error-admin-hint"),
        ),
        SignInError::Oidc(_)
        | SignInError::OidcScopeRefused
        | SignInError::OidcInteractionRequired
        | SignInError::OidcConsentRequired
        | SignInError::OidcUnavailable
        | SignInError::OidcRequestRefused
        | SignInError::OidcUnknownError
        | SignInError::OidcTokenRefused
        | SignInError::OidcTokenTooLarge => (
            lang.msg("oidc-error-unknown"),
            lang.msg("sign-in-error-unreachable-hint"),
        ),
    };
    ErrorText {
        steps,
        ..ErrorText::new(&lang.msg("sign-in-error-title"), &text, &hint)
    }
}

//! The texts for failed sign-ins through an OIDC provider.

use super::{ErrorText, untrusted_certificate_text};
use crate::app::failure::Upstream;
use crate::i18n::{Lang, Message};
use crate::openshift::oidc::{IdTokenFault, OidcFault};
use crate::web::errors::SignInError;
use crate::web::remediation::SignInRemediation;

/// The text for `error`, if it is one of an OIDC provider.
pub(super) fn oidc_error_text(
    error: SignInError,
    lang: Lang,
    remediation: &SignInRemediation<'_>,
) -> Option<ErrorText> {
    let again = || lang.msg("sign-in-error-again-hint");
    let (text, hint) = match error {
        SignInError::Oidc(OidcFault::Untrusted(fault)) => {
            return Some(untrusted_certificate_text(Upstream::Oidc, fault, lang));
        }
        SignInError::Oidc(OidcFault::IdToken(fault)) => id_token_text(fault, lang),
        SignInError::Oidc(fault) => provider_text(fault, lang, remediation),
        SignInError::OidcScopeRefused => (lang.msg("oidc-error-scope"), scope_hint(lang)),
        SignInError::OidcInteractionRequired => (lang.msg("oidc-error-interaction"), again()),
        SignInError::OidcConsentRequired => (
            lang.msg("oidc-error-consent"),
            lang.msg("oidc-error-consent-hint")
                .arg("client", &remediation.installation().oauth_client),
        ),
        SignInError::OidcUnavailable => (
            lang.msg("oidc-error-unavailable"),
            lang.msg("sign-in-error-unreachable-hint"),
        ),
        SignInError::OidcRequestRefused => (
            lang.msg("oidc-error-request"),
            lang.msg("oidc-error-request-hint"),
        ),
        SignInError::OidcUnknownError => (
            lang.msg("oidc-error-unknown"),
            lang.msg("sign-in-error-unreachable-hint"),
        ),
        SignInError::OidcTokenRefused => (
            lang.msg("oidc-error-token-refused"),
            lang.msg("oidc-error-token-refused-hint")
                .arg("issuer", remediation.issuer())
                .arg("client", &remediation.installation().oauth_client),
        ),
        SignInError::OidcTokenTooLarge => (
            lang.msg("oidc-error-too-large"),
            lang.msg("oidc-error-too-large-hint"),
        ),
        _ => return None,
    };
    let steps = match error {
        SignInError::OidcTokenRefused => remediation.api_server_authentication(),
        SignInError::Oidc(
            OidcFault::Unreachable
            | OidcFault::TimedOut
            | OidcFault::ServerError(_)
            | OidcFault::NotAProvider
            | OidcFault::WrongIssuer
            | OidcFault::NoKeys,
        ) => remediation.provider_discovery(),
        _ => Vec::new(),
    };
    Some(ErrorText {
        steps,
        ..ErrorText::new(&lang.msg("sign-in-error-title"), &text, &hint)
    })
}

fn scope_hint(lang: Lang) -> Message {
    lang.msg("oidc-error-scope-hint")
}

fn provider_text(
    fault: OidcFault,
    lang: Lang,
    remediation: &SignInRemediation<'_>,
) -> (Message, Message) {
    let text = match fault {
        OidcFault::Unreachable | OidcFault::Untrusted(_) => lang.msg("oidc-error-unreachable"),
        OidcFault::TimedOut => lang.msg("oidc-error-late"),
        OidcFault::ServerError(status) => lang
            .msg("oidc-error-server")
            .arg("status", status.to_string()),
        OidcFault::Busy(_) => lang.msg("oidc-error-busy"),
        OidcFault::NotAProvider => lang.msg("oidc-error-not-a-provider"),
        OidcFault::WrongIssuer => lang.msg("oidc-error-wrong-issuer"),
        OidcFault::NoKeys => lang.msg("oidc-error-no-keys"),
        OidcFault::ClientRefused => lang
            .msg("oidc-error-client")
            .arg("client", &remediation.installation().oauth_client),
        OidcFault::GrantRefused => lang.msg("oidc-error-grant"),
        OidcFault::RequestRefused => lang.msg("oidc-error-request"),
        OidcFault::ScopeRefused => lang.msg("oidc-error-scope"),
        OidcFault::InvalidResponse | OidcFault::IdToken(_) => lang.msg("oidc-error-response"),
        OidcFault::NoIdToken => lang.msg("oidc-error-no-id-token"),
    };
    let hint = match fault {
        OidcFault::Busy(wait) => lang
            .msg("sign-in-error-busy-hint")
            .arg("when", lang.retry_time(wait)),
        OidcFault::NotAProvider | OidcFault::WrongIssuer => lang.msg("oidc-error-compare-hint"),
        OidcFault::ClientRefused => lang.msg("oidc-error-client-hint"),
        OidcFault::GrantRefused => lang.msg("sign-in-error-again-hint"),
        OidcFault::RequestRefused => lang.msg("oidc-error-request-hint"),
        OidcFault::ScopeRefused | OidcFault::NoIdToken => scope_hint(lang),
        _ => lang.msg("sign-in-error-unreachable-hint"),
    };
    (text.arg("issuer", remediation.issuer()), hint)
}

fn id_token_text(fault: IdTokenFault, lang: Lang) -> (Message, Message) {
    let text = match fault {
        IdTokenFault::Issuer => lang.msg("oidc-error-token-issuer"),
        IdTokenFault::Audience => lang.msg("oidc-error-token-audience"),
        IdTokenFault::Expired | IdTokenFault::NotYetIssued => lang.msg("oidc-error-token-time"),
        IdTokenFault::Nonce | IdTokenFault::Subject => lang.msg("oidc-error-token-nonce"),
        IdTokenFault::Signature => lang.msg("oidc-error-token-signature"),
        IdTokenFault::Algorithm => lang.msg("oidc-error-token-algorithm"),
        IdTokenFault::Malformed => lang.msg("oidc-error-token-malformed"),
    };
    let hint = match fault {
        IdTokenFault::Expired | IdTokenFault::NotYetIssued => {
            lang.msg("oidc-error-token-time-hint")
        }
        IdTokenFault::Nonce | IdTokenFault::Subject => lang.msg("sign-in-error-again-hint"),
        IdTokenFault::Algorithm => lang.msg("oidc-error-token-algorithm-hint"),
        _ => lang.msg("sign-in-error-admin-hint"),
    };
    (text, hint)
}

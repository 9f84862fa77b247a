//! The texts of error pages.

use super::{SignInError, WebError};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::i18n::{Lang, Message};
use crate::openshift::{self, OutageReason};
use crate::outbound::CertificateFault;
use crate::web::limits::Overload;
use crate::web::remediation::{SignInRemediation, Step};
use crate::web::tls_messages;

/// Title, what happened, and what to do next.
pub(super) struct ErrorText {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) hint: String,
    /// Commands for an administrator of the cluster.
    pub(super) steps: Vec<Step>,
}

impl ErrorText {
    fn new(title: &Message, text: &Message, hint: &Message) -> Self {
        Self {
            title: title.to_string(),
            text: text.to_string(),
            hint: hint.to_string(),
            steps: Vec::new(),
        }
    }
}

impl WebError {
    /// The text for users. It contains nothing of the request or of an upstream except the name of
    /// a user or group that does not exist and, if the console's address is not configured, the
    /// host that the browser requested.
    pub(super) fn error_text(&self, lang: Lang, remediation: &SignInRemediation<'_>) -> ErrorText {
        match self {
            Self::Failure(failure) => failure_text(failure, lang),
            Self::NoSuchUserOrGroup(subject, name) => {
                let text = if *subject == PageSubject::Group {
                    lang.msg("no-such-group")
                } else {
                    lang.msg("no-such-user")
                };
                ErrorText::new(
                    &lang.msg("error-not-found-title"),
                    &text.arg("name", name),
                    &lang.msg("no-such-user-or-group-hint"),
                )
            }
            Self::SignInFailed(error) | Self::SignInRestarts { error, .. } => {
                sign_in_error_text(*error, lang, remediation)
            }
            Self::UserUnknown(failure) => unknown_user_text(failure, lang),
            Self::WrongHost => wrong_host_text(lang, remediation),
            Self::ForeignForm => ErrorText::new(
                &lang.msg("error-foreign-form-title"),
                &lang.msg("error-foreign-form-text"),
                &lang.msg("error-foreign-form-hint"),
            ),
            Self::StaleForm => ErrorText::new(
                &lang.msg("stale-form-title"),
                &lang.msg("stale-form-text"),
                &lang.msg("stale-form-hint"),
            ),
            Self::NotFormEncoded => ErrorText::new(
                &lang.msg("error-not-a-form-title"),
                &lang.msg("error-not-a-form-text"),
                &lang.msg("error-not-a-form-hint"),
            ),
            Self::TooLarge => ErrorText::new(
                &lang.msg("error-too-large-title"),
                &lang.msg("error-too-large-text"),
                &lang.msg("error-too-large-hint"),
            ),
            Self::MethodNotAllowed => ErrorText::new(
                &lang.msg("error-wrong-method-title"),
                &lang.msg("error-wrong-method-text"),
                &lang.msg("error-wrong-method-hint"),
            ),
            Self::Overload(overload) => overload_text(*overload, lang),
        }
    }
}

/// R10, R28.
fn overload_text(overload: Overload, lang: Lang) -> ErrorText {
    let (text, hint) = match overload {
        Overload::User => (
            lang.msg("error-overload-user"),
            lang.msg("error-overload-user-hint"),
        ),
        Overload::SignIns => (
            lang.msg("error-overload-sign-ins"),
            lang.msg("error-overload-sign-ins-hint"),
        ),
        Overload::UnknownTokens => (
            lang.msg("error-overload-tokens"),
            lang.msg("error-overload-tokens-hint"),
        ),
    };
    ErrorText::new(&lang.msg("error-overload-title"), &text, &hint)
}

/// The text for a form without a session. `kept`: the page shows the form's values.
/// `may_have_changed`: a part of it may have been done.
pub(super) fn signed_out_text(lang: Lang, kept: bool, may_have_changed: bool) -> ErrorText {
    let text = if may_have_changed {
        lang.msg("signed-out-form-uncertain-text")
    } else {
        lang.msg("signed-out-form-text")
    };
    let hint = if kept {
        lang.msg("signed-out-form-hint")
    } else {
        lang.msg("signed-out-form-lost-hint")
    };
    ErrorText::new(&lang.msg("signed-out-form-title"), &text, &hint)
}

fn wrong_host_text(lang: Lang, remediation: &SignInRemediation<'_>) -> ErrorText {
    let title = lang.msg("error-wrong-host-title");
    match remediation.configured_url() {
        Some(url) => {
            let hint = lang.msg("error-wrong-host-hint").arg("url", url.as_str());
            ErrorText {
                steps: remediation.address(),
                ..ErrorText::new(&title, &lang.msg("error-wrong-host-text"), &hint)
            }
        }
        None => ErrorText::new(
            &title,
            &lang.msg("error-no-host-text"),
            &lang.msg("error-invalid-hint"),
        ),
    }
}

/// S47.
fn untrusted_certificate_text(
    upstream: Upstream,
    fault: CertificateFault,
    lang: Lang,
) -> ErrorText {
    ErrorText::new(
        &tls_messages::fault_title(fault, lang),
        &tls_messages::fault_text(upstream, fault, lang),
        &tls_messages::fault_hint(upstream, fault, lang),
    )
}

fn failure_text(failure: &Failure, lang: Lang) -> ErrorText {
    if let Some((upstream, fault)) = failure.certificate_fault() {
        return untrusted_certificate_text(upstream, fault, lang);
    }
    let (title, text, hint) = match failure {
        Failure::SignInRequired => (
            lang.msg("error-sign-in-title"),
            lang.msg("error-sign-in-text"),
            lang.msg("error-sign-in-hint"),
        ),
        Failure::Forbidden(PageSubject::Project) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-project"),
            lang.msg("error-forbidden-hint"),
        ),
        Failure::Forbidden(PageSubject::Users | PageSubject::User) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-users"),
            lang.msg("error-forbidden-users-and-groups-hint"),
        ),
        Failure::Forbidden(PageSubject::Groups | PageSubject::Group) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-groups"),
            lang.msg("error-forbidden-users-and-groups-hint"),
        ),
        Failure::Forbidden(PageSubject::Page) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-page"),
            lang.msg("error-forbidden-users-and-groups-hint"),
        ),
        Failure::Forbidden(_) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-text"),
            lang.msg("error-forbidden-hint"),
        ),
        Failure::NotFound(PageSubject::ImageDigest) => (
            lang.msg("error-not-found-title"),
            not_found_message(PageSubject::ImageDigest, lang),
            lang.msg("error-not-found-digest-hint"),
        ),
        Failure::NotFound(subject) => (
            lang.msg("error-not-found-title"),
            not_found_message(*subject, lang),
            lang.msg("error-not-found-hint"),
        ),
        Failure::Invalid(_) => (
            lang.msg("error-invalid-title"),
            lang.msg("error-invalid-text"),
            lang.msg("error-invalid-hint"),
        ),
        Failure::Unreachable { upstream, .. } => (
            lang.msg("error-unreachable-title"),
            unreachable_message(*upstream, lang),
            lang.msg("error-unreachable-hint"),
        ),
        Failure::DeadlineExceeded => (
            lang.msg("error-too-late-title"),
            lang.msg("error-too-late-text"),
            lang.msg("error-too-late-hint"),
        ),
        Failure::Busy { .. } => (
            lang.msg("error-busy-title"),
            lang.msg("error-busy-text"),
            retry_message(failure, lang),
        ),
        Failure::Unavailable { subject, cause, .. } => (
            lang.msg("error-unavailable-title"),
            unavailable_message(*subject, cause, lang),
            retry_message(failure, lang),
        ),
        Failure::NotServed(subject) => {
            let text = lang
                .msg("error-not-served-text")
                .arg("api", api_name(*subject, lang));
            (
                lang.msg("error-not-served-title"),
                text,
                lang.msg("error-not-served-hint"),
            )
        }
        Failure::Unexpected { .. } if failure.upstream_message().is_some() => (
            lang.msg("error-server-failed-title"),
            lang.msg("error-server-failed-text"),
            retry_message(failure, lang),
        ),
        Failure::Unexpected { .. } => (
            lang.msg("error-unexpected-title"),
            lang.msg("error-unexpected-text"),
            lang.msg("error-unexpected-hint"),
        ),
        Failure::Internal(_) => (
            lang.msg("error-internal-title"),
            lang.msg("error-internal-text"),
            lang.msg("error-internal-hint"),
        ),
    };
    with_server_message(ErrorText::new(&title, &text, &hint), failure, lang)
}

fn with_server_message(words: ErrorText, failure: &Failure, lang: Lang) -> ErrorText {
    match failure.upstream_message() {
        Some(message) => ErrorText {
            text: format!("{}{}", words.text, quote_server_message(message, lang)),
            ..words
        },
        None => words,
    }
}

/// The server's own message, which is untrusted: at most as long as a sentence.
pub(in crate::web) fn quote_server_message(message: &str, lang: Lang) -> String {
    let cut = &message[..message.floor_char_boundary(MAX_SERVER_MESSAGE_BYTES)];
    let message = if cut.len() < message.len() {
        format!("{cut}…")
    } else {
        cut.to_owned()
    };
    lang.msg("error-server-says")
        .arg("message", message)
        .to_string()
}

/// The longest message that a page quotes.
const MAX_SERVER_MESSAGE_BYTES: usize = 400;

fn unavailable_message(subject: PageSubject, cause: &openshift::ApiError, lang: Lang) -> Message {
    match cause {
        openshift::ApiError::Unavailable(outage) => match outage.reason {
            OutageReason::Status(_) => lang
                .msg("error-unavailable-text")
                .arg("api", api_name(subject, lang)),
            OutageReason::Proxy(status) => lang
                .msg("error-unavailable-proxy")
                .arg("status", status.as_u16()),
            OutageReason::RolesNotLoaded => lang.msg("error-unavailable-roles"),
        },
        _ => lang.msg("error-unreachable-api-server"),
    }
}

/// The API group that a page needs.
fn api_name(subject: PageSubject, lang: Lang) -> Message {
    match subject {
        PageSubject::Users | PageSubject::User | PageSubject::Groups | PageSubject::Group => {
            lang.msg("api-users")
        }
        PageSubject::Project => lang.msg("api-projects"),
        PageSubject::Page
        | PageSubject::List
        | PageSubject::ImageStream
        | PageSubject::Image
        | PageSubject::ImageDigest => lang.msg("api-images"),
    }
}

fn retry_message(failure: &Failure, lang: Lang) -> Message {
    match failure.retry_after() {
        Some(wait) => lang
            .msg("error-retry")
            .arg("when", lang.retry_time(Some(wait))),
        None => lang.msg("error-retry-soon"),
    }
}

fn not_found_message(subject: PageSubject, lang: Lang) -> Message {
    match subject {
        PageSubject::Page
        | PageSubject::List
        | PageSubject::Users
        | PageSubject::User
        | PageSubject::Groups
        | PageSubject::Group => lang.msg("error-not-found-page"),
        PageSubject::Project => lang.msg("error-not-found-project"),
        PageSubject::ImageStream => lang.msg("error-not-found-stream"),
        PageSubject::Image => lang.msg("error-not-found-image"),
        PageSubject::ImageDigest => lang.msg("error-not-found-digest"),
    }
}

fn unreachable_message(upstream: Upstream, lang: Lang) -> Message {
    match upstream {
        Upstream::ApiServer => lang.msg("error-unreachable-api-server"),
        Upstream::Oauth => lang.msg("error-unreachable-oauth"),
        // No page has object storage as its subject.
        Upstream::Registry | Upstream::Storage => lang.msg("error-unreachable-registry"),
    }
}

/// The OAuth server issued a token, but the API server did not say which user it belongs to.
fn unknown_user_text(failure: &Failure, lang: Lang) -> ErrorText {
    let text = match failure {
        Failure::Busy { .. } => lang.msg("sign-in-error-user-unknown-busy"),
        Failure::Unavailable { cause, .. } => match cause {
            openshift::ApiError::Unavailable(outage) => match outage.reason {
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

fn sign_in_error_text(
    error: SignInError,
    lang: Lang,
    remediation: &SignInRemediation<'_>,
) -> ErrorText {
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
    };
    ErrorText {
        steps,
        ..ErrorText::new(&lang.msg("sign-in-error-title"), &text, &hint)
    }
}

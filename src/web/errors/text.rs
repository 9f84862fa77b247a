//! The texts of error pages.

mod failure;
mod oidc;
mod sign_in;

use super::WebError;
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::i18n::{Lang, Message};
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
            Self::Failure(failure) => failure::failure_text(failure, lang),
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
                sign_in::sign_in_error_text(*error, lang, remediation)
            }
            Self::UserUnknown(failure) => sign_in::unknown_user_text(failure, lang),
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
            Self::Problem(problem) => ErrorText {
                title: problem.title.to_owned(),
                text: problem.detail.clone(),
                hint: problem.hint.clone(),
                steps: Vec::new(),
            },
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

//! The words of error pages.

use url::Url;

use super::{LoginTrouble, Refused};
use crate::console::{Failure, Subject, Upstream};
use crate::i18n::Lang;

/// Title, what happened, and what to do next.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) hint: String,
}

impl Refused {
    /// What a person reads. Nothing of it comes from the request or from an upstream.
    pub(super) fn words(&self, lang: Lang, public: &Url) -> Words {
        let words = |title: &'static str, text: &'static str, hint: &'static str| Words {
            title: lang.msg(title).to_string(),
            text: lang.msg(text).to_string(),
            hint: lang.msg(hint).to_string(),
        };
        match self {
            Self::Failure(failure) => of_failure(failure, lang),
            Self::Login(trouble) => of_login(*trouble, lang),
            Self::WrongHost => Words {
                title: lang.msg("error-wrong-host-title").to_string(),
                text: lang.msg("error-wrong-host-text").to_string(),
                hint: lang.msg("error-wrong-host-hint").arg("url", public.as_str()).to_string(),
            },
            Self::ForeignForm => words("error-foreign-form-title", "error-foreign-form-text", "error-foreign-form-hint"),
            Self::TooLarge => words("error-too-large-title", "error-too-large-text", "error-too-large-hint"),
            Self::WrongMethod => words("error-wrong-method-title", "error-wrong-method-text", "error-wrong-method-hint"),
        }
    }
}

fn of_failure(failure: &Failure, lang: Lang) -> Words {
    let (title, text, hint) = match failure {
        Failure::SignInRequired => ("error-sign-in-title", "error-sign-in-text", "error-sign-in-hint"),
        Failure::Forbidden(Subject::Project) => ("error-forbidden-title", "error-forbidden-project", "error-forbidden-hint"),
        Failure::Forbidden(_) => ("error-forbidden-title", "error-forbidden-text", "error-forbidden-hint"),
        Failure::NotFound(subject) => ("error-not-found-title", missing(*subject), "error-not-found-hint"),
        Failure::Invalid(_) => ("error-invalid-title", "error-invalid-text", "error-invalid-hint"),
        Failure::Unreachable { upstream, .. } => ("error-unreachable-title", unreachable(*upstream), "error-unreachable-hint"),
        Failure::TooLate => ("error-too-late-title", "error-too-late-text", "error-too-late-hint"),
        Failure::Busy(_) => ("error-busy-title", "error-busy-text", "error-busy-hint"),
        Failure::Unexpected { .. } => ("error-unexpected-title", "error-unexpected-text", "error-unexpected-hint"),
        Failure::Internal(_) => ("error-internal-title", "error-internal-text", "error-internal-hint"),
    };
    Words { title: lang.msg(title).to_string(), text: lang.msg(text).to_string(), hint: lang.msg(hint).to_string() }
}

fn missing(subject: Subject) -> &'static str {
    match subject {
        Subject::Page | Subject::List => "error-not-found-page",
        Subject::Project => "error-not-found-project",
        Subject::ImageStream => "error-not-found-stream",
        Subject::Image => "error-not-found-image",
    }
}

fn unreachable(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::Master => "error-unreachable-master",
        Upstream::Oauth => "error-unreachable-oauth",
        Upstream::Registry => "error-unreachable-registry",
    }
}

fn of_login(trouble: LoginTrouble, lang: Lang) -> Words {
    let (text, hint) = match trouble {
        LoginTrouble::BadCallback => ("login-bad-callback", "login-again-hint"),
        LoginTrouble::AccessDenied => ("login-access-denied", "login-again-hint"),
        LoginTrouble::ScopeRefused => ("login-scope-refused", "login-scope-hint"),
        LoginTrouble::WrongSecretOrCode => ("login-wrong-secret", "login-secret-hint"),
        LoginTrouble::CodeRefused => ("login-code-refused", "login-again-hint"),
        LoginTrouble::RequestRefused => ("login-request-refused", "login-redirect-hint"),
        LoginTrouble::OauthUnreachable => ("error-unreachable-oauth", "login-unreachable-hint"),
        LoginTrouble::OauthAnswer => ("login-oauth-answer", "login-unreachable-hint"),
        LoginTrouble::NoUser => ("login-no-user", "error-unreachable-hint"),
        LoginTrouble::TokenTooLarge => ("login-token-too-large", "login-admin-hint"),
    };
    Words { title: lang.msg("login-failed-title").to_string(), text: lang.msg(text).to_string(), hint: lang.msg(hint).to_string() }
}

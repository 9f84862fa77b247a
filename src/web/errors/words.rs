//! The words of error pages.

use super::{LoginTrouble, Refused};
use crate::app::failure::{Failure, Subject, Upstream};
use crate::i18n::{Lang, Message};
use crate::openshift::{self, OutageReason};
use crate::outbound::CertificateFault;
use crate::web::distrust;
use crate::web::limits::Overload;
use crate::web::mend::{Mend, Step};

/// Title, what happened, and what to do next.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) hint: String,
    /// Commands for whoever runs the cluster.
    pub(super) steps: Vec<Step>,
}

impl Words {
    fn of(title: &Message, text: &Message, hint: &Message) -> Self {
        Self {
            title: title.to_string(),
            text: text.to_string(),
            hint: hint.to_string(),
            steps: Vec::new(),
        }
    }
}

impl Refused {
    /// What a person reads. Nothing of it comes from the request or from an upstream, but the name
    /// of whom there is not, and, where the console is not told its own address, the host that the
    /// browser asked for.
    pub(super) fn words(&self, lang: Lang, mend: &Mend<'_>) -> Words {
        match self {
            Self::Failure(failure) => of_failure(failure, lang),
            Self::NoSuch(subject, name) => {
                let text = if *subject == Subject::Group {
                    lang.msg("no-such-group")
                } else {
                    lang.msg("no-such-user")
                };
                Words::of(
                    &lang.msg("error-not-found-title"),
                    &text.arg("name", name),
                    &lang.msg("no-such-person-hint"),
                )
            }
            Self::Login(trouble) | Self::LoginAgain { trouble, .. } => {
                of_login(*trouble, lang, mend)
            }
            Self::NoUser(failure) => of_no_user(failure, lang),
            Self::WrongHost => of_wrong_host(lang, mend),
            Self::ForeignForm => Words::of(
                &lang.msg("error-foreign-form-title"),
                &lang.msg("error-foreign-form-text"),
                &lang.msg("error-foreign-form-hint"),
            ),
            Self::StaleForm => Words::of(
                &lang.msg("stale-form-title"),
                &lang.msg("stale-form-text"),
                &lang.msg("stale-form-hint"),
            ),
            Self::NotAForm => Words::of(
                &lang.msg("error-not-a-form-title"),
                &lang.msg("error-not-a-form-text"),
                &lang.msg("error-not-a-form-hint"),
            ),
            Self::TooLarge => Words::of(
                &lang.msg("error-too-large-title"),
                &lang.msg("error-too-large-text"),
                &lang.msg("error-too-large-hint"),
            ),
            Self::WrongMethod => Words::of(
                &lang.msg("error-wrong-method-title"),
                &lang.msg("error-wrong-method-text"),
                &lang.msg("error-wrong-method-hint"),
            ),
            Self::Overload(overload) => of_overload(*overload, lang),
        }
    }
}

/// R10, R28.
fn of_overload(overload: Overload, lang: Lang) -> Words {
    let (text, hint) = match overload {
        Overload::Person => (
            lang.msg("error-overload-person"),
            lang.msg("error-overload-person-hint"),
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
    Words::of(&lang.msg("error-overload-title"), &text, &hint)
}

/// What a form without a session ends in. `kept`: the page shows what was typed.
/// `may_have_changed`: a part of it may have been done before.
pub(super) fn of_signed_out(lang: Lang, kept: bool, may_have_changed: bool) -> Words {
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
    Words::of(&lang.msg("signed-out-form-title"), &text, &hint)
}

fn of_wrong_host(lang: Lang, mend: &Mend<'_>) -> Words {
    let title = lang.msg("error-wrong-host-title");
    match mend.configured() {
        Some(url) => {
            let hint = lang.msg("error-wrong-host-hint").arg("url", url.as_str());
            Words {
                steps: mend.host(),
                ..Words::of(&title, &lang.msg("error-wrong-host-text"), &hint)
            }
        }
        None => Words::of(
            &title,
            &lang.msg("error-no-host-text"),
            &lang.msg("error-invalid-hint"),
        ),
    }
}

/// S47.
fn of_distrust(upstream: Upstream, fault: CertificateFault, lang: Lang) -> Words {
    Words::of(
        &distrust::title(fault, lang),
        &distrust::text(upstream, fault, lang),
        &distrust::hint(upstream, fault, lang),
    )
}

fn of_failure(failure: &Failure, lang: Lang) -> Words {
    if let Some((upstream, fault)) = failure.certificate_fault() {
        return of_distrust(upstream, fault, lang);
    }
    let (title, text, hint) = match failure {
        Failure::SignInRequired => (
            lang.msg("error-sign-in-title"),
            lang.msg("error-sign-in-text"),
            lang.msg("error-sign-in-hint"),
        ),
        Failure::Forbidden(Subject::Project) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-project"),
            lang.msg("error-forbidden-hint"),
        ),
        Failure::Forbidden(Subject::Users | Subject::User) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-users"),
            lang.msg("error-forbidden-people-hint"),
        ),
        Failure::Forbidden(Subject::Groups | Subject::Group) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-groups"),
            lang.msg("error-forbidden-people-hint"),
        ),
        Failure::Forbidden(Subject::Page) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-page"),
            lang.msg("error-forbidden-people-hint"),
        ),
        Failure::Forbidden(_) => (
            lang.msg("error-forbidden-title"),
            lang.msg("error-forbidden-text"),
            lang.msg("error-forbidden-hint"),
        ),
        Failure::NotFound(Subject::ImageDigest) => (
            lang.msg("error-not-found-title"),
            missing(Subject::ImageDigest, lang),
            lang.msg("error-not-found-digest-hint"),
        ),
        Failure::NotFound(subject) => (
            lang.msg("error-not-found-title"),
            missing(*subject, lang),
            lang.msg("error-not-found-hint"),
        ),
        Failure::Invalid(_) => (
            lang.msg("error-invalid-title"),
            lang.msg("error-invalid-text"),
            lang.msg("error-invalid-hint"),
        ),
        Failure::Unreachable { upstream, .. } => (
            lang.msg("error-unreachable-title"),
            unreachable(*upstream, lang),
            lang.msg("error-unreachable-hint"),
        ),
        Failure::TooLate => (
            lang.msg("error-too-late-title"),
            lang.msg("error-too-late-text"),
            lang.msg("error-too-late-hint"),
        ),
        Failure::Busy { .. } => (
            lang.msg("error-busy-title"),
            lang.msg("error-busy-text"),
            when_to_retry(failure, lang),
        ),
        Failure::Unavailable { subject, cause, .. } => (
            lang.msg("error-unavailable-title"),
            unavailable(*subject, cause, lang),
            when_to_retry(failure, lang),
        ),
        Failure::NotServed(subject) => {
            let text = lang
                .msg("error-not-served-text")
                .arg("api", api(*subject, lang));
            (
                lang.msg("error-not-served-title"),
                text,
                lang.msg("error-not-served-hint"),
            )
        }
        Failure::Unexpected { .. } if failure.explanation().is_some() => (
            lang.msg("error-server-failed-title"),
            lang.msg("error-server-failed-text"),
            when_to_retry(failure, lang),
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
    with_explanation(Words::of(&title, &text, &hint), failure, lang)
}

fn with_explanation(words: Words, failure: &Failure, lang: Lang) -> Words {
    match failure.explanation() {
        Some(message) => Words {
            text: format!("{}{}", words.text, says(message, lang)),
            ..words
        },
        None => words,
    }
}

/// The server's own words, which are untrusted: as much of them as a sentence.
pub(in crate::web) fn says(message: &str, lang: Lang) -> String {
    let cut = &message[..message.floor_char_boundary(EXPLANATION_BYTES)];
    let message = if cut.len() < message.len() {
        format!("{cut}…")
    } else {
        cut.to_owned()
    };
    lang.msg("error-server-says")
        .arg("message", message)
        .to_string()
}

/// The longest explanation that a page quotes.
const EXPLANATION_BYTES: usize = 400;

fn unavailable(subject: Subject, cause: &openshift::Error, lang: Lang) -> Message {
    match cause {
        openshift::Error::Unavailable(outage) => match outage.reason {
            OutageReason::Status(_) => lang
                .msg("error-unavailable-text")
                .arg("api", api(subject, lang)),
            OutageReason::Proxy(status) => lang
                .msg("error-unavailable-proxy")
                .arg("status", status.as_u16()),
            OutageReason::RolesNotLoaded => lang.msg("error-unavailable-roles"),
        },
        _ => lang.msg("error-unreachable-master"),
    }
}

/// The API group that a page needs.
fn api(subject: Subject, lang: Lang) -> Message {
    match subject {
        Subject::Users | Subject::User | Subject::Groups | Subject::Group => lang.msg("api-users"),
        Subject::Project => lang.msg("api-projects"),
        Subject::Page
        | Subject::List
        | Subject::ImageStream
        | Subject::Image
        | Subject::ImageDigest => lang.msg("api-images"),
    }
}

fn when_to_retry(failure: &Failure, lang: Lang) -> Message {
    match failure.retry_after() {
        Some(wait) => lang.msg("error-retry").arg("when", lang.after(Some(wait))),
        None => lang.msg("error-retry-soon"),
    }
}

fn missing(subject: Subject, lang: Lang) -> Message {
    match subject {
        Subject::Page
        | Subject::List
        | Subject::Users
        | Subject::User
        | Subject::Groups
        | Subject::Group => lang.msg("error-not-found-page"),
        Subject::Project => lang.msg("error-not-found-project"),
        Subject::ImageStream => lang.msg("error-not-found-stream"),
        Subject::Image => lang.msg("error-not-found-image"),
        Subject::ImageDigest => lang.msg("error-not-found-digest"),
    }
}

fn unreachable(upstream: Upstream, lang: Lang) -> Message {
    match upstream {
        Upstream::Master => lang.msg("error-unreachable-master"),
        Upstream::Oauth => lang.msg("error-unreachable-oauth"),
        // No page has object storage as its subject.
        Upstream::Registry | Upstream::Storage => lang.msg("error-unreachable-registry"),
    }
}

/// The cluster let somebody in, but the API server did not say whom.
fn of_no_user(failure: &Failure, lang: Lang) -> Words {
    let text = match failure {
        Failure::Busy { .. } => lang.msg("login-no-user-busy"),
        Failure::Unavailable { cause, .. } => match cause {
            openshift::Error::Unavailable(outage) => match outage.reason {
                OutageReason::Proxy(status) => lang
                    .msg("login-no-user-proxy")
                    .arg("status", status.as_u16()),
                OutageReason::RolesNotLoaded => lang.msg("login-no-user-roles"),
                OutageReason::Status(_) => lang.msg("login-no-user-now"),
            },
            _ => lang.msg("login-no-user-now"),
        },
        Failure::Unexpected { .. } if failure.explanation().is_some() => {
            lang.msg("login-no-user-failed")
        }
        Failure::NotServed(_) => lang.msg("login-no-user-api"),
        Failure::Unreachable { .. } | Failure::TooLate => lang.msg("login-no-user-unreachable"),
        _ => lang.msg("login-no-user"),
    };
    let hint = match (failure, failure.retry_after()) {
        (Failure::NotServed(_), _) => lang.msg("error-not-served-hint"),
        (_, Some(wait)) => lang
            .msg("login-busy-hint")
            .arg("when", lang.after(Some(wait))),
        (_, None) if failure.is_passing() => lang.msg("login-no-user-now-hint"),
        (_, None) => lang.msg("error-unreachable-hint"),
    };
    let words = Words::of(&lang.msg("login-failed-title"), &text, &hint);
    with_explanation(words, failure, lang)
}

fn of_login(trouble: LoginTrouble, lang: Lang, mend: &Mend<'_>) -> Words {
    let steps = match trouble {
        LoginTrouble::WrongSecretOrCode => mend.secret(),
        LoginTrouble::RequestRefused => mend.redirect(),
        _ => Vec::new(),
    };
    let (text, hint) = match trouble {
        LoginTrouble::BadCallback => (lang.msg("login-bad-callback"), lang.msg("login-again-hint")),
        LoginTrouble::NoState => (lang.msg("login-no-state"), lang.msg("login-again-hint")),
        LoginTrouble::NoStateAccessDenied => (
            lang.msg("login-no-state-denied"),
            lang.msg("login-again-hint"),
        ),
        LoginTrouble::NoStateScopeRefused => (
            lang.msg("login-no-state-scope"),
            lang.msg("login-scope-hint"),
        ),
        LoginTrouble::NoStateError => (
            lang.msg("login-no-state-error"),
            lang.msg("login-unreachable-hint"),
        ),
        LoginTrouble::CookieMissing => (
            lang.msg("login-cookie-missing"),
            lang.msg("login-cookie-hint"),
        ),
        LoginTrouble::OtherTab => (lang.msg("login-other-tab"), lang.msg("login-again-hint")),
        LoginTrouble::Expired => (lang.msg("login-expired"), lang.msg("login-again-hint")),
        LoginTrouble::AlreadyUsed => (lang.msg("login-already-used"), lang.msg("login-again-hint")),
        LoginTrouble::NotANavigation => (
            lang.msg("login-not-a-navigation"),
            lang.msg("login-not-a-navigation-hint"),
        ),
        LoginTrouble::AccessDenied => (
            lang.msg("login-access-denied"),
            lang.msg("login-again-hint"),
        ),
        LoginTrouble::ScopeRefused => (
            lang.msg("login-scope-refused"),
            lang.msg("login-scope-hint"),
        ),
        LoginTrouble::WrongSecretOrCode => (
            lang.msg("login-wrong-secret")
                .arg("client", mend.client_id()),
            lang.msg("login-secret-hint").arg("setting", mend.setting()),
        ),
        LoginTrouble::CodeRefused => (lang.msg("login-code-refused"), lang.msg("login-again-hint")),
        LoginTrouble::RequestRefused => (
            lang.msg("login-request-refused"),
            lang.msg("login-redirect-hint"),
        ),
        LoginTrouble::OauthUnreachable => (
            lang.msg("error-unreachable-oauth"),
            lang.msg("login-unreachable-hint"),
        ),
        LoginTrouble::OauthServerError(status) => (
            lang.msg("oauth-fault-error-text").arg("status", status),
            lang.msg("login-unreachable-hint"),
        ),
        LoginTrouble::OauthBusy(wait) => (
            lang.msg("login-oauth-busy"),
            lang.msg("login-busy-hint").arg("when", lang.after(wait)),
        ),
        LoginTrouble::OauthUntrusted(fault) => return of_distrust(Upstream::Oauth, fault, lang),
        LoginTrouble::OauthAnswer => (
            lang.msg("login-oauth-answer"),
            lang.msg("login-unreachable-hint"),
        ),
        LoginTrouble::TokenRefused => (
            lang.msg("login-token-refused"),
            lang.msg("login-again-hint"),
        ),
        LoginTrouble::NoUser => (
            lang.msg("login-no-user"),
            lang.msg("error-unreachable-hint"),
        ),
        LoginTrouble::TokenTooLarge => (
            lang.msg("login-token-too-large"),
            lang.msg("login-admin-hint"),
        ),
    };
    Words {
        steps,
        ..Words::of(&lang.msg("login-failed-title"), &text, &hint)
    }
}

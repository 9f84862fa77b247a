//! The texts for the failures of pages.

use super::{ErrorText, untrusted_certificate_text, with_server_message};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::i18n::{Lang, Message};
use crate::openshift::{ApiError, OutageReason};

pub(super) fn failure_text(failure: &Failure, lang: Lang) -> ErrorText {
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
        Failure::NotFound(PageSubject::Page | PageSubject::List) => (
            lang.msg("error-not-found-title"),
            not_found_message(PageSubject::Page, lang),
            lang.msg("error-not-found-page-hint"),
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
            let is_about_users = matches!(
                subject,
                PageSubject::Users | PageSubject::User | PageSubject::Groups | PageSubject::Group
            );
            let hint = if is_about_users {
                lang.msg("error-users-not-served-hint")
            } else {
                lang.msg("error-not-served-hint")
            };
            (lang.msg("error-not-served-title"), text, hint)
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

fn unavailable_message(subject: PageSubject, cause: &ApiError, lang: Lang) -> Message {
    match cause {
        ApiError::Unavailable(outage) => match outage.reason {
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
        Upstream::Oidc => lang.msg("error-unreachable-oidc"),
        // No page has object storage as its subject.
        Upstream::Registry | Upstream::Storage => lang.msg("error-unreachable-registry"),
    }
}

//! What is missing on a page, and why: `components/missing_section.html`.

use std::borrow::Borrow;
use std::time::Duration;

use crate::app::failure::Upstream;
use crate::app::lists::MissingProject;
use crate::app::section::{Section, Unavailable, UnavailableReason};
use crate::i18n::Message;
use crate::web::errors;
use crate::web::render::Chrome;
use crate::web::tls_messages;

impl Chrome {
    /// A sentence that says which server was called and what happened, and one that says what to
    /// do: `components/missing_section.html`. Includes the server's message, if there is one.
    pub(crate) fn missing_text(&self, missing: &Unavailable) -> String {
        let text = self.missing_message(missing).to_string();
        match &missing.message {
            Some(message) => text + &errors::quote_server_message(message, self.lang),
            None => text,
        }
    }

    fn missing_message(&self, missing: &Unavailable) -> Message {
        if let Some(alert) = missing.tls_alert {
            return tls_messages::alert_text(missing.upstream, alert, self.lang);
        }
        if let Some(fault) = missing
            .certificate_fault
            .filter(|fault| fault.is_about_certificate())
        {
            let (reason, advice) = (
                tls_messages::fault_text(missing.upstream, fault, self.lang),
                tls_messages::fault_hint(missing.upstream, fault, self.lang),
            );
            return self
                .lang
                .msg("missing-untrusted-reason")
                .arg("reason", reason)
                .arg("advice", advice);
        }
        let upstream = tls_messages::upstream_name(missing.upstream, self.lang);
        let when = self
            .lang
            .retry_time(missing.retry_after_seconds.map(Duration::from_secs));
        let status = missing
            .status
            .map(|status| status.to_string())
            .unwrap_or_default();
        self.unavailable_message(missing.why)
            .arg("upstream", upstream)
            .arg("status", status)
            .arg("when", when)
            .arg(
                "setting",
                tls_messages::authorities_setting(missing.upstream),
            )
    }

    /// The same for a section that only the API server provides.
    pub(crate) fn missing_from_api_server(&self, why: &UnavailableReason) -> String {
        self.missing_text(&Unavailable::new(Upstream::ApiServer, *why))
    }

    fn unavailable_message(&self, why: UnavailableReason) -> Message {
        match why {
            UnavailableReason::NotAllowed => self.lang.msg("missing-not-allowed"),
            UnavailableReason::NotThere => self.lang.msg("missing-not-there"),
            UnavailableReason::Unreachable => self.lang.msg("missing-unreachable"),
            UnavailableReason::Untrusted => self.lang.msg("missing-untrusted"),
            UnavailableReason::NoSecureConnection => self.lang.msg("missing-no-secure-connection"),
            UnavailableReason::Late => self.lang.msg("missing-late"),
            UnavailableReason::ApiServerUnreachable => {
                self.lang.msg("missing-api-server-unreachable-for-registry")
            }
            UnavailableReason::Busy => self.lang.msg("missing-busy"),
            UnavailableReason::Unavailable => self.lang.msg("missing-unavailable"),
            UnavailableReason::Proxy => self.lang.msg("missing-proxy"),
            UnavailableReason::RolesNotLoaded => self.lang.msg("missing-roles-not-loaded"),
            UnavailableReason::Failed => self.lang.msg("missing-failed"),
            UnavailableReason::NotServed => self.lang.msg("missing-not-served"),
            UnavailableReason::TooLarge => self.lang.msg("missing-too-large"),
            UnavailableReason::InStorage => self.lang.msg("missing-in-storage"),
            UnavailableReason::DigestMismatch => self.lang.msg("missing-digest-mismatch"),
            UnavailableReason::Unreadable => self.lang.msg("missing-unreadable"),
        }
    }
}

/// Whether projects are missing only because the user lacks the right to list their image streams,
/// which is usual.
pub(crate) fn are_not_permitted<T: Borrow<MissingProject>>(missing: &[T]) -> bool {
    missing
        .iter()
        .all(|project| project.borrow().why == UnavailableReason::NotAllowed)
}

/// What is missing in a column of sections: how many, and the reason for the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissingSections {
    /// How many sections are missing.
    pub(crate) count: usize,
    /// The reason for the first one.
    pub(crate) first: Unavailable,
}

impl MissingSections {
    /// Summarizes the missing ones among `sections`, if there are any.
    pub(crate) fn from_sections<'s, T: 's>(
        sections: impl Iterator<Item = &'s Section<T>>,
    ) -> Option<Self> {
        let mut missing = sections.filter_map(Section::missing);
        let first = missing.next()?.clone();
        Some(Self {
            count: 1 + missing.count(),
            first,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_column_values_are_counted_and_explained_once() {
        let gone = Unavailable::new(Upstream::ApiServer, UnavailableReason::NotAllowed);
        let sections = [
            Section::Ready(1),
            Section::Missing {
                missing: gone.clone(),
            },
            Section::Missing {
                missing: gone.clone(),
            },
        ];
        assert_eq!(
            MissingSections::from_sections(sections.iter()),
            Some(MissingSections {
                count: 2,
                first: gone
            })
        );
        assert_eq!(MissingSections::from_sections(sections[..1].iter()), None);
    }
}

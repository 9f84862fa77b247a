//! The certificate that each server presents, and which authority signed it.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::RESPONSE_TIMEOUT;
use super::finding::{Component, FactName, Finding, Severity};
use super::server_commands;
use super::settings::Settings;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::clock_skew::format_time;
use crate::app::doctor::cluster_version::{Release, ReleaseLookup};
use crate::app::remediation;
use crate::config::Trust;
use crate::outbound::SetupError;
use crate::outbound::certificate_chain;
use crate::outbound::certificate_chain::{
    ChainFault, InspectionError, PresentedChain, TrustVerdict,
};
use registry_model::Clock;

/// How long before its end a certificate is reported, to leave time for renewing it.
pub(super) const EXPIRY_WARNING_PERIOD: TimeDelta = TimeDelta::days(30);

/// The configured certificates were read at start but are not usable, which is a mistake in the
/// configuration.
pub(super) fn setup_error_finding(
    id: &'static str,
    about: Component,
    error: &SetupError,
) -> Finding {
    Finding::new(id, about, CheckResult::ConfigurationWrong)
        .with_fact(FactName::Problem, error.to_string())
}

/// Connects to the server at `url` and reports what is wrong with its certificates, under the id and
/// component of the pair.
pub(super) async fn server_findings(
    settings: &Settings,
    clock: &Clock,
    release: &ReleaseLookup<'_>,
    (id, about): (&'static str, Component),
    url: &Url,
    trust: &Trust,
) -> Vec<Finding> {
    if url.scheme() == "http" {
        return vec![
            Finding::new(id, about, CheckResult::TlsPlain)
                .with_fact(FactName::Address, remediation::origin(url))
                .with_commands(server_commands::certificate_commands(
                    settings,
                    release.likely().await,
                    CheckResult::TlsPlain,
                    about,
                    url,
                    None,
                )),
        ];
    }
    let now = clock.now();
    match certificate_chain::inspect(url, trust, now, RESPONSE_TIMEOUT).await {
        Ok(presented) => chain_findings(
            settings,
            release.likely().await,
            (id, about),
            url,
            &presented,
            now,
        ),
        Err(why) => {
            let result = inspection_result(why);
            let finding = Finding::new(id, about, result)
                .with_fact(FactName::Address, remediation::origin(url));
            let alert = if let InspectionError::Alert(alert) = why {
                Some(alert.to_string())
            } else {
                None
            };
            vec![
                finding
                    .with_optional_fact(FactName::Problem, alert)
                    .with_commands(server_commands::connection_commands(
                        settings, result, about, url,
                    )),
            ]
        }
    }
}

fn inspection_result(why: InspectionError) -> CheckResult {
    match why {
        InspectionError::NoSuchName => CheckResult::NoSuchName,
        InspectionError::NoConnection => CheckResult::NoConnection,
        InspectionError::Plain | InspectionError::NoTls => CheckResult::NoTls,
        InspectionError::Alert(_) => CheckResult::TlsAlert,
        InspectionError::OldTls => CheckResult::OldTls,
        InspectionError::Late => CheckResult::Late,
    }
}

/// One finding for each problem, or one that there is none.
fn chain_findings(
    settings: &Settings,
    release: Release,
    (id, about): (&'static str, Component),
    url: &Url,
    presented: &PresentedChain,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let results: Vec<CheckResult> = match &presented.verdict {
        TrustVerdict::Trusted => vec![trusted_result(about, presented, now)],
        TrustVerdict::AnybodyIs => vec![CheckResult::TlsAnybody],
        TrustVerdict::Untrusted(faults) => faults
            .iter()
            .map(|fault| fault_result(about, *fault))
            .collect(),
    };
    let own = presented.chain.first();
    let finding = |result: CheckResult| {
        let finding = Finding::new(id, about, result);
        let commands =
            server_commands::certificate_commands(settings, release, result, about, url, own);
        with_certificate_facts(finding, settings, url, presented).with_commands(commands)
    };
    results.into_iter().map(finding).collect()
}

fn trusted_result(about: Component, presented: &PresentedChain, now: DateTime<Utc>) -> CheckResult {
    let until = presented
        .chain
        .iter()
        .map(|certificate| certificate.not_after)
        .min();
    if until.is_some_and(|until| until - now < EXPIRY_WARNING_PERIOD) {
        CheckResult::TlsExpiresSoon
    } else if about == Component::PublicRegistry && presented.system.is_none() {
        CheckResult::TlsOwnAuthority
    } else {
        CheckResult::TlsTrusted
    }
}

fn fault_result(about: Component, fault: ChainFault) -> CheckResult {
    match fault {
        ChainFault::UnknownAuthority | ChainFault::AuthorityRenewed | ChainFault::IssuerMissing
            if about == Component::PublicRegistry =>
        {
            CheckResult::TlsOwnAuthority
        }
        ChainFault::UnknownAuthority => CheckResult::TlsUnknownAuthority,
        ChainFault::AuthorityRenewed => CheckResult::TlsAuthorityRenewed,
        ChainFault::Expired => CheckResult::TlsExpired,
        ChainFault::NotYetValid => CheckResult::TlsNotYetValid,
        ChainFault::WrongName => CheckResult::TlsWrongName,
        ChainFault::IssuerMissing => CheckResult::TlsIssuerMissing,
        ChainFault::NoNames => CheckResult::TlsNoNames,
        ChainFault::OldVersion => CheckResult::TlsOldVersion,
        ChainFault::WeakKey => CheckResult::TlsWeakKey,
        ChainFault::WeakSignature => CheckResult::TlsWeakSignature,
        ChainFault::AuthorityAsServer => CheckResult::TlsAuthorityAsServer,
        ChainFault::NotForServers => CheckResult::TlsNotForServers,
        ChainFault::Unusable => CheckResult::TlsUnusable,
    }
}

fn with_certificate_facts(
    finding: Finding,
    settings: &Settings,
    url: &Url,
    presented: &PresentedChain,
) -> Finding {
    let mut finding = finding
        .with_fact(FactName::Address, remediation::origin(url))
        .with_fact(FactName::Reached, presented.address.to_string());
    if let Some((own, others)) = presented.chain.split_first() {
        finding = finding
            .with_fact(FactName::Certificate, &own.subject)
            .with_fact(FactName::Issued, &own.issuer)
            .with_fact(FactName::Names, own.names.join(", "))
            .with_fact(FactName::ValidFrom, format_time(own.not_before))
            .with_fact(FactName::ValidUntil, format_time(own.not_after))
            .with_fact(FactName::Fingerprint, &own.fingerprint);
        let along = others
            .iter()
            .map(|other| format!("{} ({})", other.subject, format_time(other.not_after)));
        finding = finding.with_facts(FactName::SentAlong, along);
    }
    if finding.state == Severity::Failure || finding.about == Component::PublicRegistry {
        let setting = settings.trust_source(finding.about);
        finding = finding.with_fact(FactName::Setting, setting);
    }
    let vouching = presented.configured.as_ref().map(|root| {
        format!(
            "{} ({})",
            root.subject,
            settings.authority_source(finding.about, &root.pem)
        )
    });
    finding
        .with_optional_fact(FactName::VouchedBy, vouching)
        .with_optional_fact(
            FactName::System,
            presented.system.as_ref().map(|root| &root.subject),
        )
}

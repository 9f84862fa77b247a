//! What each server shows, and who vouches for it.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::clocks::moment;
use super::finding::{About, FactName, Finding, State};
use super::settings::Settings;
use super::version::{AskedRelease, Release};
use super::what::What;
use super::{LIMIT, mend, run};
use crate::config::Trust;
use crate::outbound::Unusable;
use crate::outbound::chain::{self, ChainFault, NotShown, Presented, Verdict};
use registry_model::Clock;

/// Who has to renew a certificate wants to know so long before.
pub(super) const SOON: TimeDelta = TimeDelta::days(30);

pub(super) async fn master(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
) -> Vec<Finding> {
    look(
        settings,
        clock,
        release,
        ("tls-master", About::Master),
        &settings.cluster.api,
        &settings.cluster.trust,
    )
    .await
}

pub(super) async fn oauth(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
    server: &Url,
) -> Vec<Finding> {
    look(
        settings,
        clock,
        release,
        ("tls-oauth", About::Oauth),
        server,
        &settings.oauth.trust,
    )
    .await
}

pub(super) async fn registry(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
) -> Vec<Finding> {
    look(
        settings,
        clock,
        release,
        ("tls-registry", About::Registry),
        &settings.registry.url,
        &settings.registry.trust,
    )
    .await
}

/// As people reach it: whom their programs trust is theirs to say, so an authority that only the
/// console knows is worth a note.
pub(super) async fn public_registry(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
    url: &Url,
) -> Vec<Finding> {
    look(
        settings,
        clock,
        release,
        ("tls-public-registry", About::PublicRegistry),
        url,
        &settings.public_trust(),
    )
    .await
}

/// The certificates of the configuration were read at start, but are no good: which is the
/// configuration's fault.
pub(super) fn unusable(id: &'static str, about: About, error: &Unusable) -> Finding {
    Finding::new(id, about, What::ConfigurationWrong).fact(FactName::Problem, error.to_string())
}

async fn look(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
    (id, about): (&'static str, About),
    url: &Url,
    trust: &Trust,
) -> Vec<Finding> {
    if url.scheme() == "http" {
        return vec![
            Finding::new(id, about, What::TlsPlain)
                .fact(FactName::Address, run::origin(url))
                .runs(mend::tls(
                    settings,
                    release.likely().await,
                    What::TlsPlain,
                    about,
                    url,
                    None,
                )),
        ];
    }
    let now = clock.now();
    match chain::look(url, trust, now, LIMIT).await {
        Ok(presented) => of_chain(
            settings,
            release.likely().await,
            (id, about),
            url,
            &presented,
            now,
        ),
        Err(why) => {
            let what = not_shown(why);
            let finding = Finding::new(id, about, what).fact(FactName::Address, run::origin(url));
            let alert = if let NotShown::Alert(alert) = why {
                Some(alert.to_string())
            } else {
                None
            };
            vec![
                finding
                    .maybe(FactName::Problem, alert)
                    .runs(mend::reach(settings, what, about, url)),
            ]
        }
    }
}

fn not_shown(why: NotShown) -> What {
    match why {
        NotShown::NoSuchName => What::NoSuchName,
        NotShown::NoConnection => What::NoConnection,
        NotShown::Plain | NotShown::NoTls => What::NoTls,
        NotShown::Alert(_) => What::TlsAlert,
        NotShown::OldTls => What::OldTls,
        NotShown::Late => What::Late,
    }
}

/// One finding for each thing that is wrong, or one that nothing is.
fn of_chain(
    settings: &Settings,
    release: Release,
    (id, about): (&'static str, About),
    url: &Url,
    presented: &Presented,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let found: Vec<What> = match &presented.verdict {
        Verdict::Trusted => vec![trusted(about, presented, now)],
        Verdict::AnybodyIs => vec![What::TlsAnybody],
        Verdict::Untrusted(faults) => faults.iter().map(|fault| of_fault(about, *fault)).collect(),
    };
    let own = presented.chain.first();
    let finding = |what: What| {
        let finding = Finding::new(id, about, what);
        let runs = mend::tls(settings, release, what, about, url, own);
        facts(finding, settings, url, presented).runs(runs)
    };
    found.into_iter().map(finding).collect()
}

fn trusted(about: About, presented: &Presented, now: DateTime<Utc>) -> What {
    let until = presented
        .chain
        .iter()
        .map(|certificate| certificate.not_after)
        .min();
    if until.is_some_and(|until| until - now < SOON) {
        What::TlsExpiresSoon
    } else if about == About::PublicRegistry && presented.system.is_none() {
        What::TlsOwnAuthority
    } else {
        What::TlsTrusted
    }
}

fn of_fault(about: About, fault: ChainFault) -> What {
    match fault {
        ChainFault::UnknownAuthority | ChainFault::AuthorityRenewed | ChainFault::IssuerMissing
            if about == About::PublicRegistry =>
        {
            What::TlsOwnAuthority
        }
        ChainFault::UnknownAuthority => What::TlsUnknownAuthority,
        ChainFault::AuthorityRenewed => What::TlsAuthorityRenewed,
        ChainFault::Expired => What::TlsExpired,
        ChainFault::NotYetValid => What::TlsNotYetValid,
        ChainFault::WrongName => What::TlsWrongName,
        ChainFault::IssuerMissing => What::TlsIssuerMissing,
        ChainFault::NoNames => What::TlsNoNames,
        ChainFault::OldVersion => What::TlsOldVersion,
        ChainFault::WeakKey => What::TlsWeakKey,
        ChainFault::WeakSignature => What::TlsWeakSignature,
        ChainFault::AuthorityAsServer => What::TlsAuthorityAsServer,
        ChainFault::NotForServers => What::TlsNotForServers,
        ChainFault::Unusable => What::TlsUnusable,
    }
}

fn facts(finding: Finding, settings: &Settings, url: &Url, presented: &Presented) -> Finding {
    let mut finding = finding
        .fact(FactName::Address, run::origin(url))
        .fact(FactName::Reached, presented.address.to_string());
    if let Some((own, others)) = presented.chain.split_first() {
        finding = finding
            .fact(FactName::Certificate, &own.subject)
            .fact(FactName::Issued, &own.issuer)
            .fact(FactName::Names, own.names.join(", "))
            .fact(FactName::ValidFrom, moment(own.not_before))
            .fact(FactName::ValidUntil, moment(own.not_after))
            .fact(FactName::Fingerprint, &own.fingerprint);
        let along = others
            .iter()
            .map(|other| format!("{} ({})", other.subject, moment(other.not_after)));
        finding = finding.facts(FactName::SentAlong, along);
    }
    if finding.state == State::Failure || finding.about == About::PublicRegistry {
        let setting = settings.trusted(finding.about);
        finding = finding.fact(FactName::Setting, setting);
    }
    let vouching = presented.configured.as_ref().map(|root| {
        format!(
            "{} ({})",
            root.subject,
            settings.source_of(finding.about, &root.pem)
        )
    });
    finding.maybe(FactName::VouchedBy, vouching).maybe(
        FactName::System,
        presented.system.as_ref().map(|root| &root.subject),
    )
}

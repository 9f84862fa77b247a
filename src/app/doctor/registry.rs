//! Whether the registry answers, at the console's and at the public address. No token is sent.

use super::finding::{Component, FactName, Finding};
use super::server_commands;
use super::settings::Settings;
use super::tls;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::clock_skew;
use crate::app::doctor::cluster_version::ReleaseLookup;
use crate::app::remediation;
use crate::app::shell_command::ShellCommand;
use crate::outbound::TransportError;
use crate::registry::{ProbeResult, Registry, RegistryError};
use registry_model::Clock;

/// `REGISTRY_URL`.
pub(super) async fn internal_findings(
    settings: &Settings,
    clock: &Clock,
    release: &ReleaseLookup<'_>,
) -> Vec<Finding> {
    let registry = match settings.registry() {
        Ok(registry) => registry,
        Err(error) => {
            return vec![tls::setup_error_finding(
                "registry",
                Component::Registry,
                &error,
            )];
        }
    };
    let (mut findings, knocked) = tokio::join!(
        tls::server_findings(
            settings,
            clock,
            release,
            ("tls-registry", Component::Registry),
            &settings.registry.url,
            &settings.registry.trust,
        ),
        registry.probe()
    );
    let now = clock.now();
    let date = knocked.as_ref().ok().and_then(|challenged| challenged.date);
    findings.push(probe_finding(
        settings,
        "registry",
        Component::Registry,
        knocked,
    ));
    findings.push(clock_skew::clock_finding(
        settings,
        "clock-registry",
        Component::Registry,
        date,
        now,
    ));
    findings
}

/// `REGISTRY_HOST`.
pub(super) async fn public_findings(
    settings: &Settings,
    clock: &Clock,
    release: &ReleaseLookup<'_>,
) -> Vec<Finding> {
    let Some(url) = settings.public_url() else {
        let unset = Finding::new(
            "public-registry",
            Component::PublicRegistry,
            CheckResult::PublicHostUnset,
        );
        return vec![
            unset
                .with_fact(FactName::Setting, "REGISTRY_HOST")
                .with_commands(remediation::set_registry_host(&settings.installation())),
        ];
    };
    let registry = match settings.public_registry(&url) {
        Ok(registry) => registry,
        Err(error) => {
            return vec![tls::setup_error_finding(
                "public-registry",
                Component::PublicRegistry,
                &error,
            )];
        }
    };
    let public_trust = settings.public_trust();
    let (mut findings, knocked) = tokio::join!(
        // Clients of users have their own authorities, so that an authority that only the console
        // knows is worth a note.
        tls::server_findings(
            settings,
            clock,
            release,
            ("tls-public-registry", Component::PublicRegistry),
            &url,
            &public_trust,
        ),
        probe(&registry)
    );
    let served = probe_finding(
        settings,
        "public-registry",
        Component::PublicRegistry,
        knocked,
    );
    findings.push(served.with_fact(
        FactName::Setting,
        format!(
            "REGISTRY_HOST={}",
            settings.registry.public_host.as_deref().unwrap_or_default()
        ),
    ));
    findings
}

async fn probe(registry: &Registry) -> Result<ProbeResult, RegistryError> {
    registry.probe().await
}

fn probe_finding(
    settings: &Settings,
    id: &'static str,
    about: Component,
    knocked: Result<ProbeResult, RegistryError>,
) -> Finding {
    let challenged = match knocked {
        Ok(challenged) => challenged,
        Err(error) => return no_answer_finding(settings, id, about, &error),
    };
    let good = if about == Component::PublicRegistry {
        CheckResult::PublicHostServes
    } else {
        CheckResult::RegistryAnswers
    };
    let result = match &challenged {
        challenged if !challenged.is_registry => CheckResult::RegistryIsNone,
        challenged if !challenged.is_integrated => CheckResult::RegistryForeign,
        _ => good,
    };
    let finding = Finding::new(id, about, result)
        .with_optional_fact(FactName::Challenge, challenged.scheme)
        .with_optional_fact(FactName::Realm, challenged.realm);
    finding.with_commands(find_registry_commands(settings, about))
}

/// The check of the certificate reports why there was no answer, unless there is none.
fn no_answer_finding(
    settings: &Settings,
    id: &'static str,
    about: Component,
    error: &RegistryError,
) -> Finding {
    let result = match error {
        RegistryError::Transport(TransportError::Connect { .. })
            if settings.registry.url.scheme() == "http" && about == Component::Registry =>
        {
            CheckResult::NoConnection
        }
        RegistryError::Transport(TransportError::Timeout { .. }) => CheckResult::Late,
        RegistryError::Transport(TransportError::Connect { .. } | TransportError::Tls { .. }) => {
            CheckResult::NotReached
        }
        _ => CheckResult::RegistryIsNone,
    };
    Finding::new(id, about, result).with_commands(find_registry_commands(settings, about))
}

fn find_registry_commands(settings: &Settings, about: Component) -> Vec<ShellCommand> {
    if about == Component::PublicRegistry {
        let fetch = settings
            .public_url()
            .map(|url| remediation::fetch(&url, "/v2/"));
        return fetch
            .into_iter()
            .chain(remediation::set_registry_host(&settings.installation()))
            .collect();
    }
    server_commands::connection_commands(
        settings,
        CheckResult::RegistryIsNone,
        about,
        &settings.registry.url,
    )
}

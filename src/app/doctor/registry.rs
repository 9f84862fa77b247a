//! Whether there is a registry, as the console and as people reach it. Nobody's token goes along.

use super::finding::{About, FactName, Finding};
use super::run;
use super::settings::Settings;
use super::version::AskedRelease;
use super::what::What;
use super::{clocks, mend, tls};
use crate::app::shell_command::ShellCommand;
use crate::outbound::Failed;
use crate::registry::{Challenged, Error, Registry};
use registry_model::Clock;

/// `REGISTRY_URL`.
pub(super) async fn inside(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
) -> Vec<Finding> {
    let registry = match settings.registry() {
        Ok(registry) => registry,
        Err(error) => return vec![tls::unusable("registry", About::Registry, &error)],
    };
    let (mut findings, knocked) =
        tokio::join!(tls::registry(settings, clock, release), registry.knock());
    let now = clock.now();
    let date = knocked.as_ref().ok().and_then(|challenged| challenged.date);
    findings.push(answer(settings, "registry", About::Registry, knocked));
    findings.push(clocks::compare(
        settings,
        "clock-registry",
        About::Registry,
        date,
        now,
    ));
    findings
}

/// `REGISTRY_HOST`.
pub(super) async fn outside(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
) -> Vec<Finding> {
    let Some(url) = settings.public_url() else {
        let unset = Finding::new(
            "public-registry",
            About::PublicRegistry,
            What::PublicHostUnset,
        );
        return vec![
            unset
                .fact(FactName::Setting, "REGISTRY_HOST")
                .runs(run::public_hosts(settings)),
        ];
    };
    let registry = match settings.public_registry(&url) {
        Ok(registry) => registry,
        Err(error) => {
            return vec![tls::unusable(
                "public-registry",
                About::PublicRegistry,
                &error,
            )];
        }
    };
    let (mut findings, knocked) = tokio::join!(
        tls::public_registry(settings, clock, release, &url),
        knock(&registry)
    );
    let served = answer(settings, "public-registry", About::PublicRegistry, knocked);
    findings.push(served.fact(
        FactName::Setting,
        format!(
            "REGISTRY_HOST={}",
            settings.registry.public_host.as_deref().unwrap_or_default()
        ),
    ));
    findings
}

async fn knock(registry: &Registry) -> Result<Challenged, Error> {
    registry.knock().await
}

fn answer(
    settings: &Settings,
    id: &'static str,
    about: About,
    knocked: Result<Challenged, Error>,
) -> Finding {
    let challenged = match knocked {
        Ok(challenged) => challenged,
        Err(error) => return silent(settings, id, about, &error),
    };
    let good = if about == About::PublicRegistry {
        What::PublicHostServes
    } else {
        What::RegistryAnswers
    };
    let what = match &challenged {
        challenged if !challenged.is_registry => What::RegistryIsNone,
        challenged if !challenged.is_integrated => What::RegistryForeign,
        _ => good,
    };
    let finding = Finding::new(id, about, what)
        .maybe(FactName::Challenge, challenged.scheme)
        .maybe(FactName::Realm, challenged.realm);
    finding.runs(search(settings, about))
}

/// Why there was no answer is told with the certificate, except where there is none.
fn silent(settings: &Settings, id: &'static str, about: About, error: &Error) -> Finding {
    let what = match error {
        Error::Unreachable(Failed::Connect { .. })
            if settings.registry.url.scheme() == "http" && about == About::Registry =>
        {
            What::NoConnection
        }
        Error::Unreachable(Failed::Timeout { .. }) => What::Late,
        Error::Unreachable(Failed::Connect { .. } | Failed::Tls { .. }) => What::NotReached,
        _ => What::RegistryIsNone,
    };
    Finding::new(id, about, what).runs(search(settings, about))
}

fn search(settings: &Settings, about: About) -> Vec<ShellCommand> {
    if about == About::PublicRegistry {
        let look = settings.public_url().map(|url| run::fetch(&url, "/v2/"));
        return look
            .into_iter()
            .chain(run::public_hosts(settings))
            .collect();
    }
    mend::reach(
        settings,
        What::RegistryIsNone,
        about,
        &settings.registry.url,
    )
}

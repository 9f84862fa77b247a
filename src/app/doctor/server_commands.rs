//! The commands that help where a server cannot be reached, or is not trusted.

use url::Url;

use super::finding::Component;
use super::settings::Settings;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::cluster_version::Release;
use crate::app::remediation;
use crate::app::shell_command::ShellCommand;
use crate::outbound::certificate_chain::Certificate;

/// For a server that does not answer.
pub(super) fn connection_commands(
    settings: &Settings,
    result: CheckResult,
    about: Component,
    url: &Url,
) -> Vec<ShellCommand> {
    let first = match result {
        CheckResult::NoSuchName => remediation::resolve_host(url),
        CheckResult::NoTls | CheckResult::TlsAlert | CheckResult::OldTls => {
            remediation::show_certificates(url)
        }
        _ => remediation::fetch(url, "/"),
    };
    let mut runs = vec![first];
    match about {
        Component::Registry => runs.extend(remediation::find_registry(&settings.installation())),
        Component::PublicRegistry => {
            runs.extend(remediation::set_registry_host(&settings.installation()))
        }
        Component::OidcProvider => runs.push(remediation::show_authentication()),
        _ => runs.push(remediation::show_api_server_address()),
    }
    runs
}

/// For a certificate that is not accepted. `own` is the certificate of the server itself.
pub(super) fn certificate_commands(
    settings: &Settings,
    release: Release,
    result: CheckResult,
    about: Component,
    url: &Url,
    own: Option<&Certificate>,
) -> Vec<ShellCommand> {
    match result {
        CheckResult::TlsUnknownAuthority
        | CheckResult::TlsAuthorityRenewed
        | CheckResult::TlsIssuerMissing => {
            let mut runs = vec![remediation::show_certificates(url)];
            runs.extend(authority(settings, release, about));
            runs
        }
        CheckResult::TlsWrongName => {
            let mut runs = vec![remediation::show_certificate(url)];
            runs.extend(other_name(settings, about, url, own));
            runs
        }
        CheckResult::TlsNoNames
        | CheckResult::TlsOldVersion
        | CheckResult::TlsWeakKey
        | CheckResult::TlsWeakSignature
        | CheckResult::TlsAuthorityAsServer
        | CheckResult::TlsNotForServers => {
            let mut runs = vec![remediation::show_certificate_details(url)];
            runs.extend(remediation::create_certificate(url));
            runs
        }
        CheckResult::TlsPlain if about == Component::Registry => {
            let mut https = url.clone();
            // http and https are both special schemes, between which a URL can be changed.
            let _ = https.set_scheme("https");
            vec![
                settings
                    .installation()
                    .set_variable("REGISTRY_URL", &remediation::origin(&https)),
            ]
        }
        CheckResult::TlsAnybody => vec![
            settings
                .installation()
                .unset_variable("KUBERNETES_INSECURE-"),
        ],
        _ => vec![remediation::show_certificate(url)],
    }
}

/// Where the cluster keeps the missing authority, and how to configure it in the console.
fn authority(settings: &Settings, release: Release, about: Component) -> Vec<ShellCommand> {
    match about {
        Component::Oauth => {
            remediation::oauth_authority_commands(&settings.installation(), release)
        }
        Component::OidcProvider => remediation::oidc_authority_commands(&settings.installation()),
        Component::Registry => {
            remediation::registry_authority_commands(&settings.installation(), release)
        }
        Component::ApiServer => vec![remediation::api_server_authority_command(
            &settings.installation(),
        )],
        _ => Vec::new(),
    }
}

/// Another name that the certificate is valid for. It comes from the server, so only what is
/// clearly a host is used.
fn other_name(
    settings: &Settings,
    about: Component,
    url: &Url,
    own: Option<&Certificate>,
) -> Option<ShellCommand> {
    let is_host = |name: &&String| {
        name.contains('.')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
    };
    let name = own?.names.iter().find(is_host)?;
    let mut named = url.clone();
    named.set_host(Some(name)).ok()?;
    match about {
        Component::Registry => Some(
            settings
                .installation()
                .set_variable("REGISTRY_URL", &remediation::origin(&named)),
        ),
        Component::PublicRegistry => {
            let host = remediation::origin(&named);
            Some(
                settings
                    .installation()
                    .set_variable("REGISTRY_HOST", host.trim_start_matches("https://")),
            )
        }
        _ => None,
    }
}

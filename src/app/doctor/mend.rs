//! What to run where a server cannot be reached, or is not trusted.

use url::Url;

use super::finding::About;
use super::settings::Settings;
use super::version::Release;
use super::what::What;
use super::{run, trust};
use crate::app::shell_command::ShellCommand;
use crate::outbound::chain::Certificate;

/// A server that is not there.
pub(super) fn reach(settings: &Settings, what: What, about: About, url: &Url) -> Vec<ShellCommand> {
    let first = match what {
        What::NoSuchName => run::resolve(url),
        What::NoTls | What::TlsAlert | What::OldTls => run::certificates(url),
        _ => run::fetch(url, "/"),
    };
    let mut runs = vec![first];
    match about {
        About::Registry => runs.extend(run::find_registry(settings)),
        About::PublicRegistry => runs.extend(run::public_hosts(settings)),
        _ => runs.push(ShellCommand::new("oc whoami --show-server")),
    }
    runs
}

/// A certificate that is no good. `own` is the server's.
pub(super) fn tls(
    settings: &Settings,
    release: Release,
    what: What,
    about: About,
    url: &Url,
    own: Option<&Certificate>,
) -> Vec<ShellCommand> {
    match what {
        What::TlsUnknownAuthority | What::TlsAuthorityRenewed | What::TlsIssuerMissing => {
            let mut runs = vec![run::certificates(url)];
            runs.extend(authority(settings, release, about));
            runs
        }
        What::TlsWrongName => {
            let mut runs = vec![run::certificate(url)];
            runs.extend(other_name(settings, about, url, own));
            runs
        }
        What::TlsNoNames
        | What::TlsOldVersion
        | What::TlsWeakKey
        | What::TlsWeakSignature
        | What::TlsAuthorityAsServer
        | What::TlsNotForServers => {
            let mut runs = vec![run::whole_certificate(url)];
            runs.extend(run::new_certificate(url));
            runs
        }
        What::TlsPlain if about == About::Registry => {
            let mut https = url.clone();
            // http and https are both special schemes: the one becomes the other.
            let _ = https.set_scheme("https");
            vec![
                settings
                    .installation()
                    .set("REGISTRY_URL", &run::origin(&https)),
            ]
        }
        What::TlsAnybody => vec![run::unset(settings, "KUBERNETES_INSECURE-")],
        _ => vec![run::certificate(url)],
    }
}

/// Where the cluster keeps the authority that is missing, and how the console gets it.
fn authority(settings: &Settings, release: Release, about: About) -> Vec<ShellCommand> {
    match about {
        About::Oauth => trust::oauth(settings, release),
        About::Registry => trust::registry(settings, release),
        About::Master => vec![trust::api_server(settings)],
        _ => Vec::new(),
    }
}

/// A name that the certificate is good for. It comes from the server: only what is plainly a host
/// is taken.
fn other_name(
    settings: &Settings,
    about: About,
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
        About::Registry => Some(
            settings
                .installation()
                .set("REGISTRY_URL", &run::origin(&named)),
        ),
        About::PublicRegistry => {
            let host = run::origin(&named);
            Some(
                settings
                    .installation()
                    .set("REGISTRY_HOST", host.trim_start_matches("https://")),
            )
        }
        _ => None,
    }
}

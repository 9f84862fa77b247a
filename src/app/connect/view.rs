//! The page that explains how to use the registry with a client.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::integrated_registry::EnableRegistryCommands;
use crate::app::AppForUser;
use crate::app::connect::client_instructions::{
    ClientInstructions, CommandContext, PullSecretInstructions, RegistryClient, client_instructions,
};
use crate::app::connect::registry_authority::RegistryAuthority;
use crate::app::connect::trust_instructions::{
    TrustInstructions, fetch_certificate_commands, trust_instructions,
};
use crate::app::credentials::CredentialOffer;
use crate::app::failure::{Failure, Upstream};
use crate::app::release::Release;
use crate::app::remediation::{self, Installation};
use crate::app::section::{OPTIONAL_TIMEOUT, Section, UnavailableReason, optional};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{AccessRight, ApiError};
use registry_model::{ImageStreamName, ProjectName};

/// What the user chose the commands to be about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConnectQuery {
    pub project: Option<ProjectName>,
    pub image: Option<ImageStreamName>,
}

/// How to use the registry from a terminal, and from Kubernetes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConnectView {
    /// The host of the registry outside the cluster. `None`: it has none, as far as is known.
    pub host: Option<String>,
    /// Commands that give it one.
    pub expose: Vec<ExposeCommands>,
    /// Whether the cluster has no integrated registry. Then the page shows only how to enable it.
    pub without_registry: bool,
    /// Commands that enable it.
    pub enable: Vec<EnableRegistryCommands>,
    pub chosen: ConnectQuery,
    /// The projects to choose from.
    pub projects: Section<Vec<ProjectName>>,
    /// Whether the user may push to the chosen project.
    pub may_push: Option<Section<bool>>,
    /// Signs in all clients but Helm at once. Absent on OpenShift 3, whose `oc` does not support
    /// it.
    #[serde(skip)]
    pub registry_login_command: Option<ShellCommand>,
    pub recipes: Vec<ClientInstructions>,
    pub kubernetes: Option<PullSecretInstructions>,
    /// The kinds of credentials that the user may create in the chosen project.
    pub logins: CredentialOffer,
    /// The authority of the registry's certificate.
    pub authority: RegistryAuthority,
    /// Commands that download the authority's certificate, where there is one.
    pub fetch: Vec<ShellCommand>,
    pub trust: Vec<TrustInstructions>,
}

/// How to give the registry of one release of OpenShift a host outside the cluster, and set it in
/// this console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExposeCommands {
    pub openshift: Release,
    /// In the order in which they are run.
    pub commands: Vec<ShellCommand>,
}

impl AppForUser<'_> {
    /// How to use the registry. `user` is the user name in the commands that sign in, `ca` the URL
    /// of the authority's certificate; `installation` names the console's objects.
    ///
    /// # Errors
    ///
    /// Only that the token is refused: the commands can be shown whichever upstream is unavailable.
    pub async fn connect_view(
        &self,
        chosen: ConnectQuery,
        user: Option<&str>,
        ca: &str,
        installation: &Installation,
    ) -> Result<ConnectView, Failure> {
        let project = chosen.project.as_ref();
        let listing = tokio::time::timeout(OPTIONAL_TIMEOUT, self.api_server.list_projects());
        let (without_registry, listed, host, release, authority, may_push, logins) = tokio::join!(
            self.has_no_registry(),
            listing,
            self.public_host(),
            self.app.release(),
            self.app.registry_authority(),
            async {
                let access = AccessRight::push_to(project?.clone());
                Some(optional(self.api_server.is_allowed(&access)).await)
            },
            async {
                match project {
                    Some(project) => self.credential_offer(project).await,
                    None => CredentialOffer::default(),
                }
            },
        );
        let projects = match listed {
            Ok(Err(ApiError::TokenRefused)) => return Err(Failure::SignInRequired),
            Ok(listed) => Section::from(listed)
                .map(|projects| projects.into_iter().map(|project| project.name).collect()),
            Err(_) => Section::unavailable(Upstream::ApiServer, UnavailableReason::Late),
        };
        let place = CommandContext {
            host: host.as_deref(),
            user,
            project,
            image: chosen.image.as_ref(),
        };
        let shows_push = may_push
            .as_ref()
            .is_none_or(|may| may.ready().is_some_and(|may| *may));
        let view = ConnectView {
            recipes: client_instructions(&place, shows_push),
            kubernetes: Some(PullSecretInstructions::new(&place)),
            without_registry: false,
            enable: Vec::new(),
            fetch: match &authority {
                RegistryAuthority::Known { certificate, .. } => {
                    fetch_certificate_commands(ca, &certificate.fingerprint)
                }
                _ => Vec::new(),
            },
            authority,
            trust: trust_instructions(host.as_deref(), release),
            expose: if host.is_none() {
                releases_or_all(release)
                    .map(|release| expose_commands(release, installation))
                    .collect()
            } else {
                Vec::new()
            },
            registry_login_command: (release != Some(Release::Three))
                .then(|| registry_login_command(host.as_deref())),
            host,
            chosen,
            projects,
            may_push,
            logins,
        };
        Ok(if without_registry {
            view.without_registry(release)
        } else {
            view
        })
    }

    /// For each client, the command that signs in with a token that the page has shown. Empty: the
    /// cluster has no integrated registry.
    pub async fn paste_token_commands(
        &self,
        user: Option<&str>,
    ) -> (Option<String>, Vec<(RegistryClient, ShellCommand)>) {
        let (without_registry, host) = tokio::join!(self.has_no_registry(), self.public_host());
        if without_registry {
            return (None, Vec::new());
        }
        let steps = CommandContext {
            host: host.as_deref(),
            user,
            ..CommandContext::default()
        }
        .pastes();
        (host, steps)
    }

    /// `REGISTRY_HOST`, otherwise what the API server says of an image stream that the user may
    /// see.
    async fn public_host(&self) -> Option<String> {
        if let Some(host) = &self.app.registry_host {
            return Some(host.clone());
        }
        tokio::time::timeout(HOST_LOOKUP_TIMEOUT, self.host_from_any_stream())
            .await
            .ok()?
    }

    /// The API server writes the same host into every image stream, so those of one project are
    /// enough.
    async fn host_from_any_stream(&self) -> Option<String> {
        let found = self.visible_streams().await.ok()?;
        let project = &found.streams.projects().first()?.name;
        let listed = self.api_server.list_streams(Some(project)).await.ok()?;
        listed
            .streams
            .iter()
            .find_map(|stream| repository_host(stream.public_repository.as_deref()))
    }

    /// The registry's hosts, the outside one first: those for which a pull secret has entries.
    pub async fn registry_hosts(&self, project: &ProjectName) -> Vec<String> {
        let streams = optional(self.api_server.list_streams(Some(project)));
        let (outside, streams) = tokio::join!(self.public_host(), streams);
        let streams = streams
            .ready()
            .map(|found| found.streams.as_slice())
            .unwrap_or_default();
        let inside = streams
            .iter()
            .find_map(|stream| repository_host(stream.internal_repository.name()));
        let mut hosts: Vec<String> = outside.into_iter().chain(inside).collect();
        hosts.dedup();
        hosts
    }
}

impl ConnectView {
    /// The view for a cluster without an integrated registry, without what cannot work.
    fn without_registry(self, release: Option<Release>) -> Self {
        Self {
            host: None,
            without_registry: true,
            enable: EnableRegistryCommands::for_releases(release),
            expose: Vec::new(),
            registry_login_command: None,
            recipes: Vec::new(),
            kubernetes: None,
            fetch: Vec::new(),
            trust: Vec::new(),
            ..self
        }
    }
}

/// Commands can do without the host, and nothing else on the page takes as long.
const HOST_LOOKUP_TIMEOUT: Duration = Duration::from_millis(2_500);

/// The host in front of a repository's path, if it is one that a command can contain.
fn repository_host(repository: Option<&str>) -> Option<String> {
    let (host, _) = repository?.split_once('/')?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    (!host.is_empty() && !host.starts_with('-') && host.bytes().all(plain)).then(|| host.to_owned())
}

/// The release if it is known, otherwise all releases.
pub(in crate::app) fn releases_or_all(known: Option<Release>) -> impl Iterator<Item = Release> {
    Release::ALL
        .into_iter()
        .filter(move |release| known.is_none_or(|known| known == *release))
}

/// The host is explicit: otherwise `oc` takes it from some image stream, which may know only the
/// name inside the cluster.
fn registry_login_command(host: Option<&str>) -> ShellCommand {
    ShellCommand::new("oc registry login").with_option("--registry", host.unwrap_or("REGISTRY"))
}

fn expose_commands(release: Release, installation: &Installation) -> ExposeCommands {
    ExposeCommands {
        openshift: release,
        commands: remediation::expose_registry(release, installation),
    }
}

#[cfg(test)]
mod tests {
    use super::repository_host;

    #[test]
    fn pull_spec_host_is_used_if_it_is_command_safe() {
        assert_eq!(
            repository_host(Some("registry.example.com:5000/a/b")).as_deref(),
            Some("registry.example.com:5000")
        );
        for bad in ["$(reboot)/a/b", "-x/a/b", "/a/b", "registry", "a b/c"] {
            assert_eq!(repository_host(Some(bad)), None, "{bad}");
        }
    }
}

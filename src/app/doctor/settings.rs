//! The settings that the doctor checks.

use std::path::Path;

use url::Url;

use super::finding::Component;
use crate::app::remediation::Installation;
use crate::config::{
    self, AuthoritySource, CertificateLocations, ClientSecret, Config, IndexToken, Pod,
    SERVICE_ACCOUNT_TOKEN_FILE, Trust,
};
use crate::openshift::ApiServer;
use crate::outbound::{SetupError, TimeLimits, Upstream, UpstreamName};
use crate::registry::Registry;

/// The part of the configuration that the doctor checks. It contains the client's secret, which no
/// finding shows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The configured address of the console, if there is one.
    pub address: Option<Url>,
    /// The path of the redirect URI.
    pub callback_path: &'static str,
    pub sign_in: config::SignInSettings,
    pub api_server: config::ApiServerSettings,
    pub registry: config::RegistrySettings,
    /// Where the console's own certificate is stored. `None` if it presents none.
    pub certificate: Option<CertificateLocations>,
    /// Whether the session key outlives the process.
    pub has_shared_session_key: bool,
    /// Whether there is an index, and the account that fills it.
    pub index: config::IndexSettings,
    /// The console's own pod.
    pub pod: Pod,
}

impl Settings {
    /// From the configuration. The path of the redirect URI is `callback`.
    #[must_use]
    pub fn from_config(config: &Config, callback: &'static str) -> Self {
        Self {
            address: config.listen.public_url.clone(),
            callback_path: callback,
            sign_in: config.sign_in.clone(),
            api_server: config.cluster.clone(),
            registry: config.registry.clone(),
            certificate: (!config.listen.plain_http_only)
                .then(|| CertificateLocations::new(config.listen.certificate.clone())),
            has_shared_session_key: !config.session.keys.is_empty(),
            index: config.index.clone(),
            pod: config.pod.clone(),
        }
    }

    /// The redirect URI of sign-ins, if the console is at `address`.
    pub(super) fn callback_url(&self, address: &Url) -> Url {
        let mut url = address.clone();
        url.set_path(self.callback_path);
        url
    }

    /// The authorities for a server: those of its own setting, and those mounted for all.
    fn authority_sources(&self, about: Component) -> impl Iterator<Item = &AuthoritySource> {
        self.pod.authorities.iter().filter(move |source| {
            source.setting.starts_with(trust_variable(about)) || source.setting.starts_with('/')
        })
    }

    /// The setting that names the authority with this certificate (PEM) among those of a server.
    pub(super) fn authority_source(&self, about: Component, pem: &str) -> &str {
        let source = self
            .authority_sources(about)
            .find(|source| source.contains(pem));
        source.map_or(trust_variable(about), |source| source.setting.as_str())
    }

    /// The setting that says which authorities are trusted for a server, and where its value comes
    /// from.
    pub(super) fn trust_source(&self, about: Component) -> String {
        let trust = match about {
            Component::ApiServer => &self.api_server.trust,
            Component::Oauth | Component::OidcProvider => self.sign_in.trust(),
            _ => &self.registry.trust,
        };
        let (Trust::Only(pem) | Trust::SystemAnd(pem)) = trust else {
            return trust_variable(about).to_owned();
        };
        let has = |source: &&AuthoritySource| pem.contains(source.pem.trim());
        let from: Vec<&str> = self
            .authority_sources(about)
            .filter(has)
            .map(|source| source.setting.as_str())
            .collect();
        if from.is_empty() {
            trust_variable(about).to_owned()
        } else {
            format!("{} ({})", trust_variable(about), from.join(", "))
        }
    }

    /// The setting that says where the token of the console's own account is stored, if there is
    /// one.
    pub(super) fn token_source(&self) -> Option<String> {
        let file = match &self.index.token {
            Some(IndexToken::File(path)) => Some(path),
            Some(IndexToken::Inline(_)) => None,
            None => self.pod.token_file.as_ref(),
        };
        file.filter(|path| **path != Path::new(SERVICE_ACCOUNT_TOKEN_FILE))
            .map(|path| format!("INDEX_TOKEN_FILE={}", path.display()))
    }

    /// The names that commands about the console use.
    pub(super) fn installation(&self) -> Installation {
        let unknown = Installation::default();
        Installation {
            project: self.pod.project.clone().unwrap_or(unknown.project),
            workload: match &self.pod.deployment {
                Some(name) => format!("deployment/{name}"),
                None => unknown.workload,
            },
            oauth_client: self.sign_in.client_id().to_owned(),
            callback_path: self.callback_path,
            oauth_flow: self.sign_in.flow(),
            client_secret_variable: match *self.sign_in.client_secret() {
                ClientSecret::Known { variable, .. } => variable,
                ClientSecret::Unknown => unknown.client_secret_variable,
            },
            is_address_configured: self.address.is_some(),
        }
    }

    /// The API server, with short time limits and connections of its own, so that findings show the
    /// current state.
    pub(super) fn api_server_endpoint(&self) -> Result<Upstream, SetupError> {
        Upstream::new(
            UpstreamName::ApiServer,
            &self.api_server.url,
            &self.api_server.trust,
            doctor_limits(),
        )
    }

    pub(super) fn api_server(&self) -> Result<ApiServer, SetupError> {
        let has_external_users = self.sign_in.oidc().is_some();
        self.api_server_endpoint()
            .map(|upstream| ApiServer::new(upstream).with_external_users(has_external_users))
    }

    /// A host of the OIDC provider.
    pub(super) fn oidc_endpoint(
        &self,
        oidc: &config::OidcSettings,
        url: &Url,
    ) -> Result<Upstream, SetupError> {
        Upstream::new(UpstreamName::Oidc, url, &oidc.trust, doctor_limits())
    }

    pub(super) fn registry(&self) -> Result<Registry, SetupError> {
        Upstream::new(
            UpstreamName::Registry,
            &self.registry.url,
            &self.registry.trust,
            doctor_limits(),
        )
        .map(Registry::new)
    }

    /// The registry at its public address, whose certificate may be signed by the same authorities
    /// or by those of the system. Only the OCI pull probe sends a token there.
    pub(super) fn public_registry(&self, url: &Url) -> Result<Registry, SetupError> {
        Upstream::new(
            UpstreamName::Registry,
            url,
            &self.public_trust(),
            doctor_limits(),
        )
        .map(Registry::new)
    }

    /// The authorities that users and the console may trust there.
    pub(super) fn public_trust(&self) -> Trust {
        match &self.registry.trust {
            Trust::Only(pem) => Trust::SystemAnd(pem.clone()),
            trust => trust.clone(),
        }
    }

    /// `REGISTRY_HOST` as a URL.
    pub(super) fn public_url(&self) -> Option<Url> {
        Url::parse(&format!(
            "https://{}/",
            self.registry.public_host.as_deref()?
        ))
        .ok()
    }
}

/// The variable that decides which authorities are trusted for a server.
fn trust_variable(about: Component) -> &'static str {
    match about {
        Component::ApiServer => "KUBERNETES_CA_DATA",
        Component::Oauth => "OAUTH_CA_FILE",
        Component::OidcProvider => "OIDC_CA_FILE",
        _ => "REGISTRY_CA_FILE",
    }
}

fn doctor_limits() -> TimeLimits {
    TimeLimits {
        connect: std::time::Duration::from_secs(2),
        total: super::RESPONSE_TIMEOUT,
    }
}

//! What the console was told.

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

/// The part of the configuration that the doctor looks at. It holds the client's secret, which goes
/// nowhere.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people find the console, where it was told.
    pub address: Option<Url>,
    /// The path to which sign-ins come back.
    pub callback_path: &'static str,
    /// How people sign in.
    pub oauth: config::OauthSettings,
    pub api_server: config::ApiServerSettings,
    pub registry: config::RegistrySettings,
    /// Where the console's own certificate is. None where it shows none.
    pub certificate: Option<CertificateLocations>,
    /// Whether the key of sessions outlives the process.
    pub has_shared_session_key: bool,
    /// Whether there is an index, and the account that fills it.
    pub index: config::IndexSettings,
    /// The console's own pod.
    pub pod: Pod,
}

impl Settings {
    /// Those of a configuration. Sign-ins come back to the path `callback`.
    #[must_use]
    pub fn from_config(config: &Config, callback: &'static str) -> Self {
        Self {
            address: config.listen.public_url.clone(),
            callback_path: callback,
            oauth: config.oauth.clone(),
            api_server: config.cluster.clone(),
            registry: config.registry.clone(),
            certificate: (!config.listen.plain_http_only)
                .then(|| CertificateLocations::new(config.listen.certificate.clone())),
            has_shared_session_key: !config.session.keys.is_empty(),
            index: config.index.clone(),
            pod: config.pod.clone(),
        }
    }

    /// Where sign-ins come back to, if the console is there.
    pub(super) fn callback_url(&self, address: &Url) -> Url {
        let mut url = address.clone();
        url.set_path(self.callback_path);
        url
    }

    /// Those that count for a server: named by its own setting, or mounted for all.
    fn authority_sources(&self, about: Component) -> impl Iterator<Item = &AuthoritySource> {
        self.pod.authorities.iter().filter(move |source| {
            source.setting.starts_with(trust_variable(about)) || source.setting.starts_with('/')
        })
    }

    /// What names the authority with this certificate (PEM) among those of a server.
    pub(super) fn authority_source(&self, about: Component, pem: &str) -> &str {
        let source = self
            .authority_sources(about)
            .find(|source| source.contains(pem));
        source.map_or(trust_variable(about), |source| source.setting.as_str())
    }

    /// The setting that says who may vouch for a server, and where what it says comes from.
    pub(super) fn trust_source(&self, about: Component) -> String {
        let trust = match about {
            Component::Master => &self.api_server.trust,
            Component::Oauth => &self.oauth.trust,
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

    /// The setting that says where the token of the console's own account is, where one does.
    pub(super) fn token_source(&self) -> Option<String> {
        let file = match &self.index.token {
            Some(IndexToken::File(path)) => Some(path),
            Some(IndexToken::Inline(_)) => None,
            None => self.pod.token_file.as_ref(),
        };
        file.filter(|path| **path != Path::new(SERVICE_ACCOUNT_TOKEN_FILE))
            .map(|path| format!("INDEX_TOKEN_FILE={}", path.display()))
    }

    /// What commands about the console itself name.
    pub(super) fn installation(&self) -> Installation {
        let unknown = Installation::default();
        Installation {
            project: self.pod.project.clone().unwrap_or(unknown.project),
            oauth_client: self.oauth.client_id.clone(),
            callback_path: self.callback_path,
            oauth_flow: self.oauth.flow(),
            client_secret_variable: match self.oauth.client_secret {
                ClientSecret::Known { variable, .. } => variable,
                ClientSecret::Unknown => unknown.client_secret_variable,
            },
            is_address_configured: self.address.is_some(),
        }
    }

    /// Short of time, and over connections of its own: what is seen is what is there now.
    pub(super) fn api_server_endpoint(&self) -> Result<Upstream, SetupError> {
        Upstream::new(
            UpstreamName::Master,
            &self.api_server.url,
            &self.api_server.trust,
            doctor_limits(),
        )
    }

    pub(super) fn api_server(&self) -> Result<ApiServer, SetupError> {
        self.api_server_endpoint().map(ApiServer::new)
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

    /// The registry at its public address, whose certificate the same authorities may vouch for, or
    /// those of the machine. Only the OCI pull probe sends a token there.
    pub(super) fn public_registry(&self, url: &Url) -> Result<Registry, SetupError> {
        Upstream::new(
            UpstreamName::Registry,
            url,
            &self.public_trust(),
            doctor_limits(),
        )
        .map(Registry::new)
    }

    /// Whom people and the console may trust there.
    pub(super) fn public_trust(&self) -> Trust {
        match &self.registry.trust {
            Trust::Only(pem) => Trust::SystemAnd(pem.clone()),
            trust => trust.clone(),
        }
    }

    /// `REGISTRY_HOST` as an address.
    pub(super) fn public_url(&self) -> Option<Url> {
        Url::parse(&format!(
            "https://{}/",
            self.registry.public_host.as_deref()?
        ))
        .ok()
    }
}

/// The variable that decides who may vouch for a server.
fn trust_variable(about: Component) -> &'static str {
    match about {
        Component::Master => "KUBERNETES_CA_DATA",
        Component::Oauth => "OAUTH_CA_FILE",
        _ => "REGISTRY_CA_FILE",
    }
}

fn doctor_limits() -> TimeLimits {
    TimeLimits {
        connect: std::time::Duration::from_secs(2),
        total: super::RESPONSE_TIMEOUT,
    }
}

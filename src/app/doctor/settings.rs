//! What the console was told.

use std::path::Path;

use url::Url;

use super::finding::About;
use super::installation::Installation;
use crate::config::{
    self, CertificatePlaces, Config, IndexToken, Pod, SERVICE_ACCOUNT_TOKEN, Source, Trust,
};
use crate::openshift::Master;
use crate::outbound::{Limits, Name, Unusable, Upstream};
use crate::registry::Registry;

/// Where the templates of OpenShift 3 put the console.
pub(super) const DEFAULT_PROJECT: &str = "default";

/// The part of the configuration that the doctor looks at. It holds the client's secret, which goes
/// nowhere.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people find the console, where it was told.
    pub address: Option<Url>,
    /// The path to which sign-ins come back.
    pub callback: &'static str,
    /// How people sign in.
    pub oauth: config::Oauth,
    pub cluster: config::Cluster,
    pub registry: config::Registry,
    /// Where the console's own certificate is. None where it shows none.
    pub certificate: Option<CertificatePlaces>,
    /// Whether the key of sessions outlives the process.
    pub shared_key: bool,
    /// Whether there is an index, and the account that fills it.
    pub index: config::Index,
    /// The console's own pod.
    pub pod: Pod,
}

impl Settings {
    /// Those of a configuration. Sign-ins come back to the path `callback`.
    #[must_use]
    pub fn of(config: &Config, callback: &'static str) -> Self {
        Self {
            address: config.listen.public.clone(),
            callback,
            oauth: config.oauth.clone(),
            cluster: config.cluster.clone(),
            registry: config.registry.clone(),
            certificate: (!config.listen.plain_only)
                .then(|| CertificatePlaces::new(config.listen.certificate.clone())),
            shared_key: !config.session.keys.is_empty(),
            index: config.index.clone(),
            pod: config.pod.clone(),
        }
    }

    /// Where sign-ins come back to, if the console is there.
    pub(super) fn callback_of(&self, address: &Url) -> Url {
        let mut url = address.clone();
        url.set_path(self.callback);
        url
    }

    /// Those that count for a server: named by its own setting, or mounted for all.
    fn sources(&self, about: About) -> impl Iterator<Item = &Source> {
        self.pod.authorities.iter().filter(move |source| {
            source.setting.starts_with(setting(about)) || source.setting.starts_with('/')
        })
    }

    /// What names the authority with this certificate (PEM) among those of a server.
    pub(super) fn source_of(&self, about: About, pem: &str) -> &str {
        let source = self.sources(about).find(|source| source.holds(pem));
        source.map_or(setting(about), |source| source.setting.as_str())
    }

    /// The setting that says who may vouch for a server, and where what it says comes from.
    pub(super) fn trusted(&self, about: About) -> String {
        let trust = match about {
            About::Master => &self.cluster.trust,
            About::Oauth => &self.oauth.trust,
            _ => &self.registry.trust,
        };
        let (Trust::Only(pem) | Trust::SystemAnd(pem)) = trust else {
            return setting(about).to_owned();
        };
        let has = |source: &&Source| pem.contains(source.pem.trim());
        let from: Vec<&str> = self
            .sources(about)
            .filter(has)
            .map(|source| source.setting.as_str())
            .collect();
        if from.is_empty() {
            setting(about).to_owned()
        } else {
            format!("{} ({})", setting(about), from.join(", "))
        }
    }

    /// The project that commands name: where the templates of OpenShift 3 put the console, if
    /// nobody knows better.
    pub(super) fn project(&self) -> &str {
        self.pod.project.as_deref().unwrap_or(DEFAULT_PROJECT)
    }

    /// The setting that says where the token of the console's own account is, where one does.
    pub(super) fn token_source(&self) -> Option<String> {
        let file = match &self.index.token {
            Some(IndexToken::File(path)) => Some(path),
            Some(IndexToken::Here(_)) => None,
            None => self.pod.token_file.as_ref(),
        };
        file.filter(|path| **path != Path::new(SERVICE_ACCOUNT_TOKEN))
            .map(|path| format!("INDEX_TOKEN_FILE={}", path.display()))
    }

    /// What commands about the console itself name.
    pub(super) fn installation(&self) -> Installation {
        Installation {
            project: self.project().to_owned(),
            client: self.oauth.client_id.clone(),
            callback: self.callback,
        }
    }

    /// Short of time, and over connections of its own: what is seen is what is there now.
    pub(super) fn master_upstream(&self) -> Result<Upstream, Unusable> {
        Upstream::new(
            Name::Master,
            &self.cluster.api,
            &self.cluster.trust,
            limits(),
        )
    }

    pub(super) fn master(&self) -> Result<Master, Unusable> {
        self.master_upstream().map(Master::new)
    }

    pub(super) fn registry(&self) -> Result<Registry, Unusable> {
        Upstream::new(
            Name::Registry,
            &self.registry.url,
            &self.registry.trust,
            limits(),
        )
        .map(Registry::new)
    }

    /// The registry at its public address, whose certificate the same authorities may vouch for, or
    /// those of the machine. No token is ever sent there.
    pub(super) fn public_registry(&self, url: &Url) -> Result<Registry, Unusable> {
        Upstream::new(Name::Registry, url, &self.public_trust(), limits()).map(Registry::new)
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
fn setting(about: About) -> &'static str {
    match about {
        About::Master => "KUBERNETES_CA_DATA",
        About::Oauth => "OAUTH_CA_FILE",
        _ => "REGISTRY_CA_FILE",
    }
}

fn limits() -> Limits {
    Limits {
        connect: std::time::Duration::from_secs(2),
        total: super::LIMIT,
    }
}

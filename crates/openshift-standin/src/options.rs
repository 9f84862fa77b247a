//! How the embedded cluster is started.

use crate::cluster::Version;
use crate::identity_provider::IdentityProvider;
use registry_model::Clock;

/// How to start the embedded cluster.
#[derive(Clone, Debug)]
pub struct StandinOptions {
    /// The version of OpenShift.
    pub version: Version,
    pub ports: Ports,
    /// Whether to fill it with sample data ([`crate::sample::fill`]).
    pub sample: bool,
    /// The cluster's clock.
    pub clock: Clock,
    pub identity_provider: IdentityProvider,
}

impl Default for StandinOptions {
    /// An empty OpenShift 4 on free ports.
    fn default() -> Self {
        Self {
            version: Version::V4,
            ports: Ports::default(),
            sample: false,
            clock: Clock::system(),
            identity_provider: IdentityProvider::OauthServer,
        }
    }
}

/// The ports on 127.0.0.1. 0 stands for any free one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// The API server, on 3.9 including the OAuth server.
    pub api_server: u16,
    /// The OAuth server of OpenShift 4. Not used on 3.9, and not with an OIDC issuer.
    pub oauth: u16,
    /// The embedded OIDC issuer.
    pub issuer: u16,
    pub registry: u16,
    /// The object storage that the registry can redirect to.
    pub storage: u16,
}

impl Ports {
    /// The usual ports: 8443, 8444, 8445, 5000, and any for the object storage.
    pub const STANDARD: Self = Self {
        api_server: 8443,
        oauth: 8444,
        issuer: 8445,
        registry: 5000,
        storage: 0,
    };
}

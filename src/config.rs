//! The settings of the console.
//!
//! Every setting is an environment variable; [`VARIABLES`] lists them all.
//! [`Config::from_variables`] reads all of them before it fails, so that one start reports every
//! mistake.

mod api_server;
mod certificate;
mod index;
mod listen;
mod oauth;
mod oidc;
mod pages;
mod pod;
mod problem;
mod reader;
mod registry;
mod session;
mod sign_in;
mod telemetry;
mod trust;
mod variables;
mod vars;

pub use api_server::ApiServerSettings;
pub use certificate::{CertificateFiles, CertificateLocations, KeyPairError};
pub use index::{IndexSettings, IndexToken};
pub use listen::ListenSettings;
pub use oauth::{ClientSecret, OauthFlow, OauthSettings};
pub use oidc::OidcSettings;
pub use pages::{DoctorAudience, PageSettings};
pub use pod::{AuthoritySource, Pod, SERVICE_ACCOUNT_TOKEN_FILE};
pub use problem::{SettingProblem, SettingsError};
pub use registry::{BlobStorageSettings, RegistrySettings};
pub use session::{SessionLimits, SessionSettings};
pub use sign_in::SignInSettings;
pub use telemetry::{AUDIT_TARGET, LogFormat, LogLevel, LogSettings};
pub use trust::Trust;
pub use variables::{VARIABLES, Variable};
pub use vars::{FixedVariables, ProcessEnvironment, VariableSource};

use reader::SettingsReader;

#[derive(Debug)]
pub struct Config {
    /// The listeners.
    pub listen: ListenSettings,
    pub sign_in: SignInSettings,
    pub cluster: ApiServerSettings,
    pub registry: RegistrySettings,
    /// The index of image streams.
    pub index: IndexSettings,
    /// The sealing of sessions.
    pub session: SessionSettings,
    /// The optional pages.
    pub pages: PageSettings,
    pub telemetry: LogSettings,
    pub pod: Pod,
    /// Settings that are wrong, but without which the console can run.
    pub warnings: Vec<SettingProblem>,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// All mistakes.
    pub fn from_variables(vars: &dyn VariableSource) -> Result<Self, SettingsError> {
        let mut reader = SettingsReader::new(vars);
        let listen = ListenSettings::read(&mut reader);
        let sign_in = SignInSettings::read(&mut reader);
        let cluster = ApiServerSettings::read(&mut reader);
        let registry = RegistrySettings::read(&mut reader);
        let index = IndexSettings::read(&mut reader);
        let session = SessionSettings::read(&mut reader);
        let pages = PageSettings::read(&mut reader);
        let telemetry = LogSettings::read(&mut reader);
        let pod = Pod::read(&reader);
        // Accepted because the old template sets it. The console has no other mode.
        reader.flag("REGISTRY_ONLY");
        let (mistakes, warnings) = reader.into_problems();
        match (
            listen, sign_in, cluster, registry, index, session, pages, telemetry,
        ) {
            (
                Some(listen),
                Some(sign_in),
                Some(cluster),
                Some(registry),
                Some(index),
                Some(session),
                Some(pages),
                Some(telemetry),
            ) if mistakes.is_empty() => Ok(Self {
                listen,
                sign_in,
                cluster,
                registry,
                index,
                session,
                pages,
                telemetry,
                pod,
                warnings,
            }),
            _ => Err(mistakes),
        }
    }
}

#[cfg(test)]
mod tests;

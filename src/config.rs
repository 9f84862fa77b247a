//! What the console is told at start.
//!
//! Everything is an environment variable; [`VARIABLES`] lists them all. [`Config::read`] looks at
//! every one before it gives up, so that one start tells every mistake.

mod certificate;
mod cluster;
mod index;
mod listen;
mod mistake;
mod oauth;
mod pages;
mod pod;
mod read;
mod registry;
mod session;
mod telemetry;
mod trust;
mod variables;
mod vars;

pub use certificate::{CertificateFiles, CertificatePlaces, KeyPairError};
pub use cluster::Cluster;
pub use index::{Index, IndexToken};
pub use listen::Listen;
pub use mistake::{Mistake, Mistakes};
pub use oauth::{ClientSecret, Flow, Oauth};
pub use pages::{DoctorAudience, PageSettings};
pub use pod::{Pod, SERVICE_ACCOUNT_TOKEN, Source};
pub use registry::{BlobStorage, Registry};
pub use session::Session;
pub use telemetry::{LogFormat, LogLevel, Telemetry};
pub use trust::Trust;
pub use variables::{VARIABLES, Variable};
pub use vars::{Environment, Fixed, Vars};

use read::Reader;

#[derive(Debug)]
pub struct Config {
    /// Where and how the console is served.
    pub listen: Listen,
    /// How people sign in.
    pub oauth: Oauth,
    pub cluster: Cluster,
    pub registry: Registry,
    /// Whether image streams are kept in memory.
    pub index: Index,
    /// How sessions are sealed.
    pub session: Session,
    /// Which pages there are.
    pub pages: PageSettings,
    pub telemetry: Telemetry,
    pub pod: Pod,
    /// What is not as it should be, although the console can go on without it.
    pub warnings: Vec<Mistake>,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(vars: &dyn Vars) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(vars);
        let listen = Listen::read(&mut reader);
        let oauth = Oauth::read(&mut reader);
        let cluster = Cluster::read(&mut reader);
        let registry = Registry::read(&mut reader);
        let index = Index::read(&mut reader);
        let session = Session::read(&mut reader);
        let pages = PageSettings::read(&mut reader);
        let telemetry = Telemetry::read(&mut reader);
        let pod = Pod::read(&reader);
        // Accepted because the old template sets it; there is nothing but the registry here.
        reader.flag("REGISTRY_ONLY");
        let (mistakes, warnings) = reader.findings();
        match (
            listen, oauth, cluster, registry, index, session, pages, telemetry,
        ) {
            (
                Some(listen),
                Some(oauth),
                Some(cluster),
                Some(registry),
                Some(index),
                Some(session),
                Some(pages),
                Some(telemetry),
            ) if mistakes.is_empty() => Ok(Self {
                listen,
                oauth,
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

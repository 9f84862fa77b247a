//! What the cluster mounts into the console's own pod, as far as the doctor looks at it.

use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::cluster::SERVICE_ACCOUNT_CA;
use super::read::Reader;
use super::registry::SERVICE_CA;
use super::vars::Vars;

/// The token of the pod's service account, as every pod has it unless that was switched off. It is
/// renewed now and then, so it is the file that counts.
pub const SERVICE_ACCOUNT_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
/// The project of the pod.
const NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// The pod of the console.
#[derive(Clone, Debug, Default)]
pub struct Pod {
    /// The project that it runs in, where that is known. Untrusted.
    pub project: Option<String>,
    /// The file with the token of the console's own account: the one that `INDEX_TOKEN_FILE` names,
    /// or that of the pod's service account, if it is there.
    pub token_file: Option<PathBuf>,
    /// Where the authorities of the three `trust`s come from.
    pub authorities: Vec<Source>,
}

/// Authorities, and the setting that names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// As in `KUBERNETES_CA_DATA`, `OAUTH_CA_FILE=/etc/oauth/ca.crt`, or the path of a file that
    /// the cluster mounts.
    pub setting: String,
    pub pem: String,
}

impl Source {
    /// Whether this is where a certificate (PEM) comes from.
    #[must_use]
    pub fn holds(&self, pem: &str) -> bool {
        let Ok(wanted) = CertificateDer::from_pem_slice(pem.as_bytes()) else {
            return false;
        };
        CertificateDer::pem_slice_iter(self.pem.as_bytes())
            .flatten()
            .any(|held| held == wanted)
    }
}

/// A file that `INDEX_TOKEN_FILE` names counts even where it is missing: then that is what is
/// wrong.
fn token_file(reader: &Reader<'_>) -> Option<PathBuf> {
    let named = reader.text("INDEX_TOKEN_FILE").map(PathBuf::from);
    named.or_else(|| {
        reader
            .mounted(SERVICE_ACCOUNT_TOKEN)
            .map(|_| PathBuf::from(SERVICE_ACCOUNT_TOKEN))
    })
}

impl Pod {
    /// The project that the process runs in: what is known where the rest of the configuration
    /// cannot be read.
    #[must_use]
    pub fn project_of(vars: &dyn Vars) -> Option<String> {
        let text = String::from_utf8(vars.file(Path::new(NAMESPACE)).ok()?).ok()?;
        Some(text.trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// Cannot fail: whatever is wrong with a variable is noted where the variable is used.
    pub(super) fn read(reader: &Reader<'_>) -> Self {
        let variable = reader.text("KUBERNETES_CA_DATA").map(|pem| Source {
            setting: "KUBERNETES_CA_DATA".to_owned(),
            pem,
        });
        let named = ["OAUTH_CA_FILE", "REGISTRY_CA_FILE"]
            .into_iter()
            .filter_map(|name| {
                let path = reader.text(name)?;
                Some(Source {
                    pem: reader.mounted(&path)?,
                    setting: format!("{name}={path}"),
                })
            });
        let mounted = [SERVICE_ACCOUNT_CA, SERVICE_CA]
            .into_iter()
            .filter_map(|path| {
                let pem = reader.mounted(path)?;
                Some(Source {
                    setting: path.to_owned(),
                    pem,
                })
            });
        Self {
            project: reader
                .mounted(NAMESPACE)
                .map(|text| text.trim().to_owned())
                .filter(|name| !name.is_empty()),
            token_file: token_file(reader),
            authorities: variable.into_iter().chain(named).chain(mounted).collect(),
        }
    }
}

//! What the cluster mounts into the console's own pod, as far as the doctor uses it.

use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::registry::SERVICE_CA_FILE;
use super::vars::VariableSource;
use crate::config::api_server::SERVICE_ACCOUNT_CA;
use crate::config::reader::SettingsReader;

/// The token of the pod's service account, which every pod has unless it is disabled. It is renewed
/// regularly, so the file is read for each use.
pub const SERVICE_ACCOUNT_TOKEN_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
/// The project of the pod.
const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// The pod of the console.
#[derive(Clone, Debug, Default)]
pub struct Pod {
    /// The project of the pod, if it is known. Untrusted.
    pub project: Option<String>,
    /// The name of the Deployment that made the pod, if a Deployment did. Untrusted.
    pub deployment: Option<String>,
    /// The file with the token of the console's own account: the one that `INDEX_TOKEN_FILE` names,
    /// or that of the pod's service account, if it exists.
    pub token_file: Option<PathBuf>,
    /// Where the authorities of the `trust` settings come from.
    pub authorities: Vec<AuthoritySource>,
}

/// Authorities, and the setting that names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthoritySource {
    /// As in `KUBERNETES_CA_DATA`, `OAUTH_CA_FILE=/etc/oauth/ca.crt`, or the path of a file that
    /// the cluster mounts.
    pub setting: String,
    pub pem: String,
}

impl AuthoritySource {
    /// Whether this source contains a certificate (PEM).
    #[must_use]
    pub fn contains(&self, pem: &str) -> bool {
        let Ok(wanted) = CertificateDer::from_pem_slice(pem.as_bytes()) else {
            return false;
        };
        CertificateDer::pem_slice_iter(self.pem.as_bytes())
            .flatten()
            .any(|held| held == wanted)
    }
}

/// The name of the Deployment in the name of one of its pods: the name of a ReplicaSet ends with
/// the hash of the pod template, that of a ReplicationController of a DeploymentConfig with a
/// number. The hash has letters and digits that form no words (`SafeEncodeString` of Kubernetes).
fn deployment_of_pod(pod: &str) -> Option<&str> {
    let (set, suffix) = pod.rsplit_once('-')?;
    let (deployment, hash) = set.rsplit_once('-')?;
    let is_safe = |text: &str| {
        text.bytes()
            .all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b))
    };
    let is_hash = (6..=10).contains(&hash.len()) && is_safe(hash);
    (suffix.len() == 5 && is_safe(suffix) && is_hash).then_some(deployment)
}

/// A file that `INDEX_TOKEN_FILE` names is used even if it is missing, so that this is what is
/// reported.
fn find_token_file(reader: &SettingsReader<'_>) -> Option<PathBuf> {
    let named = reader.text("INDEX_TOKEN_FILE").map(PathBuf::from);
    named.or_else(|| {
        reader
            .mounted_file(SERVICE_ACCOUNT_TOKEN_FILE)
            .map(|_| PathBuf::from(SERVICE_ACCOUNT_TOKEN_FILE))
    })
}

impl Pod {
    /// The project of the process, for a configuration that otherwise cannot be read.
    #[must_use]
    pub fn read_project(vars: &dyn VariableSource) -> Option<String> {
        let text = String::from_utf8(vars.read_file(Path::new(NAMESPACE_FILE)).ok()?).ok()?;
        Some(text.trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// Cannot fail: what is wrong with a variable is reported where the variable is used.
    pub(super) fn read(reader: &SettingsReader<'_>) -> Self {
        let variable = reader
            .text("KUBERNETES_CA_DATA")
            .map(|pem| AuthoritySource {
                setting: "KUBERNETES_CA_DATA".to_owned(),
                pem,
            });
        let named = ["OAUTH_CA_FILE", "OIDC_CA_FILE", "REGISTRY_CA_FILE"]
            .into_iter()
            .filter_map(|name| {
                let path = reader.text(name)?;
                Some(AuthoritySource {
                    pem: reader.mounted_file(&path)?,
                    setting: format!("{name}={path}"),
                })
            });
        let mounted = [SERVICE_ACCOUNT_CA, SERVICE_CA_FILE]
            .into_iter()
            .filter_map(|path| {
                let pem = reader.mounted_file(path)?;
                Some(AuthoritySource {
                    setting: path.to_owned(),
                    pem,
                })
            });
        Self {
            project: reader
                .mounted_file(NAMESPACE_FILE)
                .map(|text| text.trim().to_owned())
                .filter(|name| !name.is_empty()),
            deployment: reader
                .text("HOSTNAME")
                .and_then(|pod| deployment_of_pod(&pod).map(str::to_owned)),
            token_file: find_token_file(reader),
            authorities: variable.into_iter().chain(named).chain(mounted).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pod_of_a_deployment_names_it() {
        for (pod, deployment) in [
            (
                "registry-console-6d9f7c8b5d-x2x7k",
                Some("registry-console"),
            ),
            ("console-test-7c9dbd64f-zbq4t", Some("console-test")),
            ("registry-console-3-x2x7k", None),
            ("registry-console-1234567-x2x7k", None),
            ("registry-console-0", None),
            ("localhost", None),
            ("my-laptop-wooden-table", None),
        ] {
            assert_eq!(deployment_of_pod(pod), deployment, "{pod}");
        }
    }
}

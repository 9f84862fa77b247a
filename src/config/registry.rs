//! The integrated registry.

use url::Url;

use super::Trust;
use crate::config::api_server::{SERVICE_ACCOUNT_CA, system_and_mounted};
use crate::config::reader::SettingsReader;

/// The authority of service certificates, as pods of OpenShift 3.x and early 4.x have it.
pub(super) const SERVICE_CA_FILE: &str =
    "/var/run/secrets/kubernetes.io/serviceaccount/service-ca.crt";

/// The registry, inside and outside the cluster.
#[derive(Clone, Debug)]
pub struct RegistrySettings {
    /// The address that the console uses: scheme, host and port.
    pub url: Url,
    /// The certificate authorities that it may use.
    pub trust: Trust,
    /// Host and, if needed, port in the commands that users are shown. Absent: unknown.
    pub public_host: Option<String>,
    /// The object storage that it may redirect to.
    pub storage: BlobStorageSettings,
}

/// Object storage behind a registry.
#[derive(Clone, Debug)]
pub struct BlobStorageSettings {
    /// Whether redirects of blobs are followed.
    pub follow_redirects: bool,
    /// The certificate authorities that it may use.
    pub trust: Trust,
}

impl BlobStorageSettings {
    /// Follows the redirects of a registry with this trust. The storage may use the same
    /// authorities, the system's, or those in `more` (PEM).
    #[must_use]
    pub fn from_registry_trust(registry: &Trust, more: Option<&str>) -> Self {
        let known = match registry {
            Trust::Only(pem) | Trust::SystemAnd(pem) => Some(pem.as_str()),
            Trust::System => None,
            Trust::Unverified => {
                return Self {
                    follow_redirects: true,
                    trust: Trust::Unverified,
                };
            }
        };
        let all: Vec<&str> = known.into_iter().chain(more).collect();
        let trust = if all.is_empty() {
            Trust::System
        } else {
            Trust::SystemAnd(all.join("\n"))
        };
        Self {
            follow_redirects: true,
            trust,
        }
    }

    fn read(reader: &mut SettingsReader<'_>, registry: Option<&Trust>) -> Option<Self> {
        let follow = match reader.text("REGISTRY_BLOB_REDIRECTS").as_deref() {
            None | Some("on") => Some(true),
            Some("off") => Some(false),
            Some(other) => reader.reject(
                "REGISTRY_BLOB_REDIRECTS",
                format!("is {other:?}, but must be on or off"),
            ),
        };
        let more = match reader.text("REGISTRY_BLOB_CA_FILE") {
            Some(_) => Some(reader.ca_file("REGISTRY_BLOB_CA_FILE")?),
            None => None,
        };
        Some(Self {
            follow_redirects: follow?,
            ..Self::from_registry_trust(registry?, more.as_deref())
        })
    }
}

impl RegistrySettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let value = reader
            .text("REGISTRY_URL")
            .unwrap_or_else(|| "https://docker-registry.default.svc:5000".to_owned());
        // A registry without TLS was common on 3.x.
        let url = reader.origin("REGISTRY_URL", &value, &["https", "http"]);
        let trust = match reader.text("REGISTRY_CA_FILE") {
            Some(_) => reader.ca_file("REGISTRY_CA_FILE").map(Trust::Only),
            None => Some(system_and_mounted(
                reader,
                &[SERVICE_ACCOUNT_CA, SERVICE_CA_FILE],
            )),
        };
        let public_host = match reader.text("REGISTRY_HOST") {
            Some(host) => check_public_host(reader, &host),
            None => None,
        };
        let storage = BlobStorageSettings::read(reader, trust.as_ref());
        Some(Self {
            url: url?,
            trust: trust?,
            public_host,
            storage: storage?,
        })
    }
}

/// The host appears in shell commands, so it must be a host and a port and nothing else. Only those
/// commands need it: if it cannot be used, it counts as unset.
fn check_public_host(reader: &mut SettingsReader<'_>, value: &str) -> Option<String> {
    let without_scheme = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"))
        .unwrap_or(value);
    let host = without_scheme.trim_end_matches('/');
    let plain = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
    let parses = Url::parse(&format!("https://{host}/")).is_ok_and(|url| url.has_host());
    if !(plain && parses) {
        reader.warn(
            "REGISTRY_HOST",
            "is not a host with an optional port, and is ignored".to_owned(),
        );
        return None;
    }
    if host != value {
        reader.warn(
            "REGISTRY_HOST",
            format!("is more than a host, so only the host is used: {host}"),
        );
    }
    Some(host.to_owned())
}

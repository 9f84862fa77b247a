//! The integrated registry.

use url::Url;

use super::Trust;
use super::cluster::{SERVICE_ACCOUNT_CA, with_system};
use super::read::Reader;

/// The authority of service certificates, as pods of OpenShift 3.x and early 4.x have it.
pub(super) const SERVICE_CA: &str = "/var/run/secrets/kubernetes.io/serviceaccount/service-ca.crt";

/// The registry, from inside and from outside.
#[derive(Clone, Debug)]
pub struct Registry {
    /// Where the console reaches it: scheme, host and port.
    pub url: Url,
    /// Whose certificate it may show.
    pub trust: Trust,
    /// Host and perhaps port in the commands that people are shown. Absent: unknown.
    pub public_host: Option<String>,
    /// The object storage that it may redirect to.
    pub storage: BlobStorage,
}

/// Object storage behind a registry.
#[derive(Clone, Debug)]
pub struct BlobStorage {
    /// Whether redirects of blobs are followed.
    pub follow: bool,
    /// Whose certificate it may show.
    pub trust: Trust,
}

impl BlobStorage {
    /// Redirects of a registry that is trusted like this are followed; the storage may show a
    /// certificate of the same authorities, of the machine's, or of `more` (PEM).
    #[must_use]
    pub fn beside(registry: &Trust, more: Option<&str>) -> Self {
        let known = match registry {
            Trust::Only(pem) | Trust::SystemAnd(pem) => Some(pem.as_str()),
            Trust::System => None,
            Trust::Nothing => {
                return Self {
                    follow: true,
                    trust: Trust::Nothing,
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
            follow: true,
            trust,
        }
    }

    fn read(reader: &mut Reader<'_>, registry: Option<&Trust>) -> Option<Self> {
        let follow = match reader.text("REGISTRY_BLOB_REDIRECTS").as_deref() {
            None | Some("on") => Some(true),
            Some("off") => Some(false),
            Some(other) => reader.wrong(
                "REGISTRY_BLOB_REDIRECTS",
                format!("is {other:?}, which is neither on nor off"),
            ),
        };
        let more = match reader.text("REGISTRY_BLOB_CA_FILE") {
            Some(_) => Some(reader.ca_file("REGISTRY_BLOB_CA_FILE")?),
            None => None,
        };
        Some(Self {
            follow: follow?,
            ..Self::beside(registry?, more.as_deref())
        })
    }
}

impl Registry {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let value = reader
            .text("REGISTRY_URL")
            .unwrap_or_else(|| "https://docker-registry.default.svc:5000".to_owned());
        // A registry without TLS was common on 3.x.
        let url = reader.origin("REGISTRY_URL", &value, &["https", "http"]);
        let trust = match reader.text("REGISTRY_CA_FILE") {
            Some(_) => reader.ca_file("REGISTRY_CA_FILE").map(Trust::Only),
            None => Some(with_system(reader, &[SERVICE_ACCOUNT_CA, SERVICE_CA])),
        };
        let public_host = match reader.text("REGISTRY_HOST") {
            Some(host) => public_host(reader, &host),
            None => None,
        };
        let storage = BlobStorage::read(reader, trust.as_ref());
        Some(Self {
            url: url?,
            trust: trust?,
            public_host,
            storage: storage?,
        })
    }
}

/// It is shown inside shell commands, so it must be a host and a port and nothing else. Only those
/// commands need it: where it cannot be used, it counts as unset.
fn public_host(reader: &mut Reader<'_>, value: &str) -> Option<String> {
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
            "is no host with or without a port, and is left out".to_owned(),
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

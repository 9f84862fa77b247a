//! The master.

use std::net::Ipv6Addr;

use url::Url;

use super::Trust;
use super::read::Reader;

/// The certificates of the cluster, as every pod has them.
pub(super) const SERVICE_ACCOUNT_CA: &str = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

#[derive(Clone, Debug)]
pub struct Cluster {
    /// Scheme, host and port.
    pub api: Url,
    /// Whose certificate it may show.
    pub trust: Trust,
}

impl Cluster {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let api = reader
            .required("KUBERNETES_SERVICE_HOST")
            .and_then(|host| address(reader, &host));
        let port: Option<u16> = reader.parsed("KUBERNETES_SERVICE_PORT", "443", "port");
        let trust = trust(reader);
        let (mut api, port) = (api?, port?);
        api.set_port(Some(port))
            .expect("an https URL with a host takes a port");
        Some(Self { api, trust: trust? })
    }
}

fn address(reader: &mut Reader<'_>, host: &str) -> Option<Url> {
    let host = match host.parse::<Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => host.to_owned(),
    };
    let url = Url::parse(&format!("https://{host}/"))
        .ok()
        .filter(|url| url.host_str() == Some(host.to_ascii_lowercase().as_str()));
    url.or_else(|| {
        reader.wrong(
            "KUBERNETES_SERVICE_HOST",
            format!("is {host:?}, which is no host name or address"),
        )
    })
}

fn trust(reader: &mut Reader<'_>) -> Option<Trust> {
    if reader.flag("KUBERNETES_INSECURE") {
        return Some(Trust::Nothing);
    }
    if let Some(pem) = reader.text("KUBERNETES_CA_DATA") {
        return reader
            .certificates("KUBERNETES_CA_DATA", "", pem)
            .map(Trust::Only);
    }
    Some(
        reader
            .mounted(SERVICE_ACCOUNT_CA)
            .map_or(Trust::System, Trust::Only),
    )
}

/// The machine's authorities and those of the mounted files that exist.
pub(super) fn with_system(reader: &Reader<'_>, files: &[&str]) -> Trust {
    let mounted: Vec<String> = files
        .iter()
        .filter_map(|path| reader.mounted(path))
        .collect();
    if mounted.is_empty() {
        Trust::System
    } else {
        Trust::SystemAnd(mounted.join("\n"))
    }
}

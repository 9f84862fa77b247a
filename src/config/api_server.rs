//! The API server.

use std::net::Ipv6Addr;

use url::Url;

use super::Trust;
use crate::config::reader::SettingsReader;

/// The certificate authorities of the cluster, as every pod has them.
pub(super) const SERVICE_ACCOUNT_CA: &str = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

#[derive(Clone, Debug)]
pub struct ApiServerSettings {
    /// Scheme, host and port.
    pub url: Url,
    /// The certificate authorities that it may use.
    pub trust: Trust,
}

impl ApiServerSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let api = reader
            .required("KUBERNETES_SERVICE_HOST")
            .and_then(|host| parse_address(reader, &host));
        let port: Option<u16> = reader.parse_or_default("KUBERNETES_SERVICE_PORT", "443", "port");
        let trust = read_trust(reader);
        let (mut api, port) = (api?, port?);
        api.set_port(Some(port))
            .expect("an https URL with a host takes a port");
        Some(Self {
            url: api,
            trust: trust?,
        })
    }
}

fn parse_address(reader: &mut SettingsReader<'_>, host: &str) -> Option<Url> {
    let host = match host.parse::<Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => host.to_owned(),
    };
    let url = Url::parse(&format!("https://{host}/"))
        .ok()
        .filter(|url| url.host_str() == Some(host.to_ascii_lowercase().as_str()));
    url.or_else(|| {
        reader.reject(
            "KUBERNETES_SERVICE_HOST",
            format!("is {host:?}, which is not a host name or IP address"),
        )
    })
}

fn read_trust(reader: &mut SettingsReader<'_>) -> Option<Trust> {
    if reader.flag("KUBERNETES_INSECURE") {
        return Some(Trust::Unverified);
    }
    if let Some(pem) = reader.text("KUBERNETES_CA_DATA") {
        return reader
            .check_certificates("KUBERNETES_CA_DATA", "", pem)
            .map(Trust::Only);
    }
    Some(
        reader
            .mounted_file(SERVICE_ACCOUNT_CA)
            .map_or(Trust::System, Trust::Only),
    )
}

/// The system's authorities and those of the mounted files that exist.
pub(super) fn system_and_mounted(reader: &SettingsReader<'_>, files: &[&str]) -> Trust {
    let mounted: Vec<String> = files
        .iter()
        .filter_map(|path| reader.mounted_file(path))
        .collect();
    if mounted.is_empty() {
        Trust::System
    } else {
        Trust::SystemAnd(mounted.join("\n"))
    }
}

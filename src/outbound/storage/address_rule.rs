//! The addresses that a redirect may lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Name, Resolve, Resolving};
use thiserror::Error;
use tokio::net::lookup_host;
use url::{Host, Url};

/// Where instances of Amazon EC2 find their credentials by IPv6. By IPv4 the address is link-local.
const EC2_METADATA_ADDRESS: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// Rejects loopback, link-local, multicast and reserved addresses, except for the registry's own.
///
/// Private addresses are allowed, including those of the cluster's services, because object storage
/// on premises has one. A redirect to them reveals nothing: the request is a GET without a
/// credential, and the response is discarded unless it has the requested digest.
#[derive(Debug)]
pub(super) struct AddressRule {
    registry: Url,
}

/// No address of a name is permitted.
#[derive(Clone, Copy, Debug, Error)]
#[error("no address of this name may be connected to")]
pub(super) struct ForbiddenAddress;

impl AddressRule {
    pub(super) fn new(registry: &Url) -> Self {
        Self {
            registry: registry.clone(),
        }
    }

    /// Whether the registry is reached without TLS.
    pub(super) fn is_plain_http(&self) -> bool {
        self.registry.scheme() == "http"
    }

    pub(super) async fn permits(&self, address: IpAddr) -> bool {
        is_connectable(address)
            || self
                .registry_addresses()
                .await
                .contains(&address.to_canonical())
    }

    /// The addresses that the registry's name currently resolves to.
    async fn registry_addresses(&self) -> Vec<IpAddr> {
        match self.registry.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![IpAddr::from(address).to_canonical()],
            Some(Host::Domain(name)) => match lookup_host((name, 0)).await {
                Ok(found) => found.map(|found| found.ip().to_canonical()).collect(),
                Err(_) => Vec::new(),
            },
            None => Vec::new(),
        }
    }
}

/// Resolves names and keeps the addresses that the rule permits. The connection uses the checked
/// addresses, even if the name resolves to others later.
pub(super) struct CheckedResolver(pub(super) Arc<AddressRule>);

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = Arc::clone(&self.0);
        Box::pin(async move {
            let mut permitted: Vec<SocketAddr> = Vec::new();
            let mut found_any = false;
            for found in lookup_host((name.as_str(), 0)).await? {
                found_any = true;
                if rule.permits(found.ip()).await {
                    permitted.push(found);
                }
            }
            if permitted.is_empty() && found_any {
                return Err(ForbiddenAddress.into());
            }
            let addresses: reqwest::dns::Addrs = Box::new(permitted.into_iter());
            Ok(addresses)
        })
    }
}

fn is_connectable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_connectable_v4(address),
        IpAddr::V6(address) => match embedded_ipv4(address) {
            Some(address) => is_connectable_v4(address),
            None => is_connectable_v6(address),
        },
    }
}

fn is_connectable_v4(address: Ipv4Addr) -> bool {
    // 0.0.0.0/8 is "this network"; 240.0.0.0/4 is reserved and contains the broadcast address.
    let reserved = address.octets()[0] == 0 || address.octets()[0] >= 240;
    !(reserved || address.is_loopback() || address.is_link_local() || address.is_multicast())
}

fn is_connectable_v6(address: Ipv6Addr) -> bool {
    // 2001::/32 (Teredo) contains an IPv4 address in obfuscated form.
    let teredo = address.segments()[..2] == [0x2001, 0];
    let own = address.is_unspecified() || address.is_loopback() || address.is_unicast_link_local();
    !(own || teredo || address.is_multicast() || address == EC2_METADATA_ADDRESS)
}

/// The IPv4 address that an IPv6 address represents: mapped, compatible, behind NAT64 (RFC 6052) or
/// 6to4.
fn embedded_ipv4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let of = |high: u16, low: u16| Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match (a, b, c, d, e, f) {
        // `::` and `::1` represent no IPv4 address.
        (0, 0, 0, 0, 0, 0) if g == 0 && h <= 1 => None,
        (0, 0, 0, 0, 0, 0 | 0xffff)
        | (0, 0, 0, 0, 0xffff, 0)
        | (0x64, 0xff9b, 0, 0, 0, 0)
        | (0x64, 0xff9b, 1, ..) => of(g, h),
        (0x2002, high, low, ..) => of(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_link_local_and_multicast_addresses_are_blocked() {
        for address in [
            "127.0.0.1",
            "127.8.9.10",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "febf::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::127.0.0.1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001:0:1::1",
            "fd00:ec2::254",
        ] {
            assert!(!is_connectable(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn public_and_private_addresses_are_allowed_for_storage() {
        for address in [
            "192.0.2.1",
            "10.0.0.1",
            "172.30.0.10",
            "192.168.1.1",
            "100.64.0.1",
            "2001:db8::1",
            "fd12::1",
            "::ffff:10.0.0.1",
            "64:ff9b::192.0.2.1",
        ] {
            assert!(is_connectable(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn registrys_own_address_is_allowed() {
        let at = |url: &str| AddressRule::new(&Url::parse(url).unwrap());
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        assert!(at("https://127.0.0.1:5000").permits(loopback).await);
        assert!(
            at("https://127.0.0.1:5000")
                .permits("::ffff:127.0.0.1".parse().unwrap())
                .await
        );
        assert!(at("https://localhost:5000").permits(loopback).await);
        assert!(
            !at("https://127.0.0.1:5000")
                .permits("127.0.0.2".parse().unwrap())
                .await,
            "that very address only"
        );
        assert!(!at("https://192.0.2.1:5000").permits(loopback).await);
    }
}

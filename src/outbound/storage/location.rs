//! The target of a redirect to object storage.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::StorageError;

/// The longest `Location`. Signed URLs have one or two KiB.
const MAX_LOCATION_BYTES: usize = 8 << 10;

/// The URL of a blob in object storage. Its path and query can contain a signature, which is
/// equivalent to a password while it is valid: `Debug` and `Display` show the host only.
#[derive(Clone)]
pub struct StorageLocation {
    url: Url,
    host: String,
}

impl StorageLocation {
    /// Reads the `Location` of a response of the registry at `registry`.
    ///
    /// # Errors
    /// [`StorageError::InvalidLocation`] or [`StorageError::NotHttps`].
    pub fn parse(value: Option<&str>, registry: &Url) -> Result<Self, StorageError> {
        let value = value
            .filter(|value| value.len() <= MAX_LOCATION_BYTES)
            .ok_or(StorageError::InvalidLocation)?;
        let mut url = registry
            .join(value)
            .map_err(|_| StorageError::InvalidLocation)?;
        // A user name would be sent to the server.
        if !matches!(url.scheme(), "http" | "https")
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(StorageError::InvalidLocation);
        }
        if url.scheme() == "http" && registry.scheme() != "http" {
            return Err(StorageError::NotHttps);
        }
        url.set_fragment(None);
        let host = url.host_str().ok_or(StorageError::InvalidLocation)?;
        let host = url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok(Self { url, host })
    }

    /// The host, with its port if that is not the default. Untrusted.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The IP address, if the host is one and not a name.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }
}

impl fmt::Display for StorageLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)
    }
}

impl fmt::Debug for StorageLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StorageLocation")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

//! Where a redirect leads.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::StorageError;

/// The longest `Location`. Signed addresses have one or two KiB.
const MAX_LOCATION_BYTES: usize = 8 << 10;

/// The address of a blob in object storage. Its path and query can hold a signature, which is as
/// good as a password for as long as it is valid: `Debug` and `Display` show the host only.
#[derive(Clone)]
pub struct StorageLocation {
    url: Url,
    host: String,
}

impl StorageLocation {
    /// Reads the `Location` of an answer of the registry at `registry`.
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
        // Whatever the user name is for, it would be sent.
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

    /// Host and, where it is not the usual one, port. Untrusted.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The address that it names, where it is no host name.
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

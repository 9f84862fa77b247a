//! The certificate of the console: where it is read from, and what may be wrong with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use thiserror::Error;

use super::VariableSource;
use crate::config::reader::SettingsReader;

/// A certificate and its key, in PEM files. Both may be the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, followed by the intermediate ones.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Where the console looks for its certificate, in this order: the configured files, then the two
/// places of the old console.
#[derive(Clone, Debug)]
pub struct CertificateLocations {
    pub configured: Option<CertificateFiles>,
    /// A directory of `*.cert` files that contain certificate and key; the last by name is used.
    pub combined: PathBuf,
    /// A directory with `tls.crt` and `tls.key`: a mounted Secret.
    pub mounted: PathBuf,
}

/// Why the files cannot be used.
#[derive(Debug, Error)]
pub enum KeyPairError {
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// A file contains no certificate or no key in PEM form.
    #[error("{} contains no {what} in PEM format", path.display())]
    MissingPem {
        path: PathBuf,
        /// `certificate` or `private key`.
        what: &'static str,
    },
    /// PEM, but its content is not a certificate, or not a key of a supported kind.
    #[error("{} contains a {content} that cannot be used", path.display())]
    Unusable {
        path: PathBuf,
        /// `certificate` or `private key`.
        content: &'static str,
    },
    /// The key belongs to another certificate.
    #[error("the private key in {} does not belong to the certificate in {}", key.display(), certificate.display())]
    KeyMismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

impl CertificateLocations {
    /// The configured files, or the places of the old console.
    #[must_use]
    pub fn new(given: Option<CertificateFiles>) -> Self {
        Self {
            configured: given,
            combined: "/etc/cockpit/ws-certs.d".into(),
            mounted: "/var/run/secrets/ws-certs.d".into(),
        }
    }

    /// The files that are used now. `None` if there are none, so that a self-signed certificate is
    /// needed.
    #[must_use]
    pub fn find(&self, vars: &dyn VariableSource) -> Option<CertificateFiles> {
        if let Some(given) = &self.configured {
            return Some(given.clone());
        }
        let is_combined = |path: &PathBuf| path.extension().is_some_and(|end| end == "cert");
        if let Some(file) = vars
            .list_directory(&self.combined)
            .into_iter()
            .filter(is_combined)
            .max()
        {
            return Some(CertificateFiles {
                certificate: file.clone(),
                key: file,
            });
        }
        let (certificate, key) = (self.mounted.join("tls.crt"), self.mounted.join("tls.key"));
        let is_there = vars.read_file(&certificate).is_ok() && vars.read_file(&key).is_ok();
        is_there.then_some(CertificateFiles { certificate, key })
    }
}

impl CertificateFiles {
    /// The chain, the server's own certificate first, and its key.
    ///
    /// # Errors
    /// [`KeyPairError`].
    pub fn load(&self, vars: &dyn VariableSource) -> Result<CertifiedKey, KeyPairError> {
        let chain = self.load_chain(vars)?;
        let key = PrivateKeyDer::from_pem_slice(&read_file(vars, &self.key)?).map_err(|_| {
            KeyPairError::MissingPem {
                path: self.key.clone(),
                what: "private key",
            }
        })?;
        let key = ring::sign::any_supported_type(&key).map_err(|_| KeyPairError::Unusable {
            path: self.key.clone(),
            content: "private key",
        })?;
        let pair = CertifiedKey::new(chain, Arc::clone(&key));
        match pair.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
                Ok(pair)
            }
            Err(rustls::Error::InconsistentKeys(_)) => Err(KeyPairError::KeyMismatch {
                certificate: self.certificate.clone(),
                key: self.key.clone(),
            }),
            Err(_) => Err(KeyPairError::Unusable {
                path: self.certificate.clone(),
                content: "certificate",
            }),
        }
    }

    /// The certificates without the key.
    ///
    /// # Errors
    /// [`KeyPairError`], except for problems of the key.
    pub fn load_chain(
        &self,
        vars: &dyn VariableSource,
    ) -> Result<Vec<CertificateDer<'static>>, KeyPairError> {
        let no_pem = || KeyPairError::MissingPem {
            path: self.certificate.clone(),
            what: "certificate",
        };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&read_file(vars, &self.certificate)?)
            .collect::<Result<_, _>>()
            .map_err(|_| no_pem())?;
        if chain.is_empty() {
            Err(no_pem())
        } else {
            Ok(chain)
        }
    }

    /// Reports what is wrong with the files, for the variable that names them.
    pub(super) fn report_problems(&self, reader: &mut SettingsReader<'_>) -> Option<()> {
        let Err(error) = self.load(reader.vars()) else {
            return Some(());
        };
        let is_about_key = match &error {
            KeyPairError::Unreadable { path, .. }
            | KeyPairError::MissingPem { path, .. }
            | KeyPairError::Unusable { path, .. } => {
                *path == self.key && self.key != self.certificate
            }
            KeyPairError::KeyMismatch { .. } => true,
        };
        let named = reader.text("TLS_CERT_FILE").is_some();
        let variable = if is_about_key {
            "TLS_KEY_FILE"
        } else {
            "TLS_CERT_FILE"
        };
        let reason = match &error {
            KeyPairError::Unreadable { source, .. } => format!("{error} ({source})"),
            _ => error.to_string(),
        };
        reader.reject(
            variable,
            if named {
                format!("cannot be used: {reason}")
            } else {
                format!("is not set, and {reason}")
            },
        )
    }
}

fn read_file(vars: &dyn VariableSource, path: &Path) -> Result<Vec<u8>, KeyPairError> {
    vars.read_file(path)
        .map_err(|source| KeyPairError::Unreadable {
            path: path.to_owned(),
            source,
        })
}

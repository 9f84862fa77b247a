//! Where certificates are.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::config::CertificateFiles;

/// Where to look, in this order: what configuration names, else the old console's two places.
#[derive(Clone, Debug)]
pub struct Place {
    /// What configuration names.
    pub given: Option<CertificateFiles>,
    /// A directory of `*.cert` files that hold certificate and key; the last by name counts.
    pub combined: PathBuf,
    /// A directory with `tls.crt` and `tls.key`: a mounted secret.
    pub mounted: PathBuf,
    /// The name for a certificate that has to be made.
    pub host: String,
}

/// The files to read. They may be one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// Tells one state of the files from another, without keeping the key.
pub(super) type Fingerprint = [u8; 32];

impl Place {
    /// Where the old console looked.
    #[must_use]
    pub fn usual(given: Option<CertificateFiles>, host: &str) -> Self {
        Self { given, combined: "/etc/cockpit/ws-certs.d".into(), mounted: "/var/run/secrets/ws-certs.d".into(), host: host.to_owned() }
    }

    pub(super) fn find(&self) -> Option<Found> {
        if let Some(given) = &self.given {
            return Some(Found { certificate: given.certificate.clone(), key: given.key.clone() });
        }
        if let Some(file) = last_cert(&self.combined) {
            return Some(Found { certificate: file.clone(), key: file });
        }
        let (certificate, key) = (self.mounted.join("tls.crt"), self.mounted.join("tls.key"));
        (certificate.exists() && key.exists()).then_some(Found { certificate, key })
    }
}

fn last_cert(directory: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(directory).ok()?;
    entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "cert")).max()
}

impl Found {
    /// Of the content, not of its date: a mounted secret changes by a link to another directory.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        for path in [&self.certificate, &self.key] {
            hash.update(path.as_os_str().as_encoded_bytes());
            hash.update(Sha256::digest(fs::read(path).unwrap_or_default()));
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_given_files_come_before_the_combined_ones_and_those_before_the_mounted_ones() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        let mut place = Place { given: None, combined: at("combined"), mounted: at("mounted"), host: "console.example.com".to_owned() };
        assert_eq!(place.find(), None);
        fs::create_dir(&place.mounted).expect("made");
        fs::write(at("mounted/tls.crt"), "").expect("written");
        assert_eq!(place.find(), None, "a certificate without a key is none");
        fs::write(at("mounted/tls.key"), "").expect("written");
        assert_eq!(place.find(), Some(Found { certificate: at("mounted/tls.crt"), key: at("mounted/tls.key") }));
        fs::create_dir(&place.combined).expect("made");
        for name in ["combined/0-self-signed.cert", "combined/50-ours.cert", "combined/99.key"] {
            fs::write(at(name), "").expect("written");
        }
        assert_eq!(place.find(), Some(Found { certificate: at("combined/50-ours.cert"), key: at("combined/50-ours.cert") }));
        place.given = Some(CertificateFiles { certificate: at("a"), key: at("b") });
        assert_eq!(place.find(), Some(Found { certificate: at("a"), key: at("b") }));
    }
}

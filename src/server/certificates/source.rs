//! The files of a certificate.

use sha2::{Digest as _, Sha256};

use crate::config::{
    CertificateFiles, CertificateLocations, ProcessEnvironment, VariableSource as _,
};

/// Where the files are, and the host of a self-signed certificate if there are none.
#[derive(Clone, Debug)]
pub struct CertificateSource {
    pub locations: CertificateLocations,
    /// The host of a self-signed certificate.
    pub host: String,
}

/// Distinguishes states of the files without storing the key.
pub(super) type FileFingerprint = [u8; 32];

impl CertificateSource {
    /// The configured files, otherwise those in the directories of the old console.
    #[must_use]
    pub fn from_files_or_defaults(given: Option<CertificateFiles>, host: &str) -> Self {
        Self {
            locations: CertificateLocations::new(given),
            host: host.to_owned(),
        }
    }

    pub(super) fn find_files(&self) -> Option<CertificateFiles> {
        self.locations.find(&ProcessEnvironment)
    }
}

/// Of the content, not of the date: a mounted secret is replaced by changing a link to a directory.
pub(super) fn fingerprint(files: &CertificateFiles) -> FileFingerprint {
    let mut hash = Sha256::new();
    for path in [&files.certificate, &files.key] {
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update(Sha256::digest(
            ProcessEnvironment.read_file(path).unwrap_or_default(),
        ));
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn configured_files_precede_combined_and_mounted_ones() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        let places = CertificateLocations {
            configured: None,
            combined: at("combined"),
            mounted: at("mounted"),
        };
        let mut place = CertificateSource {
            locations: places,
            host: "console.example.com".to_owned(),
        };
        assert_eq!(place.find_files(), None);
        fs::create_dir(&place.locations.mounted).expect("made");
        fs::write(at("mounted/tls.crt"), "").expect("written");
        assert_eq!(
            place.find_files(),
            None,
            "a certificate without a key is none"
        );
        fs::write(at("mounted/tls.key"), "").expect("written");
        assert_eq!(
            place.find_files(),
            Some(CertificateFiles {
                certificate: at("mounted/tls.crt"),
                key: at("mounted/tls.key")
            })
        );
        fs::create_dir(&place.locations.combined).expect("made");
        for name in [
            "combined/0-self-signed.cert",
            "combined/50-ours.cert",
            "combined/99.key",
        ] {
            fs::write(at(name), "").expect("written");
        }
        assert_eq!(
            place.find_files(),
            Some(CertificateFiles {
                certificate: at("combined/50-ours.cert"),
                key: at("combined/50-ours.cert")
            })
        );
        place.locations.configured = Some(CertificateFiles {
            certificate: at("a"),
            key: at("b"),
        });
        assert_eq!(
            place.find_files(),
            Some(CertificateFiles {
                certificate: at("a"),
                key: at("b")
            })
        );
    }
}

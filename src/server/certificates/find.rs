//! Where certificates are.

use sha2::{Digest as _, Sha256};

use crate::config::{CertificateFiles, CertificatePlaces, Environment, Vars as _};

/// Where to look, and for whom to make one where there is none.
#[derive(Clone, Debug)]
pub struct Place {
    pub places: CertificatePlaces,
    /// The name for a certificate that has to be made.
    pub host: String,
}

/// Tells one state of the files from another, without keeping the key.
pub(super) type Fingerprint = [u8; 32];

impl Place {
    /// What configuration names, else where the old console looked.
    #[must_use]
    pub fn usual(given: Option<CertificateFiles>, host: &str) -> Self {
        Self {
            places: CertificatePlaces::new(given),
            host: host.to_owned(),
        }
    }

    pub(super) fn find(&self) -> Option<CertificateFiles> {
        self.places.find(&Environment)
    }
}

/// Of the content, not of its date: a mounted secret changes by a link to another directory.
pub(super) fn fingerprint(files: &CertificateFiles) -> Fingerprint {
    let mut hash = Sha256::new();
    for path in [&files.certificate, &files.key] {
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update(Sha256::digest(Environment.file(path).unwrap_or_default()));
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_given_files_come_before_the_combined_ones_and_those_before_the_mounted_ones() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        let places = CertificatePlaces {
            given: None,
            combined: at("combined"),
            mounted: at("mounted"),
        };
        let mut place = Place {
            places,
            host: "console.example.com".to_owned(),
        };
        assert_eq!(place.find(), None);
        fs::create_dir(&place.places.mounted).expect("made");
        fs::write(at("mounted/tls.crt"), "").expect("written");
        assert_eq!(place.find(), None, "a certificate without a key is none");
        fs::write(at("mounted/tls.key"), "").expect("written");
        assert_eq!(
            place.find(),
            Some(CertificateFiles {
                certificate: at("mounted/tls.crt"),
                key: at("mounted/tls.key")
            })
        );
        fs::create_dir(&place.places.combined).expect("made");
        for name in [
            "combined/0-self-signed.cert",
            "combined/50-ours.cert",
            "combined/99.key",
        ] {
            fs::write(at(name), "").expect("written");
        }
        assert_eq!(
            place.find(),
            Some(CertificateFiles {
                certificate: at("combined/50-ours.cert"),
                key: at("combined/50-ours.cert")
            })
        );
        place.places.given = Some(CertificateFiles {
            certificate: at("a"),
            key: at("b"),
        });
        assert_eq!(
            place.find(),
            Some(CertificateFiles {
                certificate: at("a"),
                key: at("b")
            })
        );
    }
}

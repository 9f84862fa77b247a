//! Certificates: where they are found, and how they change while the server runs.

mod find;
mod load;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use thiserror::Error;
use tokio::sync::watch;

pub use find::Place;

/// How often the files are looked at: twice within the minute that S43 allows.
pub const LOOK: Duration = Duration::from_secs(30);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file holds no certificate or no key in PEM form.
    #[error("{} holds no {what} in PEM form", path.display())]
    NoPem {
        /// The file.
        path: PathBuf,
        /// `certificate` or `private key`.
        what: &'static str,
    },
    /// They are there, but not of use: the key belongs to another certificate, or is of an unknown kind.
    #[error("the certificate and its key cannot be used")]
    Unusable(#[source] rustls::Error),
    /// Where there was a certificate, there is none any more.
    #[error("the certificate's file is gone")]
    Gone,
    /// None could be made.
    #[error("no certificate could be made")]
    NotMade(#[source] rcgen::Error),
}

/// The certificate to show now. Cheap to clone; clones change together.
#[derive(Clone)]
pub struct Certificates(Arc<Inner>);

struct Inner {
    place: Place,
    current: watch::Sender<Arc<ServerConfig>>,
    /// What the last look saw, so that the same mistake is told once.
    seen: Mutex<Option<find::Fingerprint>>,
}

impl Certificates {
    /// Finds the certificate, or makes one where there is none.
    ///
    /// # Errors
    /// There is one, but it cannot be used.
    pub fn open(place: Place) -> Result<Self, CertificateError> {
        let (config, seen) = match place.find() {
            Some(found) => (load::from_files(&found)?, Some(found.fingerprint())),
            None => (load::self_signed(&place.host)?, None),
        };
        Ok(Self(Arc::new(Inner { place, current: watch::Sender::new(config), seen: Mutex::new(seen) })))
    }

    /// What a handshake needs.
    #[must_use]
    pub fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.current.borrow())
    }

    /// Looks at the files. True if there is another certificate now; the last good one stays where the new one is of no use (R27).
    ///
    /// # Errors
    /// The files changed to something that cannot be used. The same state of the files is told only once.
    pub fn reload(&self) -> Result<bool, CertificateError> {
        let found = self.0.place.find();
        let fingerprint = found.as_ref().map(find::Found::fingerprint);
        let previous = std::mem::replace(&mut *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner), fingerprint);
        if previous == fingerprint {
            return Ok(false);
        }
        let config = load::from_files(&found.ok_or(CertificateError::Gone)?)?;
        self.0.current.send_replace(config);
        Ok(true)
    }

    /// Reloads every `span`, for ever.
    pub async fn keep_fresh(&self, span: Duration) {
        loop {
            tokio::time::sleep(span).await;
            let certificates = self.clone();
            match tokio::task::spawn_blocking(move || certificates.reload()).await {
                Ok(Ok(true)) => tracing::info!("showing a new certificate"),
                Ok(Ok(false)) => {}
                Ok(Err(error)) => {
                    metrics::counter!("registry_console_certificate_errors_total").increment(1);
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the new certificate is of no use; still showing the last one"
                    );
                }
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "cannot look at the certificate"),
            }
        }
    }
}

//! Certificates: where they are read from, and how they are replaced while the server runs.

mod load;
mod source;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use thiserror::Error;
use tokio::sync::watch;

use crate::config::KeyPairError;
use crate::outbound::certificate_chain::Certificate;
use registry_model::Clock;

pub use source::CertificateSource;

/// How often the files are checked: twice within the minute that S43 allows.
pub const RELOAD_INTERVAL: Duration = Duration::from_secs(30);

/// The host in a self-signed certificate if the address of the console is not known.
pub const FALLBACK_HOST: &str = "localhost";

/// How long before the end of its validity a certificate is reported.
const EXPIRY_WARNING_PERIOD: TimeDelta = TimeDelta::days(30);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// The files cannot be used.
    #[error(transparent)]
    KeyPairFiles(#[from] KeyPairError),
    /// TLS cannot be configured with them.
    #[error("the certificate and its key cannot be used")]
    InvalidKeyPair(#[source] rustls::Error),
    /// The files of the certificate were deleted.
    #[error("the certificate's file does not exist any more")]
    FilesMissing,
    /// A self-signed certificate could not be created.
    #[error("cannot create a certificate")]
    SelfSigning(#[source] rcgen::Error),
}

/// The certificate in use. Cheap to clone; clones are replaced together.
#[derive(Clone)]
pub struct Certificates(Arc<CertificateStore>);

struct CertificateStore {
    source: CertificateSource,
    current: watch::Sender<ActiveCertificate>,
    /// The state of the files at the last check, so that the same error is reported once.
    file_fingerprint: Mutex<Option<source::FileFingerprint>>,
}

/// The certificate in use.
#[derive(Clone)]
struct ActiveCertificate {
    config: Arc<ServerConfig>,
    /// The server's own certificate.
    certificate: Option<CertificateDer<'static>>,
}

impl Certificates {
    /// Loads the certificate, or creates a self-signed one if there is none.
    ///
    /// # Errors
    /// There is one, but it cannot be used.
    pub fn open(source: CertificateSource) -> Result<Self, CertificateError> {
        let (config, fingerprint) = match source.find_files() {
            Some(files) => (
                load::load_from_files(&files)?,
                Some(source::fingerprint(&files)),
            ),
            None => (load::make_self_signed(&source.host)?, None),
        };
        Ok(Self(Arc::new(CertificateStore {
            source,
            current: watch::Sender::new(config),
            file_fingerprint: Mutex::new(fingerprint),
        })))
    }

    /// The configuration of a handshake.
    #[must_use]
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.current.borrow().config)
    }

    /// The certificate in use, if it can be parsed.
    #[must_use]
    pub fn active_certificate(&self) -> Option<Certificate> {
        Certificate::parse(self.0.current.borrow().certificate.as_ref()?)
    }

    /// Logs the certificate and its end, and records it in the metrics.
    pub fn log_certificate(&self, now: DateTime<Utc>) {
        let Some(certificate) = self.active_certificate() else {
            return;
        };
        metrics::gauge!("registry_console_certificate_expiry_timestamp_seconds")
            .set(certificate.not_after.timestamp() as f64);
        let (subject, names) = (certificate.subject.as_str(), certificate.names.join(", "));
        let until = certificate
            .not_after
            .to_rfc3339_opts(SecondsFormat::Secs, true);
        let file = self.0.source.find_files().map_or_else(
            || "none: made at start".to_owned(),
            |files| files.certificate.display().to_string(),
        );
        if certificate.not_after < now {
            tracing::error!(
                certificate_file = file,
                subject,
                dns_names = names,
                not_after = until,
                "the console's certificate has expired: browsers refuse it; replace it"
            );
        } else if certificate.not_before > now {
            tracing::error!(
                certificate_file = file,
                subject,
                dns_names = names,
                not_after = until,
                "the console's certificate is not valid yet: browsers refuse it"
            );
        } else if certificate.not_after - now < EXPIRY_WARNING_PERIOD {
            tracing::warn!(
                certificate_file = file,
                subject,
                dns_names = names,
                not_after = until,
                "the console's certificate expires within 30 days; replace it"
            );
        } else if self.0.source.host != FALLBACK_HOST
            && !certificate.is_valid_for_host(&self.0.source.host)
        {
            let host = self.0.source.host.as_str();
            tracing::warn!(
                certificate_file = file,
                subject,
                dns_names = names,
                not_after = until,
                host,
                "the console's certificate is for another host than the console's address"
            );
        } else {
            tracing::info!(
                certificate_file = file,
                subject,
                dns_names = names,
                not_after = until,
                "the console's certificate"
            );
        }
    }

    /// Checks the files. Returns `true` if the certificate was replaced. If the new one cannot be
    /// used, the previous one stays (R27).
    ///
    /// # Errors
    /// The files changed and cannot be used. The same state of the files is reported only once.
    pub fn reload(&self) -> Result<bool, CertificateError> {
        let files = self.0.source.find_files();
        let fingerprint = files.as_ref().map(source::fingerprint);
        let previous = std::mem::replace(
            &mut *self
                .0
                .file_fingerprint
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
            fingerprint,
        );
        if previous == fingerprint {
            return Ok(false);
        }
        let config = load::load_from_files(&files.ok_or(CertificateError::FilesMissing)?)?;
        self.0.current.send_replace(config);
        Ok(true)
    }

    /// Reloads every `span`, for ever.
    pub async fn run_reload(&self, span: Duration, clock: &Clock) {
        loop {
            tokio::time::sleep(span).await;
            let certificates = self.clone();
            match tokio::task::spawn_blocking(move || certificates.reload()).await {
                Ok(Ok(true)) => {
                    tracing::info!("using a new certificate");
                    self.log_certificate(clock.now());
                }
                Ok(Ok(false)) => {}
                Ok(Err(error)) => {
                    metrics::counter!("registry_console_certificate_reload_errors_total")
                        .increment(1);
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "cannot load the new certificate; keeping the previous one"
                    );
                }
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "cannot check the certificate"
                ),
            }
        }
    }
}

//! Whether an ordinary OCI client can pull from the registry at its public address.
//!
//! The probe uses an implementation that is independent of the console's own registry client, with
//! the user's token, as `docker pull` would. It asks for the digest of one manifest (`HEAD`), and
//! nothing else: the client bounds no body. The token is sent only to a host that shows a trusted
//! certificate and answers as OpenShift's integrated registry.

use std::time::Duration;

use oci_distribution::client::{Certificate, CertificateEncoding, ClientConfig};
use oci_distribution::errors::{OciDistributionError, OciErrorCode};
use oci_distribution::secrets::RegistryAuth;
use oci_distribution::{Client, Reference};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::time::timeout;

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use crate::app::AppForUser;
use crate::app::doctor::check_result::CheckResult;
use crate::app::remediation;
use crate::config::Trust;
use crate::openshift::AccessRight;
use registry_model::{ImageStreamName, ProjectName, TagName};

const CHECK_ID: &str = "oci-pull";
/// How many image streams are considered, the latest first, until the user may pull from one.
const MAX_STREAMS: usize = 6;
/// The time limit of the preparation, and of the pull: half of a check's each.
const PHASE_TIMEOUT: Duration = Duration::from_millis(2_500);

impl AppForUser<'_> {
    /// Pulls the digest of an image that the user may pull. `None` if no public address is
    /// configured.
    pub(super) async fn oci_pull_finding(&self, settings: &Settings) -> Option<Finding> {
        let host = settings.registry.public_host.as_deref()?;
        let registry = settings.public_registry(&settings.public_url()?);
        let (probe, image) = tokio::join!(
            async {
                timeout(PHASE_TIMEOUT, registry.ok()?.probe())
                    .await
                    .ok()?
                    .ok()
            },
            timeout(PHASE_TIMEOUT, self.find_pullable_image(host))
        );
        let Some(probe) = probe else {
            return Some(new_finding(CheckResult::NotReached));
        };
        let client = new_client(&settings.public_trust()).filter(|_| probe.is_integrated);
        let (Some(client), Ok(Some(image))) = (client, image) else {
            return Some(new_finding(CheckResult::OciPullNotTried));
        };
        let auth = RegistryAuth::Bearer(self.token.expose().to_owned());
        let pulled = timeout(PHASE_TIMEOUT, client.fetch_manifest_digest(&image, &auth)).await;
        let finding = match pulled {
            Ok(Ok(digest)) => {
                new_finding(CheckResult::OciPullWorks).with_fact(FactName::Digest, digest)
            }
            Ok(Err(error)) => new_finding(classify(&error))
                .with_fact(FactName::Problem, error_text(&error))
                .with_commands(remediation::show_registry_log()),
            Err(_) => {
                new_finding(CheckResult::Late).with_commands(remediation::show_registry_log())
            }
        };
        Some(finding.with_fact(FactName::Image, image.whole()))
    }

    /// A tag with an image, of the latest streams whose projects the user may pull from.
    async fn find_pullable_image(&self, host: &str) -> Option<Reference> {
        let visible = self.visible_streams().await.ok()?;
        let candidates: Vec<(ProjectName, ImageStreamName, TagName)> = visible
            .streams
            .latest_streams(MAX_STREAMS)
            .into_iter()
            .filter_map(|entry| {
                let stream = &entry.stream;
                let tag = stream.tags().find(|tag| tag.current().is_some())?;
                Some((
                    stream.project.clone(),
                    stream.name.clone(),
                    tag.name().clone(),
                ))
            })
            .collect();
        for (project, stream, tag) in candidates {
            let [may_pull] = self
                .review_access([AccessRight::pull_from(project.clone())])
                .await;
            if may_pull {
                let repository = format!("{project}/{stream}");
                let reference = Reference::with_tag(host.to_owned(), repository, tag.to_string());
                return Some(reference);
            }
        }
        None
    }
}

fn new_finding(result: CheckResult) -> Finding {
    Finding::new(CHECK_ID, Component::PublicRegistry, result)
}

/// A client for one probe: it keeps tokens by registry and not by user. `None` where the
/// certificate of the registry would not be verified, or the configured certificates cannot be
/// read.
fn new_client(trust: &Trust) -> Option<Client> {
    let (extra, only) = match trust {
        Trust::System => (Vec::new(), Vec::new()),
        Trust::SystemAnd(pem) => (read_certificates(pem)?, Vec::new()),
        Trust::Only(pem) => (Vec::new(), read_certificates(pem)?),
        Trust::Unverified => return None,
    };
    let config = ClientConfig {
        extra_root_certificates: extra,
        tls_certs_only: only,
        connect_timeout: Some(PHASE_TIMEOUT),
        read_timeout: Some(PHASE_TIMEOUT),
        // Tokens are sent to the registry itself. A proxy that is set here replaces the one of the
        // environment; no request uses it.
        https_proxy: Some("http://localhost".to_owned()),
        no_proxy: Some("*,0.0.0.0/0,::/0".to_owned()),
        user_agent: concat!("registry-console/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    };
    Client::try_from(config).ok()
}

fn read_certificates(pem: &str) -> Option<Vec<Certificate>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|certificate| {
            certificate.ok().map(|der| Certificate {
                encoding: CertificateEncoding::Der,
                data: der.to_vec(),
            })
        })
        .collect()
}

fn classify(error: &OciDistributionError) -> CheckResult {
    match error {
        OciDistributionError::UnauthorizedError { .. }
        | OciDistributionError::AuthenticationFailure(_)
        | OciDistributionError::ServerError { code: 403, .. } => CheckResult::OciPullDenied,
        OciDistributionError::RegistryError { envelope, .. } => {
            let has = |codes: &[OciErrorCode]| {
                envelope
                    .errors
                    .iter()
                    .any(|error| codes.contains(&error.code))
            };
            if has(&[OciErrorCode::Unauthorized, OciErrorCode::Denied]) {
                CheckResult::OciPullDenied
            } else if has(&[
                OciErrorCode::ManifestUnknown,
                OciErrorCode::NameUnknown,
                OciErrorCode::NotFound,
            ]) {
                CheckResult::OciPullNotFound
            } else {
                CheckResult::OciPullFailed
            }
        }
        OciDistributionError::ImageManifestNotFoundError(_)
        | OciDistributionError::ServerError { code: 404, .. } => CheckResult::OciPullNotFound,
        // The check of the certificate reports why there is no connection.
        OciDistributionError::RequestError(error) if error.is_connect() => CheckResult::NotReached,
        OciDistributionError::RequestError(error) if error.is_timeout() => CheckResult::Late,
        _ => CheckResult::OciPullFailed,
    }
}

/// The error with its causes.
fn error_text(error: &OciDistributionError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_not_sent_without_certificate_verification() {
        assert!(new_client(&Trust::Unverified).is_none());
        assert!(
            new_client(&Trust::SystemAnd(
                "-----BEGIN CERTIFICATE-----\n".to_owned()
            ))
            .is_none()
        );
    }

    #[test]
    fn refusal_of_the_registry_is_told_from_a_missing_image() {
        let server_error = |code| OciDistributionError::ServerError {
            code,
            url: String::new(),
            message: String::new(),
        };
        let unauthorized = OciDistributionError::UnauthorizedError { url: String::new() };
        for (error, result) in [
            (unauthorized, CheckResult::OciPullDenied),
            (server_error(403), CheckResult::OciPullDenied),
            (server_error(404), CheckResult::OciPullNotFound),
            (server_error(503), CheckResult::OciPullFailed),
        ] {
            assert_eq!(classify(&error), result, "{error}");
        }
    }
}

//! The certificate that the console itself presents.

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use super::tls::EXPIRY_WARNING_PERIOD;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::clock_skew::format_time;
use crate::app::remediation;
use crate::config::{CertificateFiles, CertificateLocations, ProcessEnvironment};
use crate::outbound::certificate_chain::Certificate;
use registry_model::Clock;

const CHECK_ID: &str = "certificate";

/// Whether browsers and routes accept it. `None` if there is none.
pub(super) async fn certificate_finding(settings: &Settings, clock: &Clock) -> Option<Finding> {
    let places = settings.certificate.clone()?;
    let read = tokio::task::spawn_blocking(move || read_certificate(&places))
        .await
        .ok()?;
    let Some((files, certificate)) = read else {
        return Some(
            Finding::new(CHECK_ID, Component::Console, CheckResult::CertificateMade)
                .with_command(settings.installation().set_certificate()),
        );
    };
    let finding = |result| {
        let file = format!("TLS_CERT_FILE={}", files.certificate.display());
        Finding::new(CHECK_ID, Component::Console, result).with_fact(FactName::Setting, file)
    };
    Some(match certificate {
        Err(problem) => finding(CheckResult::CertificateUnusable)
            .with_fact(FactName::Problem, problem)
            .with_command(settings.installation().set_certificate()),
        Ok(certificate) => {
            let result = check_certificate(settings, &certificate, clock);
            let finding = finding(result)
                .with_fact(FactName::Certificate, &certificate.subject)
                .with_fact(FactName::Issued, &certificate.issuer)
                .with_fact(FactName::Names, certificate.names.join(", "))
                .with_fact(FactName::ValidFrom, format_time(certificate.not_before))
                .with_fact(FactName::ValidUntil, format_time(certificate.not_after))
                .with_fact(FactName::Fingerprint, &certificate.fingerprint);
            finding
                .with_optional_fact(
                    FactName::Address,
                    settings.address.as_ref().map(remediation::origin),
                )
                .with_command(settings.installation().set_certificate())
        }
    })
}

/// The files that are used, and the certificate in them or what is wrong with them.
fn read_certificate(
    places: &CertificateLocations,
) -> Option<(CertificateFiles, Result<Certificate, String>)> {
    let files = places.find(&ProcessEnvironment)?;
    let certificate = match files.load(&ProcessEnvironment) {
        Ok(pair) => pair
            .cert
            .first()
            .and_then(Certificate::parse)
            .ok_or_else(|| "the certificate cannot be read".to_owned()),
        Err(error) => Err(crate::telemetry::ErrorChain(&error).to_string()),
    };
    Some((files, certificate))
}

fn check_certificate(settings: &Settings, certificate: &Certificate, clock: &Clock) -> CheckResult {
    let now = clock.now();
    let host = settings
        .address
        .as_ref()
        .and_then(|address| address.host_str());
    // The name that the service CA of the cluster certifies, which a reencrypt route expects.
    let service = format!("registry-console.{}.svc", settings.installation().project);
    if certificate.not_after < now {
        CheckResult::CertificateExpired
    } else if certificate.not_before > now {
        CheckResult::CertificateNotYetValid
    } else if certificate.not_after - now < EXPIRY_WARNING_PERIOD {
        CheckResult::CertificateExpiresSoon
    } else if host.is_none_or(|host| certificate.is_valid_for_host(host)) {
        CheckResult::CertificateGood
    } else if certificate.is_valid_for_host(&service) {
        CheckResult::CertificateOfService
    } else {
        CheckResult::CertificateOtherName
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::config::{Config, FixedVariables};

    #[test]
    fn certificate_expires_soon_within_thirty_days() {
        let vars = FixedVariables::default()
            .with_var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
            .with_var("OPENSHIFT_OAUTH_PROVIDER_URL", "https://api.example.com");
        let settings =
            Settings::from_config(&Config::from_variables(&vars).unwrap(), "/oauth/callback");
        let first = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
        let last = first + TimeDelta::days(90);
        let (subject, issuer, fingerprint, pem) = Default::default();
        let certificate = Certificate {
            subject,
            issuer,
            names: Vec::new(),
            not_before: first,
            not_after: last,
            fingerprint,
            is_authority: false,
            pem,
        };
        let second = TimeDelta::seconds(1);
        for (now, expected) in [
            (first - second, CheckResult::CertificateNotYetValid),
            (first, CheckResult::CertificateGood),
            (last - EXPIRY_WARNING_PERIOD, CheckResult::CertificateGood),
            (
                last - EXPIRY_WARNING_PERIOD + second,
                CheckResult::CertificateExpiresSoon,
            ),
            (last, CheckResult::CertificateExpiresSoon),
            (last + second, CheckResult::CertificateExpired),
        ] {
            assert_eq!(
                check_certificate(&settings, &certificate, &Clock::fixed_at(now)),
                expected,
                "{now}"
            );
        }
    }
}

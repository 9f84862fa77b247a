//! The certificate that the console itself shows.

use super::clocks::moment;
use super::finding::{About, FactName, Finding};
use super::run;
use super::settings::Settings;
use super::tls::SOON;
use super::what::What;
use crate::config::{CertificateFiles, CertificatePlaces, Environment};
use crate::outbound::chain::Certificate;
use registry_model::Clock;

const ID: &str = "certificate";

/// What a browser or a route makes of it. Nothing where there is none.
pub(super) async fn look(settings: &Settings, clock: &Clock) -> Option<Finding> {
    let places = settings.certificate.clone()?;
    let read = tokio::task::spawn_blocking(move || read(&places))
        .await
        .ok()?;
    let Some((files, certificate)) = read else {
        return Some(
            Finding::new(ID, About::Console, What::CertificateMade)
                .runs(run::give_certificate(settings)),
        );
    };
    let finding = |what| {
        let file = format!("TLS_CERT_FILE={}", files.certificate.display());
        Finding::new(ID, About::Console, what).fact(FactName::Setting, file)
    };
    Some(match certificate {
        Err(problem) => finding(What::CertificateUnusable)
            .fact(FactName::Problem, problem)
            .runs(run::give_certificate(settings)),
        Ok(certificate) => {
            let what = judge(settings, &certificate, clock);
            let finding = finding(what)
                .fact(FactName::Certificate, &certificate.subject)
                .fact(FactName::Issued, &certificate.issuer)
                .fact(FactName::Names, certificate.names.join(", "))
                .fact(FactName::ValidFrom, moment(certificate.not_before))
                .fact(FactName::ValidUntil, moment(certificate.not_after))
                .fact(FactName::Fingerprint, &certificate.fingerprint);
            finding
                .maybe(
                    FactName::Address,
                    settings.address.as_ref().map(run::origin),
                )
                .runs(run::give_certificate(settings))
        }
    })
}

/// The files that count, and the certificate in them or what is wrong with them.
fn read(places: &CertificatePlaces) -> Option<(CertificateFiles, Result<Certificate, String>)> {
    let files = places.find(&Environment)?;
    let certificate = match files.read(&Environment) {
        Ok(pair) => pair
            .cert
            .first()
            .and_then(Certificate::read)
            .ok_or_else(|| "the certificate cannot be read".to_owned()),
        Err(error) => Err(crate::telemetry::Chain(&error).to_string()),
    };
    Some((files, certificate))
}

fn judge(settings: &Settings, certificate: &Certificate, clock: &Clock) -> What {
    let now = clock.now();
    let host = settings
        .address
        .as_ref()
        .and_then(|address| address.host_str());
    // The name that the service CA of the cluster certifies: what a route that encrypts anew wants
    // to see.
    let service = format!("registry-console.{}.svc", settings.project());
    if certificate.not_after < now {
        What::CertificateExpired
    } else if certificate.not_before > now {
        What::CertificateNotYetValid
    } else if certificate.not_after - now < SOON {
        What::CertificateExpiresSoon
    } else if host.is_none_or(|host| certificate.is_for(host)) {
        What::CertificateGood
    } else if certificate.is_for(&service) {
        What::CertificateOfService
    } else {
        What::CertificateOtherName
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::config::{Config, Fixed};

    #[test]
    fn a_certificate_is_judged_to_the_second_and_expires_soon_for_thirty_days() {
        let vars = Fixed::default()
            .var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
            .var("OPENSHIFT_OAUTH_PROVIDER_URL", "https://api.example.com");
        let settings = Settings::of(&Config::read(&vars).unwrap(), "/oauth/callback");
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
            (first - second, What::CertificateNotYetValid),
            (first, What::CertificateGood),
            (last - SOON, What::CertificateGood),
            (last - SOON + second, What::CertificateExpiresSoon),
            (last, What::CertificateExpiresSoon),
            (last + second, What::CertificateExpired),
        ] {
            assert_eq!(
                judge(&settings, &certificate, &Clock::standing_at(now)),
                expected,
                "{now}"
            );
        }
    }
}

//! Which of the configured certificate authorities signed the certificate of the registry's public
//! address.
//!
//! The console offers only a configured certificate for download, and only while the chain that the
//! registry presents leads to it. A certificate that a server merely presents proves nothing: a
//! host between the two could present another.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;
use utoipa::ToSchema;

use crate::app::failure::Upstream;
use crate::config::Trust;
use crate::outbound::certificate_chain::{
    Certificate, ChainFault, InspectionError, PresentedChain, TrustVerdict, inspect,
};
use registry_model::Clock;

/// The time limit of one inspection.
const INSPECTION_TIMEOUT: Duration = Duration::from_millis(1_500);
/// How long a result is reused, so that the registry is inspected no more often than that, however
/// many users ask.
const RESULT_TTL: TimeDelta = TimeDelta::seconds(60);
/// How long a result is reused that says nothing.
const FAILURE_TTL: TimeDelta = TimeDelta::seconds(10);

/// The authority of the registry's certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum RegistryAuthority {
    /// A configured authority: clients that trust it trust the registry.
    Known {
        certificate: Box<Certificate>,
        /// The server that it is configured for.
        of: Upstream,
        /// Whether clients will refuse the registry nevertheless, because its certificate is for
        /// another name.
        wrong_name: bool,
        /// Whether clients will refuse it because a certificate of the chain has expired.
        expired: bool,
    },
    /// An authority that computers trust by default, as far as this one does. Nothing has to be
    /// done.
    Public {
        /// Its name. Untrusted.
        name: String,
    },
    /// No configured authority. What the server presented is not verified by anything.
    Unknown {
        /// The certificates that the server presented. Untrusted.
        shown: Vec<ShownCertificate>,
    },
    /// The registry presents the very certificate that is configured as an authority. It signs
    /// nothing but itself.
    OnlyItself {
        /// That certificate. Untrusted.
        shown: Vec<ShownCertificate>,
    },
    NotSeen {
        why: InspectionError,
    },
    /// `REGISTRY_HOST` is not configured.
    NoHost,
}

/// What is shown of a certificate that no known authority has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownCertificate {
    /// Its subject, as it says itself.
    pub subject: String,
    /// Its SHA-256 fingerprint.
    pub fingerprint: String,
}

/// The configured authorities, and the latest result of an inspection. Cheap to clone; clones share
/// it.
#[derive(Clone, Debug)]
pub struct Authorities(Arc<AuthoritiesInner>);

#[derive(Debug)]
struct AuthoritiesInner {
    host: Option<String>,
    bundles: Vec<(Upstream, Vec<CertificateDer<'static>>)>,
    /// All configured certificates, PEM.
    all_pem: String,
    clock: Clock,
    last_result: Mutex<Option<(DateTime<Utc>, RegistryAuthority)>>,
}

impl Authorities {
    /// The authorities that are configured for each server. The first server that has a certificate
    /// is named as its source.
    #[must_use]
    pub fn new(host: Option<String>, trusts: &[(Upstream, &Trust)], clock: Clock) -> Self {
        let pems = trusts.iter().filter_map(|(upstream, trust)| match trust {
            Trust::Only(pem) | Trust::SystemAnd(pem) => Some((*upstream, pem.as_str())),
            Trust::System | Trust::Unverified => None,
        });
        let pems: Vec<(Upstream, &str)> = pems.collect();
        let all = pems
            .iter()
            .map(|(_, pem)| *pem)
            .collect::<Vec<_>>()
            .join("\n");
        let bundles = pems
            .into_iter()
            .map(|(upstream, pem)| (upstream, parse_pem_certificates(pem)))
            .collect();
        Self(Arc::new(AuthoritiesInner {
            host,
            bundles,
            all_pem: all,
            clock,
            last_result: Mutex::new(None),
        }))
    }

    /// The authority of the registry's certificate. Inspects the registry at most once a minute for
    /// all users.
    pub async fn registry_authority(&self) -> RegistryAuthority {
        let inner = &self.0;
        let url = inner
            .host
            .as_deref()
            .and_then(|host| Url::parse(&format!("https://{host}/")).ok());
        let Some(url) = url else {
            return RegistryAuthority::NoHost;
        };
        let mut last_result = inner.last_result.lock().await;
        let now = inner.clock.now();
        if let Some((until, authority)) = last_result.as_ref().filter(|(until, _)| now < *until) {
            tracing::trace!(%until, "using the cached inspection of the registry's certificate");
            return authority.clone();
        }
        let (authority, ttl) = match inspect(
            &url,
            &Trust::Only(inner.all_pem.clone()),
            now,
            INSPECTION_TIMEOUT,
        )
        .await
        {
            Ok(presented) => (inner.find_authority(presented), RESULT_TTL),
            Err(why) => (RegistryAuthority::NotSeen { why }, FAILURE_TTL),
        };
        *last_result = Some((now + ttl, authority.clone()));
        authority
    }
}

impl AuthoritiesInner {
    fn find_authority(&self, presented: PresentedChain) -> RegistryAuthority {
        let shown = || {
            presented
                .chain
                .iter()
                .map(ShownCertificate::from_certificate)
                .collect()
        };
        let Some(certificate) = &presented.configured else {
            return match presented.system {
                Some(system) => RegistryAuthority::Public {
                    name: system.subject,
                },
                None => RegistryAuthority::Unknown { shown: shown() },
            };
        };
        let is_own = presented
            .chain
            .first()
            .is_some_and(|own| own.fingerprint == certificate.fingerprint);
        if is_own || !certificate.is_authority {
            return RegistryAuthority::OnlyItself { shown: shown() };
        }
        let has = |fault| matches!(&presented.verdict, TrustVerdict::Untrusted(faults) if faults.contains(&fault));
        let (wrong_name, expired) = (has(ChainFault::WrongName), has(ChainFault::Expired));
        match self.configured_for(certificate) {
            Some(upstream) => RegistryAuthority::Known {
                certificate: Box::new(certificate.clone()),
                of: upstream,
                wrong_name,
                expired,
            },
            None => RegistryAuthority::Unknown { shown: shown() },
        }
    }

    /// The server that the certificate is configured for. It is looked up in the configuration
    /// again, byte by byte, before it is offered for download.
    fn configured_for(&self, certificate: &Certificate) -> Option<Upstream> {
        let certificates = parse_pem_certificates(&certificate.pem);
        let has = |bundle: &[CertificateDer<'static>]| {
            !certificates.is_empty()
                && certificates
                    .iter()
                    .all(|certificate| bundle.contains(certificate))
        };
        self.bundles
            .iter()
            .find(|(_, bundle)| has(bundle))
            .map(|(upstream, _)| *upstream)
    }
}

impl ShownCertificate {
    fn from_certificate(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject.clone(),
            fingerprint: certificate.fingerprint.clone(),
        }
    }
}

fn parse_pem_certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .filter_map(Result::ok)
        .collect()
}

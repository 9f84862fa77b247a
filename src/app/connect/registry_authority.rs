//! Which of the authorities that the console was given vouches for the registry as people outside
//! reach it.
//!
//! Only a certificate that was configured is ever handed on, and only while the chain that the
//! registry really shows leads to it. What a server merely shows proves nothing: anybody in between
//! could show as much.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

use crate::app::failure::Upstream;
use crate::config::Trust;
use crate::outbound::certificate_chain::{
    Certificate, ChainFault, InspectionError, PresentedChain, TrustVerdict, inspect,
};
use registry_model::Clock;

/// How long a look may take.
const INSPECTION_TIMEOUT: Duration = Duration::from_millis(1_500);
/// How long what was seen counts: whoever asks, and however often, the registry is not bothered
/// more.
const RESULT_TTL: TimeDelta = TimeDelta::seconds(60);
/// The same where nothing was seen.
const FAILURE_TTL: TimeDelta = TimeDelta::seconds(10);

/// Who vouches for the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum RegistryAuthority {
    /// An authority of the configuration: clients that trust it trust the registry.
    Known {
        certificate: Box<Certificate>,
        /// For which server it was configured.
        of: Upstream,
        /// Clients will refuse the registry all the same: its certificate is for another name.
        wrong_name: bool,
        /// The same, because a certificate of the chain is too old.
        expired: bool,
    },
    /// One that machines trust by themselves, as far as this one does. Nothing has to be done.
    Public {
        /// Its name. Untrusted.
        name: String,
    },
    /// None that the console was given. What was shown is not verified by anything.
    Unknown {
        /// What was shown. Untrusted.
        shown: Vec<ShownCertificate>,
    },
    /// The registry shows the very certificate that was configured as an authority: it vouches for
    /// nobody but itself.
    OnlyItself {
        /// That certificate. Untrusted.
        shown: Vec<ShownCertificate>,
    },
    NotSeen {
        why: InspectionError,
    },
    /// The console has not been told what people outside call the registry.
    NoHost,
}

/// What is told of a certificate that nobody vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownCertificate {
    /// Whose it says it is.
    pub subject: String,
    /// Its SHA-256.
    pub fingerprint: String,
}

/// The authorities of the configuration, and what was last seen. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct Authorities(Arc<AuthoritiesInner>);

#[derive(Debug)]
struct AuthoritiesInner {
    host: Option<String>,
    bundles: Vec<(Upstream, Vec<CertificateDer<'static>>)>,
    /// All of them, PEM.
    all_pem: String,
    clock: Clock,
    last_result: Mutex<Option<(DateTime<Utc>, RegistryAuthority)>>,
}

impl Authorities {
    /// Those that the configuration has for each server; the first that has a certificate is named
    /// as its source.
    #[must_use]
    pub fn new(host: Option<String>, trusts: &[(Upstream, &Trust)], clock: Clock) -> Self {
        let pems = trusts.iter().filter_map(|(of, trust)| match trust {
            Trust::Only(pem) | Trust::SystemAnd(pem) => Some((*of, pem.as_str())),
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
            .map(|(of, pem)| (of, parse_pem_certificates(pem)))
            .collect();
        Self(Arc::new(AuthoritiesInner {
            host,
            bundles,
            all_pem: all,
            clock,
            last_result: Mutex::new(None),
        }))
    }

    /// Who vouches for the registry. Asks it at most once a minute, for everybody together.
    pub async fn registry_authority(&self) -> RegistryAuthority {
        let inner = &self.0;
        let url = inner
            .host
            .as_deref()
            .and_then(|host| Url::parse(&format!("https://{host}/")).ok());
        let Some(url) = url else {
            return RegistryAuthority::NoHost;
        };
        let mut seen = inner.last_result.lock().await;
        let now = inner.clock.now();
        if let Some((until, authority)) = seen.as_ref().filter(|(until, _)| now < *until) {
            tracing::trace!(%until, "the registry's chain was seen a moment ago");
            return authority.clone();
        }
        let (authority, counts_for) = match inspect(
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
        *seen = Some((now + counts_for, authority.clone()));
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
            Some(of) => RegistryAuthority::Known {
                certificate: Box::new(certificate.clone()),
                of,
                wrong_name,
                expired,
            },
            None => RegistryAuthority::Unknown { shown: shown() },
        }
    }

    /// For which server it was configured. It is looked for in the configuration once more, byte by
    /// byte, before it is handed on.
    fn configured_for(&self, certificate: &Certificate) -> Option<Upstream> {
        let wanted = parse_pem_certificates(&certificate.pem);
        let has = |bundle: &[CertificateDer<'static>]| {
            !wanted.is_empty() && wanted.iter().all(|wanted| bundle.contains(wanted))
        };
        self.bundles
            .iter()
            .find(|(_, bundle)| has(bundle))
            .map(|(of, _)| *of)
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

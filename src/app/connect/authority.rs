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
use crate::outbound::chain::{Certificate, ChainFault, NotShown, Presented, Verdict, look};
use registry_model::Clock;

/// How long a look may take.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long what was seen counts: whoever asks, and however often, the registry is not bothered
/// more.
const SEEN_FOR: TimeDelta = TimeDelta::seconds(60);
/// The same where nothing was seen.
const MISSED_FOR: TimeDelta = TimeDelta::seconds(10);

/// Who vouches for the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Authority {
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
        why: NotShown,
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
pub struct Authorities(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    host: Option<String>,
    bundles: Vec<(Upstream, Vec<CertificateDer<'static>>)>,
    /// All of them, PEM.
    all: String,
    clock: Clock,
    seen: Mutex<Option<(DateTime<Utc>, Authority)>>,
}

impl Authorities {
    /// Those that the configuration has for each server; the first that has a certificate is named
    /// as its source.
    #[must_use]
    pub fn new(host: Option<String>, trusts: &[(Upstream, &Trust)], clock: Clock) -> Self {
        let pems = trusts.iter().filter_map(|(of, trust)| match trust {
            Trust::Only(pem) | Trust::SystemAnd(pem) => Some((*of, pem.as_str())),
            Trust::System | Trust::Nothing => None,
        });
        let pems: Vec<(Upstream, &str)> = pems.collect();
        let all = pems
            .iter()
            .map(|(_, pem)| *pem)
            .collect::<Vec<_>>()
            .join("\n");
        let bundles = pems
            .into_iter()
            .map(|(of, pem)| (of, certificates(pem)))
            .collect();
        Self(Arc::new(Inner {
            host,
            bundles,
            all,
            clock,
            seen: Mutex::new(None),
        }))
    }

    /// Who vouches for the registry. Asks it at most once a minute, for everybody together.
    pub async fn of_registry(&self) -> Authority {
        let inner = &self.0;
        let url = inner
            .host
            .as_deref()
            .and_then(|host| Url::parse(&format!("https://{host}/")).ok());
        let Some(url) = url else {
            return Authority::NoHost;
        };
        let mut seen = inner.seen.lock().await;
        let now = inner.clock.now();
        if let Some((until, authority)) = seen.as_ref().filter(|(until, _)| now < *until) {
            tracing::trace!(%until, "the registry's chain was seen a moment ago");
            return authority.clone();
        }
        let (authority, counts_for) =
            match look(&url, &Trust::Only(inner.all.clone()), now, PATIENCE).await {
                Ok(presented) => (inner.judge(presented), SEEN_FOR),
                Err(why) => (Authority::NotSeen { why }, MISSED_FOR),
            };
        *seen = Some((now + counts_for, authority.clone()));
        authority
    }
}

impl Inner {
    fn judge(&self, presented: Presented) -> Authority {
        let shown = || presented.chain.iter().map(ShownCertificate::of).collect();
        let Some(certificate) = &presented.configured else {
            return match presented.system {
                Some(system) => Authority::Public {
                    name: system.subject,
                },
                None => Authority::Unknown { shown: shown() },
            };
        };
        let is_own = presented
            .chain
            .first()
            .is_some_and(|own| own.fingerprint == certificate.fingerprint);
        if is_own || !certificate.is_authority {
            return Authority::OnlyItself { shown: shown() };
        }
        let has = |fault| matches!(&presented.verdict, Verdict::Untrusted(faults) if faults.contains(&fault));
        let (wrong_name, expired) = (has(ChainFault::WrongName), has(ChainFault::Expired));
        match self.source(certificate) {
            Some(of) => Authority::Known {
                certificate: Box::new(certificate.clone()),
                of,
                wrong_name,
                expired,
            },
            None => Authority::Unknown { shown: shown() },
        }
    }

    /// For which server it was configured. It is looked for in the configuration once more, byte by
    /// byte, before it is handed on.
    fn source(&self, certificate: &Certificate) -> Option<Upstream> {
        let wanted = certificates(&certificate.pem);
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
    fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject.clone(),
            fingerprint: certificate.fingerprint.clone(),
        }
    }
}

fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .filter_map(Result::ok)
        .collect()
}

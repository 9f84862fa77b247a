//! Where the OAuth server is.
//!
//! OpenShift 4 has it on a host of its own, which only the master's discovery document names (RFC
//! 8414).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::openshift::requests;
use crate::outbound::{Answer, CertificateFault, Failed, Upstream};
use registry_model::Clock;
use registry_model::json;

/// The OAuth server's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Who issues tokens: scheme, host and port.
    pub issuer: Url,
    /// Where browsers go to sign in.
    pub authorize: Url,
    /// Where codes become tokens.
    pub token: Url,
    /// What the API server answered to the latest request for its discovery document. Unless it
    /// named them, the addresses are those that it named before, or else those of the configured
    /// provider.
    pub document: DiscoveryDocument,
    /// Since when the master has not answered, if it does not (R1).
    pub unreachable_since: Option<DateTime<Utc>>,
    /// What is wrong with the master's certificate, if that is why it counts as unreachable (S47).
    pub distrusted: Option<CertificateFault>,
}

/// What the API server answered to a request for its OAuth discovery document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscoveryDocument {
    /// The document, with usable addresses.
    Found,
    /// 401, 403 or 404: OpenShift has had the document since 3.6, so either the cluster has no
    /// OAuth server (external OIDC), or anonymous requests are not allowed.
    Absent,
    /// Something that is no discovery document, or one with addresses that are not https.
    Unusable,
    /// Nothing that says anything: the API server cannot be reached, or has only just started.
    NotReached,
}

/// Finds the OAuth server, and remembers where it is for five minutes. When the master cannot say,
/// what it said last holds; before it has said anything, the configured provider. So nothing here
/// can fail (R5), and nothing is asked before the first login (R6).
#[derive(Debug)]
pub struct Discovery {
    master: Upstream,
    provider: Url,
    clock: Clock,
    kept: Mutex<Option<Kept>>,
}

/// What came of asking.
enum Asked {
    Answered(Box<Endpoints>),
    /// The API server is there, but names no OAuth server.
    NoEndpoints(DiscoveryDocument),
    NoAnswer(Failed),
}

#[derive(Debug)]
struct Kept {
    endpoints: Endpoints,
    asked: DateTime<Utc>,
    good_for: TimeDelta,
}

/// As long as OpenShift's own console.
const KEPT: TimeDelta = TimeDelta::minutes(5);
/// After a failure: short enough that a login soon after the master's return finds the right host.
const KEPT_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(10);
/// A person waits for the login page meanwhile.
const PATIENCE: Duration = Duration::from_secs(3);

/// RFC 8414, section 2: what is used of it.
#[derive(Deserialize)]
struct Metadata {
    issuer: Url,
    authorization_endpoint: Url,
    token_endpoint: Url,
}

impl Discovery {
    /// Asks `master`, or else takes `provider` (`OPENSHIFT_OAUTH_PROVIDER_URL`) for the server.
    #[must_use]
    pub fn new(master: Upstream, provider: Url, clock: Clock) -> Self {
        Self {
            master,
            provider,
            clock,
            kept: Mutex::new(None),
        }
    }

    /// The addresses. Waits for the master, once for everybody who asks meanwhile, and for three
    /// seconds at the most.
    pub async fn endpoints(&self) -> Endpoints {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.holds_at(now)) {
            return kept.endpoints.clone();
        }
        let (endpoints, good_for) = match self.ask().await {
            Asked::Answered(endpoints) => (*endpoints, KEPT),
            Asked::NoAnswer(failed) => (
                Endpoints {
                    unreachable_since: kept
                        .as_ref()
                        .and_then(|kept| kept.endpoints.unreachable_since)
                        .or(Some(now)),
                    distrusted: failed.certificate_fault(),
                    document: DiscoveryDocument::NotReached,
                    ..self.last(kept.take())
                },
                KEPT_AFTER_FAILURE,
            ),
            Asked::NoEndpoints(document) => (
                Endpoints {
                    unreachable_since: None,
                    distrusted: None,
                    document,
                    ..self.last(kept.take())
                },
                KEPT_AFTER_FAILURE,
            ),
        };
        *kept = Some(Kept {
            endpoints: endpoints.clone(),
            asked: now,
            good_for,
        });
        endpoints
    }

    /// What was known before, or else what is configured.
    fn last(&self, kept: Option<Kept>) -> Endpoints {
        kept.map_or_else(|| self.configured(), |kept| kept.endpoints)
    }

    async fn ask(&self) -> Asked {
        let answer = match self
            .master
            .send(requests::discovery().timeout(PATIENCE))
            .await
        {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the OAuth server cannot be discovered"
                );
                return Asked::NoAnswer(error);
            }
        };
        if let Some(endpoints) = answer
            .status
            .is_success()
            .then(|| read(&answer.body))
            .flatten()
        {
            return Asked::Answered(Box::new(endpoints));
        }
        tracing::warn!(
            status = answer.status.as_u16(),
            "the API server names no OAuth server with https addresses"
        );
        Asked::NoEndpoints(match answer.status {
            // An API server that has just started: its roles are not loaded yet.
            StatusCode::FORBIDDEN if is_cold(&answer) => DiscoveryDocument::NotReached,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                DiscoveryDocument::Absent
            }
            _ => DiscoveryDocument::Unusable,
        })
    }

    /// Where OpenShift 3.x has it.
    fn configured(&self) -> Endpoints {
        let at = |path| {
            let mut url = self.provider.clone();
            url.set_path(path);
            url
        };
        Endpoints {
            issuer: self.provider.clone(),
            authorize: at("/oauth/authorize"),
            token: at("/oauth/token"),
            document: DiscoveryDocument::NotReached,
            unreachable_since: None,
            distrusted: None,
        }
    }
}

impl Kept {
    /// A clock that was set back does not keep anything for longer.
    fn holds_at(&self, now: DateTime<Utc>) -> bool {
        let age = now - self.asked;
        age >= TimeDelta::zero() && age < self.good_for
    }
}

/// Whether this 403 says that cluster roles cannot be found: `RBAC:
/// [clusterrole.rbac.authorization.k8s.io "x" not found, ...]`.
fn is_cold(answer: &Answer) -> bool {
    String::from_utf8_lossy(&answer.body).contains("RBAC: [")
}

/// Codes, the client's secret and tokens go there: only over TLS.
fn read(body: &[u8]) -> Option<Endpoints> {
    let document: Metadata = json::from_slice(body).ok()?;
    let Metadata {
        issuer,
        authorization_endpoint: authorize,
        token_endpoint: token,
    } = document;
    let secure = [&issuer, &authorize, &token]
        .iter()
        .all(|url| url.scheme() == "https" && url.has_host());
    secure.then_some(Endpoints {
        issuer,
        authorize,
        token,
        document: DiscoveryDocument::Found,
        unreachable_since: None,
        distrusted: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_without_tls_are_not_taken() {
        let document = |scheme: &str| {
            format!(
                r#"{{"issuer":"https://o.example","authorization_endpoint":"https://o.example/a","token_endpoint":"{scheme}://o.example/t"}}"#
            )
        };
        assert!(read(document("https").as_bytes()).is_some());
        assert!(read(document("http").as_bytes()).is_none());
        assert!(read(b"{}").is_none());
        assert!(read(b"<html>").is_none());
    }
}

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
use crate::outbound::{CertificateFault, TransportError, Upstream, UpstreamResponse};
use registry_model::Clock;
use registry_model::json;

/// The OAuth server's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthEndpoints {
    /// Who issues tokens: scheme, host and port.
    pub issuer: Url,
    /// Where browsers go to sign in.
    pub authorize: Url,
    /// Where codes become tokens.
    pub token: Url,
    /// What the API server answered to the latest request for its discovery document. Unless it
    /// named them, the addresses are those that it named before, or else those of the configured
    /// provider.
    pub discovery_result: DiscoveryResult,
    /// Since when the master has not answered, if it does not (R1).
    pub unreachable_since: Option<DateTime<Utc>>,
    /// What is wrong with the master's certificate, if that is why it counts as unreachable (S47).
    pub certificate_fault: Option<CertificateFault>,
}

/// What the API server answered to a request for its OAuth discovery document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscoveryResult {
    /// The document, with usable addresses.
    Found,
    /// 401, 403 or 404: OpenShift has had the document since 3.6, so either the cluster has no
    /// OAuth server (external OIDC), or anonymous requests are not allowed.
    Absent,
    /// Something that is no discovery document, or one with addresses that are not https.
    Invalid,
    /// Nothing that says anything: the API server cannot be reached, or has only just started.
    Unreachable,
}

/// Finds the OAuth server, and remembers where it is for five minutes. When the master cannot say,
/// what it said last holds; before it has said anything, the configured provider. So nothing here
/// can fail (R5), and nothing is asked before the first login (R6).
#[derive(Debug)]
pub struct OauthDiscovery {
    api_server: Upstream,
    configured_provider: Url,
    clock: Clock,
    cached: Mutex<Option<CachedEndpoints>>,
}

/// What came of asking.
enum DiscoveryAttempt {
    Found(Box<OauthEndpoints>),
    /// The API server is there, but names no OAuth server.
    NoEndpoints(DiscoveryResult),
    Failed(TransportError),
}

#[derive(Debug)]
struct CachedEndpoints {
    endpoints: OauthEndpoints,
    fetched_at: DateTime<Utc>,
    ttl: TimeDelta,
}

/// As long as OpenShift's own console.
const ENDPOINTS_TTL: TimeDelta = TimeDelta::minutes(5);
/// After a failure: short enough that a login soon after the master's return finds the right host.
const ENDPOINTS_TTL_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(10);
/// A person waits for the login page meanwhile.
const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(3);

/// RFC 8414, section 2: what is used of it.
#[derive(Deserialize)]
struct EndpointMetadata {
    issuer: Url,
    authorization_endpoint: Url,
    token_endpoint: Url,
}

impl OauthDiscovery {
    /// Asks `master`, or else takes `provider` (`OPENSHIFT_OAUTH_PROVIDER_URL`) for the server.
    #[must_use]
    pub fn new(master: Upstream, provider: Url, clock: Clock) -> Self {
        Self {
            api_server: master,
            configured_provider: provider,
            clock,
            cached: Mutex::new(None),
        }
    }

    /// The addresses. Waits for the master, once for everybody who asks meanwhile, and for three
    /// seconds at the most.
    pub async fn endpoints(&self) -> OauthEndpoints {
        let mut kept = self.cached.lock().await;
        let now = self.clock.now();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_fresh(now)) {
            return kept.endpoints.clone();
        }
        let (endpoints, good_for) = match self.fetch().await {
            DiscoveryAttempt::Found(endpoints) => (*endpoints, ENDPOINTS_TTL),
            DiscoveryAttempt::Failed(failed) => (
                OauthEndpoints {
                    unreachable_since: kept
                        .as_ref()
                        .and_then(|kept| kept.endpoints.unreachable_since)
                        .or(Some(now)),
                    certificate_fault: failed.certificate_fault(),
                    discovery_result: DiscoveryResult::Unreachable,
                    ..self.cached_or_configured(kept.take())
                },
                ENDPOINTS_TTL_AFTER_FAILURE,
            ),
            DiscoveryAttempt::NoEndpoints(document) => (
                OauthEndpoints {
                    unreachable_since: None,
                    certificate_fault: None,
                    discovery_result: document,
                    ..self.cached_or_configured(kept.take())
                },
                ENDPOINTS_TTL_AFTER_FAILURE,
            ),
        };
        *kept = Some(CachedEndpoints {
            endpoints: endpoints.clone(),
            fetched_at: now,
            ttl: good_for,
        });
        endpoints
    }

    /// What was known before, or else what is configured.
    fn cached_or_configured(&self, kept: Option<CachedEndpoints>) -> OauthEndpoints {
        kept.map_or_else(|| self.configured_endpoints(), |kept| kept.endpoints)
    }

    async fn fetch(&self) -> DiscoveryAttempt {
        let answer = match self
            .api_server
            .send(requests::oauth_discovery().timeout(DISCOVERY_TIMEOUT))
            .await
        {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the OAuth server cannot be discovered"
                );
                return DiscoveryAttempt::Failed(error);
            }
        };
        if let Some(endpoints) = answer
            .status
            .is_success()
            .then(|| parse_endpoints(&answer.body))
            .flatten()
        {
            return DiscoveryAttempt::Found(Box::new(endpoints));
        }
        tracing::warn!(
            status = answer.status.as_u16(),
            "the API server names no OAuth server with https addresses"
        );
        DiscoveryAttempt::NoEndpoints(match answer.status {
            // An API server that has just started: its roles are not loaded yet.
            StatusCode::FORBIDDEN if lacks_cluster_roles(&answer) => DiscoveryResult::Unreachable,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                DiscoveryResult::Absent
            }
            _ => DiscoveryResult::Invalid,
        })
    }

    /// Where OpenShift 3.x has it.
    fn configured_endpoints(&self) -> OauthEndpoints {
        let at = |path| {
            let mut url = self.configured_provider.clone();
            url.set_path(path);
            url
        };
        OauthEndpoints {
            issuer: self.configured_provider.clone(),
            authorize: at("/oauth/authorize"),
            token: at("/oauth/token"),
            discovery_result: DiscoveryResult::Unreachable,
            unreachable_since: None,
            certificate_fault: None,
        }
    }
}

impl CachedEndpoints {
    /// A clock that was set back does not keep anything for longer.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let age = now - self.fetched_at;
        age >= TimeDelta::zero() && age < self.ttl
    }
}

/// Whether this 403 says that cluster roles cannot be found: `RBAC:
/// [clusterrole.rbac.authorization.k8s.io "x" not found, ...]`.
fn lacks_cluster_roles(answer: &UpstreamResponse) -> bool {
    String::from_utf8_lossy(&answer.body).contains("RBAC: [")
}

/// Codes, the client's secret and tokens go there: only over TLS.
fn parse_endpoints(body: &[u8]) -> Option<OauthEndpoints> {
    let document: EndpointMetadata = json::from_slice(body).ok()?;
    let EndpointMetadata {
        issuer,
        authorization_endpoint: authorize,
        token_endpoint: token,
    } = document;
    let secure = [&issuer, &authorize, &token]
        .iter()
        .all(|url| url.scheme() == "https" && url.has_host());
    secure.then_some(OauthEndpoints {
        issuer,
        authorize,
        token,
        discovery_result: DiscoveryResult::Found,
        unreachable_since: None,
        certificate_fault: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovered_http_addresses_are_rejected() {
        let document = |scheme: &str| {
            format!(
                r#"{{"issuer":"https://o.example","authorization_endpoint":"https://o.example/a","token_endpoint":"{scheme}://o.example/t"}}"#
            )
        };
        assert!(parse_endpoints(document("https").as_bytes()).is_some());
        assert!(parse_endpoints(document("http").as_bytes()).is_none());
        assert!(parse_endpoints(b"{}").is_none());
        assert!(parse_endpoints(b"<html>").is_none());
    }
}

//! Discovery of the OAuth server.
//!
//! On OpenShift 4 the OAuth server has a host of its own, which only the API server's discovery
//! document contains (RFC 8414).

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
    /// The issuer of tokens: scheme, host and port.
    pub issuer: Url,
    /// The authorization endpoint, where users sign in.
    pub authorize: Url,
    /// The token endpoint, where codes are exchanged for tokens.
    pub token: Url,
    /// The result of the latest request for the discovery document. If the document was not found,
    /// the addresses are those of an earlier document, or else those of the configured provider.
    pub discovery_result: DiscoveryResult,
    /// Since when the API server has not responded, if it does not (R1).
    pub unreachable_since: Option<DateTime<Utc>>,
    /// The fault of the API server's certificate, if it counts as unreachable because of it (S47).
    pub certificate_fault: Option<CertificateFault>,
}

/// The result of a request for the API server's OAuth discovery document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscoveryResult {
    /// The document, with usable addresses.
    Found,
    /// 401, 403 or 404: OpenShift has had the document since 3.6, so either the cluster has no
    /// OAuth server (external OIDC), or anonymous requests are not allowed.
    Absent,
    /// A response that is not a discovery document, or one with addresses that are not https.
    Invalid,
    /// No usable response: the API server cannot be reached, or has only just started.
    Unreachable,
}

/// Finds the OAuth server, and caches its addresses for five minutes. When the API server does not
/// return them, the last known addresses are used, or else the configured provider. So discovery
/// cannot fail (R5), and no request is sent before the first sign-in (R6).
#[derive(Debug)]
pub struct OauthDiscovery {
    api_server: Upstream,
    configured_provider: Url,
    clock: Clock,
    cached: Mutex<Option<CachedEndpoints>>,
}

/// The result of one request.
enum DiscoveryAttempt {
    Found(Box<OauthEndpoints>),
    /// The API server responded, but without an OAuth server.
    NoEndpoints(DiscoveryResult),
    Failed(TransportError),
}

#[derive(Debug)]
struct CachedEndpoints {
    endpoints: OauthEndpoints,
    fetched_at: DateTime<Utc>,
    ttl: TimeDelta,
}

/// The same time as in OpenShift's own console.
const ENDPOINTS_TTL: TimeDelta = TimeDelta::minutes(5);
/// After a failure: short enough that a sign-in soon after the API server recovers finds the right
/// host.
const ENDPOINTS_TTL_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(10);
/// Short, because the user waits for the sign-in page.
const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(3);

/// The fields of RFC 8414, section 2, that are used.
#[derive(Deserialize)]
struct EndpointMetadata {
    issuer: Url,
    authorization_endpoint: Url,
    token_endpoint: Url,
}

impl OauthDiscovery {
    /// Discovery at `api_server`, with `provider` (`OPENSHIFT_OAUTH_PROVIDER_URL`) as the fallback.
    #[must_use]
    pub fn new(api_server: Upstream, provider: Url, clock: Clock) -> Self {
        Self {
            api_server,
            configured_provider: provider,
            clock,
            cached: Mutex::new(None),
        }
    }

    /// The addresses. Concurrent callers wait for the same request to the API server, for at most
    /// three seconds.
    pub async fn endpoints(&self) -> OauthEndpoints {
        let mut kept = self.cached.lock().await;
        let now = self.clock.now();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_fresh(now)) {
            return kept.endpoints.clone();
        }
        let (endpoints, good_for) = match self.fetch().await {
            DiscoveryAttempt::Found(endpoints) => (*endpoints, ENDPOINTS_TTL),
            DiscoveryAttempt::Failed(error) => (
                OauthEndpoints {
                    unreachable_since: kept
                        .as_ref()
                        .and_then(|kept| kept.endpoints.unreachable_since)
                        .or(Some(now)),
                    certificate_fault: error.certificate_fault(),
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

    /// The cached addresses, or else the configured ones.
    fn cached_or_configured(&self, kept: Option<CachedEndpoints>) -> OauthEndpoints {
        kept.map_or_else(|| self.configured_endpoints(), |kept| kept.endpoints)
    }

    async fn fetch(&self) -> DiscoveryAttempt {
        let response = match self
            .api_server
            .send(requests::oauth_discovery().timeout(DISCOVERY_TIMEOUT))
            .await
        {
            Ok(response) => response,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the OAuth server cannot be discovered"
                );
                return DiscoveryAttempt::Failed(error);
            }
        };
        if let Some(endpoints) = response
            .status
            .is_success()
            .then(|| parse_endpoints(&response.body))
            .flatten()
        {
            return DiscoveryAttempt::Found(Box::new(endpoints));
        }
        tracing::warn!(
            status = response.status.as_u16(),
            "the API server names no OAuth server with https addresses"
        );
        DiscoveryAttempt::NoEndpoints(match response.status {
            // An API server that has just started: its roles are not loaded yet.
            StatusCode::FORBIDDEN if lacks_cluster_roles(&response) => DiscoveryResult::Unreachable,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                DiscoveryResult::Absent
            }
            _ => DiscoveryResult::Invalid,
        })
    }

    /// The addresses of the OAuth server on OpenShift 3.x.
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
    /// Setting the clock back does not extend the time that an entry is kept.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let age = now - self.fetched_at;
        age >= TimeDelta::zero() && age < self.ttl
    }
}

/// Whether this 403 reports that cluster roles cannot be found: `RBAC:
/// [clusterrole.rbac.authorization.k8s.io "x" not found, ...]`.
fn lacks_cluster_roles(response: &UpstreamResponse) -> bool {
    String::from_utf8_lossy(&response.body).contains("RBAC: [")
}

/// The endpoints, if all use TLS: codes, the client's secret and tokens are sent there.
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

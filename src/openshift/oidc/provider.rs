//! What is known of the provider: its discovery document and its keys (OpenID Connect Discovery).

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::{IssuerUrl, ProviderMetadataWithLogout};
use tokio::sync::Mutex;
use url::Url;

use super::fault::{OidcError, OidcFault};
use crate::config::{OidcSettings, Trust};
use crate::openshift::oauth_http::{self, OauthHttpError};
use crate::outbound::{TimeLimits, Upstream, UpstreamName};
use registry_model::{Clock, json};

/// How long the discovery document and the keys are used.
const PROVIDER_TTL: TimeDelta = TimeDelta::minutes(10);
/// The least time between two requests for them, whatever arrives: a token with an unknown key
/// makes the console ask again, and anyone can send one to a page that is not loaded yet.
const MIN_RELOAD_INTERVAL: TimeDelta = TimeDelta::seconds(10);
/// More than any discovery document or key set.
const MAX_DOCUMENT_BYTES: usize = 512 << 10;
/// More than a token response with an ID token that a session can have.
const MAX_TOKEN_RESPONSE_BYTES: usize = 256 << 10;
/// Short, because a user waits for the sign-in page: two requests fit into the time of a page.
const LIMITS: TimeLimits = TimeLimits {
    connect: Duration::from_secs(2),
    total: Duration::from_secs(4),
};
/// The most hosts that the endpoints of a provider are at. Most have one.
const MAX_HOSTS: usize = 4;

/// The provider, as it described itself.
#[derive(Debug)]
pub(super) struct Provider {
    /// With the keys.
    pub(super) metadata: ProviderMetadataWithLogout,
    loaded_at: DateTime<Utc>,
}

/// Loads the description of the provider, one request at a time.
#[derive(Debug)]
pub(super) struct ProviderCache {
    issuer: IssuerUrl,
    http: ProviderHttp,
    clock: Clock,
    cached: Mutex<CachedProvider>,
}

#[derive(Debug, Default)]
struct CachedProvider {
    provider: Option<Arc<Provider>>,
    /// The last time that it was asked for, successfully or not.
    requested_at: Option<DateTime<Utc>>,
}

/// The HTTP client of the crate `openidconnect`. Clones share their connections.
#[derive(Clone, Debug)]
pub(super) struct ProviderHttp {
    trust: Trust,
    servers: Arc<SyncMutex<Vec<Upstream>>>,
    operation: &'static str,
    max_bytes: usize,
}

impl ProviderCache {
    pub(super) fn new(settings: &OidcSettings, clock: Clock) -> Self {
        Self {
            issuer: IssuerUrl::new(settings.issuer.clone())
                .expect("the configuration accepts only URLs"),
            http: ProviderHttp {
                trust: settings.trust.clone(),
                servers: Arc::default(),
                operation: "discover provider",
                max_bytes: MAX_DOCUMENT_BYTES,
            },
            clock,
            cached: Mutex::default(),
        }
    }

    /// The client for requests to the token endpoint. `operation` is the label of its metrics.
    pub(super) fn token_client(&self, operation: &'static str) -> ProviderHttp {
        ProviderHttp {
            operation,
            max_bytes: MAX_TOKEN_RESPONSE_BYTES,
            ..self.http.clone()
        }
    }

    /// The provider. While it cannot be asked again, what it said before.
    pub(super) async fn get(&self) -> Result<Arc<Provider>, OidcError> {
        self.load(|provider, now| now - provider.loaded_at < PROVIDER_TTL)
            .await
    }

    /// The provider with newer keys than `known`, or `known` if it was loaded just now: a provider
    /// that replaced its keys signs with one that is not known yet.
    pub(super) async fn with_newer_keys(
        &self,
        known: &Provider,
    ) -> Result<Arc<Provider>, OidcError> {
        self.load(|provider, _| provider.loaded_at > known.loaded_at)
            .await
    }

    /// What is cached, if `is_current` accepts it; otherwise the provider is asked.
    async fn load(
        &self,
        is_current: impl Fn(&Provider, DateTime<Utc>) -> bool,
    ) -> Result<Arc<Provider>, OidcError> {
        let mut cached = self.cached.lock().await;
        let now = self.clock.now();
        let was_just_asked = cached
            .requested_at
            .is_some_and(|when| now >= when && now - when < MIN_RELOAD_INTERVAL);
        if let Some(provider) = &cached.provider
            && (is_current(provider, now) || was_just_asked)
        {
            return Ok(Arc::clone(provider));
        }
        cached.requested_at = Some(now);
        match (self.discover(now).await, &cached.provider) {
            (Ok(provider), _) => {
                let provider = Arc::new(provider);
                cached.provider = Some(Arc::clone(&provider));
                Ok(provider)
            }
            (Err(error), known) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    issuer = self.issuer.as_str(),
                    "cannot load the description of the OIDC provider"
                );
                known.as_ref().map(Arc::clone).ok_or(error)
            }
        }
    }

    async fn discover(&self, now: DateTime<Utc>) -> Result<Provider, OidcError> {
        let document = self
            .issuer
            .join(".well-known/openid-configuration")
            .map_err(|_| OidcFault::NotAProvider)?;
        let mut request = HttpRequest::new(Vec::new());
        *request.uri_mut() = document
            .as_str()
            .parse()
            .map_err(|_| OidcFault::NotAProvider)?;
        let response = self.http.clone().send(request).await?;
        if let Some(error) = OidcError::from_status(response.status()) {
            return Err(error);
        }
        let metadata: ProviderMetadataWithLogout =
            json::from_slice(response.body()).map_err(|_| OidcFault::NotAProvider)?;
        // Discovery, section 4.3. The comparison is of the texts.
        if *metadata.issuer() != self.issuer {
            tracing::warn!(
                configured = self.issuer.as_str(),
                found = metadata
                    .issuer()
                    .as_str()
                    .chars()
                    .take(200)
                    .collect::<String>(),
                "the discovery document names another issuer"
            );
            return Err(OidcFault::WrongIssuer.into());
        }
        let is_https = |url: &Url| url.scheme() == "https" && url.has_host();
        let token_endpoint = metadata.token_endpoint().map(|endpoint| endpoint.url());
        if !is_https(metadata.authorization_endpoint().url())
            || !token_endpoint.is_some_and(is_https)
        {
            return Err(OidcFault::NotAProvider.into());
        }
        let keys = CoreJsonWebKeySet::fetch_async(metadata.jwks_uri(), &self.http)
            .await
            .map_err(|error| OidcError::from_discovery(error, OidcFault::NoKeys))?;
        if keys.keys().is_empty() {
            return Err(OidcFault::NoKeys.into());
        }
        Ok(Provider {
            metadata: metadata.set_jwks(keys),
            loaded_at: now,
        })
    }
}

impl ProviderHttp {
    async fn send(self, request: HttpRequest) -> Result<HttpResponse, OauthHttpError> {
        let server = self.server_of(request.uri())?;
        let mut response =
            oauth_http::send(server, self.operation, self.max_bytes, request).await?;
        // Some providers send their keys as another type than the crate expects. It decides
        // nothing: a body is read as JSON or not at all.
        response.headers_mut().remove(http::header::CONTENT_TYPE);
        Ok(response)
    }

    /// The client for the host of `endpoint`. Its connections and circuit breaker are kept.
    fn server_of(&self, endpoint: &http::Uri) -> Result<Upstream, OauthHttpError> {
        let url = Url::parse(&endpoint.to_string())
            .ok()
            .filter(|url| url.scheme() == "https")
            .ok_or(OauthHttpError::InsecureEndpoint)?;
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = servers
            .iter()
            .find(|server| server.base().origin() == url.origin())
        {
            return Ok(server.clone());
        }
        let server = Upstream::new(UpstreamName::Oidc, &url, &self.trust, LIMITS)?;
        if servers.len() == MAX_HOSTS {
            servers.remove(0);
        }
        servers.push(server.clone());
        Ok(server)
    }
}

impl<'c> AsyncHttpClient<'c> for ProviderHttp {
    type Error = OauthHttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OauthHttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

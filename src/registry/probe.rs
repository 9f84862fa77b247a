//! A request to the registry without a token, which shows what kind of registry it is.

use chrono::{DateTime, Utc};
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;

use super::{Registry, RegistryError, requests};
use crate::outbound::UpstreamResponse;
use registry_model::challenge::parse_challenges;

/// The maximum length of a text of a challenge.
const MAX_TEXT_CHARS: usize = 256;

/// The response to `GET /v2/` without a token (recorded as `registry-base`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeResult {
    /// `Bearer` or `Basic`, if the registry requires a token. Untrusted.
    pub scheme: Option<String>,
    /// The address that the registry names for tokens. It is shown, never followed (S36).
    /// Untrusted.
    pub realm: Option<String>,
    /// Whether this is a registry: `Docker-Distribution-Api-Version`, or a challenge for a token.
    pub is_registry: bool,
    /// Whether this is OpenShift's registry, which issues tokens itself and supports signatures.
    pub is_integrated: bool,
    /// The time of its clock.
    pub date: Option<DateTime<Utc>>,
}

impl Registry {
    /// Sends `GET /v2/` without a token.
    ///
    /// # Errors
    /// [`RegistryError::Transport`] without a response. A response of any status is a
    /// [`ProbeResult`], also that of a server that is not a registry.
    pub async fn probe(&self) -> Result<ProbeResult, RegistryError> {
        Ok(parse_response(&self.upstream.send(requests::ping()).await?))
    }
}

fn parse_response(response: &UpstreamResponse) -> ProbeResult {
    let wanted = response
        .header(WWW_AUTHENTICATE)
        .map(parse_challenges)
        .unwrap_or_default()
        .into_iter()
        .next();
    let realm = wanted
        .as_ref()
        .and_then(|challenge| challenge.param("realm"))
        .map(truncate_text);
    let fits = matches!(response.status, StatusCode::OK | StatusCode::UNAUTHORIZED);
    let is_registry = fits
        && response
            .header("docker-distribution-api-version")
            .is_some_and(|version| version.starts_with("registry/2"));
    let own_tokens = realm
        .as_deref()
        .is_some_and(|realm| realm == "openshift" || realm.ends_with("/openshift/token"));
    ProbeResult {
        scheme: wanted.map(|challenge| truncate_text(&challenge.scheme)),
        realm,
        is_registry,
        is_integrated: is_registry
            && (own_tokens || response.header("x-registry-supports-signatures").is_some()),
        date: response.date(),
    }
}

fn truncate_text(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

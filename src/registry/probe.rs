//! What a registry says to whoever comes without a token.

use chrono::{DateTime, Utc};
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;

use super::{Registry, RegistryError, requests};
use crate::outbound::UpstreamResponse;
use registry_model::challenge::parse_challenges;

/// The longest text of a challenge that is kept.
const MAX_TEXT_CHARS: usize = 256;

/// The answer to `GET /v2/` without a token (recorded as `registry-base`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeResult {
    /// `Bearer` or `Basic`, where it wants a token. Untrusted.
    pub scheme: Option<String>,
    /// Where it would send people for one. It is shown, never followed (S36). Untrusted.
    pub realm: Option<String>,
    /// Whether it is a registry at all: `Docker-Distribution-Api-Version`, or the wish for a token.
    pub is_registry: bool,
    /// Whether it is OpenShift's own: it gives tokens out itself, and knows signatures.
    pub is_integrated: bool,
    /// Its time of day.
    pub date: Option<DateTime<Utc>>,
}

impl Registry {
    /// Knocks without a token.
    ///
    /// # Errors
    /// [`RegistryError::Transport`] without an answer; any status is an answer, but what is no
    /// registry is told as such in [`ProbeResult`].
    pub async fn probe(&self) -> Result<ProbeResult, RegistryError> {
        Ok(parse_response(&self.upstream.send(requests::ping()).await?))
    }
}

fn parse_response(answer: &UpstreamResponse) -> ProbeResult {
    let wanted = answer
        .header(WWW_AUTHENTICATE)
        .map(parse_challenges)
        .unwrap_or_default()
        .into_iter()
        .next();
    let realm = wanted
        .as_ref()
        .and_then(|challenge| challenge.param("realm"))
        .map(truncate_text);
    let fits = matches!(answer.status, StatusCode::OK | StatusCode::UNAUTHORIZED);
    let is_registry = fits
        && answer
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
            && (own_tokens || answer.header("x-registry-supports-signatures").is_some()),
        date: answer.date(),
    }
}

fn truncate_text(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

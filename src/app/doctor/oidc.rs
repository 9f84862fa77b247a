//! The OIDC provider: its certificate, its discovery document and its keys.

use serde::Deserialize;
use url::Url;

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use super::tls;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::cluster_version::ReleaseLookup;
use crate::app::remediation;
use crate::config::OidcSettings;
use crate::outbound::{Request, TransportError};
use registry_model::{Clock, json};

/// The id of the finding about the console's client.
pub(super) const CLIENT_CHECK_ID: &str = "oidc-client";

/// More than any discovery document or key set.
const MAX_DOCUMENT_BYTES: usize = 512 << 10;

/// What is checked of the discovery document (OpenID Connect Discovery, section 3).
#[derive(Deserialize)]
struct DiscoveryDocument {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    response_types_supported: Vec<String>,
    /// Entra ID supports `S256` and does not say so.
    code_challenge_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ProviderKeySet {
    keys: Vec<PublishedKey>,
}

#[derive(Deserialize)]
struct PublishedKey {
    #[serde(default)]
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
}

impl PublishedKey {
    /// Whether it can verify a signature that only the provider can make.
    fn is_usable(&self) -> bool {
        matches!(&*self.kty, "RSA" | "EC" | "OKP")
            && self
                .purpose
                .as_deref()
                .is_none_or(|purpose| purpose == "sig")
    }
}

/// Why a document of the provider cannot be used.
enum DocumentFault {
    NotReached,
    Unreadable(String),
}

impl From<TransportError> for DocumentFault {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::TooLarge { .. } => Self::Unreadable(error.to_string()),
            _ => Self::NotReached,
        }
    }
}

/// The findings about the provider, if users sign in at one.
pub(super) async fn provider_findings(
    settings: &Settings,
    clock: &Clock,
    release: &ReleaseLookup<'_>,
) -> Vec<Finding> {
    let Some(oidc) = settings.sign_in.oidc() else {
        return Vec::new();
    };
    let url = oidc.issuer_url();
    let (certificates, documents) = tokio::join!(
        tls::server_findings(
            settings,
            clock,
            release,
            ("tls-oidc", Component::OidcProvider),
            &url,
            &oidc.trust,
        ),
        document_findings(settings, oidc, &url),
    );
    let flow = Finding::new("login-flow", Component::OidcProvider, CheckResult::FlowCode)
        .with_fact(FactName::Client, &oidc.client_id);
    [flow]
        .into_iter()
        .chain(documents)
        .chain(certificates)
        .collect()
}

/// Only a sign-in shows whether the provider knows the client and its redirect URI.
pub(super) fn client_finding(settings: &Settings, oidc: &OidcSettings, address: &Url) -> Finding {
    Finding::new(
        CLIENT_CHECK_ID,
        Component::OidcProvider,
        CheckResult::OidcClientNotTried,
    )
    .with_fact(FactName::Client, &oidc.client_id)
    .with_fact(
        FactName::RedirectUri,
        settings.callback_url(address).as_str(),
    )
}

async fn document_findings(settings: &Settings, oidc: &OidcSettings, issuer: &Url) -> Vec<Finding> {
    let mut url = issuer.clone();
    url.set_path(&remediation::provider_discovery_path(issuer));
    let document = load(settings, oidc, &url).await;
    let finding = |result| {
        Finding::new("oidc-discovery", Component::OidcProvider, result).with_fact(
            FactName::Setting,
            format!("OIDC_ISSUER_URL={}", oidc.issuer),
        )
    };
    match document {
        Err(DocumentFault::NotReached) => vec![finding(CheckResult::NotReached)],
        Err(DocumentFault::Unreadable(problem)) => vec![
            finding(CheckResult::OidcUnreadable)
                .with_fact(FactName::Problem, problem)
                .with_command(remediation::fetch_provider_discovery(issuer))
                .with_command(remediation::show_authentication()),
        ],
        Ok(document) => {
            let keys = key_finding(settings, oidc, &document).await;
            vec![
                document_finding(settings, oidc, issuer, finding, &document),
                keys,
            ]
        }
    }
}

fn document_finding(
    settings: &Settings,
    oidc: &OidcSettings,
    issuer: &Url,
    finding: impl Fn(CheckResult) -> Finding,
    document: &DiscoveryDocument,
) -> Finding {
    let is_https = |text: &String| Url::parse(text).is_ok_and(|url| url.scheme() == "https");
    let has_https = [&document.authorization_endpoint, &document.token_endpoint]
        .into_iter()
        .all(is_https);
    let methods = &document.code_challenge_methods_supported;
    let result = if document.issuer != oidc.issuer {
        CheckResult::OidcIssuerDiffers
    } else if !has_https {
        CheckResult::OidcUnreadable
    } else if !document
        .response_types_supported
        .iter()
        .any(|kind| kind == "code")
    {
        CheckResult::OidcNoCodeFlow
    } else if methods
        .as_ref()
        .is_some_and(|methods| methods.iter().all(|method| method != "S256"))
    {
        CheckResult::OidcPkceMissing
    } else {
        CheckResult::OidcDiscovered
    };
    let finding = finding(result)
        .with_fact(FactName::Issuer, &document.issuer)
        .with_fact(FactName::Authorize, &document.authorization_endpoint)
        .with_fact(FactName::Token, &document.token_endpoint)
        .with_fact(
            FactName::Pkce,
            methods.as_deref().unwrap_or_default().join(", "),
        )
        .with_command(remediation::fetch_provider_discovery(issuer));
    match result {
        CheckResult::OidcIssuerDiffers => finding
            .with_command(remediation::show_authentication())
            .with_command(
                settings
                    .installation()
                    .set_variable("OIDC_ISSUER_URL", &document.issuer),
            ),
        _ => finding,
    }
}

async fn key_finding(
    settings: &Settings,
    oidc: &OidcSettings,
    document: &DiscoveryDocument,
) -> Finding {
    let finding = |result| {
        Finding::new("oidc-keys", Component::OidcProvider, result)
            .with_fact(FactName::Address, &document.jwks_uri)
    };
    let Ok(url) = Url::parse(&document.jwks_uri) else {
        return finding(CheckResult::OidcKeysMissing);
    };
    match load::<ProviderKeySet>(settings, oidc, &url).await {
        Ok(set) if set.keys.iter().any(PublishedKey::is_usable) => {
            finding(CheckResult::OidcKeysUsable)
        }
        Err(DocumentFault::NotReached) => finding(CheckResult::NotReached),
        Ok(_) => {
            finding(CheckResult::OidcKeysMissing).with_command(remediation::fetch(&url, url.path()))
        }
        Err(DocumentFault::Unreadable(problem)) => finding(CheckResult::OidcKeysMissing)
            .with_fact(FactName::Problem, problem)
            .with_command(remediation::fetch(&url, url.path())),
    }
}

async fn load<T: serde::de::DeserializeOwned>(
    settings: &Settings,
    oidc: &OidcSettings,
    url: &Url,
) -> Result<T, DocumentFault> {
    let unreadable = |problem: String| DocumentFault::Unreadable(problem);
    let provider = settings
        .oidc_endpoint(oidc, url)
        .map_err(|error| unreadable(error.to_string()))?;
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request = Request::get("discover provider", path).max_bytes(MAX_DOCUMENT_BYTES);
    let response = provider.send(request).await?;
    if response.status != http::StatusCode::OK {
        return Err(unreadable(format!("HTTP {}", response.status.as_u16())));
    }
    json::from_slice(&response.body).map_err(|error| unreadable(error.to_string()))
}

//! The sign-in through an external OIDC provider.

use url::Url;

use super::{ClientSecret, Trust};
use crate::config::api_server::{SERVICE_ACCOUNT_CA, system_and_mounted};
use crate::config::oauth::read_client_secret;
use crate::config::reader::SettingsReader;

const ISSUER_VARIABLE: &str = "OIDC_ISSUER_URL";

/// The settings that have no effect without an issuer.
const DEPENDENT_VARIABLES: [&str; 6] = [
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_CLIENT_SECRET_FILE",
    "OIDC_SCOPES",
    "OIDC_ID_TOKEN_HINT",
    "OIDC_CA_FILE",
];

/// What every provider accepts. `offline_access` is not among them: Keycloak renews sessions
/// without it and refuses it to clients that may not have it.
const DEFAULT_SCOPES: &str = "openid profile email";

/// Without this scope a provider sends no ID token (OpenID Connect Core, section 3.1.2.1).
const OPENID_SCOPE: &str = "openid";

/// More than any provider has a use for: the scopes are part of each sign-in's URL.
const MAX_SCOPES: usize = 32;

/// The OIDC provider and the console's client at it.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// The issuer, letter for letter as the provider calls itself: tokens and the discovery document
    /// must contain the same text (OpenID Connect Discovery, section 4.3).
    pub issuer: String,
    /// The console's client. It must be an audience of the API server's configuration.
    pub client_id: String,
    /// The secret of that client. [`ClientSecret::Unknown`]: a public client, which PKCE protects.
    pub client_secret: ClientSecret,
    /// The scopes to request, among them `openid`.
    pub scopes: Vec<String>,
    /// Whether the address that ends a session at the provider contains the user's ID token.
    pub sends_id_token_hint: bool,
    /// The certificate authorities that the provider may use.
    pub trust: Trust,
}

impl OidcSettings {
    /// The issuer as a URL. Only its text can be compared: a URL normalizes it.
    ///
    /// # Panics
    /// If the issuer, which the configuration has checked, is not a URL.
    #[must_use]
    pub fn issuer_url(&self) -> Url {
        Url::parse(&self.issuer).expect("the configuration accepts only URLs")
    }

    /// Warns about settings without effect if there is no issuer.
    pub(super) fn warn_without_issuer(reader: &mut SettingsReader<'_>) {
        for variable in DEPENDENT_VARIABLES {
            if reader.text(variable).is_some() {
                reader.warn(
                    variable,
                    format!("has no effect, because {ISSUER_VARIABLE} is not set"),
                );
            }
        }
    }

    /// Reads the settings that belong to `issuer`.
    pub(super) fn read(reader: &mut SettingsReader<'_>, issuer: String) -> Option<Self> {
        let issuer = read_issuer(reader, issuer);
        let client_id = reader.required("OIDC_CLIENT_ID");
        let client_secret =
            read_client_secret(reader, ["OIDC_CLIENT_SECRET", "OIDC_CLIENT_SECRET_FILE"]);
        let scopes = read_scopes(reader);
        let sends_id_token_hint = reader.flag("OIDC_ID_TOKEN_HINT");
        let trust = match reader.text("OIDC_CA_FILE") {
            Some(_) => reader.ca_file("OIDC_CA_FILE").map(Trust::Only),
            None => Some(system_and_mounted(reader, &[SERVICE_ACCOUNT_CA])),
        };
        Some(Self {
            issuer: issuer?,
            client_id: client_id?,
            client_secret: client_secret?,
            scopes: scopes?,
            sends_id_token_hint,
            trust: trust?,
        })
    }
}

/// An issuer is a https URL with a host, without a query or fragment (OpenID Connect Core,
/// section 2).
fn read_issuer(reader: &mut SettingsReader<'_>, issuer: String) -> Option<String> {
    let shown = issuer.chars().take(200).collect::<String>();
    let mut reject = |problem: String| reader.reject(ISSUER_VARIABLE, problem);
    let Ok(url) = Url::parse(&issuer) else {
        return reject(format!("is {shown:?}, which is not a valid URL"));
    };
    if url.scheme() != "https" || !url.has_host() {
        return reject(format!("is {shown:?}, but must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return reject("contains a user name or password, which is not supported".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return reject(format!("is {shown:?}, but must have no query or fragment"));
    }
    if issuer.ends_with("/.well-known/openid-configuration") {
        return reject(format!(
            "is {shown:?}, but must end before /.well-known/openid-configuration"
        ));
    }
    Some(issuer)
}

fn read_scopes(reader: &mut SettingsReader<'_>) -> Option<Vec<String>> {
    let text = reader
        .text("OIDC_SCOPES")
        .unwrap_or_else(|| DEFAULT_SCOPES.to_owned());
    let mut scopes = vec![OPENID_SCOPE.to_owned()];
    for scope in text.split_whitespace() {
        // RFC 6749, section 3.3.
        let is_valid = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if !scope.bytes().all(is_valid) {
            return reader.reject(
                "OIDC_SCOPES",
                format!("contains {scope:?}, which is not a scope; separate scopes by spaces"),
            );
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    if scopes.len() > MAX_SCOPES {
        return reader.reject(
            "OIDC_SCOPES",
            format!(
                "has {} scopes, but at most {MAX_SCOPES} are possible",
                scopes.len()
            ),
        );
    }
    Some(scopes)
}

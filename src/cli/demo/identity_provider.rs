//! `registry-console demo --oidc` and `--oidc-issuer`: a cluster with external OIDC.

use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;
use serde_json::Value;
use url::Url;

use crate::cli::CliError;
use crate::config::{FixedVariables, Trust};
use crate::outbound::{Request, SetupError, TimeLimits, Upstream, UpstreamName};
use crate::telemetry::ErrorChain;
use openshift_standin::cluster::{ClaimMappings, Cluster, TrustedIssuer};
use openshift_standin::{IdentityProvider, Ports, Standin};

/// How often the keys of a foreign issuer are read again. A real API server does so when a token
/// names a key that it does not know.
const KEY_INTERVAL: Duration = Duration::from_secs(10);

/// The options about external OIDC.
#[derive(Args, Clone, Debug)]
pub(super) struct OidcArgs {
    /// Let users sign in at an OIDC issuer, as on OpenShift 4 with external OIDC: the cluster has no
    /// OAuth server and no users and groups of its own.
    #[arg(long, conflicts_with = "stock")]
    oidc: bool,
    /// The port of the OIDC issuer.
    #[arg(long, default_value_t = Ports::STANDARD.issuer)]
    pub(super) issuer_port: u16,
    /// How long the tokens of the OIDC issuer are valid.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, requires = "oidc",
        value_parser = clap::value_parser!(u32).range(1..))]
    token_lifetime: u32,
    /// Add this many groups to each ID token: 80 make it larger than 4 KiB, 200 larger than 8 KiB.
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 0,
        requires = "oidc",
        value_parser = parse_group_count
    )]
    token_groups: usize,
    /// Let users sign in at this OIDC issuer in place of the demo's own. Users with the names of the
    /// demo's users have their rights.
    #[arg(long, value_name = "URL", requires = "oidc_client_id", conflicts_with_all = ["oidc", "stock"],
        value_parser = parse_issuer)]
    oidc_issuer: Option<String>,
    /// The client of the console at that issuer, with the redirect URI that the demo prints.
    #[arg(long, value_name = "ID", requires = "oidc_issuer")]
    oidc_client_id: Option<String>,
    /// The file with the secret of that client, if it has one.
    #[arg(long, value_name = "FILE", requires = "oidc_issuer")]
    oidc_client_secret_file: Option<PathBuf>,
    /// The scopes to ask for, separated by spaces.
    #[arg(long, value_name = "SCOPES", requires = "oidc_issuer")]
    oidc_scopes: Option<String>,
    /// Give that issuer the ID token of a user who signs out, which some issuers require.
    #[arg(long, requires = "oidc_issuer")]
    oidc_id_token_hint: bool,
    /// The file with the certificate authorities of that issuer, PEM.
    #[arg(long, value_name = "FILE", requires = "oidc_issuer")]
    oidc_ca_file: Option<PathBuf>,
    /// The claim of its ID tokens that is the name of the user.
    #[arg(
        long,
        value_name = "CLAIM",
        default_value = "preferred_username",
        requires = "oidc_issuer"
    )]
    oidc_username_claim: String,
}

/// More groups make a token that no server accepts in a header.
const MAX_GROUPS: usize = 1000;

fn parse_group_count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| *count <= MAX_GROUPS)
        .ok_or_else(|| format!("must be a number up to {MAX_GROUPS}"))
}

/// The text of an issuer, unchanged: a URL would add the slash at the end of an issuer without a
/// path, which other issuers have.
fn parse_issuer(text: &str) -> Result<String, String> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" => Ok(text.to_owned()),
        Ok(_) => Err("must begin with https://".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The issuer outside of the demo, with what is read from files.
pub(super) struct ForeignIssuer {
    url: String,
    client_id: String,
    client_secret: Option<String>,
    scopes: Option<String>,
    sends_id_token_hint: bool,
    ca_pem: Option<String>,
    username_claim: String,
}

impl OidcArgs {
    /// The issuer outside of the demo, if users sign in there.
    pub(super) fn foreign_issuer(&self) -> Result<Option<ForeignIssuer>, CliError> {
        let (Some(url), Some(client_id)) = (&self.oidc_issuer, &self.oidc_client_id) else {
            return Ok(None);
        };
        let secret = self
            .oidc_client_secret_file
            .as_ref()
            .map(read)
            .transpose()?;
        Ok(Some(ForeignIssuer {
            url: url.clone(),
            client_id: client_id.clone(),
            client_secret: secret.map(|secret| secret.trim_end().to_owned()),
            scopes: self.oidc_scopes.clone(),
            sends_id_token_hint: self.oidc_id_token_hint,
            ca_pem: self.oidc_ca_file.as_ref().map(read).transpose()?,
            username_claim: self.oidc_username_claim.clone(),
        }))
    }

    /// Where users of the embedded cluster sign in.
    pub(super) fn provider(&self, foreign: Option<&ForeignIssuer>) -> IdentityProvider {
        match foreign {
            Some(issuer) => IdentityProvider::ExternalIssuer(TrustedIssuer {
                url: issuer.url.clone(),
                audiences: vec![issuer.client_id.clone()],
                claims: ClaimMappings {
                    username: issuer.username_claim.clone(),
                    ..ClaimMappings::default()
                },
            }),
            None if self.oidc => IdentityProvider::EmbeddedIssuer(ClaimMappings::default()),
            None => IdentityProvider::OauthServer,
        }
    }

    /// Changes the embedded issuer, if there is one, as the options say.
    pub(super) fn apply_to(&self, demo: &Standin) {
        if let Some(issuer) = demo.issuer() {
            issuer.change_settings(|settings| {
                settings.token_lifetime = TimeDelta::seconds(self.token_lifetime.into());
                settings.additional_groups = self.token_groups;
            });
        }
    }
}

fn read(path: &PathBuf) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: path.clone(),
        source,
    })
}

impl ForeignIssuer {
    /// The settings of a console whose users sign in there.
    pub(super) fn add_variables(&self, mut vars: FixedVariables) -> FixedVariables {
        const CA_FILE: &str = "/etc/oidc/ca.crt";
        vars = vars
            .with_var("OIDC_ISSUER_URL", &self.url)
            .with_var("OIDC_CLIENT_ID", &self.client_id)
            .with_var("OIDC_ID_TOKEN_HINT", self.sends_id_token_hint.to_string());
        if let Some(secret) = &self.client_secret {
            vars = vars.with_var("OIDC_CLIENT_SECRET", secret);
        }
        if let Some(scopes) = &self.scopes {
            vars = vars.with_var("OIDC_SCOPES", scopes);
        }
        if let Some(pem) = &self.ca_pem {
            vars = vars
                .with_var("OIDC_CA_FILE", CA_FILE)
                .with_file(CA_FILE, pem.clone());
        }
        vars
    }

    /// Gives the API server the issuer's keys again and again. Never returns.
    pub(super) async fn follow_keys(&self, cluster: &Cluster) {
        let mut turns = tokio::time::interval(KEY_INTERVAL);
        loop {
            turns.tick().await;
            match self.load_keys().await {
                Ok(keys) => cluster.set_issuer_keys(&keys),
                Err(error) => {
                    tracing::warn!(issuer = self.url, error = %ErrorChain(&*error), "the keys of the issuer cannot be read");
                }
            }
        }
    }

    async fn load_keys(&self) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let base = self.url.trim_end_matches('/');
        let document = format!("{base}/.well-known/openid-configuration");
        let document = self.load(&Url::parse(&document)?).await?;
        let address = document["jwks_uri"].as_str().unwrap_or_default();
        self.load(&Url::parse(address)?).await
    }

    async fn load(&self, url: &Url) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let request = Request::get("get issuer keys", url.path());
        let response = self.upstream(url)?.send(request).await?;
        if !response.status.is_success() {
            return Err(format!("{url} answered {}", response.status).into());
        }
        Ok(serde_json::from_slice(&response.body)?)
    }

    fn upstream(&self, url: &Url) -> Result<Upstream, SetupError> {
        let trust = match &self.ca_pem {
            Some(pem) => Trust::Only(pem.clone()),
            None => Trust::System,
        };
        Upstream::new(UpstreamName::Oidc, url, &trust, TimeLimits::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The issuer of LemonLDAP::NG and Auth0 ends with a slash, and that of others does not.
    #[test]
    fn issuer_is_kept_letter_by_letter() {
        for issuer in [
            "https://id.example.com",
            "https://id.example.com/",
            "https://id.example.com/a/",
        ] {
            assert_eq!(parse_issuer(issuer).as_deref(), Ok(issuer));
        }
        assert!(parse_issuer("http://id.example.com").is_err());
        assert!(parse_issuer("id.example.com").is_err());
    }
}

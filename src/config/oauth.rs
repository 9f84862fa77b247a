//! How people sign in.

use secrecy::SecretString;
use url::Url;

use super::Trust;
use crate::config::api_server::{SERVICE_ACCOUNT_CA, system_and_mounted};
use crate::config::reader::SettingsReader;

/// The variables that may hold the client's secret.
const SECRET_VARIABLE: &str = "OPENSHIFT_OAUTH_CLIENT_SECRET";
const SECRET_FILE_VARIABLE: &str = "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE";

/// The OAuth server and what we are to it.
#[derive(Clone, Debug)]
pub struct OauthSettings {
    /// The public address of the OAuth server, or of the API in front of it: scheme, host and port.
    pub provider: Url,
    /// The name of our OAuth client.
    pub client_id: String,
    /// What the console proves with that it is that client.
    pub client_secret: ClientSecret,
    /// Whether people may sign in by the implicit flow where there is no secret
    /// (`OAUTH_IMPLICIT_FLOW`).
    pub implicit_flow: bool,
    /// Whose certificate the OAuth server may show: often another authority's than the master's.
    pub trust: Trust,
}

/// The secret of the OAuth client, if the console was given one.
#[derive(Clone, Debug)]
pub enum ClientSecret {
    Known {
        /// The secret itself.
        secret: SecretString,
        /// The variable that it came from.
        variable: &'static str,
    },
    /// None: the template of OpenShift 3 keeps it from the pod.
    Unknown,
}

/// How the token comes to the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OauthFlow {
    /// The browser brings a code, and the console fetches the token for it: the token never passes
    /// through the browser's address bar. Needs the client's secret.
    Code,
    /// The browser brings the token, in the fragment of an address, as it did for the console of
    /// OpenShift 3. Needs no secret. Browsers may keep the address, and so the token, in their
    /// history.
    Implicit,
    /// None: there is no secret for the code flow, and the implicit flow is off.
    Disabled,
}

impl OauthSettings {
    /// The flow that people sign in by: with a secret the safer one.
    #[must_use]
    pub fn flow(&self) -> OauthFlow {
        match self.client_secret {
            ClientSecret::Known { .. } => OauthFlow::Code,
            ClientSecret::Unknown if self.implicit_flow => OauthFlow::Implicit,
            ClientSecret::Unknown => OauthFlow::Disabled,
        }
    }

    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let provider = reader
            .required("OPENSHIFT_OAUTH_PROVIDER_URL")
            .and_then(|value| reader.origin("OPENSHIFT_OAUTH_PROVIDER_URL", &value, &["https"]));
        let client_id = reader
            .text("OPENSHIFT_OAUTH_CLIENT_ID")
            .unwrap_or_else(|| "cockpit-oauth-client".to_owned());
        let client_secret = read_client_secret(reader);
        let implicit_flow = match reader.text("OAUTH_IMPLICIT_FLOW").as_deref() {
            None | Some("on") => Some(true),
            Some("off") => Some(false),
            Some(other) => reader.reject(
                "OAUTH_IMPLICIT_FLOW",
                format!("is {other:?}, which is neither on nor off"),
            ),
        };
        let trust = match reader.text("OAUTH_CA_FILE") {
            Some(_) => reader.ca_file("OAUTH_CA_FILE").map(Trust::Only),
            None => Some(system_and_mounted(reader, &[SERVICE_ACCOUNT_CA])),
        };
        Some(Self {
            provider: provider?,
            client_id,
            client_secret: client_secret?,
            implicit_flow: implicit_flow?,
            trust: trust?,
        })
    }
}

fn read_client_secret(reader: &mut SettingsReader<'_>) -> Option<ClientSecret> {
    let settings = [SECRET_VARIABLE, SECRET_FILE_VARIABLE];
    let Some(setting) = settings
        .into_iter()
        .find(|setting| reader.text(setting).is_some())
    else {
        return Some(ClientSecret::Unknown);
    };
    reader
        .secret(SECRET_VARIABLE, SECRET_FILE_VARIABLE)
        .map(|secret| ClientSecret::Known {
            secret,
            variable: setting,
        })
}

impl From<String> for ClientSecret {
    fn from(secret: String) -> Self {
        Self::Known {
            secret: secret.into(),
            variable: SECRET_VARIABLE,
        }
    }
}

impl From<&str> for ClientSecret {
    fn from(secret: &str) -> Self {
        secret.to_owned().into()
    }
}

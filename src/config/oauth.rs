//! The sign-in through OAuth.

use secrecy::SecretString;
use url::Url;

use super::Trust;
use crate::config::api_server::{SERVICE_ACCOUNT_CA, system_and_mounted};
use crate::config::reader::SettingsReader;

/// The variables that may hold the client's secret, and its file.
const SECRET_VARIABLES: [&str; 2] = [
    "OPENSHIFT_OAUTH_CLIENT_SECRET",
    "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE",
];

/// The OAuth server and the console's OAuth client.
#[derive(Clone, Debug)]
pub struct OauthSettings {
    /// The public address of the OAuth server, or of the API server: scheme, host and port.
    pub provider: Url,
    /// The name of the console's OAuth client.
    pub client_id: String,
    /// The secret of that client.
    pub client_secret: ClientSecret,
    /// Whether users may sign in by the implicit flow if there is no secret
    /// (`OAUTH_IMPLICIT_FLOW`).
    pub implicit_flow: bool,
    /// The certificate authorities that the OAuth server may use: often other ones than the API
    /// server's.
    pub trust: Trust,
}

/// The secret of the console's client, if it is configured.
#[derive(Clone, Debug)]
pub enum ClientSecret {
    Known {
        /// The secret itself.
        secret: SecretString,
        /// The variable that contains it, or names its file.
        variable: &'static str,
    },
    /// There is none: the template of OpenShift 3 does not pass it to the pod, and a client of an OIDC
    /// provider may be a public one.
    Unknown,
}

/// How the console receives the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OauthFlow {
    /// The browser brings a code, for which the console requests the token: the token never passes
    /// through the browser's address bar. Needs the client's secret.
    Code,
    /// The browser brings the token in the fragment of a URL, as it did for the console of
    /// OpenShift 3. Needs no secret. Browsers may keep the URL, and so the token, in their history.
    Implicit,
    /// There is no secret for the code flow, and the implicit flow is disabled.
    Disabled,
}

impl OauthSettings {
    /// The flow by which users sign in: with a secret the safer one.
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
        let client_secret = read_client_secret(reader, SECRET_VARIABLES);
        let implicit_flow = match reader.text("OAUTH_IMPLICIT_FLOW").as_deref() {
            None | Some("on") => Some(true),
            Some("off") => Some(false),
            Some(other) => reader.reject(
                "OAUTH_IMPLICIT_FLOW",
                format!("is {other:?}, but must be on or off"),
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

/// The secret from the variable `inline`, or from the file that the variable `file` names.
pub(super) fn read_client_secret(
    reader: &mut SettingsReader<'_>,
    [inline, file]: [&'static str; 2],
) -> Option<ClientSecret> {
    let Some(setting) = [inline, file]
        .into_iter()
        .find(|setting| reader.text(setting).is_some())
    else {
        return Some(ClientSecret::Unknown);
    };
    reader
        .secret(inline, file)
        .map(|secret| ClientSecret::Known {
            secret,
            variable: setting,
        })
}

impl From<String> for ClientSecret {
    fn from(secret: String) -> Self {
        Self::Known {
            secret: secret.into(),
            variable: SECRET_VARIABLES[0],
        }
    }
}

impl From<&str> for ClientSecret {
    fn from(secret: &str) -> Self {
        secret.to_owned().into()
    }
}

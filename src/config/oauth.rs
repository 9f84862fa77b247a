//! How people sign in.

use secrecy::SecretString;
use url::Url;

use super::Trust;
use super::cluster::{SERVICE_ACCOUNT_CA, with_system};
use super::read::Reader;

/// The OAuth server and what we are to it.
#[derive(Clone, Debug)]
pub struct Oauth {
    /// The public address of the OAuth server, or of the API in front of it: scheme, host and port.
    pub provider: Url,
    /// The name of our OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// Whose certificate the OAuth server may show: often another authority's than the master's.
    pub trust: Trust,
}

impl Oauth {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let provider = reader
            .required("OPENSHIFT_OAUTH_PROVIDER_URL")
            .and_then(|value| reader.origin("OPENSHIFT_OAUTH_PROVIDER_URL", &value, &["https"]));
        let client_id = reader.text("OPENSHIFT_OAUTH_CLIENT_ID").unwrap_or_else(|| "cockpit-oauth-client".to_owned());
        let client_secret = client_secret(reader);
        let trust = match reader.text("OAUTH_CA_FILE") {
            Some(_) => reader.ca_file("OAUTH_CA_FILE").map(Trust::Only),
            None => Some(with_system(reader, &[SERVICE_ACCOUNT_CA])),
        };
        Some(Self { provider: provider?, client_id, client_secret: client_secret?, trust: trust? })
    }
}

fn client_secret(reader: &mut Reader<'_>) -> Option<SecretString> {
    let (variable, file) = ("OPENSHIFT_OAUTH_CLIENT_SECRET", "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE");
    if reader.text(variable).is_none() && reader.text(file).is_none() {
        return reader.wrong(variable, format!("is not set, and neither is {file}; it must be the secret of the OAuthClient object"));
    }
    reader.secret(variable, file)
}

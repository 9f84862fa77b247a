//! How users sign in: through the OAuth server of the cluster, or through an external OIDC provider.

use super::{ClientSecret, OauthFlow, OauthSettings, OidcSettings, Trust};
use crate::config::reader::SettingsReader;

const PROVIDER_VARIABLE: &str = "OPENSHIFT_OAUTH_PROVIDER_URL";

/// The server that signs users in. A cluster with external OIDC has no OAuth server, so nothing can
/// use settings of both.
#[derive(Clone, Debug)]
pub enum SignInSettings {
    Oauth(OauthSettings),
    /// `OIDC_ISSUER_URL` is set.
    Oidc(OidcSettings),
}

impl SignInSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let Some(issuer) = reader.text("OIDC_ISSUER_URL") else {
            OidcSettings::warn_without_issuer(reader);
            return OauthSettings::read(reader).map(Self::Oauth);
        };
        let both = reader.text(PROVIDER_VARIABLE).is_some();
        let oidc = OidcSettings::read(reader, issuer);
        if both {
            return reader.reject(
                PROVIDER_VARIABLE,
                "and OIDC_ISSUER_URL are both set; set OIDC_ISSUER_URL only where the cluster has no OAuth server",
            );
        }
        oidc.map(Self::Oidc)
    }

    /// The settings of the OAuth server, if users sign in there.
    #[must_use]
    pub fn oauth(&self) -> Option<&OauthSettings> {
        match self {
            Self::Oauth(oauth) => Some(oauth),
            Self::Oidc(_) => None,
        }
    }

    /// The same, to change them.
    pub fn oauth_mut(&mut self) -> Option<&mut OauthSettings> {
        match self {
            Self::Oauth(oauth) => Some(oauth),
            Self::Oidc(_) => None,
        }
    }

    /// The settings of the OIDC provider, if users sign in there.
    #[must_use]
    pub fn oidc(&self) -> Option<&OidcSettings> {
        match self {
            Self::Oauth(_) => None,
            Self::Oidc(oidc) => Some(oidc),
        }
    }

    /// The same, to change them.
    pub fn oidc_mut(&mut self) -> Option<&mut OidcSettings> {
        match self {
            Self::Oauth(_) => None,
            Self::Oidc(oidc) => Some(oidc),
        }
    }

    /// The flow by which users sign in.
    #[must_use]
    pub fn flow(&self) -> OauthFlow {
        match self {
            Self::Oauth(oauth) => oauth.flow(),
            Self::Oidc(_) => OauthFlow::Code,
        }
    }

    /// The name of the console's client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        match self {
            Self::Oauth(oauth) => &oauth.client_id,
            Self::Oidc(oidc) => &oidc.client_id,
        }
    }

    /// The secret of the console's client.
    #[must_use]
    pub fn client_secret(&self) -> &ClientSecret {
        match self {
            Self::Oauth(oauth) => &oauth.client_secret,
            Self::Oidc(oidc) => &oidc.client_secret,
        }
    }

    /// The certificate authorities that the server may use.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        match self {
            Self::Oauth(oauth) => &oauth.trust,
            Self::Oidc(oidc) => &oidc.trust,
        }
    }
}

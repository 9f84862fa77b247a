//! Where users of the embedded cluster sign in.

use crate::cluster::{ClaimMappings, ExternalOidc, TrustedIssuer};
use crate::faults::Endpoint;
use crate::issuer::{Issuer, OidcClient};
use crate::{HTTP1, OIDC_CLIENT_ID, Standin, StandinError, create_certificates, host, listen};

/// Where users sign in.
#[derive(Clone, Debug)]
pub enum IdentityProvider {
    /// At the cluster's own OAuth server.
    OauthServer,
    /// At an OIDC issuer that is started with the cluster. The API server maps its claims so.
    EmbeddedIssuer(ClaimMappings),
    /// At an OIDC issuer that already runs. Its keys have to be given to the API server:
    /// [`crate::cluster::Cluster::set_issuer_keys`].
    ExternalIssuer(TrustedIssuer),
}

/// The issuer, and the certificate of its authority, PEM.
pub(crate) struct EmbeddedIssuer {
    pub(crate) issuer: Issuer,
    pub(crate) ca_pem: String,
}

impl Standin {
    /// Makes the API server trust an OIDC issuer, which is started if it is the embedded one.
    pub(crate) async fn start_sign_in(
        &mut self,
        provider: IdentityProvider,
        port: u16,
    ) -> Result<(), StandinError> {
        let (trusted, embedded) = match provider {
            IdentityProvider::OauthServer => return Ok(()),
            IdentityProvider::ExternalIssuer(trusted) => (trusted, None),
            IdentityProvider::EmbeddedIssuer(claims) => {
                // An authority of its own, which the cluster does not have to trust.
                let (identity, listener) = (create_certificates()?, listen(port).await?);
                let client = OidcClient::for_console(OIDC_CLIENT_ID, &self.client_secret, &[]);
                let issuer = Issuer::new(self.cluster.clone(), &host(&listener)?, client);
                let app = issuer.router();
                self.serve(&identity, listener, Endpoint::Issuer, app, &[HTTP1])?;
                let trusted = TrustedIssuer {
                    url: issuer.url().to_owned(),
                    audiences: vec![OIDC_CLIENT_ID.to_owned()],
                    claims,
                };
                let ca_pem = identity.ca_pem().to_owned();
                (trusted, Some(EmbeddedIssuer { issuer, ca_pem }))
            }
        };
        self.cluster
            .use_external_oidc(ExternalOidc::DocumentMissing);
        self.cluster.trust_issuer(trusted);
        if let Some(embedded) = &embedded {
            embedded.issuer.publish_keys();
        }
        self.issuer = embedded;
        Ok(())
    }

    pub(crate) fn has_oauth_server(&self) -> bool {
        self.has_oauth_server
    }

    /// The embedded OIDC issuer, if users sign in there.
    #[must_use]
    pub fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref().map(|embedded| &embedded.issuer)
    }

    /// The certificate of the authority of the embedded OIDC issuer, which is another one.
    #[must_use]
    pub fn issuer_ca_pem(&self) -> Option<&str> {
        self.issuer.as_ref().map(|embedded| &*embedded.ca_pem)
    }
}

//! The environment of the console's pod.

use url::Url;

use crate::{OAUTH_CLIENT_ID, Standin};

/// Refresh tokens are issued only with the last of them.
const OIDC_SCOPES: &str = "openid profile email offline_access";

/// The variables of a console that is set up for an embedded cluster, and the files that they name.
#[derive(Clone, Debug)]
pub struct ConsoleEnvironment {
    /// Name and value.
    pub variables: Vec<(&'static str, String)>,
    /// Path and content.
    pub files: Vec<(String, String)>,
}

impl Standin {
    /// What the pod of a console of this cluster has in its environment: upstreams, their
    /// authorities and the client of the OAuth server or the embedded issuer, with the files in
    /// `folder`. The addresses of the console itself are not part of it, and neither is an issuer
    /// that is not embedded.
    #[must_use]
    pub fn console_environment(&self, folder: &str) -> ConsoleEnvironment {
        let urls = self.urls();
        let (api_server, registry) = (own_url(&urls.api_server), own_url(&urls.registry));
        let host = api_server.host_str().unwrap_or_default().to_owned();
        let port = api_server.port_or_known_default().unwrap_or_default();
        let (ca, storage_ca) = (
            format!("{folder}/ca.crt"),
            format!("{folder}/storage-ca.crt"),
        );
        let mut variables = vec![
            ("KUBERNETES_SERVICE_HOST", host),
            ("KUBERNETES_SERVICE_PORT", port.to_string()),
            ("KUBERNETES_CA_DATA", self.ca_pem().to_owned()),
            ("REGISTRY_HOST", registry.authority().to_owned()),
            ("REGISTRY_URL", registry.into()),
            ("REGISTRY_CA_FILE", ca.clone()),
            ("REGISTRY_BLOB_CA_FILE", storage_ca.clone()),
        ];
        let mut files = vec![
            (ca.clone(), self.ca_pem().to_owned()),
            (storage_ca, self.storage_ca_pem().to_owned()),
        ];
        if self.has_oauth_server() {
            variables.extend([
                ("OPENSHIFT_OAUTH_PROVIDER_URL", api_server.into()),
                ("OPENSHIFT_OAUTH_CLIENT_ID", OAUTH_CLIENT_ID.to_owned()),
                (
                    "OPENSHIFT_OAUTH_CLIENT_SECRET",
                    self.oauth_client_secret().to_owned(),
                ),
                ("OAUTH_CA_FILE", ca),
            ]);
        }
        if let (Some(issuer), Some(pem)) = (self.issuer(), self.issuer_ca_pem()) {
            let issuer_ca = format!("{folder}/issuer-ca.crt");
            let client = issuer.client();
            variables.extend([
                ("OIDC_ISSUER_URL", issuer.url().to_owned()),
                ("OIDC_CLIENT_ID", client.id),
                ("OIDC_SCOPES", OIDC_SCOPES.to_owned()),
                ("OIDC_CA_FILE", issuer_ca.clone()),
            ]);
            variables.extend(client.secret.map(|secret| ("OIDC_CLIENT_SECRET", secret)));
            files.push((issuer_ca, pem.to_owned()));
        }
        ConsoleEnvironment { variables, files }
    }
}

fn own_url(text: &str) -> Url {
    Url::parse(text).expect("addresses of our own listeners are URLs")
}

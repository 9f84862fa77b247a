//! The environment of the console's pod.

use url::Url;

use crate::{OAUTH_CLIENT_ID, Standin};

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
    /// authorities and the OAuth client, with the files in `folder`. The addresses of the console
    /// itself are not part of it.
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
        let variables = vec![
            ("KUBERNETES_SERVICE_HOST", host),
            ("KUBERNETES_SERVICE_PORT", port.to_string()),
            ("KUBERNETES_CA_DATA", self.ca_pem().to_owned()),
            ("OPENSHIFT_OAUTH_PROVIDER_URL", api_server.into()),
            ("OPENSHIFT_OAUTH_CLIENT_ID", OAUTH_CLIENT_ID.to_owned()),
            (
                "OPENSHIFT_OAUTH_CLIENT_SECRET",
                self.oauth_client_secret().to_owned(),
            ),
            ("OAUTH_CA_FILE", ca.clone()),
            ("REGISTRY_HOST", registry.authority().to_owned()),
            ("REGISTRY_URL", registry.into()),
            ("REGISTRY_CA_FILE", ca.clone()),
            ("REGISTRY_BLOB_CA_FILE", storage_ca.clone()),
        ];
        let files = vec![
            (ca, self.ca_pem().to_owned()),
            (storage_ca, self.storage_ca_pem().to_owned()),
        ];
        ConsoleEnvironment { variables, files }
    }
}

fn own_url(text: &str) -> Url {
    Url::parse(text).expect("addresses of our own listeners are URLs")
}

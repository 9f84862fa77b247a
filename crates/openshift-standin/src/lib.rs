//! An embedded OpenShift for demonstrations and tests: OAuth server or OIDC issuer, API and
//! registry in one process.
//!
//! [`Standin::start`] listens on 127.0.0.1 only, with TLS by a certificate authority of its
//! own ([`Standin::ca_pem`]).

pub mod api;
pub mod cluster;
mod console_environment;
pub mod faults;
mod identity_provider;
pub mod issuer;
mod listener;
pub mod oauth;
mod options;
pub mod registry;
pub mod sample;
mod sign_in_form;
pub mod storage;

mod tls;

use std::io;
use std::net::Ipv4Addr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use self::console_environment::ConsoleEnvironment;
pub use self::identity_provider::IdentityProvider;
pub use self::options::{Ports, StandinOptions};

use self::cluster::{Cluster, ExternalOidc, Hosts, RegisteredOauthClient, Version};
use self::faults::{Endpoint, Faults, RequestLog};
use self::identity_provider::EmbeddedIssuer;
use self::issuer::OidcClient;
use self::listener::ListenerConfig;
use self::registry::Blobs;
use self::storage::{BlobRedirects, Storage};
use registry_model::{Subject, SubjectKind};

/// The id of the OAuth client that is registered for the console: that of the old console, which it
/// replaces.
pub const OAUTH_CLIENT_ID: &str = "cockpit-oauth-client";

/// The id of the client that is registered for the console at the embedded OIDC issuer.
pub const OIDC_CLIENT_ID: &str = "registry-console";

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// The addresses of the parts of the cluster: `https://127.0.0.1:<port>`.
#[derive(Clone, Debug)]
pub struct Urls {
    pub api_server: String,
    /// The OAuth server; on 3.9, and with an OIDC issuer, the API server.
    pub oauth: String,
    pub registry: String,
    pub storage: String,
}

/// The embedded cluster could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StandinError {
    /// A port is not available.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        port: u16,
        #[source]
        source: io::Error,
    },
    /// OpenShift 3.9 has no external OIDC.
    #[error("OpenShift 3.9 cannot trust an OIDC issuer")]
    NoExternalOidc,
    /// Certificates could not be created.
    #[error("cannot set up TLS")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A running embedded cluster. It stops when this is dropped; [`Standin::stop`] waits for active
/// requests first.
pub struct Standin {
    cluster: Cluster,
    blobs: Blobs,
    faults: Faults,
    request_log: RequestLog,
    urls: Urls,
    ca_pem: String,
    storage_ca_pem: String,
    issuer: Option<EmbeddedIssuer>,
    has_oauth_server: bool,
    storage: Storage,
    client_secret: String,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
}

impl Standin {
    /// Starts the listeners.
    ///
    /// # Errors
    ///
    /// A port is taken, or certificates could not be created.
    pub async fn start(options: StandinOptions) -> Result<Self, StandinError> {
        let version = options.version;
        let api_server = listen(options.ports.api_server).await?;
        let has_oauth_server = matches!(options.identity_provider, IdentityProvider::OauthServer);
        let oauth = match version {
            Version::V3_9 if !has_oauth_server => return Err(StandinError::NoExternalOidc),
            Version::V4 if has_oauth_server => Some(listen(options.ports.oauth).await?),
            _ => None,
        };
        let registry = listen(options.ports.registry).await?;
        let storage = listen(options.ports.storage).await?;
        let (hosts, urls) =
            hosts_and_urls(version, &api_server, oauth.as_ref(), &registry, &storage)?;
        let (identity, storage_identity) = (create_certificates()?, create_certificates()?);
        let (stop, _) = watch::channel(false);
        let mut demo = Self {
            cluster: Cluster::new(version, hosts, options.clock),
            blobs: Blobs::default(),
            faults: Faults::default(),
            request_log: RequestLog::default(),
            storage: Storage::new(&urls.storage),
            urls,
            ca_pem: identity.ca_pem().to_owned(),
            storage_ca_pem: storage_identity.ca_pem().to_owned(),
            issuer: None,
            has_oauth_server,
            client_secret: format!("{:032x}", rand::random::<u128>()),
            stop,
            listeners: JoinSet::new(),
        };
        if options.sample {
            sample::fill(&demo.cluster, &demo.blobs);
        }
        demo.start_sign_in(options.identity_provider, options.ports.issuer)
            .await?;
        demo.register_console(&["https://127.0.0.1:9090", "https://localhost:9090"]);
        demo.listen(&identity, api_server, oauth, registry)?;
        let objects = demo.storage.clone().router(demo.blobs.clone());
        demo.serve(
            &storage_identity,
            storage,
            Endpoint::Storage,
            objects,
            &[HTTP1],
        )?;
        Ok(demo)
    }

    fn listen(
        &mut self,
        identity: &tls::TlsCertificates,
        api_server: TcpListener,
        oauth: Option<TcpListener>,
        registry: TcpListener,
    ) -> Result<(), StandinError> {
        let api = api::router(self.cluster.clone());
        let login = oauth::router(self.cluster.clone());
        let is_separate = self.cluster.version() == Version::V4;
        if is_separate {
            self.serve(
                identity,
                api_server,
                Endpoint::ApiServer,
                api,
                &[HTTP2, HTTP1],
            )?;
            if let Some(oauth) = oauth {
                // Observed: the OAuth server of OpenShift 4 does not offer HTTP/2.
                self.serve(identity, oauth, Endpoint::Oauth, login, &[HTTP1])?;
            }
        } else {
            self.serve(
                identity,
                api_server,
                Endpoint::ApiServer,
                api.merge(login),
                &[HTTP2, HTTP1],
            )?;
        }
        let app = registry::router(
            self.cluster.clone(),
            self.blobs.clone(),
            self.faults.clone(),
            self.storage.clone(),
        );
        self.serve(identity, registry, Endpoint::Registry, app, &[HTTP2, HTTP1])
    }

    fn serve(
        &mut self,
        identity: &tls::TlsCertificates,
        listener: TcpListener,
        upstream: Endpoint,
        app: Router,
        protocols: &[&[u8]],
    ) -> Result<(), StandinError> {
        let tls = identity
            .server_configs(protocols)
            .map_err(|error| StandinError::Tls(error.into()))?;
        let with_oauth = self.cluster.version() == Version::V3_9 && upstream == Endpoint::ApiServer;
        let part = ListenerConfig {
            endpoint: upstream,
            app,
            with_oauth,
            faults: self.faults.clone(),
            request_log: self.request_log.clone(),
            clock: self.cluster.clock().clone(),
        };
        self.listeners
            .spawn(listener::serve(listener, tls, part, self.stop.subscribe()));
        Ok(())
    }

    /// Registers the console at these addresses (without a path), replacing earlier ones.
    pub fn register_console(&self, urls: &[&str]) {
        self.cluster.add_oauth_client(RegisteredOauthClient {
            id: OAUTH_CLIENT_ID.to_owned(),
            secret: self.client_secret.clone(),
            redirect_uris: urls.iter().map(|&url| url.to_owned()).collect(),
            grant_method: "auto".to_owned(),
        });
        if let Some(EmbeddedIssuer { issuer, .. }) = &self.issuer {
            let client = OidcClient::for_console(OIDC_CLIENT_ID, &self.client_secret, urls);
            issuer.register_client(client);
        }
    }

    /// Makes users sign in through an external OIDC provider, which is not part of the embedded
    /// cluster: the OAuth server is removed.
    pub fn use_external_oidc(&self, answers: ExternalOidc) {
        self.cluster.use_external_oidc(answers);
        self.faults.set(Endpoint::Oauth, faults::Fault::Refuse);
    }

    /// Removes the integrated registry: its address does not answer, and image streams have no
    /// repository in it.
    pub fn remove_registry(&self) {
        self.cluster.remove_registry();
        self.faults.set(Endpoint::Registry, faults::Fault::Refuse);
    }

    /// A token of the console's service account, which from now on may list and watch the image
    /// streams of the cluster, and nothing else.
    #[must_use]
    pub fn create_index_token(&self) -> String {
        self.cluster
            .bind(None, "registry-console-index", &[index_account()]);
        self.cluster.issue_token(
            &index_account().qualified_name(),
            "",
            &["user:full".to_owned()],
            "",
        )
    }

    /// Lets the console's service account also list and watch the workloads of the cluster.
    pub fn allow_workload_index(&self) {
        let role = "registry-console-index-workloads";
        self.cluster.bind(None, role, &[index_account()]);
    }

    /// Lets the console's service account also read the layers of all images.
    pub fn allow_size_index(&self) {
        let role = "registry-console-index-sizes";
        self.cluster.bind(None, role, &[index_account()]);
    }

    /// The state that all parts share.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The storage of the registry.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// The faults that can be switched on.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The log of requests to the cluster.
    #[must_use]
    pub fn request_log(&self) -> &RequestLog {
        &self.request_log
    }

    /// The addresses of the parts.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The certificate of the authority of all listeners, PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The certificate of the authority of the object storage, which is another one.
    #[must_use]
    pub fn storage_ca_pem(&self) -> &str {
        &self.storage_ca_pem
    }

    /// Whether the registry redirects to object storage.
    #[must_use]
    pub fn blob_redirects(&self) -> &BlobRedirects {
        &self.storage.redirects
    }

    /// The secret of the OAuth client [`OAUTH_CLIENT_ID`]: generated at each start.
    #[must_use]
    pub fn oauth_client_secret(&self) -> &str {
        &self.client_secret
    }

    /// Stops listening, and waits a short time for active requests.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.listeners.join_next().await.is_some() {}
    }
}

fn hosts_and_urls(
    version: Version,
    api_server: &TcpListener,
    oauth: Option<&TcpListener>,
    registry: &TcpListener,
    storage: &TcpListener,
) -> Result<(Hosts, Urls), StandinError> {
    let hosts = Hosts {
        api: host(api_server)?,
        oauth: host(oauth.unwrap_or(api_server))?,
        registry_internal: internal_registry_host(version).to_owned(),
        registry_public: Some(host(registry)?),
    };
    let url = |host: &str| format!("https://{host}");
    let urls = Urls {
        api_server: url(&hosts.api),
        oauth: url(&hosts.oauth),
        registry: url(&host(registry)?),
        storage: url(&host(storage)?),
    };
    Ok((hosts, urls))
}

async fn listen(port: u16) -> Result<TcpListener, StandinError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| StandinError::Listen { port, source })
}

fn host(listener: &TcpListener) -> Result<String, StandinError> {
    let address = listener
        .local_addr()
        .map_err(|source| StandinError::Listen { port: 0, source })?;
    Ok(address.to_string())
}

/// The console's service account.
fn index_account() -> Subject {
    Subject {
        kind: SubjectKind::ServiceAccount,
        name: "registry-console".to_owned(),
        project: Some("default".to_owned()),
    }
}

/// The registry's address for pods: what image references contain.
fn internal_registry_host(version: Version) -> &'static str {
    match version {
        Version::V3_9 => "docker-registry.default.svc:5000",
        Version::V4 => "image-registry.openshift-image-registry.svc:5000",
    }
}

fn create_certificates() -> Result<tls::TlsCertificates, StandinError> {
    let names = [
        "127.0.0.1",
        "localhost",
        "docker-registry.default.svc",
        "image-registry.openshift-image-registry.svc",
    ];
    tls::TlsCertificates::new(names.map(str::to_owned).to_vec())
        .map_err(|error| StandinError::Tls(error.into()))
}

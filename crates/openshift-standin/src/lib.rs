//! An embedded OpenShift for demonstrations and tests: OAuth server, API and registry in one
//! process.
//!
//! [`Demo::start`] listens on 127.0.0.1 only, with TLS by a certificate authority of its own
//! ([`Demo::ca_pem`]).

pub mod api;
pub mod cluster;
pub mod faults;
mod listener;
pub mod oauth;
pub mod registry;
pub mod sample;
pub mod storage;

mod tls;

use std::io;
use std::net::Ipv4Addr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::cluster::{Cluster, ExternalOidc, Hosts, OauthClient, Version};
use self::faults::{Faults, Journal, Upstream};
use self::listener::Part;
use self::registry::Blobs;
use self::storage::{BlobRedirects, Storage};
use registry_model::Clock;
use registry_model::{Subject, SubjectKind};

/// The id of the OAuth client that is registered for the console: the one that the console it
/// replaces used.
pub const OAUTH_CLIENT_ID: &str = "cockpit-oauth-client";

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// How to start the embedded cluster.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// Which OpenShift to play.
    pub version: Version,
    pub ports: Ports,
    /// Whether to fill it with sample data ([`sample::fill`]).
    pub sample: bool,
    /// The cluster's time of day.
    pub clock: Clock,
}

impl Default for DemoOptions {
    /// An empty OpenShift 4 on free ports.
    fn default() -> Self {
        Self {
            version: Version::V4,
            ports: Ports::default(),
            sample: false,
            clock: Clock::system(),
        }
    }
}

/// The ports on 127.0.0.1. 0 means any free one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// The master's API, on 3.9 with the OAuth server.
    pub master: u16,
    /// The OAuth server of OpenShift 4. Not used on 3.9.
    pub oauth: u16,
    pub registry: u16,
    /// The object storage that the registry can redirect to.
    pub storage: u16,
}

impl Ports {
    /// The usual ports: 8443, 8444, 5000, and any for the object storage.
    pub const USUAL: Self = Self {
        master: 8443,
        oauth: 8444,
        registry: 5000,
        storage: 0,
    };
}

/// Where the parts of the cluster are, as `https://127.0.0.1:<port>`.
#[derive(Clone, Debug)]
pub struct Urls {
    pub master: String,
    /// The OAuth server; on 3.9 the master.
    pub oauth: String,
    pub registry: String,
    pub storage: String,
}

/// The embedded cluster could not be started.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A port could not be had.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        port: u16,
        #[source]
        source: io::Error,
    },
    /// There are no certificates.
    #[error("cannot set up TLS")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A running embedded cluster. It stops when this is dropped; [`Demo::stop`] lets open requests end
/// first.
pub struct Demo {
    cluster: Cluster,
    blobs: Blobs,
    faults: Faults,
    journal: Journal,
    urls: Urls,
    ca_pem: String,
    storage_ca_pem: String,
    storage: Storage,
    client_secret: String,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
}

impl Demo {
    /// Starts the listeners.
    ///
    /// # Errors
    ///
    /// A port is taken, or there are no certificates.
    pub async fn start(options: DemoOptions) -> Result<Self, DemoError> {
        let version = options.version;
        let master = listen(options.ports.master).await?;
        let oauth = match version {
            Version::V3_9 => None,
            Version::V4 => Some(listen(options.ports.oauth).await?),
        };
        let registry = listen(options.ports.registry).await?;
        let storage = listen(options.ports.storage).await?;
        let (hosts, urls) = addresses(version, &master, oauth.as_ref(), &registry, &storage)?;
        let (identity, storage_identity) = (identity()?, identity()?);
        let (stop, _) = watch::channel(false);
        let mut demo = Self {
            cluster: Cluster::new(version, hosts, options.clock),
            blobs: Blobs::default(),
            faults: Faults::default(),
            journal: Journal::default(),
            storage: Storage::at(&urls.storage),
            urls,
            ca_pem: identity.ca_pem().to_owned(),
            storage_ca_pem: storage_identity.ca_pem().to_owned(),
            client_secret: format!("{:032x}", rand::random::<u128>()),
            stop,
            listeners: JoinSet::new(),
        };
        if options.sample {
            sample::fill(&demo.cluster, &demo.blobs);
        }
        demo.allow_console(&["https://127.0.0.1:9090", "https://localhost:9090"]);
        demo.listen(&identity, master, oauth, registry)?;
        let objects = demo.storage.clone().router(demo.blobs.clone());
        demo.serve(
            &storage_identity,
            storage,
            Upstream::Storage,
            objects,
            &[HTTP1],
        )?;
        Ok(demo)
    }

    fn listen(
        &mut self,
        identity: &tls::Identity,
        master: TcpListener,
        oauth: Option<TcpListener>,
        registry: TcpListener,
    ) -> Result<(), DemoError> {
        let api = api::router(self.cluster.clone());
        let login = oauth::router(self.cluster.clone());
        if let Some(oauth) = oauth {
            self.serve(identity, master, Upstream::Master, api, &[HTTP2, HTTP1])?;
            // Observed: the OAuth server of OpenShift 4 has HTTP/2 switched off.
            self.serve(identity, oauth, Upstream::Oauth, login, &[HTTP1])?;
        } else {
            self.serve(
                identity,
                master,
                Upstream::Master,
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
        self.serve(identity, registry, Upstream::Registry, app, &[HTTP2, HTTP1])
    }

    fn serve(
        &mut self,
        identity: &tls::Identity,
        listener: TcpListener,
        upstream: Upstream,
        app: Router,
        protocols: &[&[u8]],
    ) -> Result<(), DemoError> {
        let tls = identity
            .server(protocols)
            .map_err(|error| DemoError::Tls(error.into()))?;
        let with_oauth = self.cluster.version() == Version::V3_9 && upstream == Upstream::Master;
        let part = Part {
            upstream,
            app,
            with_oauth,
            faults: self.faults.clone(),
            journal: self.journal.clone(),
            clock: self.cluster.clock().clone(),
        };
        self.listeners
            .spawn(listener::serve(listener, tls, part, self.stop.subscribe()));
        Ok(())
    }

    /// Registers the console at these addresses (without a path), in place of those before.
    pub fn allow_console(&self, urls: &[&str]) {
        self.cluster.add_oauth_client(OauthClient {
            id: OAUTH_CLIENT_ID.to_owned(),
            secret: self.client_secret.clone(),
            redirect_uris: urls.iter().map(|&url| url.to_owned()).collect(),
            grant_method: "auto".to_owned(),
        });
    }

    /// Lets people sign in through an external OIDC provider, which is not part of this: the OAuth
    /// server is gone from now on.
    pub fn use_external_oidc(&self, answers: ExternalOidc) {
        self.cluster.use_external_oidc(answers);
        self.faults.set(Upstream::Oauth, faults::Fault::Refuse);
    }

    /// Removes the integrated registry: nothing answers in its place, and image streams have no
    /// repository in it.
    pub fn remove_registry(&self) {
        self.cluster.remove_registry();
        self.faults.set(Upstream::Registry, faults::Fault::Refuse);
    }

    /// A token of the console's service account, which may list and watch the image streams of the
    /// cluster from now on, and nothing else.
    #[must_use]
    pub fn index_token(&self) -> String {
        let (project, name) = ("default", "registry-console");
        let account = Subject {
            kind: SubjectKind::ServiceAccount,
            name: name.to_owned(),
            project: Some(project.to_owned()),
        };
        self.cluster
            .bind(None, "registry-console-index", &[account]);
        self.cluster.issue_token(
            &format!("system:serviceaccount:{project}:{name}"),
            "",
            &["user:full".to_owned()],
            "",
        )
    }

    /// The state that all parts share.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// What the registry stores.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// The faults that can be switched on.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What was asked of the cluster.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Where the parts are.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The certificate of the authority that all listeners' certificates come from, PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The same of the object storage, whose authority is another one.
    #[must_use]
    pub fn storage_ca_pem(&self) -> &str {
        &self.storage_ca_pem
    }

    /// Whether the registry redirects to object storage.
    #[must_use]
    pub fn blob_redirects(&self) -> &BlobRedirects {
        &self.storage.redirects
    }

    /// The secret of the OAuth client [`OAUTH_CLIENT_ID`]: made up at each start.
    #[must_use]
    pub fn oauth_client_secret(&self) -> &str {
        &self.client_secret
    }

    /// Stops listening, and waits a moment for open requests.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.listeners.join_next().await.is_some() {}
    }
}

fn addresses(
    version: Version,
    master: &TcpListener,
    oauth: Option<&TcpListener>,
    registry: &TcpListener,
    storage: &TcpListener,
) -> Result<(Hosts, Urls), DemoError> {
    let hosts = Hosts {
        api: host(master)?,
        oauth: host(oauth.unwrap_or(master))?,
        registry_internal: internal_registry(version).to_owned(),
        registry_public: Some(host(registry)?),
    };
    let url = |host: &str| format!("https://{host}");
    let urls = Urls {
        master: url(&hosts.api),
        oauth: url(&hosts.oauth),
        registry: url(&host(registry)?),
        storage: url(&host(storage)?),
    };
    Ok((hosts, urls))
}

async fn listen(port: u16) -> Result<TcpListener, DemoError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| DemoError::Listen { port, source })
}

fn host(listener: &TcpListener) -> Result<String, DemoError> {
    let address = listener
        .local_addr()
        .map_err(|source| DemoError::Listen { port: 0, source })?;
    Ok(address.to_string())
}

/// The registry as pods would reach it: what image references carry.
fn internal_registry(version: Version) -> &'static str {
    match version {
        Version::V3_9 => "docker-registry.default.svc:5000",
        Version::V4 => "image-registry.openshift-image-registry.svc:5000",
    }
}

fn identity() -> Result<tls::Identity, DemoError> {
    let names = [
        "127.0.0.1",
        "localhost",
        "docker-registry.default.svc",
        "image-registry.openshift-image-registry.svc",
    ];
    tls::Identity::new(names.map(str::to_owned).to_vec())
        .map_err(|error| DemoError::Tls(error.into()))
}

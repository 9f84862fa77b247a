//! The whole product in one process: the embedded cluster with the people, projects and images of
//! the recordings, and the real console in front of it on a free port, signed in to through its
//! real OAuth flow.

pub(crate) mod browser;
pub(crate) mod canned_server;
pub(crate) mod case_files;
pub(crate) mod console;
pub(crate) mod ear;
pub(crate) mod images;
pub(crate) mod indexed;
pub(crate) mod log;
pub(crate) mod page;
pub(crate) mod recording;
pub(crate) mod standin_world;
pub(crate) mod tls_server;

use chrono::{DateTime, TimeDelta};
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault, LoggedRequest};
use openshift_standin::{OAUTH_CLIENT_ID, Standin};
use registry_console::cli::serve::ConsoleServer;
use registry_console::config::{
    ApiServerSettings, BlobStorageSettings, ClientSecret, Config, IndexSettings, ListenSettings,
    LogFormat, LogLevel, LogSettings, OauthSettings, PageSettings, Pod, RegistrySettings,
    SessionSettings, Trust,
};
use registry_model::Clock;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

pub(crate) use browser::Browser;
pub(crate) use ear::Ear;
pub(crate) use images::push_to_tag;
pub(crate) use indexed::{Both, ROBOT, json_of};
pub(crate) use log::{Log, keep_all_events};
pub(crate) use page::Page;

/// The projects' owner is `dev`; `viewer` may read `team-a`; `root` may do everything; `outsider`
/// sees what everybody sees. Each one's password is the name, and `TOKEN-<name>` a token.
pub(crate) struct World {
    pub(crate) demo: Standin,
    pub(crate) clock: Clock,
    console: Running,
}

/// A console that serves. Dropped, it drains and stops.
pub(crate) struct Running {
    url: Url,
    _stop: oneshot::Sender<()>,
}

impl World {
    pub(crate) async fn start(version: Version) -> Self {
        Self::configured(version, |_| {}).await
    }

    /// The same, its configuration changed before it starts.
    pub(crate) async fn configured(version: Version, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::fixed_at(DateTime::from_timestamp(1_767_348_000, 0).unwrap());
        let demo = standin_world::World::start_at(version, clock.clone())
            .await
            .demo;
        let console = Running::start(&demo, &clock, change).await;
        demo.register_console(&[console.origin().as_str()]);
        let world = Self {
            demo,
            clock,
            console,
        };
        world.warm_up().await;
        world
    }

    /// The console gives the master a quarter of a second to say where people sign in. A busy
    /// machine may need more than one try.
    async fn warm_up(&self) {
        let mut browser = self.browser();
        for _ in 0..40 {
            if browser.get("/login").await.status == 303 {
                break;
            }
        }
        self.forget_asked();
    }

    /// A console that was told no more than the template of OpenShift 3.11 tells it.
    pub(crate) async fn stock(version: Version) -> Self {
        Self::configured(version, |config| {
            (config.listen.public_url, config.oauth.client_secret) = (None, ClientSecret::Unknown)
        })
        .await
    }

    /// One more console for the same cluster: a replica.
    pub(crate) async fn replica(&self, change: impl FnOnce(&mut Config)) -> Running {
        let replica = Running::start(&self.demo, &self.clock, change).await;
        self.demo
            .register_console(&[self.console.origin().as_str(), replica.origin().as_str()]);
        replica
    }

    /// The address of the console.
    pub(crate) fn url(&self) -> &Url {
        &self.console.url
    }

    pub(crate) fn origin(&self) -> String {
        self.console.origin()
    }

    /// A browser without any cookie.
    pub(crate) fn browser(&self) -> Browser {
        Browser::of(self.url())
    }

    /// A browser in which this person has signed in.
    pub(crate) async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(user).await;
        browser
    }

    pub(crate) fn fail(&self, upstream: Endpoint, fault: Fault) {
        self.demo.faults().set(upstream, fault);
    }

    /// All that the cluster was asked since `forget_asked`. Not the requests of the browsers
    /// themselves to the OAuth server's pages.
    pub(crate) fn asked(&self) -> Vec<LoggedRequest> {
        let by_browser = |seen: &LoggedRequest| {
            seen.endpoint == Endpoint::Oauth && !seen.path.starts_with("/oauth/token")
        };
        self.demo
            .request_log()
            .all()
            .into_iter()
            .filter(|seen| !by_browser(seen))
            .collect()
    }

    /// How often the console itself has asked whether a sign-in would begin well, since
    /// `forget_asked`.
    pub(crate) fn preflights(&self) -> usize {
        let by_console = |seen: &LoggedRequest| {
            seen.headers
                .get("user-agent")
                .is_some_and(|agent| agent.as_bytes().starts_with(b"registry-console/"))
        };
        let asked = self.demo.request_log().requests_to(Endpoint::Oauth);
        asked
            .iter()
            .filter(|seen| by_console(seen) && seen.path.starts_with("/oauth/authorize?"))
            .count()
    }

    pub(crate) fn forget_asked(&self) {
        self.demo.request_log().clear();
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }
}

impl Running {
    async fn start(demo: &Standin, clock: &Clock, change: impl FnOnce(&mut Config)) -> Self {
        let (pages, metrics) = (listen().await, listen().await);
        let mut config = config(demo, &pages, &metrics);
        change(&mut config);
        let url = config
            .listen
            .public_url
            .clone()
            .unwrap_or_else(|| at(&pages));
        let console =
            ConsoleServer::from_listeners(&config, pages, metrics, clock.clone()).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(console.run(async {
            let _dropped = stopped.await;
        }));
        Self { url, _stop: stop }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

fn at(pages: &TcpListener) -> Url {
    Url::parse(&format!("https://{}", pages.local_addr().unwrap())).unwrap()
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// What the environment variables of a pod of this cluster would amount to.
fn config(demo: &Standin, pages: &TcpListener, metrics: &TcpListener) -> Config {
    let trust = Trust::Only(demo.ca_pem().to_owned());
    let url = |text: &str| Url::parse(text).unwrap();
    let (master, registry) = (url(&demo.urls().api_server), url(&demo.urls().registry));
    Config {
        listen: ListenSettings {
            pages_address: pages.local_addr().unwrap(),
            metrics_address: metrics.local_addr().unwrap(),
            public_url: Some(at(pages)),
            plain_http_only: false,
            certificate: None,
            max_connections: None,
            memory_bytes: None,
        },
        oauth: OauthSettings {
            provider: master.clone(),
            client_id: OAUTH_CLIENT_ID.to_owned(),
            client_secret: demo.oauth_client_secret().into(),
            implicit_flow: true,
            trust: trust.clone(),
        },
        cluster: ApiServerSettings {
            url: master,
            trust: trust.clone(),
        },
        registry: RegistrySettings {
            public_host: Some(registry.authority().to_owned()),
            url: registry,
            storage: BlobStorageSettings::from_registry_trust(&trust, Some(demo.storage_ca_pem())),
            trust,
        },
        index: IndexSettings::disabled(),
        session: SessionSettings { keys: Vec::new() },
        pages: PageSettings::default(),
        telemetry: LogSettings {
            format: LogFormat::Text,
            level: LogLevel::Warn,
        },
        pod: Pod::default(),
        warnings: Vec::new(),
    }
}

/// Sends a form with the session's token, as a page of the console would.
pub(crate) async fn post(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let csrf = browser.csrf().await;
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .copied()
        .chain([("csrf", csrf.as_str())])
        .collect();
    browser.post_form(path, &fields).await
}

/// Sends the form in the notice of the last change: its undo.
pub(crate) async fn undo(browser: &mut Browser, path: &str) -> Page {
    let page = browser.get(path).await;
    let fields = page.hidden_fields("[role=status] form");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser
        .post_form(&page.attribute("[role=status] form", "action"), &fields)
        .await
}

//! The whole product in one process: the embedded cluster with the users, projects and images of
//! the recordings, and the real console in front of it, signed in to through its real OAuth flow.

mod index;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use openshift_standin::cluster::{ClaimMappings, Version};
use openshift_standin::faults::{Endpoint, Fault, LoggedRequest};
use openshift_standin::issuer::Issuer;
use openshift_standin::{IdentityProvider, Standin, StandinOptions};
use registry_console::config::{ClientSecret, Config, IndexToken};
use registry_console::outbound::TimeLimits;
use registry_model::Clock;
use reqwest::Method;
use serde_json::Value;
use tempfile::NamedTempFile;
use url::Url;

use super::console::{Console, ConsoleOptions, SettingsChange};
use super::seeded_standin::{SeededStandin, http_client, sample_standin};
use super::{Browser, json_of};
use index::Index;

/// The token of the console's service account.
pub(crate) const SERVICE_ACCOUNT_TOKEN: &str = "TOKEN-of-the-service-account";

/// The projects' owner is `dev`; `viewer` may read `team-a`; `root` may do everything; `outsider`
/// sees what everybody sees. Each one's password is the name, and `TOKEN-<name>` a token.
pub(crate) struct World {
    pub(crate) demo: Standin,
    /// The clock of the cluster and, where a builder did not choose another one, of the consoles.
    pub(crate) clock: Clock,
    console: Console,
    /// Of all consoles, as the OAuth client has them.
    origins: Mutex<Vec<String>>,
    service_account_token: OnceLock<NamedTempFile>,
}

/// A console that is about to be started: for a new cluster, or one more for a cluster.
pub(crate) struct Builder<'a, Cluster> {
    cluster: Cluster,
    changes: Vec<SettingsChange<'a>>,
    limits: TimeLimits,
    clock: Clock,
    index: Index,
}

/// A cluster that is about to be started.
pub(crate) struct NewCluster {
    version: Version,
    clock: Clock,
    has_sample: bool,
    identity_provider: IdentityProvider,
}

impl<'a, Cluster> Builder<'a, Cluster> {
    fn new(cluster: Cluster, clock: Clock) -> Self {
        Self {
            cluster,
            changes: Vec::new(),
            limits: TimeLimits::default(),
            clock,
            index: Index::Off,
        }
    }

    /// Changes the console's settings.
    pub(crate) fn settings(mut self, change: impl FnOnce(&mut Config) + 'a) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// No more than the template of OpenShift 3.11 sets: no secret, no address.
    pub(crate) fn stock(self) -> Self {
        self.settings(|config| {
            config.listen.public_url = None;
            config.sign_in.oauth_mut().unwrap().client_secret = ClientSecret::Unknown;
        })
    }

    /// How long the console's calls to upstreams may take.
    pub(crate) fn time_limits(self, limits: TimeLimits) -> Self {
        Self { limits, ..self }
    }

    /// The console's clock, where it differs from the cluster's.
    pub(crate) fn console_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Another API server for what the console loads. Users sign in at the cluster's.
    pub(crate) fn api_server(self, url: Url) -> Self {
        self.settings(|config| config.cluster.url = url)
    }

    /// Another registry.
    pub(crate) fn registry(self, url: Url) -> Self {
        self.settings(|config| config.registry.url = url)
    }

    /// With an index, which watches when the console is started.
    pub(crate) fn index(self) -> Self {
        let index = Index::Watching;
        Self { index, ..self }
    }

    /// With an index that has workloads, which watches when the console is started.
    pub(crate) fn workload_index(self) -> Self {
        let index = Index::WatchingWorkloads;
        Self { index, ..self }.settings(|config| config.index.has_workloads = true)
    }

    /// With an index that reads the sizes of all images.
    pub(crate) fn size_index(self) -> Self {
        let index = Index::WatchingSizes;
        Self { index, ..self }
            .settings(|config| config.index.sizes_per_second = NonZeroU32::new(100))
    }

    /// With an index that is not waited for: its API server gives no list.
    pub(crate) fn loading_index(self) -> Self {
        let index = Index::Loading;
        Self { index, ..self }
    }

    fn into_options(self, index_token: Option<PathBuf>) -> ConsoleOptions<'a> {
        let mut changes = self.changes;
        if let Some(path) = index_token {
            let with_token =
                |config: &mut Config| config.index.token = Some(IndexToken::File(path));
            changes.insert(0, Box::new(with_token));
        }
        ConsoleOptions {
            changes,
            limits: self.limits,
            clock: self.clock,
        }
    }
}

impl Builder<'_, NewCluster> {
    /// The time of day when the world begins. The clock moves only with [`World::advance`].
    pub(crate) fn time(mut self, now: DateTime<Utc>) -> Self {
        self.clock = Clock::fixed_at(now);
        self.cluster.clock = self.clock.clone();
        self
    }

    /// With an OIDC issuer in place of the OAuth server, where the same users sign in.
    pub(crate) fn oidc(mut self) -> Self {
        self.cluster.identity_provider = IdentityProvider::EmbeddedIssuer(ClaimMappings::default());
        self
    }

    /// With the projects of the demo in place of those of the recordings.
    pub(crate) fn sample(mut self) -> Self {
        self.cluster.has_sample = true;
        self
    }

    pub(crate) async fn start(self) -> World {
        let clock = self.cluster.clock.clone();
        let options = StandinOptions {
            version: self.cluster.version,
            clock: clock.clone(),
            identity_provider: self.cluster.identity_provider.clone(),
            ..StandinOptions::default()
        };
        let demo = if self.cluster.has_sample {
            sample_standin(options).await
        } else {
            SeededStandin::start_with(options).await.demo
        };
        let service_account_token = OnceLock::new();
        let index = self.index;
        let token = (index != Index::Off).then(|| token_file(&demo, &service_account_token));
        index.allow(&demo);
        let console = Console::start(&demo, self.into_options(token)).await;
        let origins = vec![console.origin()];
        demo.register_console(&[console.origin().as_str()]);
        let world = World {
            demo,
            clock,
            console,
            origins: Mutex::new(origins),
            service_account_token,
        };
        world.warm_up().await;
        world.wait_for_watches(index.watch_count()).await;
        world.clear_requests();
        world
    }
}

impl Builder<'_, &World> {
    pub(crate) async fn start(self) -> Console {
        let (world, index) = (self.cluster, self.index);
        let token =
            (index != Index::Off).then(|| token_file(&world.demo, &world.service_account_token));
        index.allow(&world.demo);
        let watches = world.watch_count() + index.watch_count();
        let console = Console::start(&world.demo, self.into_options(token)).await;
        world.register(&console);
        if index != Index::Off {
            world.wait_for_watches(watches).await;
        }
        console
    }
}

/// The file with the token of the service account, which may list and watch all image streams.
fn token_file(demo: &Standin, file: &OnceLock<NamedTempFile>) -> PathBuf {
    let file = file.get_or_init(|| {
        // This gives the account its right. The token that comes with it is not used: the tests
        // look for a known one in the requests.
        let _unused = demo.create_index_token();
        let account = "system:serviceaccount:default:registry-console";
        demo.cluster().adopt_token(SERVICE_ACCOUNT_TOKEN, account);
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{SERVICE_ACCOUNT_TOKEN}\n")).unwrap();
        file
    });
    file.path().to_owned()
}

impl World {
    pub(crate) fn builder<'a>(version: Version) -> Builder<'a, NewCluster> {
        let clock = Clock::fixed_at(DateTime::from_timestamp(1_767_348_000, 0).unwrap());
        let cluster = NewCluster {
            version,
            clock: clock.clone(),
            has_sample: false,
            identity_provider: IdentityProvider::OauthServer,
        };
        Builder::new(cluster, clock)
    }

    /// The world of [`World::builder`] as it is: without an index.
    pub(crate) async fn start(version: Version) -> Self {
        Self::builder(version).start().await
    }

    /// The console gives the API server two seconds to say where users sign in. A busy machine may
    /// need more than one try.
    async fn warm_up(&self) {
        let mut browser = self.browser();
        for _ in 0..40 {
            if browser.get("/login").await.status == 303 {
                break;
            }
        }
    }

    /// One more console for the same cluster.
    pub(crate) fn replica(&self) -> Builder<'_, &Self> {
        Builder::new(self, self.clock.clone())
    }

    fn register(&self, console: &Console) {
        let mut origins = self.origins.lock().unwrap();
        origins.push(console.origin());
        let origins: Vec<&str> = origins.iter().map(String::as_str).collect();
        self.demo.register_console(&origins);
    }

    /// The address of the console.
    pub(crate) fn url(&self) -> &Url {
        self.console.url()
    }

    pub(crate) fn origin(&self) -> String {
        self.console.origin()
    }

    /// The OIDC issuer of a world with one.
    pub(crate) fn issuer(&self) -> &Issuer {
        self.demo.issuer().unwrap()
    }

    /// A browser without any cookie.
    pub(crate) fn browser(&self) -> Browser {
        self.console.browser()
    }

    /// A browser in which this user has signed in.
    pub(crate) async fn signed_in(&self, user: &str) -> Browser {
        self.console.signed_in(user).await
    }

    /// The JSON of a page, with its status, for the token of a user.
    pub(crate) async fn json(&self, path: &str, user: &str) -> Value {
        json_of(&mut self.browser(), path, user).await
    }

    pub(crate) fn fail(&self, upstream: Endpoint, fault: Fault) {
        self.demo.faults().set(upstream, fault);
    }

    /// The requests that the cluster received since [`World::clear_requests`], without those of
    /// browsers to the pages of the OAuth server or the OIDC issuer.
    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        let by_browser = |request: &LoggedRequest| {
            let path = &request.path;
            match request.endpoint {
                Endpoint::Oauth => !path.starts_with("/oauth/token"),
                Endpoint::Issuer => ["/authorize", "/login", "/end-session"]
                    .iter()
                    .any(|page| path.starts_with(&format!("/oidc{page}"))),
                _ => false,
            }
        };
        self.demo
            .request_log()
            .all()
            .into_iter()
            .filter(|request| !by_browser(request))
            .collect()
    }

    /// The same with the token of this user: method and path.
    pub(crate) fn requests_as(&self, user: &str) -> Vec<String> {
        let token = format!("TOKEN-{user}");
        self.requests()
            .into_iter()
            .filter(|request| request.bearer() == Some(&token))
            .map(|request| format!("{} {}", request.method, request.path))
            .collect()
    }

    /// How often the console itself has checked whether a sign-in would begin, since
    /// [`World::clear_requests`].
    pub(crate) fn preflights(&self) -> usize {
        let by_console = |request: &LoggedRequest| {
            request
                .headers
                .get("user-agent")
                .is_some_and(|agent| agent.as_bytes().starts_with(b"registry-console/"))
        };
        let requests = self.demo.request_log().requests_to(Endpoint::Oauth);
        requests
            .iter()
            .filter(|request| by_console(request) && request.path.starts_with("/oauth/authorize?"))
            .count()
    }

    pub(crate) fn clear_requests(&self) {
        self.demo.request_log().clear();
    }

    fn watch_count(&self) -> usize {
        let is_watch = |request: &&LoggedRequest| request.path.contains("watch=true");
        self.requests().iter().filter(is_watch).count()
    }

    async fn wait_for_watches(&self, count: usize) {
        let watches = async || self.watch_count() >= count;
        self.until("the index watches", watches).await;
    }

    /// Waits until `condition` holds, as long as the slowest machine needs.
    pub(crate) async fn until(&self, condition: &str, mut holds: impl AsyncFnMut() -> bool) {
        let mut browser = self.browser();
        for _ in 0..2000 {
            if holds().await {
                return;
            }
            browser.get("/healthz").await;
        }
        panic!("never: {condition}");
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Sends a request to the API server, as its administrator.
    pub(crate) async fn request_as_root(&self, method: Method, path: &str, body: Option<Value>) {
        let url = format!("{}{path}", self.demo.urls().api_server);
        let request = http_client(self.demo.ca_pem())
            .request(method, url)
            .bearer_auth("TOKEN-root");
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status();
        assert!(status.is_success(), "{}", response.text().await.unwrap());
    }
}

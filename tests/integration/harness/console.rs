//! A console as it is served, on a free port.

use std::time::Duration;

use openshift_standin::Standin;
use registry_console::app::App;
use registry_console::cli::serve::ConsoleServer;
use registry_console::config::{
    Config, FixedVariables, IndexSettings, LogLevel, SessionLimits, SessionSettings,
};
use registry_console::index::IndexReader;
use registry_console::outbound::{TimeLimits, Upstream};
use registry_model::Clock;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

use super::Browser;

/// Upstreams get this long where a test waits for them in vain.
pub(crate) const SHORT_LIMITS: TimeLimits = TimeLimits {
    connect: Duration::from_secs(2),
    total: Duration::from_millis(300),
};

/// A console that serves. Dropped, it drains and stops.
pub(crate) struct Console {
    url: Url,
    _stop: oneshot::Sender<()>,
}

pub(super) type SettingsChange<'a> = Box<dyn FnOnce(&mut Config) + 'a>;

/// What is different from the console of the embedded cluster's environment.
pub(super) struct ConsoleOptions<'a> {
    pub(super) changes: Vec<SettingsChange<'a>>,
    pub(super) limits: TimeLimits,
    pub(super) clock: Clock,
}

impl Console {
    pub(super) async fn start(demo: &Standin, options: ConsoleOptions<'_>) -> Self {
        let (pages, metrics) = (listen().await, listen().await);
        let mut config = console_config(demo, &pages, &metrics);
        for change in options.changes {
            change(&mut config);
        }
        let url = config
            .listen
            .public_url
            .clone()
            .unwrap_or_else(|| url_of(&pages));
        let server =
            ConsoleServer::from_listeners(&config, pages, metrics, options.clock, options.limits)
                .unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.run(async {
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

    /// A browser without any cookie.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.url())
    }

    /// A browser in which this user has signed in.
    pub(crate) async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(user).await;
        browser
    }
}

fn url_of(pages: &TcpListener) -> Url {
    Url::parse(&format!("https://{}", pages.local_addr().unwrap())).unwrap()
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// The settings of a pod of this cluster, on these listeners.
fn console_config(demo: &Standin, pages: &TcpListener, metrics: &TcpListener) -> Config {
    let environment = demo.console_environment("/etc/registry-console");
    let mut vars = FixedVariables::default()
        .with_var("COCKPIT_KUBE_URL", url_of(pages).as_str())
        .with_var("LISTEN", pages.local_addr().unwrap().to_string())
        .with_var("METRICS_LISTEN", metrics.local_addr().unwrap().to_string());
    for (name, value) in environment.variables {
        vars = vars.with_var(name, value);
    }
    for (path, content) in environment.files {
        vars = vars.with_file(&path, content);
    }
    let mut config = Config::from_variables(&vars).unwrap();
    config.telemetry.level = LogLevel::Warn;
    // The clock of most tests stands still: a list would be kept for ever.
    config.index = IndexSettings::disabled();
    config
}

/// The app of a console of this cluster, without an index and without pages.
pub(crate) fn app(demo: &Standin, clock: &Clock, limits: TimeLimits) -> App {
    let environment = demo.console_environment("/etc/registry-console");
    let mut vars = FixedVariables::default().with_var("COCKPIT_KUBE_URL", "https://127.0.0.1:1");
    for (name, value) in environment.variables {
        vars = vars.with_var(name, value);
    }
    for (path, content) in environment.files {
        vars = vars.with_file(&path, content);
    }
    let config = Config::from_variables(&vars).unwrap();
    let api_server = Upstream::for_api_server(&config.cluster, limits).unwrap();
    App::from_config(&config, api_server, IndexReader::disabled(), clock, limits).unwrap()
}

/// Lets consoles open each other's sessions.
pub(crate) fn share_session_key(config: &mut Config) {
    config.session = SessionSettings {
        keys: vec![vec![7; 64].into()],
        limits: SessionLimits::default(),
    };
}

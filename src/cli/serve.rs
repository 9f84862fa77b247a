//! `registry-console serve`: the console of one cluster.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::thread;

use axum::Router;
use axum::middleware::from_fn;
use axum_extra::extract::cookie::Key;
use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use url::Url;

use super::Failed;
use crate::app::connect::Authorities;
use crate::app::doctor::{Doctor, Settings};
use crate::config::{Config, Flow, Trust, Vars};
use crate::index::{Reader, ServiceAccount, Writer};
use crate::openshift::Master;
use crate::openshift::oauth::{Discovery, OauthClient};
use crate::outbound::{self, Name, Upstream};
use crate::registry::Registry;
use crate::server::certificates::{Certificates, LOOK, Place, UNKNOWN_HOST};
use crate::server::health::Health;
use crate::server::{self, Capacity, Limits, Options, Security, SessionCheck};
use crate::telemetry::logs;
use crate::telemetry::metrics::Metrics;
use crate::web::{self, App};
use registry_model::Clock;

/// Serves until SIGTERM or SIGINT, then drains.
///
/// # Errors
/// [`Failed`], before anything is served.
pub fn run(vars: &dyn Vars) -> Result<(), Failed> {
    let config = Config::read(vars)?;
    let _log = logs::start(&config.telemetry).map_err(Failed::Start)?;
    warn_of_weak_settings(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failed::Start)?;
    runtime.block_on(async {
        let stop = asked_to_stop().map_err(Failed::Start)?;
        Console::bind(&config).await?.run(stop).await;
        Ok(())
    })
}

/// The console, with its ports taken.
pub struct Console {
    pages: TcpListener,
    pages_at: SocketAddr,
    metrics: TcpListener,
    metrics_at: SocketAddr,
    router: Router,
    options: Options,
    app: App,
    counts: Metrics,
    index: Option<Writer<ServiceAccount>>,
    api_server: Upstream,
}

impl Console {
    /// Takes the ports and finds the certificate. No upstream is asked: the console starts while
    /// all of them are down (R6).
    ///
    /// # Errors
    /// A port cannot be had, or a certificate or address of the configuration is of no use.
    pub async fn bind(config: &Config) -> Result<Self, Failed> {
        let pages = listen(config.listen.pages).await?;
        let metrics = listen(config.listen.metrics).await?;
        Self::on(config, pages, metrics, Clock::system())
    }

    /// The same on ports that were taken before, by `clock`.
    ///
    /// # Errors
    /// A certificate or address of the configuration is of no use.
    pub fn on(
        config: &Config,
        pages: TcpListener,
        metrics: TcpListener,
        clock: Clock,
    ) -> Result<Self, Failed> {
        let health = Health::default();
        let (index, reader) = index(config, &clock)?;
        let app = app(config, reader, clock)?;
        let api_server = Upstream::new(
            Name::Master,
            &config.cluster.api,
            &config.cluster.trust,
            outbound::Limits::default(),
        )?;
        let router = health
            .router()
            .layer(from_fn(web::secure_headers))
            .merge(web::router(app.clone()));
        let pages_app = app.clone();
        let options = Options {
            security: security(config)?,
            health,
            limits: limits(config),
            sessions: SessionCheck::new(web::SESSION_COOKIE, move |headers| {
                pages_app.has_session(headers)
            }),
        };
        let address = |listener: &TcpListener| listener.local_addr().map_err(Failed::Start);
        let (pages_at, metrics_at) = (address(&pages)?, address(&metrics)?);
        Ok(Self {
            pages,
            pages_at,
            metrics,
            metrics_at,
            router,
            options,
            app,
            counts: Metrics::start(),
            index,
            api_server,
        })
    }

    /// Where the pages are.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.pages_at
    }

    /// Serves until `stop`, then drains. The metrics are there until the very end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        tracing::info!(pages = %self.pages_at, metrics = %self.metrics_at, "serving");
        // In a task of its own, which ends with this one: a long list holds nobody up.
        let mut tasks = JoinSet::new();
        if let Some(index) = self.index {
            tasks.spawn(index.run());
            let app = self.app.clone();
            tasks.spawn(async move { app.tell_pages().await });
        }
        tasks.spawn(report_api_server(self.api_server));
        let internal = Internal::start(self.metrics, self.counts.clone(), &self.options.health);
        let certificates = match &self.options.security {
            Security::Tls { certificates, .. } => Some(certificates.clone()),
            Security::Off => None,
        };
        let stop = async {
            stop.await;
            self.app.send_pages_away();
        };
        let clock = self.app.clock().clone();
        let keep_fresh = async {
            match certificates {
                Some(certificates) => {
                    certificates.announce(clock.now());
                    certificates.keep_fresh(LOOK, &clock).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = server::serve(self.pages, self.router, self.options, stop) => {}
            () = self.counts.keep_small() => {}
            () = keep_fresh => {}
        }
        drop(internal);
        tracing::info!("stopped");
    }
}

/// The listener of the probes and the metrics, until dropped.
///
/// It has a thread of its own besides limits of its own: whatever keeps the pages busy, the kubelet
/// gets its answer in time.
struct Internal {
    _stop: oneshot::Sender<()>,
}

impl Internal {
    fn start(listener: TcpListener, counts: Metrics, health: &Health) -> Self {
        let (stop, stopped) = oneshot::channel();
        let health = health.clone();
        let started = listener.into_std().and_then(|listener| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            thread::Builder::new()
                .name("probes".to_owned())
                .spawn(move || runtime.block_on(serve_internal(listener, &counts, health, stopped)))
        });
        if let Err(error) = started {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "probes and metrics are not served"
            );
        }
        Self { _stop: stop }
    }
}

async fn serve_internal(
    listener: std::net::TcpListener,
    counts: &Metrics,
    health: Health,
    stopped: oneshot::Receiver<()>,
) {
    let router = health
        .router()
        .layer(from_fn(web::secure_headers))
        .merge(counts.router());
    let options = Options {
        security: Security::Off,
        health,
        limits: Limits::internal(),
        sessions: SessionCheck::never(),
    };
    match TcpListener::from_std(listener) {
        Ok(listener) => {
            tokio::select! {
                () = server::serve(listener, router, options, std::future::pending()) => {}
                // An error means that the console has ended as well.
                _ = stopped => {}
            }
        }
        Err(error) => tracing::error!(
            error = &error as &dyn std::error::Error,
            "probes and metrics are not served"
        ),
    }
}

/// The pages and what they ask.
fn app(config: &Config, index: Reader, clock: Clock) -> Result<App, Failed> {
    let master = Upstream::new(
        Name::Master,
        &config.cluster.api,
        &config.cluster.trust,
        outbound::Limits::default(),
    )?;
    let registry = Registry::configured(&config.registry, outbound::Limits::default())?;
    let discovery = Discovery::new(master.clone(), config.oauth.provider.clone(), clock.clone());
    let oauth = OauthClient::new(config.oauth.clone(), discovery);
    let console = crate::app::Console::new(
        Master::new(master),
        registry,
        config.registry.public_host.clone(),
    );
    let lists_kept = TimeDelta::from_std(config.index.lists_kept).unwrap_or_default();
    let console = console.with_index(index, lists_kept, &clock);
    let trusts = [
        (Name::Registry, &config.registry.trust),
        (Name::Oauth, &config.oauth.trust),
        (Name::Master, &config.cluster.trust),
    ];
    let authorities = Authorities::new(config.registry.public_host.clone(), &trusts, clock.clone());
    let console = console.with_authorities(authorities);
    let doctor = Doctor::new(Settings::of(config, web::links::CALLBACK), clock.clone());
    Ok(App::new(
        console,
        oauth,
        doctor,
        clock,
        config.listen.public.clone(),
        session_keys(config),
    )
    .with_pages(config.pages))
}

/// What fills the index, if there is to be one, and who looks at it. Its connections are its own:
/// its long answers stand in nobody's way.
fn index(
    config: &Config,
    clock: &Clock,
) -> Result<(Option<Writer<ServiceAccount>>, Reader), Failed> {
    let Some(token) = config.index.token.clone() else {
        return Ok((None, Reader::off()));
    };
    let master = Upstream::new(
        Name::Master,
        &config.cluster.api,
        &config.cluster.trust,
        outbound::Limits::default(),
    )?
    .without_breaker();
    let (writer, reader) = Writer::new(
        ServiceAccount::new(Master::new(master), token),
        clock.clone(),
    );
    Ok((Some(writer.with_memory_limit(config.index.memory)), reader))
}

/// The keys of the configuration, or else one that lives as long as the process.
fn session_keys(config: &Config) -> Vec<Key> {
    let keys: Vec<Key> = config
        .session
        .keys
        .iter()
        .map(|key| Key::from(key.expose_secret()))
        .collect();
    if keys.is_empty() {
        vec![Key::generate()]
    } else {
        keys
    }
}

fn security(config: &Config) -> Result<Security, Failed> {
    if config.listen.plain_only {
        return Ok(Security::Off);
    }
    let host = config
        .listen
        .public
        .as_ref()
        .and_then(Url::host_str)
        .unwrap_or(UNKNOWN_HOST);
    // Brackets belong to the URL of an IPv6 address, not to its name in a certificate.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let certificates = Certificates::open(Place::usual(config.listen.certificate.clone(), host))?;
    Ok(Security::Tls {
        certificates,
        public: config.listen.public.clone(),
    })
}

/// As many connections and bytes as fit into the memory, unless the configuration says otherwise.
fn limits(config: &Config) -> Limits {
    let kernel = Capacity::of_this_process();
    let capacity = Capacity {
        memory: config.listen.memory.or(kernel.memory),
        ..kernel
    };
    capacity.limits(config.listen.connections.map(NonZeroUsize::get))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failed> {
    TcpListener::bind(address)
        .await
        .map_err(|source| Failed::Listen { address, source })
}

/// Says in the log whether the API server answers: else the log of a console that no browser has
/// asked yet would not show that something is wrong.
async fn report_api_server(api_server: Upstream) {
    let address = api_server.base().origin().ascii_serialization();
    match Master::new(api_server.without_breaker()).about().await {
        Ok(about) => tracing::info!(
            address,
            kubernetes = about.kubernetes.unwrap_or_default(),
            "the API server answers"
        ),
        Err(error) => {
            tracing::error!(
                address,
                error = &error as &dyn std::error::Error,
                "the API server gives no answer: no page can be shown"
            );
        }
    }
}

fn warn_of_weak_settings(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    if config.cluster.trust == Trust::Nothing {
        tracing::warn!(
            "KUBERNETES_INSECURE is set: ANYBODY WHO CAN PLAY THE MASTER GETS EVERY TOKEN; set KUBERNETES_CA_DATA in its place"
        );
    }
    if config.listen.plain_only {
        tracing::warn!(
            "COCKPIT_KUBE_INSECURE is set: pages and sessions are not encrypted on their way to this process"
        );
    }
    if config.oauth.flow() == Flow::Disabled {
        tracing::error!(
            "nobody can sign in: OAUTH_IMPLICIT_FLOW is off and there is no OPENSHIFT_OAUTH_CLIENT_SECRET"
        );
    }
    if config.oauth.flow() == Flow::Implicit {
        tracing::warn!(
            "OPENSHIFT_OAUTH_CLIENT_SECRET is not set: people sign in by the implicit flow, where the token passes through the browser's address; \
             give the console the secret of its OAuthClient to use the code flow"
        );
    }
    if config.listen.public.is_none() {
        tracing::info!(
            "COCKPIT_KUBE_URL is not set: the console answers under any host name, and signs people in where its OAuthClient allows"
        );
    }
    if let Some(file) = &config.index.token_missing {
        tracing::warn!(file = %file.display(), "INDEX=auto: there is no service account token in this file, so there is no index");
    }
    if config.session.keys.is_empty() {
        tracing::warn!(
            "SESSION_KEY is not set: people sign in again after each restart, and there can be no second replica"
        );
    }
}

/// Listens for signals from now on; ends with the first SIGTERM or SIGINT.
pub(super) fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

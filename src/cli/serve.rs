//! `registry-console serve`: the console of one cluster.

mod index_writers;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::thread;

use axum::Router;
use axum::middleware::from_fn;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use url::Url;

use super::CliError;
use crate::config::{Config, OauthFlow, SignInSettings, Trust, VariableSource};
use crate::openshift::ApiServer;
use crate::outbound::{self, Upstream};
use crate::server::certificates::{
    CertificateSource, Certificates, FALLBACK_HOST, RELOAD_INTERVAL,
};
use crate::server::health::Health;
use crate::server::{self, Capacity, ServerLimits, ServerOptions, SessionCheck, TransportSecurity};
use crate::telemetry::logs;
use crate::telemetry::metrics::Metrics;
use crate::web::{self, AppState};
use index_writers::IndexWriters;
use registry_model::Clock;

/// Serves until SIGTERM or SIGINT, then drains.
///
/// # Errors
/// [`CliError`], before anything is served.
pub fn run(vars: &dyn VariableSource) -> Result<(), CliError> {
    let config = Config::from_variables(vars)?;
    let _log = logs::init(&config.telemetry).map_err(CliError::OsResources)?;
    warn_about_weak_settings(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CliError::OsResources)?;
    runtime.block_on(async {
        let stop = shutdown_signal().map_err(CliError::OsResources)?;
        ConsoleServer::bind(&config).await?.run(stop).await;
        Ok(())
    })
}

/// The console, bound to its ports.
pub struct ConsoleServer {
    page_listener: TcpListener,
    page_address: SocketAddr,
    metrics_listener: TcpListener,
    metrics_address: SocketAddr,
    router: Router,
    server_options: ServerOptions,
    app: AppState,
    metrics_registry: Metrics,
    index: Option<IndexWriters>,
    api_server: Upstream,
}

impl ConsoleServer {
    /// Binds the ports and loads the certificate. Calls no upstream: the console starts while all
    /// of them are down (R6).
    ///
    /// # Errors
    /// A port is not available, or a certificate or address of the configuration cannot be used.
    pub async fn bind(config: &Config) -> Result<Self, CliError> {
        let pages = listen(config.listen.pages_address).await?;
        let metrics = listen(config.listen.metrics_address).await?;
        let limits = outbound::TimeLimits::default();
        Self::from_listeners(config, pages, metrics, Clock::system(), limits)
    }

    /// The same with listeners that are bound already, and with `clock` as the source of time.
    /// `limits` apply to the upstream calls of pages.
    ///
    /// # Errors
    /// A certificate or address of the configuration cannot be used.
    pub fn from_listeners(
        config: &Config,
        pages: TcpListener,
        metrics: TcpListener,
        clock: Clock,
        limits: outbound::TimeLimits,
    ) -> Result<Self, CliError> {
        let health = Health::default();
        let (index, reader) = IndexWriters::from_config(config, &clock)?;
        let app = AppState::from_config(config, reader, clock, limits)?;
        let api_server =
            Upstream::for_api_server(&config.cluster, outbound::TimeLimits::default())?;
        let router = health
            .router()
            .layer(from_fn(web::secure_headers))
            .merge(web::router(app.clone()));
        let pages_app = app.clone();
        let options = ServerOptions {
            security: transport_security(config)?,
            health,
            limits: server_limits(config),
            session_check: SessionCheck::new(web::SESSION_COOKIE, move |headers| {
                pages_app.has_session(headers)
            }),
        };
        let address = |listener: &TcpListener| listener.local_addr().map_err(CliError::OsResources);
        let (pages_at, metrics_at) = (address(&pages)?, address(&metrics)?);
        Ok(Self {
            page_listener: pages,
            page_address: pages_at,
            metrics_listener: metrics,
            metrics_address: metrics_at,
            router,
            server_options: options,
            app,
            metrics_registry: Metrics::install(),
            index,
            api_server,
        })
    }

    /// The address of the pages.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.page_address
    }

    /// Serves until `stop`, then drains. The metrics are served until the very end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        tracing::info!(page_address = %self.page_address, metrics_address = %self.metrics_address, "serving");
        // In a task of its own, which ends with this one: a long list delays nothing.
        let mut tasks = JoinSet::new();
        if let Some(index) = self.index {
            index.spawn(&mut tasks);
            let app = self.app.clone();
            tasks.spawn(async move { app.run_live_updates().await });
        }
        let app = self.app.clone();
        tasks.spawn(async move { app.run_periodic_checks().await });
        tasks.spawn(log_api_server_status(self.api_server));
        let internal = MetricsServer::start(
            self.metrics_listener,
            self.metrics_registry.clone(),
            &self.server_options.health,
        );
        let certificates = match &self.server_options.security {
            TransportSecurity::Tls { certificates, .. } => Some(certificates.clone()),
            TransportSecurity::Off => None,
        };
        let stop = async {
            stop.await;
            self.app.close_live_connections();
        };
        let clock = self.app.clock().clone();
        let keep_fresh = async {
            match certificates {
                Some(certificates) => {
                    certificates.log_certificate(clock.now());
                    certificates.run_reload(RELOAD_INTERVAL, &clock).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = server::serve(self.page_listener, self.router, self.server_options, stop) => {}
            () = self.metrics_registry.run_upkeep() => {}
            () = keep_fresh => {}
        }
        drop(internal);
        tracing::info!("stopped");
    }
}

/// The listener of the probes and the metrics, until dropped.
///
/// It has a thread and limits of its own: whatever load the pages cause, the kubelet is answered in
/// time.
struct MetricsServer {
    _stop: oneshot::Sender<()>,
}

impl MetricsServer {
    fn start(listener: TcpListener, counts: Metrics, health: &Health) -> Self {
        let (stop, stopped) = oneshot::channel();
        let health = health.clone();
        let started = listener.into_std().and_then(|listener| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            thread::Builder::new()
                .name("probes".to_owned())
                .spawn(move || runtime.block_on(serve_metrics(listener, &counts, health, stopped)))
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

async fn serve_metrics(
    listener: std::net::TcpListener,
    counts: &Metrics,
    health: Health,
    stopped: oneshot::Receiver<()>,
) {
    let router = health
        .router()
        .layer(from_fn(web::secure_headers))
        .merge(counts.router());
    let options = ServerOptions {
        security: TransportSecurity::Off,
        health,
        limits: ServerLimits::for_metrics_listener(),
        session_check: SessionCheck::always_anonymous(),
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

fn transport_security(config: &Config) -> Result<TransportSecurity, CliError> {
    if config.listen.plain_http_only {
        return Ok(TransportSecurity::Off);
    }
    let host = config
        .listen
        .public_url
        .as_ref()
        .and_then(Url::host_str)
        .unwrap_or(FALLBACK_HOST);
    // Brackets belong to the URL of an IPv6 address, not to the name in a certificate.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let certificates = Certificates::open(CertificateSource::from_files_or_defaults(
        config.listen.certificate.clone(),
        host,
    ))?;
    Ok(TransportSecurity::Tls {
        certificates,
        public: config.listen.public_url.clone(),
    })
}

/// Connections and bytes according to the memory, unless the configuration sets them.
fn server_limits(config: &Config) -> ServerLimits {
    let kernel = Capacity::from_process();
    let capacity = Capacity {
        memory_bytes: config.listen.memory_bytes.or(kernel.memory_bytes),
        ..kernel
    };
    let limits = capacity.limits(config.listen.max_connections.map(NonZeroUsize::get));
    match config.sign_in {
        SignInSettings::Oauth(_) => limits,
        // Sessions in several cookies. No more than the router of OpenShift accepts by default.
        SignInSettings::Oidc(_) => ServerLimits {
            max_header_bytes: 24 << 10,
            ..limits
        },
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| CliError::Listen { address, source })
}

/// Logs whether the API server answers: otherwise the log of a console that has not been used yet
/// would not show that something is wrong.
async fn log_api_server_status(api_server: Upstream) {
    let address = api_server.base().origin().ascii_serialization();
    match ApiServer::new(api_server.without_breaker())
        .get_version()
        .await
    {
        Ok(about) => tracing::info!(
            address,
            kubernetes_version = about.kubernetes.unwrap_or_default(),
            "the API server answers"
        ),
        Err(error) => {
            tracing::error!(
                address,
                error = &error as &dyn std::error::Error,
                "the API server does not answer: no page can be shown"
            );
        }
    }
}

fn warn_about_weak_settings(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    if config.cluster.trust == Trust::Unverified {
        tracing::warn!(
            "KUBERNETES_INSECURE is set: the API server's certificate is not verified, so an attacker on the network can obtain every token; set KUBERNETES_CA_DATA instead"
        );
    }
    if config.listen.plain_http_only {
        tracing::warn!(
            "COCKPIT_KUBE_INSECURE is set: pages and sessions are not encrypted on their way to this process"
        );
    }
    if config.sign_in.flow() == OauthFlow::Disabled {
        tracing::error!(
            "users cannot sign in: OAUTH_IMPLICIT_FLOW is off and there is no OPENSHIFT_OAUTH_CLIENT_SECRET"
        );
    }
    if config.sign_in.flow() == OauthFlow::Implicit {
        tracing::warn!(
            "OPENSHIFT_OAUTH_CLIENT_SECRET is not set: users sign in by the implicit flow, where the token passes through the browser's address; \
             give the console the secret of its OAuthClient to use the code flow"
        );
    }
    if config.listen.public_url.is_none() {
        tracing::info!(
            "COCKPIT_KUBE_URL is not set: the console answers under any host name, and signs users in where its OAuthClient allows it"
        );
    }
    if let Some(file) = &config.index.missing_token_file {
        tracing::warn!(file = %file.display(), "INDEX=auto: there is no service account token in this file, so there is no index");
    }
    if config.session.keys.is_empty() {
        tracing::warn!(
            "SESSION_KEY is not set: users have to sign in again after each restart, and only one replica is possible"
        );
    }
}

/// Handles signals from now on; completes with the first SIGTERM or SIGINT.
pub(super) fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
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

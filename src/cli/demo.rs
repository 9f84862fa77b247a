//! `registry-console demo`: the console with an embedded OpenShift, in one process and on 127.0.0.1
//! only.

mod changes;
mod identity_provider;
mod instructions;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use self::changes::{run_churn, run_outage_after_delay};
use self::identity_provider::{ForeignIssuer, OidcArgs};
use self::instructions::print_instructions;
use super::CliError;
use super::serve::{ConsoleServer, shutdown_signal};
use crate::config::{
    ClientSecret, Config, FixedVariables, IndexSettings, IndexToken, LogFormat, LogLevel,
    LogSettings, SessionSettings, VariableSource,
};
use crate::outbound::TimeLimits;
use crate::telemetry::logs;
use openshift_standin::cluster::{ExternalOidc, Version};
use openshift_standin::faults::{Endpoint, Fault};
use openshift_standin::storage::BlobRedirect;
use openshift_standin::{Ports, Standin, StandinError, StandinOptions, sample};
use registry_model::Clock;

/// How many image streams are read per second for the sizes of their images.
const SIZES_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// The options of the demo. Every port may be 0: any free one.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// The version of the embedded OpenShift.
    #[arg(long, value_enum, default_value_t = OpenshiftFlavor::V4)]
    openshift: OpenshiftFlavor,
    /// The port of the console.
    #[arg(long, default_value_t = 9090)]
    port: u16,
    /// The port of the API server.
    #[arg(long = "api-port", default_value_t = Ports::STANDARD.api_server)]
    api_server_port: u16,
    /// The port of the OAuth server, which OpenShift 4 has on a host of its own.
    #[arg(long, default_value_t = Ports::STANDARD.oauth)]
    oauth_port: u16,
    /// The port of the registry.
    #[arg(long, default_value_t = Ports::STANDARD.registry)]
    registry_port: u16,
    /// Add this many image streams of 20 tags each, to see the console with a large cluster.
    #[arg(long, default_value_t = 0)]
    more_streams: usize,
    /// Give each tag of them an image of its own, of twelve layers, which only the API server knows: for
    /// measurements.
    #[arg(long)]
    own_images: bool,
    /// Spread them over this many projects instead of 25 to a project.
    #[arg(long)]
    more_projects: Option<usize>,
    /// Add this many pods, ten to a Deployment, to the added projects, for measurements.
    #[arg(long, default_value_t = 0)]
    more_pods: usize,
    /// Move a tag in this many of the added image streams every second, for measurements.
    #[arg(long, default_value_t = 0)]
    churn: usize,
    /// Add this many users. The first of them may list the image streams of one in a hundred of the
    /// added projects, the hundredth those of all.
    #[arg(long, default_value_t = 0)]
    more_people: usize,
    /// Make the API server take at least this many microseconds for each KiB of a response: the
    /// recorded OpenShift 3.9 took about 400 for lists.
    #[arg(long, default_value_t = 0)]
    pace: u64,
    /// After this many seconds, stop openshift-apiserver, which serves projects and image streams
    /// on OpenShift 4.
    #[arg(long, value_name = "SECONDS")]
    outage_after: Option<u64>,
    /// Write the certificate of the authority of the API server, the OAuth server and the registry
    /// to this file, for other clients.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Configure the console as the template of OpenShift 3.11 does: with neither the secret of its
    /// OAuth client nor its own address, and without an index.
    #[arg(long)]
    stock: bool,
    /// Let the registry store blobs in object storage and redirect there, as that of OpenShift 4 on
    /// a public cloud does.
    #[arg(long)]
    object_storage: bool,
    /// Remove the integrated registry, as `managementState: Removed` does on OpenShift 4: image
    /// streams can then only contain references.
    #[arg(long)]
    without_registry: bool,
    /// Disable the index: lists are then read with each user's own token, and open pages get no
    /// live updates.
    #[arg(long)]
    no_index: bool,
    /// Write the token of a service account that may list and watch all image streams and workloads
    /// to this file, for an index.
    #[arg(long, value_name = "FILE")]
    index_token_file: Option<PathBuf>,
    #[command(flatten)]
    oidc: OidcArgs,
}

impl DemoArgs {
    /// How many projects the added image streams are in.
    fn added_project_count(&self) -> usize {
        self.more_projects
            .unwrap_or_else(|| self.more_streams.div_ceil(25))
            .max(1)
    }
}

/// The versions of the embedded cluster.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OpenshiftFlavor {
    /// OpenShift 3.9.
    #[value(name = "3.9")]
    V3_9,
    /// OpenShift 4.
    #[value(name = "4")]
    V4,
    /// OpenShift 4 with an external OIDC provider: it has no OAuth server, so users cannot sign in
    /// to the console.
    #[value(name = "4-external-oidc")]
    ExternalOidc,
}

/// Serves until SIGTERM, and then until active requests have ended, or until SIGINT.
///
/// # Errors
/// A port is taken, `SESSION_KEY` is invalid, or the file cannot be written.
pub fn run(arguments: &DemoArgs, vars: &dyn VariableSource) -> Result<(), CliError> {
    let telemetry = LogSettings {
        format: LogFormat::Text,
        level: log_level(vars),
    };
    let _log = logs::init(&telemetry).map_err(CliError::OsResources)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CliError::OsResources)?;
    runtime.block_on(async {
        let stop = shutdown_signal().map_err(CliError::OsResources)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(CliError::OsResources)?;
        let issuer = arguments.oidc.foreign_issuer()?;
        let (demo, pages) = start_standin(arguments, issuer.as_ref()).await?;
        let metrics = listen(0).await?;
        if let Some(path) = &arguments.ca_file {
            std::fs::write(path, demo.ca_pem()).map_err(|source| CliError::Write {
                path: path.clone(),
                source,
            })?;
        }
        demo.allow_workload_index();
        demo.allow_size_index();
        if let Some(path) = &arguments.index_token_file {
            std::fs::write(path, demo.create_index_token()).map_err(|source| CliError::Write {
                path: path.clone(),
                source,
            })?;
        }
        let session = SessionSettings::from_variables(vars)?;
        let public = public_url(&pages)?;
        let mut config = console_config(
            &demo,
            issuer.as_ref(),
            (&pages, &metrics),
            telemetry,
            session,
        )?;
        if !arguments.stock && !arguments.no_index {
            config.index.token = Some(IndexToken::Inline(demo.create_index_token().into()));
            config.index.has_workloads = true;
            config.index.sizes_per_second = Some(SIZES_PER_SECOND);
        }
        if arguments.stock {
            config.listen.public_url = None;
            if let Some(oauth) = config.sign_in.oauth_mut() {
                oauth.client_secret = ClientSecret::Unknown;
            }
        }
        let console = ConsoleServer::from_listeners(
            &config,
            pages,
            metrics,
            Clock::system(),
            TimeLimits::default(),
        )?;
        print_instructions(&demo, &public, issuer.is_some());
        tokio::select! {
            () = console.run(stop) => {}
            () = run_churn(&demo, arguments) => {}
            () = run_outage_after_delay(&demo, arguments) => {}
            () = follow_issuer_keys(&demo, issuer.as_ref()) => {}
            // Nothing is stored, so the end need not wait for pages that are open in a browser,
            // which keep their connections.
            _ = interrupt.recv() => return Ok::<(), CliError>(()),
        }
        demo.stop().await;
        Ok(())
    })?;
    runtime.shutdown_background();
    Ok(())
}

async fn start_standin(
    arguments: &DemoArgs,
    issuer: Option<&ForeignIssuer>,
) -> Result<(Standin, TcpListener), CliError> {
    let pages = listen(arguments.port)
        .await
        .map_err(|failed| match failed {
            CliError::Listen { address, source } => {
                demo_port_error(arguments, address.port(), source)
            }
            failed => failed,
        })?;
    let version = match arguments.openshift {
        OpenshiftFlavor::V3_9 => Version::V3_9,
        OpenshiftFlavor::V4 | OpenshiftFlavor::ExternalOidc => Version::V4,
    };
    let ports = Ports {
        api_server: arguments.api_server_port,
        oauth: arguments.oauth_port,
        issuer: arguments.oidc.issuer_port,
        registry: arguments.registry_port,
        storage: 0,
    };
    let demo = Standin::start(StandinOptions {
        version,
        ports,
        sample: true,
        clock: Clock::system(),
        identity_provider: arguments.oidc.provider(issuer),
    })
    .await;
    let demo = demo.map_err(|error| match error {
        StandinError::Listen { port, source } => demo_port_error(arguments, port, source),
        error => error.into(),
    })?;
    arguments.oidc.apply_to(&demo);
    if arguments.more_streams > 0 {
        sample::add_streams(
            demo.cluster(),
            demo.blobs(),
            arguments.added_project_count(),
            arguments.more_streams,
            20,
        );
    }
    if arguments.own_images {
        let projects = arguments.added_project_count();
        sample::add_own_images(demo.cluster(), projects, arguments.more_streams);
    }
    if arguments.more_pods > 0 {
        let projects = arguments.added_project_count();
        sample::add_pods(demo.cluster(), projects, arguments.more_pods);
    }
    sample::add_users(
        demo.cluster(),
        arguments.added_project_count(),
        arguments.more_people,
    );
    if arguments.object_storage {
        demo.blob_redirects().set(BlobRedirect::Storage);
    }
    if arguments.without_registry {
        demo.remove_registry();
    }
    if arguments.pace > 0 {
        demo.faults().set(
            Endpoint::ApiServer,
            Fault::Throttle(Duration::from_micros(arguments.pace)),
        );
    }
    if matches!(arguments.openshift, OpenshiftFlavor::ExternalOidc) {
        demo.use_external_oidc(ExternalOidc::DocumentMissing);
    }
    let public = public_url(&pages)?;
    demo.register_console(&[public.as_str().trim_end_matches('/')]);
    Ok((demo, pages))
}

/// The error that names the port, and the option that chooses another one.
fn demo_port_error(arguments: &DemoArgs, port: u16, source: std::io::Error) -> CliError {
    let ports = [
        (arguments.port, "the console", "--port", "PORT"),
        (
            arguments.api_server_port,
            "the API server",
            "--api-port",
            "API_PORT",
        ),
        (
            arguments.oauth_port,
            "the OAuth server",
            "--oauth-port",
            "OAUTH_PORT",
        ),
        (
            arguments.oidc.issuer_port,
            "the OIDC issuer",
            "--issuer-port",
            "ISSUER_PORT",
        ),
        (
            arguments.registry_port,
            "the registry",
            "--registry-port",
            "REGISTRY_PORT",
        ),
    ];
    match ports.into_iter().find(|(wanted, ..)| *wanted == port) {
        Some((port, server, option, variable)) => CliError::DemoPort {
            port,
            server,
            option,
            variable,
            source,
        },
        None => CliError::Listen {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
            source,
        },
    }
}

/// Never returns.
async fn follow_issuer_keys(demo: &Standin, issuer: Option<&ForeignIssuer>) {
    match issuer {
        Some(issuer) => issuer.follow_keys(demo.cluster()).await,
        None => std::future::pending().await,
    }
}

async fn listen(port: u16) -> Result<TcpListener, CliError> {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    TcpListener::bind(address)
        .await
        .map_err(|source| CliError::Listen { address, source })
}

fn public_url(pages: &TcpListener) -> Result<Url, CliError> {
    let address = pages.local_addr().map_err(CliError::OsResources)?;
    Ok(parse_own_url(&format!("https://{address}")))
}

/// The configuration of a pod of this cluster, with these listeners.
fn console_config(
    demo: &Standin,
    issuer: Option<&ForeignIssuer>,
    (pages, metrics): (&TcpListener, &TcpListener),
    telemetry: LogSettings,
    session: SessionSettings,
) -> Result<Config, CliError> {
    let address = |listener: &TcpListener| listener.local_addr().map_err(CliError::OsResources);
    let environment = demo.console_environment("/etc/registry-console");
    let mut vars = FixedVariables::default()
        .with_var("COCKPIT_KUBE_URL", public_url(pages)?.as_str())
        .with_var("LISTEN", address(pages)?.to_string())
        .with_var("METRICS_LISTEN", address(metrics)?.to_string());
    for (name, value) in environment.variables {
        vars = vars.with_var(name, value);
    }
    for (path, content) in environment.files {
        vars = vars.with_file(&path, content);
    }
    if let Some(issuer) = issuer {
        vars = issuer.add_variables(vars);
    }
    let mut config = Config::from_variables(&vars)?;
    (config.telemetry, config.session) = (telemetry, session);
    // A list that was read is not kept: what is pushed is on the next page.
    config.index = IndexSettings::disabled();
    Ok(config)
}

fn parse_own_url(text: &str) -> Url {
    Url::parse(text).expect("addresses of our own listeners are URLs")
}

/// Requests log much: the demo logs only warnings unless `LOG_LEVEL` is set.
fn log_level(vars: &dyn VariableSource) -> LogLevel {
    vars.get("LOG_LEVEL")
        .and_then(|text| text.parse().ok())
        .unwrap_or(LogLevel::Warn)
}

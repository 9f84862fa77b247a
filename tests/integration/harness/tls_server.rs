//! A server on a free port of 127.0.0.1 with a certificate of a made-up authority, and peers that
//! behave badly.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::header::COOKIE;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use registry_console::config::{CertificateFiles, Trust};
use registry_console::outbound::{self, Upstream, UpstreamName};
use registry_console::server::certificates::{CertificateSource, Certificates};
use registry_console::server::health::Health;
use registry_console::server::{
    ServerLimits, ServerOptions, SessionCheck, TransportSecurity, serve,
};
use registry_console::web::SESSION_COOKIE;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

/// Longer than anything here takes; a test that waits so long has failed.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The public address of the console, as its configuration says.
pub(crate) const PUBLIC_URL: &str = "https://console.example.com";

pub(crate) struct TestAuthority(CertifiedIssuer<'static, KeyPair>);

impl TestAuthority {
    pub(crate) fn new(name: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::Only(self.0.pem())
    }

    /// Writes `tls.crt` and `tls.key` for `host`, valid until the end of `until`.
    pub(crate) fn write(&self, directory: &Path, host: &str, until: i32) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_after = date_time_ymd(until, 12, 31);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        std::fs::write(directory.join("tls.crt"), certificate.pem()).unwrap();
        std::fs::write(directory.join("tls.key"), key.serialize_pem()).unwrap();
    }
}

/// A server that runs until [`Running::stop`], or until the test ends.
pub(crate) struct RunningServer {
    pub(crate) address: SocketAddr,
    pub(crate) certificates: Certificates,
    pub(crate) files: TempDir,
    pub(crate) authority: TestAuthority,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl RunningServer {
    /// Serves `router` with TLS.
    pub(crate) async fn start(router: Router, limits: ServerLimits) -> Self {
        Self::start_as(router, limits, "127.0.0.1", 2100, true).await
    }

    /// Serves `router` in plain HTTP.
    pub(crate) async fn start_plain(router: Router, limits: ServerLimits) -> Self {
        Self::start_as(router, limits, "127.0.0.1", 2100, false).await
    }

    /// Serves `router` with a certificate for `host` that ends with the year `until`.
    pub(crate) async fn start_as(
        router: Router,
        limits: ServerLimits,
        host: &str,
        until: i32,
        tls: bool,
    ) -> Self {
        let (authority, files) = (
            TestAuthority::new("console authority"),
            tempfile::tempdir().unwrap(),
        );
        authority.write(files.path(), host, until);
        let given = CertificateFiles {
            certificate: files.path().join("tls.crt"),
            key: files.path().join("tls.key"),
        };
        let certificates =
            Certificates::open(CertificateSource::from_files_or_defaults(Some(given), host))
                .unwrap();
        let public = Url::parse(PUBLIC_URL).unwrap();
        let security = if tls {
            TransportSecurity::Tls {
                certificates: certificates.clone(),
                public: Some(public),
            }
        } else {
            TransportSecurity::Off
        };
        let health = Health::default();
        let sessions = SessionCheck::new(SESSION_COOKIE, |headers| {
            headers[COOKIE].as_bytes().ends_with(b"=valid")
        });
        let router = router.merge(health.router());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            // Dropped at the end of the test.
            let _ = stopped.await;
        };
        let task = tokio::spawn(serve(
            listener,
            router,
            ServerOptions {
                security,
                health,
                limits,
                session_check: sessions,
            },
            stopped,
        ));
        Self {
            address,
            certificates,
            files,
            authority,
            stop: Some(stop),
            task,
        }
    }

    pub(crate) fn stop(&mut self) {
        self.stop.take().expect("stopped once").send(()).unwrap();
    }

    /// Waits for the end of the shutdown.
    pub(crate) async fn wait_until_stopped(self) {
        within(self.task).await.unwrap();
    }

    /// A client that trusts this server.
    pub(crate) fn client(&self) -> Upstream {
        self.client_with(&self.authority.trust())
    }

    /// A client with its own connections.
    pub(crate) fn client_with(&self, trust: &Trust) -> Upstream {
        let base = Url::parse(&format!("https://{}", self.address)).unwrap();
        let limits = outbound::TimeLimits {
            connect: TEST_TIMEOUT,
            total: TEST_TIMEOUT,
        };
        Upstream::new(UpstreamName::ApiServer, &base, trust, limits).unwrap()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        within(TcpStream::connect(self.address)).await.unwrap()
    }

    /// A connection after its handshake, with this protocol agreed on.
    pub(crate) async fn connect_tls(&self, protocol: &[u8]) -> TlsStream<TcpStream> {
        let Trust::Only(pem) = self.authority.trust() else {
            unreachable!()
        };
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(rustls::pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
        let mut config = rustls::ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let name = ServerName::from(self.address.ip());
        within(TlsConnector::from(Arc::new(config)).connect(name, self.connect().await))
            .await
            .unwrap()
    }

    /// Sends `text` in plain and reads to the end of the connection.
    pub(crate) async fn raw_response_to(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        until_closed(&mut stream).await
    }
}

/// `work`, or a failed test.
pub(crate) async fn within<F: Future>(work: F) -> F::Output {
    timeout(TEST_TIMEOUT, work).await.expect("in time")
}

/// What comes until the peer closes, politely or not.
pub(crate) async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A reset is a way to close too.
    let _ = within(stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

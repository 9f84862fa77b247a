//! A TLS handshake that records the certificates and trusts none of them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncReadExt as _, join};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::{InspectionError, TlsAlert};

/// More than a handshake needs: rustls accepts at most 64 KiB of certificates.
const MAX_HANDSHAKE_BYTES: u64 = 256 << 10;
/// The number of certificates that are evaluated. Real chains have two to four.
const MAX_CERTIFICATES: usize = 16;

/// The result of a handshake: the server's address, name and certificates.
pub(super) struct Handshake {
    pub(super) address: SocketAddr,
    pub(super) name: ServerName<'static>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// Whether the server has proved possession of the first certificate's key.
    pub(super) has_key_proof: bool,
}

/// Performs a handshake, keeps the certificates and closes the connection. No application data is
/// sent or read.
pub(super) async fn perform(url: &Url) -> Result<Handshake, InspectionError> {
    let (host, name) = host_and_server_name(url).ok_or(InspectionError::Plain)?;
    let port = url.port_or_known_default().ok_or(InspectionError::Plain)?;
    let addresses: Vec<SocketAddr> = lookup_host((host, port))
        .await
        .map_err(|_| InspectionError::NoSuchName)?
        .collect();
    let stream = TcpStream::connect(addresses.as_slice())
        .await
        .map_err(|_| InspectionError::NoConnection)?;
    let address = stream
        .peer_addr()
        .map_err(|_| InspectionError::NoConnection)?;
    let (reading, writing) = stream.into_split();
    let limited = join(reading.take(MAX_HANDSHAKE_BYTES), writing);
    let received = ReceivedChain::default();
    let result = TlsConnector::from(Arc::new(client_config(&received)?))
        .connect(name.clone(), limited)
        .await;
    let chain = std::mem::take(&mut *received.0.lock().unwrap_or_else(PoisonError::into_inner));
    match result {
        // For an outdated certificate, rustls can end the handshake after the certificate was
        // presented.
        Err(error) if chain.is_empty() => Err(inspection_error(&error)),
        result => Ok(Handshake {
            address,
            name,
            chain,
            has_key_proof: result.is_ok(),
        }),
    }
}

/// The reason why no certificate was presented.
fn inspection_error(error: &std::io::Error) -> InspectionError {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    {
        Some(Error::PeerIncompatible(_)) => InspectionError::OldTls,
        Some(error) => {
            TlsAlert::from_error(error).map_or(InspectionError::NoTls, InspectionError::Alert)
        }
        None => InspectionError::NoTls,
    }
}

/// The certificates of a handshake, shared with the verifier.
#[derive(Clone, Debug, Default)]
struct ReceivedChain(Arc<Mutex<Vec<CertificateDer<'static>>>>);

/// The host to connect to, and the name that the certificate must have: the same as `reqwest` uses.
fn host_and_server_name(url: &Url) -> Option<(String, ServerName<'static>)> {
    if url.scheme() != "https" {
        return None;
    }
    match url.host()? {
        Host::Domain(name) => Some((name.to_owned(), ServerName::try_from(name.to_owned()).ok()?)),
        Host::Ipv4(address) => Some((
            address.to_string(),
            ServerName::from(std::net::IpAddr::from(address)),
        )),
        Host::Ipv6(address) => Some((
            address.to_string(),
            ServerName::from(std::net::IpAddr::from(address)),
        )),
    }
}

fn client_config(received: &ReceivedChain) -> Result<ClientConfig, InspectionError> {
    let provider = Arc::new(ring::default_provider());
    let witness = RecordingVerifier {
        algorithms: provider.signature_verification_algorithms,
        received: received.clone(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| InspectionError::NoTls)?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(witness))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Accepts every certificate. The handshake succeeds only if the server proves possession of the
/// key, because a server can present a chain that is not its own.
#[derive(Debug)]
struct RecordingVerifier {
    received: ReceivedChain,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(own).chain(others).take(MAX_CERTIFICATES);
        *self
            .received
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner) =
            all.map(|der| der.clone().into_owned()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

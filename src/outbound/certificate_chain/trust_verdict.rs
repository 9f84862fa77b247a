//! Evaluation of a chain against the trust settings: the steps of rustls's verification separately,
//! to report which of them fail.

use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::ParsedCertificate;
use serde::Serialize;

use super::handshake::Handshake;
use super::{Certificate, PresentedChain};
use crate::config::Trust;
use crate::outbound::certificate_verifier::{
    ChainFault, check_key, check_pinned, diagnose_chain, is_pinned,
};

/// Whether the console connects to a server with this chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustVerdict {
    Trusted,
    /// Verification is off (`KUBERNETES_INSECURE`), so the chain is not checked.
    AnybodyIs,
    /// Untrusted, for these reasons; at least one.
    Untrusted(Vec<ChainFault>),
}

/// Read once; `reqwest` reads them for each client that it builds.
static SYSTEM_AUTHORITIES: LazyLock<Vec<CertificateDer<'static>>> =
    LazyLock::new(|| rustls_native_certs::load_native_certs().certs);

/// Evaluates the certificates that a server presented.
pub(super) fn evaluate(handshake: &Handshake, trust: &Trust, now: DateTime<Utc>) -> PresentedChain {
    let chain: Vec<Certificate> = handshake
        .chain
        .iter()
        .filter_map(Certificate::parse)
        .collect();
    let (configured, with_system) = match trust {
        Trust::System => (Vec::new(), true),
        Trust::Only(pem) => (parse_anchors(pem), false),
        Trust::SystemAnd(pem) => (parse_anchors(pem), true),
        Trust::Unverified => (Vec::new(), false),
    };
    let valid_at = nearest_time_when_all_valid(&chain, now);
    let find_anchor = |anchors: &[CertificateDer<'static>], pinned: &[CertificateDer<'static>]| {
        let pin = handshake.chain.first().filter(|own| is_pinned(own, pinned));
        let found = pin.or_else(|| {
            anchors
                .iter()
                .find(|anchor| check_signatures(handshake, &[anchor], &[], valid_at).is_ok())
        });
        found.and_then(Certificate::parse)
    };
    let trusted: Vec<_> = configured
        .iter()
        .chain(SYSTEM_AUTHORITIES.iter().filter(|_| with_system))
        .collect();
    let verdict = if *trust == Trust::Unverified {
        TrustVerdict::AnybodyIs
    } else {
        trust_verdict(handshake, &trusted, &configured, now, valid_at)
    };
    PresentedChain {
        address: handshake.address,
        verdict,
        configured: find_anchor(&configured, &configured),
        system: find_anchor(&SYSTEM_AUTHORITIES, &[]),
        chain,
    }
}

fn trust_verdict(
    handshake: &Handshake,
    trusted: &[&CertificateDer<'static>],
    pinned: &[CertificateDer<'static>],
    now: DateTime<Utc>,
    valid_at: DateTime<Utc>,
) -> TrustVerdict {
    let mut faults = Vec::new();
    // Verification checks the validity period before the authority. At `now` alone, an expired
    // certificate of an unknown authority would be reported as expired only.
    for time in [now, valid_at] {
        faults.extend(check_signatures(handshake, trusted, pinned, time).err());
    }
    faults.extend(check_name(handshake).err());
    faults.extend((faults.is_empty() && !handshake.has_key_proof).then_some(ChainFault::Unusable));
    faults.dedup();
    if faults.is_empty() {
        TrustVerdict::Trusted
    } else {
        TrustVerdict::Untrusted(faults)
    }
}

fn parse_anchors(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .filter_map(Result::ok)
        .collect()
}

/// The time closest to `now` at which all certificates of the chain are within their validity
/// period, if there is one.
fn nearest_time_when_all_valid(chain: &[Certificate], now: DateTime<Utc>) -> DateTime<Utc> {
    let from = chain.iter().map(|certificate| certificate.not_before).max();
    let until = chain.iter().map(|certificate| certificate.not_after).min();
    match (from, until) {
        (Some(from), Some(until)) if from <= until => now.clamp(from, until),
        _ => now,
    }
}

/// Whether the chain leads to one of the authorities at that time, or its first certificate is
/// pinned.
fn check_signatures(
    handshake: &Handshake,
    trusted: &[&CertificateDer<'static>],
    pinned: &[CertificateDer<'static>],
    at: DateTime<Utc>,
) -> Result<(), ChainFault> {
    let (own, others) = handshake.chain.split_first().ok_or(ChainFault::Unusable)?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(trusted.iter().map(|anchor| (*anchor).clone()));
    let at = UnixTime::since_unix_epoch(Duration::from_secs(
        u64::try_from(at.timestamp()).unwrap_or_default(),
    ));
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
    let verified = if is_pinned(own, pinned) {
        check_pinned(own, at)
    } else {
        ParsedCertificate::try_from(own).and_then(|own| {
            verify_server_cert_signed_by_trust_anchor(&own, &roots, others, at, algorithms.all)
        })
    };
    let verified = verified.and_then(|()| check_key(own));
    verified.map_err(|error| diagnose_chain(own, others, &roots, &error))
}

/// Whether the server's own certificate is valid for the requested name.
fn check_name(handshake: &Handshake) -> Result<(), ChainFault> {
    let own = handshake.chain.first().ok_or(ChainFault::Unusable)?;
    let verified = ParsedCertificate::try_from(own)
        .and_then(|parsed| verify_server_name(&parsed, &handshake.name));
    verified.map_err(|error| diagnose_chain(own, &[], &RootCertStore::empty(), &error))
}

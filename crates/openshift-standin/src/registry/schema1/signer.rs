//! The signature of a schema 1 manifest: a JSON web signature with a key that the registry
//! generates at its start.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SecondsFormat, Utc};
use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The end of the payload, which is cut off to append the signatures.
const PAYLOAD_TAIL: &str = "\n}";

/// The registry's signing key (P-256).
pub(in crate::registry) struct Signer(KeyPair);

impl Signer {
    pub(in crate::registry) fn new() -> Self {
        Self(KeyPair::generate().expect("the system has random numbers"))
    }

    /// The signed form of `payload`. `None` if `payload` is not an indented JSON object.
    pub(in crate::registry) fn sign(&self, payload: &str, now: DateTime<Utc>) -> Option<String> {
        let head = payload.strip_suffix(PAYLOAD_TAIL)?;
        let protected = json!({
            "formatLength": head.len(),
            "formatTail": URL_SAFE_NO_PAD.encode(PAYLOAD_TAIL),
            "time": now.to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        let protected = URL_SAFE_NO_PAD.encode(protected.to_string());
        let signed = format!("{protected}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(fixed_size(&self.0.sign(signed.as_bytes()).ok()?)?);
        let (x, y) = self.0.public_key_raw().get(1..65)?.split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let jwk = json!({ "crv": "P-256", "kid": self.key_id(), "kty": "EC", "x": x, "y": y });
        let signatures = json!([{ "header": { "jwk": jwk, "alg": "ES256" }, "signature": signature, "protected": protected }]);
        // Indented like the payload, one level deeper.
        let signatures = super::indented(&signatures)?.replace('\n', "\n   ");
        Some(format!(
            "{head},\n   \"signatures\": {signatures}{PAYLOAD_TAIL}"
        ))
    }

    /// The first 240 bits of the key's SHA-256, in base 32, in groups of four: the key id of this
    /// kind of signature.
    fn key_id(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let digest = Sha256::digest(self.0.subject_public_key_info());
        let letters: Vec<char> = digest[..30]
            .chunks(5)
            .flat_map(|five| {
                let bits = five
                    .iter()
                    .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
                (0..8)
                    .rev()
                    .map(move |i| ALPHABET[(bits >> (5 * i) & 31) as usize] as char)
            })
            .collect();
        letters
            .chunks(4)
            .map(|four| four.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join(":")
    }
}

/// The two numbers of an ECDSA signature, 32 bytes each, from their ASN.1 form (`SEQUENCE {
/// INTEGER, INTEGER }`).
fn fixed_size(asn1: &[u8]) -> Option<[u8; 64]> {
    let mut fixed = [0; 64];
    let mut rest = asn1.strip_prefix(&[0x30])?.get(1..)?;
    for half in fixed.chunks_mut(32) {
        let length = usize::from(*rest.strip_prefix(&[0x02])?.first()?);
        let number = rest.get(2..2 + length)?;
        rest = rest.get(2 + length..)?;
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        half.get_mut(32_usize.checked_sub(number.len())?..)?
            .copy_from_slice(number);
    }
    Some(fixed)
}

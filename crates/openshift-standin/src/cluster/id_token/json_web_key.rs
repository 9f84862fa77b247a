//! Signatures of JSON Web Tokens (RFC 7515, 7517 and 7518).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A key that checks signatures.
pub(super) struct VerificationKey {
    /// `kid`.
    id: Option<String>,
    public: PublicKey,
}

enum PublicKey {
    /// Of `RS256`: modulus and exponent, big-endian.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// Of `ES256`: an uncompressed point.
    P256(Vec<u8>),
}

/// A key as it is published.
#[derive(Deserialize)]
struct JsonWebKey {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

#[derive(Deserialize)]
struct JoseHeader {
    alg: String,
    kid: Option<String>,
}

/// The usable keys of a key set.
pub(super) fn verification_keys(key_set: &Value) -> Vec<VerificationKey> {
    let keys = key_set["keys"].as_array().into_iter().flatten();
    keys.filter_map(|key| JsonWebKey::deserialize(key).ok()?.into_verification_key())
        .collect()
}

impl JsonWebKey {
    fn into_verification_key(self) -> Option<VerificationKey> {
        if self.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let public = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => PublicKey::Rsa {
                n: decode(&self.n)?,
                e: decode(&self.e)?,
            },
            ("EC", Some("P-256")) => {
                let point = [vec![4], decode(&self.x)?, decode(&self.y)?].concat();
                PublicKey::P256(point)
            }
            _ => return None,
        };
        Some(VerificationKey {
            id: self.kid,
            public,
        })
    }
}

impl VerificationKey {
    fn verifies(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        match (&self.public, algorithm) {
            (PublicKey::Rsa { n, e }, "RS256") => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            (PublicKey::P256(point), "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(message, signature)
                    .is_ok()
            }
            _ => false,
        }
    }
}

/// The claims of a token in compact serialization, if one of `keys` has signed it. Without `kid`,
/// any of them may.
pub(super) fn verified_claims(token: &str, keys: &[VerificationKey]) -> Option<Map<String, Value>> {
    let (message, signature) = token.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let header: JoseHeader = serde_json::from_slice(&decode(header)?).ok()?;
    let signature = decode(signature)?;
    let is_signed = keys
        .iter()
        .filter(|key| header.kid.is_none() || key.id == header.kid)
        .any(|key| key.verifies(&header.alg, message.as_bytes(), &signature));
    if is_signed {
        serde_json::from_slice(&decode(payload)?).ok()
    } else {
        None
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

//! Signatures of JSON Web Tokens (RFC 7515, 7517 and 7518).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A key that checks signatures.
pub(super) struct VerificationKey {
    /// `kid`.
    id: Option<String>,
    public: PublicKey,
}

/// The algorithms of the API server, without `ES512`.
enum PublicKey {
    /// Of `RS256`, `PS256` and longer hashes: modulus and exponent, big-endian.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// Of `ES256` and `ES384`: an uncompressed point.
    Ec {
        name: &'static str,
        algorithm: &'static EcdsaVerificationAlgorithm,
        point: Vec<u8>,
    },
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
            ("EC", Some(curve)) => {
                let (name, algorithm) = match curve {
                    "P-256" => ("ES256", &ECDSA_P256_SHA256_FIXED),
                    "P-384" => ("ES384", &ECDSA_P384_SHA384_FIXED),
                    _ => return None,
                };
                PublicKey::Ec {
                    name,
                    algorithm,
                    point: [vec![4], decode(&self.x)?, decode(&self.y)?].concat(),
                }
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
            (PublicKey::Rsa { n, e }, _) => rsa_parameters(algorithm).is_some_and(|parameters| {
                RsaPublicKeyComponents { n, e }
                    .verify(parameters, message, signature)
                    .is_ok()
            }),
            (
                PublicKey::Ec {
                    name,
                    algorithm: curve,
                    point,
                },
                named,
            ) if *name == named => UnparsedPublicKey::new(*curve, point)
                .verify(message, signature)
                .is_ok(),
            _ => false,
        }
    }
}

fn rsa_parameters(algorithm: &str) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "PS384" => &RSA_PSS_2048_8192_SHA384,
        "PS512" => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
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

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    #[test]
    fn algorithm_of_a_token_must_be_that_of_its_key() {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P384_SHA384_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let keys = verification_keys(&json!({"keys": [
            {"kty": "EC", "crv": "P-384", "x": encode(x), "y": encode(y)},
            {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
        ]}));
        for (named, is_valid) in [("ES384", true), ("ES256", false), ("RS256", false)] {
            let header = encode(json!({"alg": named}).to_string().as_bytes());
            let message = format!("{header}.{}", encode(b"{\"sub\":\"dev\"}"));
            let signature = pair.sign(&random, message.as_bytes()).unwrap();
            let token = format!("{message}.{}", encode(signature.as_ref()));
            assert_eq!(
                verified_claims(&token, &keys).is_some(),
                is_valid,
                "{named}"
            );
        }
    }
}

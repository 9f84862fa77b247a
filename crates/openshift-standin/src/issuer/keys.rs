//! The keys that sign ID tokens (RFC 7515, 7517 and 7518).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use serde_json::{Value, json};

use super::store;

/// The key that signs, and the earlier ones that are still published.
pub(super) struct KeyRing {
    current: SigningKey,
    earlier: Vec<SigningKey>,
}

/// A key of `ES256`.
pub(super) struct SigningKey {
    id: String,
    pair: EcdsaKeyPair,
}

impl KeyRing {
    pub(super) fn new() -> Self {
        Self {
            current: SigningKey::generate(),
            earlier: Vec::new(),
        }
    }

    pub(super) fn rotate(&mut self) {
        let earlier = std::mem::replace(&mut self.current, SigningKey::generate());
        self.earlier.push(earlier);
    }

    pub(super) fn withdraw_earlier(&mut self) {
        self.earlier.clear();
    }

    /// The published key set, the current key first.
    pub(super) fn key_set(&self) -> Value {
        let keys: Vec<Value> = self.all().map(SigningKey::public).collect();
        json!({"keys": keys})
    }

    /// A token in compact serialization.
    pub(super) fn sign(&self, claims: &Value) -> String {
        self.current.sign(claims)
    }

    /// Whether one of the keys has signed the token.
    pub(super) fn verifies(&self, message: &str, signature: &[u8]) -> bool {
        self.all().any(|key| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.pair.public_key())
                .verify(message.as_bytes(), signature)
                .is_ok()
        })
    }

    fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.current).chain(&self.earlier)
    }
}

impl SigningKey {
    pub(super) fn generate() -> Self {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .ok()
            .and_then(|key| {
                let key = key.as_ref();
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &random).ok()
            });
        Self {
            id: store::new_id(),
            pair: pair.expect("the system has random numbers"),
        }
    }

    fn public(&self) -> Value {
        // An uncompressed point: 4, x, y.
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({"kty": "EC", "use": "sig", "alg": "ES256", "kid": self.id, "crv": "P-256",
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        let message = encode(
            &json!({"alg": "ES256", "kid": self.id, "typ": "JWT"}),
            claims,
        );
        let signature = self
            .pair
            .sign(&SystemRandom::new(), message.as_bytes())
            .expect("the system has random numbers");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The same with the id of another key.
    pub(super) fn with_id_of(self, other: &KeyRing) -> Self {
        Self {
            id: other.current.id.clone(),
            ..self
        }
    }
}

/// A token without a signature.
pub(super) fn unsigned(claims: &Value) -> String {
    format!("{}.", encode(&json!({"alg": "none"}), claims))
}

fn encode(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}")
}

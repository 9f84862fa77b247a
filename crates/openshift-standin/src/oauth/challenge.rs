//! PKCE (RFC 7636), as the server enforces it for every client that sent a challenge (A3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// A challenge that came with an authorization request.
#[derive(Clone)]
pub(super) enum Challenge {
    Plain(String),
    S256(String),
}

/// The challenge, or its method, cannot be used.
pub(super) struct Unusable;

/// Why a verifier does not do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// Absent, or not of the form that RFC 7636 demands.
    Malformed,
    /// Of the right form, but of another challenge.
    Wrong,
}

impl Challenge {
    /// The challenge of a request; no method means `plain`.
    pub(super) fn parse(challenge: &str, method: &str) -> Result<Option<Self>, Unusable> {
        if challenge.is_empty() {
            return Ok(None);
        }
        if !well_formed(challenge) {
            return Err(Unusable);
        }
        match method {
            "" | "plain" => Ok(Some(Self::Plain(challenge.to_owned()))),
            "S256" => Ok(Some(Self::S256(challenge.to_owned()))),
            _ => Err(Unusable),
        }
    }

    pub(super) fn check(&self, verifier: &str) -> Result<(), Mismatch> {
        if !well_formed(verifier) {
            return Err(Mismatch::Malformed);
        }
        let fits = match self {
            Self::Plain(challenge) => challenge == verifier,
            Self::S256(challenge) => *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        };
        if fits { Ok(()) } else { Err(Mismatch::Wrong) }
    }
}

fn well_formed(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Challenge and verifier of the recorded exchanges.
    const CHALLENGE: &str = "CrlVwe1WSHWuTQYh3iczmx3aS-faRx6C92k9_hNxl4A";

    #[test]
    fn only_the_right_verifier_fits() {
        let Ok(Some(challenge)) = Challenge::parse(CHALLENGE, "S256") else {
            panic!("usable")
        };
        assert_eq!(challenge.check(&"v".repeat(50)), Ok(()));
        assert_eq!(challenge.check(&"w".repeat(50)), Err(Mismatch::Wrong));
        assert_eq!(challenge.check(""), Err(Mismatch::Malformed));
        assert_eq!(challenge.check(&"v".repeat(42)), Err(Mismatch::Malformed));
    }

    #[test]
    fn without_a_method_the_challenge_is_the_verifier() {
        let Ok(Some(challenge)) = Challenge::parse(CHALLENGE, "") else {
            panic!("usable")
        };
        assert_eq!(challenge.check(CHALLENGE), Ok(()));
        assert!(Challenge::parse(CHALLENGE, "S512").is_err());
        assert!(Challenge::parse("short", "S256").is_err());
        assert!(matches!(Challenge::parse("", ""), Ok(None)));
    }
}

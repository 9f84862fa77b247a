//! PKCE (RFC 7636), which the server enforces for every client that sent a challenge (A3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The challenge of an authorization request.
#[derive(Clone)]
pub(crate) enum PkceChallenge {
    Plain(String),
    S256(String),
}

/// The challenge, or its method, cannot be used.
pub(crate) struct InvalidChallenge;

/// Why a verifier is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum VerifierError {
    /// Absent, or not in the format of RFC 7636.
    Malformed,
    /// In the right format, but for another challenge.
    Wrong,
}

impl PkceChallenge {
    /// The challenge of a request; no method means `plain`.
    pub(crate) fn parse(challenge: &str, method: &str) -> Result<Option<Self>, InvalidChallenge> {
        if challenge.is_empty() {
            return Ok(None);
        }
        if !is_well_formed(challenge) {
            return Err(InvalidChallenge);
        }
        match method {
            "" | "plain" => Ok(Some(Self::Plain(challenge.to_owned()))),
            "S256" => Ok(Some(Self::S256(challenge.to_owned()))),
            _ => Err(InvalidChallenge),
        }
    }

    pub(crate) fn verify(&self, verifier: &str) -> Result<(), VerifierError> {
        if !is_well_formed(verifier) {
            return Err(VerifierError::Malformed);
        }
        let fits = match self {
            Self::Plain(challenge) => challenge == verifier,
            Self::S256(challenge) => *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        };
        if fits {
            Ok(())
        } else {
            Err(VerifierError::Wrong)
        }
    }
}

fn is_well_formed(text: &str) -> bool {
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
    fn wrong_pkce_verifier_is_rejected() {
        let Ok(Some(challenge)) = PkceChallenge::parse(CHALLENGE, "S256") else {
            panic!("usable")
        };
        assert_eq!(challenge.verify(&"v".repeat(50)), Ok(()));
        assert_eq!(challenge.verify(&"w".repeat(50)), Err(VerifierError::Wrong));
        assert_eq!(challenge.verify(""), Err(VerifierError::Malformed));
        assert_eq!(
            challenge.verify(&"v".repeat(42)),
            Err(VerifierError::Malformed)
        );
    }

    #[test]
    fn challenge_without_method_is_plain() {
        let Ok(Some(challenge)) = PkceChallenge::parse(CHALLENGE, "") else {
            panic!("usable")
        };
        assert_eq!(challenge.verify(CHALLENGE), Ok(()));
        assert!(PkceChallenge::parse(CHALLENGE, "S512").is_err());
        assert!(PkceChallenge::parse("short", "S256").is_err());
        assert!(matches!(PkceChallenge::parse("", ""), Ok(None)));
    }
}

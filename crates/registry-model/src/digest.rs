//! Content digests.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256, Sha512};
use utoipa::ToSchema;

/// The digest of a manifest, config or layer: algorithm and bytes, as in `sha256:…` (OCI image
/// specification, "Digests").
///
/// The algorithm is always one that the console can compute (SHA-256 or SHA-512), and the length is
/// that of the algorithm.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(
    value_type = String,
    pattern = r"^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$"
)]
pub struct Digest(DigestBytes);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum DigestBytes {
    Sha256([u8; 32]),
    Sha512(Box<[u8; 64]>),
}

/// Text that is not a digest of a supported algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: sha256:<64 hex digits> or sha512:<128 hex digits>")]
pub struct ParseDigestError;

impl Digest {
    /// The SHA-256 digest of `content`.
    #[must_use]
    pub fn sha256(content: &[u8]) -> Self {
        Self(DigestBytes::Sha256(Sha256::digest(content).into()))
    }

    /// Whether `content` has this digest (S39).
    #[must_use]
    pub fn matches(&self, content: &[u8]) -> bool {
        match &self.0 {
            DigestBytes::Sha256(bytes) => Sha256::digest(content)[..] == bytes[..],
            DigestBytes::Sha512(bytes) => Sha512::digest(content)[..] == bytes[..],
        }
    }

    /// The first twelve hex digits: enough for users to tell images apart.
    #[must_use]
    pub fn short(&self) -> String {
        self.bytes()
            .iter()
            .take(6)
            .map(|b| format!("{b:02x}"))
            .collect()
    }

    /// Whether the hex digits begin with these, which are in lower case.
    #[must_use]
    pub fn hex_starts_with(&self, digits: &str) -> bool {
        let digits = digits.as_bytes();
        let bytes = self.bytes();
        digits.len() <= 2 * bytes.len()
            && digits
                .chunks(2)
                .zip(bytes)
                .all(|(digits, byte)| match *digits {
                    [high, low] => nibble(high)
                        .is_ok_and(|high| nibble(low).is_ok_and(|low| high << 4 | low == *byte)),
                    [high] => nibble(high).is_ok_and(|high| high == byte >> 4),
                    _ => false,
                })
    }

    /// The first sixteen hex digits as a number, to search digests by prefix.
    #[must_use]
    pub fn leading_u64(&self) -> u64 {
        self.bytes()
            .first_chunk()
            .map_or(0, |first| u64::from_be_bytes(*first))
    }

    /// A SHA-256 digest of these bytes.
    pub(crate) fn from_sha256(bytes: [u8; 32]) -> Self {
        Self(DigestBytes::Sha256(bytes))
    }

    /// The bytes of a SHA-256 digest.
    pub(crate) fn as_sha256(&self) -> Option<&[u8; 32]> {
        match &self.0 {
            DigestBytes::Sha256(bytes) => Some(bytes),
            DigestBytes::Sha512(_) => None,
        }
    }

    fn bytes(&self) -> &[u8] {
        match &self.0 {
            DigestBytes::Sha256(bytes) => bytes,
            DigestBytes::Sha512(bytes) => &bytes[..],
        }
    }
}

impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        if let Some(hex) = text.strip_prefix("sha256:") {
            return Ok(Self(DigestBytes::Sha256(decode_hex(hex)?)));
        }
        let hex = text.strip_prefix("sha512:").ok_or(ParseDigestError)?;
        Ok(Self(DigestBytes::Sha512(Box::new(decode_hex(hex)?))))
    }
}

fn decode_hex<const N: usize>(hex: &str) -> Result<[u8; N], ParseDigestError> {
    let hex = hex.as_bytes();
    if hex.len() != 2 * N {
        return Err(ParseDigestError);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(bytes)
}

/// Lower case only, as the specification requires.
fn nibble(digit: u8) -> Result<u8, ParseDigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(ParseDigestError),
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            DigestBytes::Sha256(_) => "sha256:",
            DigestBytes::Sha512(_) => "sha512:",
        })?;
        self.bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_digest_matches_only_its_content() {
        let digest = Digest::sha256(b"hello");
        assert_eq!(
            digest.to_string(),
            "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        );
        assert!(digest.matches(b"hello"));
        assert!(!digest.matches(b"hullo"));
        assert_eq!(digest.short(), "2cf24dba5fb0");
    }

    #[test]
    fn a_digest_matches_a_hex_prefix_of_odd_or_even_length() {
        let digest = Digest::sha256(b"hello");
        let whole = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert!(
            ["", "2", "2cf", "2cf24dba", whole]
                .into_iter()
                .all(|digits| digest.hex_starts_with(digits))
        );
        assert!(
            !["3", "2cg", "2cf25", "2CF24DBA", &format!("{whole}0")]
                .into_iter()
                .any(|digits| digest.hex_starts_with(digits))
        );
    }

    #[test]
    fn uppercase_short_and_unknown_digests_are_rejected() {
        let hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        for bad in [
            "",
            "sha256:",
            "md5:abc",
            hex,
            &format!("sha256:{}", hex.to_uppercase()),
            &format!("sha512:{hex}"),
            &format!("sha256:{hex}00"),
        ] {
            assert_eq!(bad.parse::<Digest>(), Err(ParseDigestError), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsed_digests_display_unchanged(text in "(sha256:[0-9a-f]{64})|(sha512:[0-9a-f]{128})") {
            prop_assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        }

        #[test]
        fn parse_never_panics(text in ".{0,200}") {
            let _ = text.parse::<Digest>();
        }
    }
}

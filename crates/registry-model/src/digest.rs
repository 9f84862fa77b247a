//! Content digests.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256, Sha512};

/// The digest of a manifest, config or layer: algorithm and bytes, as in `sha256:…` (OCI image
/// specification, "Digests").
///
/// Guaranteed to be of an algorithm that can be checked here (SHA-256 or SHA-512) and of the right
/// length.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(Bytes);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Bytes {
    Sha256([u8; 32]),
    Sha512(Box<[u8; 64]>),
}

/// A text that is not a digest of a known algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: sha256:<64 hex digits> or sha512:<128 hex digits>")]
pub struct InvalidDigest;

impl Digest {
    /// The SHA-256 digest of `content`.
    #[must_use]
    pub fn sha256_of(content: &[u8]) -> Self {
        Self(Bytes::Sha256(Sha256::digest(content).into()))
    }

    /// Whether `content` has this digest (S39).
    #[must_use]
    pub fn matches(&self, content: &[u8]) -> bool {
        match &self.0 {
            Bytes::Sha256(bytes) => Sha256::digest(content)[..] == bytes[..],
            Bytes::Sha512(bytes) => Sha512::digest(content)[..] == bytes[..],
        }
    }

    /// The first twelve hex digits: enough for a person to tell two images apart.
    #[must_use]
    pub fn short(&self) -> String {
        self.bytes()
            .iter()
            .take(6)
            .map(|b| format!("{b:02x}"))
            .collect()
    }

    /// Whether the hex digits begin with these, given in lower case.
    #[must_use]
    pub fn begins_with(&self, digits: &str) -> bool {
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

    /// The first sixteen hex digits, as a number: to find digests by what they begin with.
    #[must_use]
    pub fn leading(&self) -> u64 {
        self.bytes()
            .first_chunk()
            .map_or(0, |first| u64::from_be_bytes(*first))
    }

    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Sha256(bytes) => bytes,
            Bytes::Sha512(bytes) => &bytes[..],
        }
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        if let Some(hex) = text.strip_prefix("sha256:") {
            return Ok(Self(Bytes::Sha256(unhex(hex)?)));
        }
        let hex = text.strip_prefix("sha512:").ok_or(InvalidDigest)?;
        Ok(Self(Bytes::Sha512(Box::new(unhex(hex)?))))
    }
}

fn unhex<const N: usize>(hex: &str) -> Result<[u8; N], InvalidDigest> {
    let hex = hex.as_bytes();
    if hex.len() != 2 * N {
        return Err(InvalidDigest);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(bytes)
}

/// Lower case only, as the specification demands.
fn nibble(digit: u8) -> Result<u8, InvalidDigest> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(InvalidDigest),
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Bytes::Sha256(_) => "sha256:",
            Bytes::Sha512(_) => "sha512:",
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
    fn a_digest_knows_its_content() {
        let digest = Digest::sha256_of(b"hello");
        assert_eq!(
            digest.to_string(),
            "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        );
        assert!(digest.matches(b"hello"));
        assert!(!digest.matches(b"hullo"));
        assert_eq!(digest.short(), "2cf24dba5fb0");
    }

    #[test]
    fn a_digest_is_known_by_its_first_digits_an_odd_number_of_them_too() {
        let digest = Digest::sha256_of(b"hello");
        let whole = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert!(
            ["", "2", "2cf", "2cf24dba", whole]
                .into_iter()
                .all(|digits| digest.begins_with(digits))
        );
        assert!(
            !["3", "2cg", "2cf25", "2CF24DBA", &format!("{whole}0")]
                .into_iter()
                .any(|digits| digest.begins_with(digits))
        );
    }

    #[test]
    fn capitals_short_digests_and_unknown_algorithms_are_refused() {
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
            assert_eq!(bad.parse::<Digest>(), Err(InvalidDigest), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_parses_prints_as_it_was(text in "(sha256:[0-9a-f]{64})|(sha512:[0-9a-f]{128})") {
            prop_assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        }

        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = text.parse::<Digest>();
        }
    }
}

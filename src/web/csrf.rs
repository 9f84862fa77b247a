//! The form token, which proves that a form comes from a page of the session (S24).
//!
//! Pages are compressed and repeat parts of their URLs. A token that appeared in them unchanged
//! could be guessed from their sizes, byte by byte (BREACH, 2013). Each page therefore contains it
//! under a mask of its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The form field that contains the token.
pub(super) const FORM_TOKEN_FIELD: &str = "csrf";

/// The size of the token and of its mask in bytes.
const TOKEN_BYTES: usize = 32;

/// The token as a form contains it: a different text each time.
pub(super) fn mask(token: &SecretString) -> String {
    let mask = rand::random::<[u8; TOKEN_BYTES]>();
    let mut masked = mask.to_vec();
    masked.extend(
        token_bytes(token.expose_secret())
            .iter()
            .zip(mask)
            .map(|(byte, mask)| byte ^ mask),
    );
    URL_SAFE_NO_PAD.encode(masked)
}

/// Whether a form contained this token, under any mask.
pub(super) fn matches(token: &SecretString, masked: &str) -> bool {
    let Ok(masked) = URL_SAFE_NO_PAD.decode(masked) else {
        return false;
    };
    if masked.len() != 2 * TOKEN_BYTES {
        return false;
    }
    let (mask, masked_token) = masked.split_at(TOKEN_BYTES);
    let unmasked: Vec<u8> = masked_token
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    unmasked.ct_eq(&token_bytes(token.expose_secret())).into()
}

/// The session's token as bytes. It was created by [`super::session::random_text`] and sealed: any
/// other value matches nothing.
fn token_bytes(token: &str) -> [u8; TOKEN_BYTES] {
    let bytes = URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    bytes.unwrap_or_else(rand::random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::session::random_text;

    #[test]
    fn form_token_is_masked_per_page_and_always_valid() {
        let token = SecretString::from(random_text());
        let (one, other) = (mask(&token), mask(&token));
        assert_ne!(one, other);
        assert!(matches(&token, &one) && matches(&token, &other));
        assert!(!one.contains(token.expose_secret()));
    }

    #[test]
    fn form_token_of_another_session_is_rejected() {
        let token = SecretString::from(random_text());
        for masked in [
            mask(&SecretString::from(random_text())),
            String::new(),
            "A".repeat(86),
            token.expose_secret().to_owned(),
            "%".to_owned(),
        ] {
            assert!(!matches(&token, &masked), "{masked}");
        }
        let broken = SecretString::from("not a token");
        assert!(!matches(&broken, &mask(&broken)));
    }
}

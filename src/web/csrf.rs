//! The token that proves a form to be from a page of the session (S24).
//!
//! Pages are compressed and repeat what an address says. A token that stood in them as it is could
//! be guessed from their sizes, byte by byte (BREACH, 2013); so each page carries it under a mask
//! of its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The field of a form that holds the token.
pub(super) const FIELD: &str = "csrf";

/// How many bytes a token has, and its mask.
const BYTES: usize = 32;

/// The token as a form carries it: another text each time.
pub(super) fn masked(token: &SecretString) -> String {
    let mask = rand::random::<[u8; BYTES]>();
    let mut sent = mask.to_vec();
    sent.extend(
        bytes_of(token.expose_secret())
            .iter()
            .zip(mask)
            .map(|(byte, mask)| byte ^ mask),
    );
    URL_SAFE_NO_PAD.encode(sent)
}

/// Whether a form carried this token, under whatever mask.
pub(super) fn is(token: &SecretString, sent: &str) -> bool {
    let Ok(sent) = URL_SAFE_NO_PAD.decode(sent) else {
        return false;
    };
    if sent.len() != 2 * BYTES {
        return false;
    }
    let (mask, masked) = sent.split_at(BYTES);
    let unmasked: Vec<u8> = masked
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    unmasked.ct_eq(&bytes_of(token.expose_secret())).into()
}

/// The session's own text, as bytes. It was made by [`super::session::random_text`] and sealed:
/// anything else matches nothing.
fn bytes_of(token: &str) -> [u8; BYTES] {
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
    fn a_token_looks_different_on_each_page_and_is_known_on_all() {
        let token = SecretString::from(random_text());
        let (one, other) = (masked(&token), masked(&token));
        assert_ne!(one, other);
        assert!(is(&token, &one) && is(&token, &other));
        assert!(!one.contains(token.expose_secret()));
    }

    #[test]
    fn another_sessions_token_and_anything_else_is_refused() {
        let token = SecretString::from(random_text());
        for sent in [
            masked(&SecretString::from(random_text())),
            String::new(),
            "A".repeat(86),
            token.expose_secret().to_owned(),
            "%".to_owned(),
        ] {
            assert!(!is(&token, &sent), "{sent}");
        }
        let broken = SecretString::from("not a token");
        assert!(!is(&broken, &masked(&broken)));
    }
}

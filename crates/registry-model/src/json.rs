//! Decoding of JSON text that programs in Go wrote, including invalid Unicode.
//!
//! Docker, the image registry and the API server are written in Go. `encoding/json` replaces bytes
//! that are not UTF-8, and escapes of lone surrogates, by U+FFFD, whereas `serde_json` rejects the
//! whole document. [`from_slice`] accepts the documents that those programs accept.
//!
//! Use it in place of `serde_json::from_slice` for whole responses, and [`to_valid_unicode`] for
//! text that is decoded in pieces. Types are still checked: a field of the wrong type is an error.
//! Documents in which such fields must be tolerated, and lists bounded, are read with the module
//! `lenient`, which builds on this one.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// The escape of U+FFFD.
const REPLACEMENT_ESCAPE: &[u8] = br"\ufffd";

/// Reads a document as Go does.
///
/// # Errors
///
/// As [`serde_json::from_slice`], except that bytes that are not UTF-8 and lone surrogates are
/// accepted.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(&to_valid_unicode(bytes))
}

/// The same document with U+FFFD in place of each byte that is not UTF-8, and of each escaped lone
/// surrogate. All other bytes are unchanged. Digests are computed from the original bytes, never
/// from these.
#[must_use]
pub fn to_valid_unicode(bytes: &[u8]) -> Cow<'_, [u8]> {
    let text = match std::str::from_utf8(bytes) {
        Ok(_) => Cow::Borrowed(bytes),
        Err(_) => Cow::Owned(to_utf8(bytes)),
    };
    if !has_surrogate_escape(&text) {
        return text;
    }
    Cow::Owned(replace_lone_surrogates(&text))
}

fn to_utf8(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            text.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    text
}

fn has_surrogate_escape(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, br"\u").any(|at| matches!(text.get(at + 2), Some(b'd' | b'D')))
}

/// A backslash outside of a string is a syntax error anyway, so strings need not be distinguished
/// from the rest.
fn replace_lone_surrogates(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let (kept, length) = match parse_unicode_escape(escape) {
            Some(0xD800..=0xDBFF) => match escape.get(6..).and_then(parse_unicode_escape) {
                Some(0xDC00..=0xDFFF) => (&escape[..12], 12),
                _ => (REPLACEMENT_ESCAPE, 6),
            },
            Some(0xDC00..=0xDFFF) => (REPLACEMENT_ESCAPE, 6),
            _ => {
                let length = escape.len().min(2);
                (&escape[..length], length)
            }
        };
        out.extend_from_slice(kept);
        rest = &escape[length..];
    }
    out.extend_from_slice(rest);
    out
}

/// The UTF-16 code unit of an escape `\uXXXX` at the start of `text`.
fn parse_unicode_escape(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(br"\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn decoded(text: &[u8]) -> Value {
        from_slice(text).unwrap_or_else(|error| panic!("{error}: {}", text.escape_ascii()))
    }

    /// The results of `encoding/json` of Go 1.22 for the same bytes.
    #[test]
    fn invalid_utf8_and_lone_surrogates_become_replacements() {
        for (text, expected) in [
            (
                &b"{\"a\": \"M\xfcller\", \"b\": 1}"[..],
                json!({"a": "M\u{fffd}ller", "b": 1}),
            ),
            (b"\"\xe2\x82\"", json!("\u{fffd}\u{fffd}")),
            (b"\"\xed\xa0\x80\"", json!("\u{fffd}\u{fffd}\u{fffd}")),
            (b"{\"\xff\": 1}", json!({"\u{fffd}": 1})),
            (br#""\ud800""#, json!("\u{fffd}")),
            (br#""\udc00x""#, json!("\u{fffd}x")),
            (br#""\ud800\ud83d\ude00""#, json!("\u{fffd}\u{1f600}")),
            (br#""\uD83D\uDE00""#, json!("\u{1f600}")),
            (br#""\ud800\n\"""#, json!("\u{fffd}\n\"")),
            (br#""\\ud800 \\\ud800""#, json!("\\ud800 \\\u{fffd}")),
        ] {
            assert_eq!(decoded(text), expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn valid_document_is_borrowed() {
        assert!(matches!(
            to_valid_unicode("{\"a\": \"é \\u00e9\"}".as_bytes()),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn non_json_is_an_error() {
        for text in [
            &b"\xff"[..],
            b"{\"a\": \\ud800}",
            b"\"\\ud80",
            b"\"\\",
            b"\"\\u\"",
        ] {
            assert!(
                from_slice::<Value>(text).is_err(),
                "{}",
                text.escape_ascii()
            );
        }
    }

    proptest! {
        #[test]
        fn valid_json_is_read_as_by_serde_json(text in "[ -~é\\\\u{}dD8cC0-9\"]{0,40}") {
            let document = serde_json::to_vec(&text).unwrap();
            prop_assert_eq!(decoded(&document), json!(text));
        }

        #[test]
        fn string_with_any_bytes_is_read(bytes in proptest::collection::vec(prop_oneof![Just(b'u'), Just(b'd'), 0x80..=0xFF_u8], 0..40)) {
            let document = [b"{\"a\": \"".as_slice(), &bytes, b"\", \"b\": 7}"].concat();
            prop_assert_eq!(decoded(&document)["b"].clone(), json!(7));
        }
    }
}

//! A session that is larger than one cookie, in several.
//!
//! Browsers limit a cookie to 4,096 bytes, and an ID token with the groups of its user is often
//! larger. The session is sealed as a whole (AES-256-GCM) and then split: parts of different
//! sessions, or of the same session before and after a renewal, cannot be opened together.
//!
//! All parts are sent with each request. The most that they can take, 20 KB, fits into the 24 KiB
//! that the router of OpenShift accepts by default (`ROUTER_BUF_SIZE` 32 KiB without the 8 KiB of
//! `ROUTER_MAX_REWRITE_SIZE`), together with the other headers of a browser.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use axum_extra::extract::cookie::Key;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use super::{SESSION_COOKIE, derive_key};

/// The most parts.
pub(super) const MAX_PARTS: usize = 5;

/// The most bytes of a part's value: 4,096 bytes without the name and the attributes.
const MAX_PART_BYTES: usize = 3_900;

/// What the first part begins with. The number of parts and a point follow. A session in one cookie
/// is base64, which has no point.
const MARK: char = 'p';

/// The most bytes of a session. Only what this console sealed is ever decompressed.
const MAX_PAYLOAD_BYTES: usize = 48 << 10;

/// The name of the cookie of part `index`.
pub(super) fn part_name(index: usize) -> Cow<'static, str> {
    match index {
        0 => SESSION_COOKIE.into(),
        _ => format!("{SESSION_COOKIE}-{index}").into(),
    }
}

/// The values of the parts that `payload` takes, in order: two or more. `None` if it is too large.
///
/// The payload is compressed first: an ID token is base64 of JSON, which shrinks by a third or more.
/// The size of compressed text can reveal a secret in it to someone who chooses another part of the
/// text and sees the sizes (CRIME). Nobody can do both here: the provider chose every part of a
/// session except the random values of the console; a user who changes their own name there learns
/// only about their own session; and an observer of the network sees the sizes of encrypted
/// records, once for each renewal.
pub(super) fn seal(key: &Key, payload: &[u8]) -> Option<Vec<String>> {
    if payload.len() > MAX_PAYLOAD_BYTES {
        return None;
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(payload).ok()?;
    let mut sealed = encoder.finish().ok()?;
    let nonce: [u8; NONCE_LEN] = rand::random();
    parts_key(key)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut sealed,
        )
        .ok()?;
    let text = URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat());
    let header_bytes = "p5.".len();
    let count = (text.len() + header_bytes).div_ceil(MAX_PART_BYTES).max(2);
    if count > MAX_PARTS {
        return None;
    }
    let text = format!("{MARK}{count}.{text}");
    let mut rest = text.as_str();
    let mut parts = Vec::with_capacity(count);
    for left in (1..=count).rev() {
        let (part, tail) = rest.split_at(rest.len().div_ceil(left));
        parts.push(part.to_owned());
        rest = tail;
    }
    Some(parts)
}

/// The payload whose first part has the value `first`, and the number of the key that opened it.
/// `value` gives the value of a cookie. `None` if it is no session in parts, or not intact.
pub(super) fn open(
    keys: &[Key],
    first: &str,
    value: impl Fn(&str) -> Option<String>,
) -> Option<(usize, String)> {
    let (count, beginning) = first.strip_prefix(MARK)?.split_once('.')?;
    let count: usize = count.parse().ok()?;
    if !(2..=MAX_PARTS).contains(&count) {
        return None;
    }
    let mut text = beginning.to_owned();
    for index in 1..count {
        let part = value(&part_name(index))?;
        if part.len() > MAX_PART_BYTES {
            return None;
        }
        text.push_str(&part);
    }
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
    keys.iter().enumerate().find_map(|(number, key)| {
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = parts_key(key)
            .open_in_place(nonce, Aad::empty(), &mut sealed)
            .ok()?;
        let mut payload = String::new();
        ZlibDecoder::new(&*opened)
            .take(MAX_PAYLOAD_BYTES as u64)
            .read_to_string(&mut payload)
            .ok()?;
        Some((number, payload))
    })
}

fn parts_key(key: &Key) -> LessSafeKey {
    derive_key(key, "registry-console: session in parts")
}

//! Style sheets, scripts and icons, embedded by `build.rs`.
//!
//! The URL of an asset contains a hash of its content: the asset never changes, so browsers may
//! cache it for a year, and nothing has to be revalidated.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};

/// An embedded file, with its compressed forms.
struct Asset {
    name: &'static str,
    url: &'static str,
    hash: &'static str,
    content_type: &'static str,
    identity: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The URL of the asset called `name` (as in `console.css`). A test checks that the pages only use
/// assets that exist; any other name leads to a 404.
#[must_use]
pub fn url(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("/assets/unknown", |asset| asset.url)
}

/// What the paths of all assets begin with.
pub const PREFIX: &str = "/assets/";
/// The pattern of the assets' route.
pub const ASSET_PATH: &str = "/assets/{file}";

/// Serves every asset below `/assets/`, without any cookie.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(ASSET_PATH, get(serve_asset))
}

async fn serve_asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS
        .iter()
        .find(|asset| asset.url.strip_prefix(PREFIX) == Some(&file))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let encoding = Encoding::negotiate(&headers);
    let etag = format!("\"{}-{}\"", asset.hash, encoding.name());
    let common = [
        (
            header::CACHE_CONTROL,
            "public, max-age=31536000, immutable".to_owned(),
        ),
        (header::VARY, "accept-encoding".to_owned()),
        (header::ETAG, etag.clone()),
    ];
    if is_not_modified(&headers, &etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let body = match encoding {
        Encoding::Brotli => asset.brotli,
        Encoding::Gzip => asset.gzip,
        Encoding::Identity => asset.identity,
    };
    let mut response = (common, [(header::CONTENT_TYPE, asset.content_type)], body).into_response();
    if encoding != Encoding::Identity {
        response.headers_mut().insert(
            header::CONTENT_ENCODING,
            http::HeaderValue::from_static(encoding.name()),
        );
    }
    response
}

/// Whether the client has the answer with this entity tag (RFC 9110, section 13.1.2).
pub(super) fn is_not_modified(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    known
        .flat_map(|value| value.split(','))
        .any(|value| matches!(value.trim(), "*") || value.trim().trim_start_matches("W/") == etag)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The smallest form that the browser accepts (RFC 9110, section 12.5.3).
    fn negotiate(headers: &HeaderMap) -> Self {
        let accepted = headers
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let accepted: Vec<&str> = accepted
            .flat_map(|value| value.split(','))
            .filter_map(accepted_coding)
            .collect();
        let takes = |name: &str| {
            accepted
                .iter()
                .any(|coding| coding.eq_ignore_ascii_case(name))
        };
        match (takes("br"), takes("gzip")) {
            (true, _) => Self::Brotli,
            (false, true) => Self::Gzip,
            (false, false) => Self::Identity,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }
}

/// The coding that an item of `Accept-Encoding` names, unless its weight is zero.
fn accepted_coding(item: &str) -> Option<&str> {
    let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
    let weight = parameters
        .trim()
        .strip_prefix("q=")
        .map_or(Ok(1.0), str::parse::<f32>);
    weight
        .is_ok_and(|weight| weight > 0.0)
        .then(|| coding.trim())
}

#[cfg(test)]
mod tests;

//! What there is without encryption.

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use http::{HeaderValue, StatusCode, header};
use url::Url;

use super::health::Health;

/// The health checks; everything else leads to the same path at `public`, never at the host that the request named (S11).
pub(super) fn router(health: &Health, public: &Url) -> Router {
    let public = public.as_str().trim_end_matches('/').to_owned();
    health.router().fallback(move |request: Request| async move {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        // A request for `*` has no path of its own.
        let path = if path.starts_with('/') { path } else { "/" };
        let location = HeaderValue::try_from(format!("{public}{path}"));
        let headers = [
            (header::LOCATION, location.unwrap_or(HeaderValue::from_static("/"))),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        (StatusCode::PERMANENT_REDIRECT, headers, "please use https\n").into_response()
    })
}

//! The routes of connections without TLS.

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use http::{HeaderValue, StatusCode, header};
use url::Url;

use super::health::Health;
use crate::web;

/// The health checks. Everything else is redirected to the same path at `public`, never to the host
/// that the request names (S11). If `public` is not known, the response says what to do.
pub(super) fn router(health: &Health, public: Option<&Url>) -> Router {
    let public = public.map(|url| url.as_str().trim_end_matches('/').to_owned());
    health
        .router()
        .fallback(move |request: Request| async move {
            let path = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            // A request for `*` has no path.
            let path = if path.starts_with('/') { path } else { "/" };
            let location = public.map(|public| {
                HeaderValue::try_from(format!("{public}{path}"))
                    .unwrap_or(HeaderValue::from_static("/"))
            });
            let mut answer = (
                [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
                "please use https\n",
            )
                .into_response();
            let headers = answer.headers_mut();
            web::set_secure_headers(headers);
            // Browsers must ignore it on a connection without TLS (RFC 6797, 7.2).
            headers.remove(header::STRICT_TRANSPORT_SECURITY);
            *answer.status_mut() = match location {
                Some(location) => {
                    answer.headers_mut().insert(header::LOCATION, location);
                    StatusCode::PERMANENT_REDIRECT
                }
                None => StatusCode::BAD_REQUEST,
            };
            answer
        })
}

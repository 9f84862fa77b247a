//! Common parts of the registry's responses.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::cluster::Version;

/// A JSON body as the registry writes it: with a newline at its end, and on 3.x with a character
/// set.
pub(super) fn json(version: Version, status: StatusCode, body: &impl Serialize) -> Response {
    let content_type = match version {
        Version::V3_9 => "application/json; charset=utf-8",
        Version::V4 => "application/json",
    };
    json_as(content_type, status, body)
}

/// A JSON body under a content type of its own.
pub(super) fn json_as(
    content_type: &'static str,
    status: StatusCode,
    body: &impl Serialize,
) -> Response {
    let mut text = serde_json::to_string(body).expect("these bodies have text keys only");
    text.push('\n');
    text_as(content_type, status, text)
}

/// A body of any content type.
pub(super) fn text_as(content_type: &'static str, status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, content_type)], text).into_response()
}

/// The response to an unknown path.
pub(super) fn not_found() -> Response {
    (
        StatusCode::NOT_FOUND,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        "404 page not found\n",
    )
        .into_response()
}

/// A response without a body, with these headers.
pub(super) fn empty<const N: usize>(
    status: StatusCode,
    headers: [(&'static str, String); N],
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    add(response.headers_mut(), headers);
    response
}

/// Adds headers. One whose value is invalid (it would contain a control character) is left out.
pub(super) fn add<const N: usize>(into: &mut HeaderMap, headers: [(&'static str, String); N]) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            into.insert(name, value);
        }
    }
}

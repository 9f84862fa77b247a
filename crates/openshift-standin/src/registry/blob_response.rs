//! Responses with blobs: whole or a range.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::answer;
use registry_model::Digest;

/// The response to GET or HEAD of a blob.
pub(super) fn blob(
    method: &Method,
    headers: &HeaderMap,
    digest: &Digest,
    content: &Bytes,
) -> Response {
    let mut response = match requested_range(headers, content.len()) {
        RequestedRange::Whole => with_body(StatusCode::OK, method, content.clone()),
        RequestedRange::Bytes(first, last) => {
            let mut response = with_body(
                StatusCode::PARTIAL_CONTENT,
                method,
                content.slice(first..=last),
            );
            answer::add(
                response.headers_mut(),
                [(
                    "content-range",
                    format!("bytes {first}-{last}/{}", content.len()),
                )],
            );
            response
        }
        RequestedRange::Unsatisfiable => {
            return answer::empty(
                StatusCode::RANGE_NOT_SATISFIABLE,
                [("content-range", format!("bytes */{}", content.len()))],
            );
        }
    };
    let etag = format!("\"{digest}\"");
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes())
    {
        response = answer::empty(StatusCode::NOT_MODIFIED, []);
    }
    let of_all = [
        ("cache-control", "max-age=31536000".to_owned()),
        ("content-type", "application/octet-stream".to_owned()),
        ("docker-content-digest", digest.to_string()),
        ("etag", etag),
    ];
    answer::add(response.headers_mut(), of_all);
    response
}

/// A response with its length, and with its body unless only the headers were requested.
pub(super) fn with_body(status: StatusCode, method: &Method, content: Bytes) -> Response {
    let length = HeaderValue::from(content.len());
    let mut response = Response::new(if method == Method::HEAD {
        Body::empty()
    } else {
        Body::from(content)
    });
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

#[derive(Debug, PartialEq, Eq)]
enum RequestedRange {
    Whole,
    /// First and last byte, both included.
    Bytes(usize, usize),
    Unsatisfiable,
}

/// The range in `Range` (RFC 9110, 14.1). Several ranges, and invalid ones, count as no range.
fn requested_range(headers: &HeaderMap, length: usize) -> RequestedRange {
    let spec = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok()?.strip_prefix("bytes=")?.split_once('-'));
    let Some((first, last)) = spec else {
        return RequestedRange::Whole;
    };
    let (first, last) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) => (first, last.min(length.saturating_sub(1))),
        (Ok(first), Err(_)) if last.is_empty() => (first, length.saturating_sub(1)),
        (Err(_), Ok(suffix)) if first.is_empty() => {
            (length.saturating_sub(suffix), length.saturating_sub(1))
        }
        _ => return RequestedRange::Whole,
    };
    if first < length && first <= last {
        RequestedRange::Bytes(first, last)
    } else {
        RequestedRange::Unsatisfiable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_clamped_to_the_blob_and_refused_beyond_it() {
        let of = |range: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(range));
            requested_range(&headers, 10)
        };
        assert_eq!(of("bytes=0-3"), RequestedRange::Bytes(0, 3));
        assert_eq!(of("bytes=8-99"), RequestedRange::Bytes(8, 9));
        assert_eq!(of("bytes=4-"), RequestedRange::Bytes(4, 9));
        assert_eq!(of("bytes=-3"), RequestedRange::Bytes(7, 9));
        assert_eq!(of("bytes=10-"), RequestedRange::Unsatisfiable);
        assert_eq!(of("bytes=5-4"), RequestedRange::Unsatisfiable);
        assert_eq!(of("bytes=a-b"), RequestedRange::Whole);
        assert_eq!(of("bytes=0-1,3-4"), RequestedRange::Whole);
        assert_eq!(
            requested_range(&HeaderMap::new(), 10),
            RequestedRange::Whole
        );
    }
}

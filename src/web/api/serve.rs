//! `/api/v1/openapi.json`: the OpenAPI document.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::document::ApiDocument;
use super::operation::{ApiContent, ApiOperation, ApiTag};
use crate::web::assets::is_not_modified;

pub(in crate::web) const GET_DOCUMENT: ApiOperation = ApiOperation {
    id: "getApiDocument",
    path: "/openapi.json",
    tag: ApiTag::Overview,
    summary: |lang| lang.msg("api-get-document"),
    answer: Some(ApiContent::any_json()),
    is_public: true,
    ..ApiOperation::READ
};

/// The document says nothing about the cluster, so that everybody may read it.
pub(in crate::web) async fn serve_document(headers: HeaderMap) -> Response {
    let document = ApiDocument::get();
    let caching = [
        (header::ETAG, format!("W/{}", document.entity_tag)),
        (header::CACHE_CONTROL, "public, no-cache".to_owned()),
    ];
    if is_not_modified(&headers, &document.entity_tag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let media_type = [(header::CONTENT_TYPE, "application/json")];
    (caching, media_type, document.json.as_slice()).into_response()
}

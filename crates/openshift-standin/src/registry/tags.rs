//! Tag lists and the catalog, with their paging.

use axum::response::Response;
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer;
use super::blobs::Repository;
use crate::cluster::{Cluster, Version};
use crate::registry::error::DistributionError;
use registry_model::Digest;

/// The largest page of the catalog that may be asked for (A8: above the configured maximum is 400).
const MAX_CATALOG_PAGE_SIZE: usize = 1000;

/// The characters that the registry's own query encoding does not escape.
const QUERY_ENCODE_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `?n=…&last=…`
#[derive(Debug, Default, Deserialize)]
pub(super) struct PagingQuery {
    n: Option<String>,
    last: Option<String>,
}

impl PagingQuery {
    fn size(&self) -> Result<Option<usize>, DistributionError> {
        let Some(text) = &self.n else { return Ok(None) };
        match text.parse() {
            Ok(n) if n > 0 => Ok(Some(n)),
            _ => Err(invalid_page_size(text)),
        }
    }
}

fn invalid_page_size(n: &str) -> DistributionError {
    let detail = json!({ "n": n });
    DistributionError::single(
        StatusCode::BAD_REQUEST,
        "PAGINATION_NUMBER_INVALID",
        "invalid number of results requested",
        detail,
    )
}

/// `GET /v2/<name>/tags/list`. The 3.x registry has no pages there (recorded in
/// `registry-tags-paged`).
pub(super) fn tags(
    cluster: &Cluster,
    repository: &Repository,
    page: &PagingQuery,
) -> Result<Response, DistributionError> {
    #[derive(Serialize)]
    struct TagListBody {
        name: String,
        tags: Vec<String>,
    }
    let name = repository.to_string();
    let tags = cluster
        .stream_tags(&repository.project, &repository.stream)
        .ok_or_else(|| DistributionError::name_unknown(&name))?;
    let mut tags: Vec<String> = tags.into_iter().map(|(tag, _)| tag).collect();
    tags.sort_by_cached_key(|tag| hash_order_key(tag));
    let mut link = None;
    if cluster.version() == Version::V4 {
        if let Some(last) = &page.last {
            let last = hash_order_key(last);
            tags.retain(|tag| hash_order_key(tag) > last);
        }
        link = truncate_page(&mut tags, page.size()?, &format!("/v2/{name}/tags/list"));
    }
    Ok(with_link_header(
        answer::json(
            cluster.version(),
            StatusCode::OK,
            &TagListBody { name, tags },
        ),
        link,
    ))
}

/// The real registry lists tags in the order of a hash table (recorded in `registry-tags`). So does
/// this one, but always in the same order, so that pages are consistent: a client that relies on
/// sorted tags fails.
fn hash_order_key(tag: &str) -> Digest {
    Digest::sha256(tag.as_bytes())
}

/// `GET /v2/_catalog`
pub(super) fn catalog(
    cluster: &Cluster,
    page: &PagingQuery,
) -> Result<Response, DistributionError> {
    let size = page.size()?;
    if let Some(n) = size.filter(|n| *n > MAX_CATALOG_PAGE_SIZE) {
        return Err(invalid_page_size(&n.to_string()));
    }
    let mut names: Vec<String> = cluster.read(|state| {
        state
            .streams_after(None)
            .map(|stream| format!("{}/{}", stream.namespace(), stream.meta.name))
            .collect()
    });
    names.sort();
    if let Some(last) = &page.last {
        names.retain(|name| name > last);
    }
    let link = truncate_page(&mut names, size, "/v2/_catalog");
    let body = json!({ "repositories": Value::from(names) });
    Ok(with_link_header(
        answer::json(cluster.version(), StatusCode::OK, &body),
        link,
    ))
}

/// Keeps the first `size` names and returns the link to the next page.
fn truncate_page(names: &mut Vec<String>, size: Option<usize>, path: &str) -> Option<String> {
    let size = size.filter(|size| *size < names.len())?;
    names.truncate(size);
    let last = names.last()?;
    Some(format!(
        "<{path}?last={}&n={size}>; rel=\"next\"",
        utf8_percent_encode(last, QUERY_ENCODE_SET)
    ))
}

fn with_link_header(mut response: Response, link: Option<String>) -> Response {
    if let Some(link) = link {
        answer::add(response.headers_mut(), [("link", link)]);
    }
    response
}

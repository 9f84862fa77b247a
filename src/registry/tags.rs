//! The list of a repository's tags, read page by page.

use http::header::LINK;
use serde::Deserialize;

use super::{RegistryError, UserRegistry, requests};
use registry_model::{ImageStreamName, ProjectName, TagName, json, link_header};

/// More pages of 100 than any stream has. Without a maximum, a list could be read without end.
const MAX_PAGES: usize = 200;

/// Distribution specification, "Listing Tags". `tags` is `null` where there are none.
#[derive(Deserialize)]
struct TagListResponse {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

pub(super) async fn list_tags(
    user: &UserRegistry<'_>,
    project: &ProjectName,
    stream: &ImageStreamName,
) -> Result<Vec<TagName>, RegistryError> {
    let mut tags = Vec::new();
    let mut last: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let response = user
            .request(|| requests::tags(project, stream, last.as_deref()))
            .await?;
        let page: TagListResponse = json::from_slice(&response.body)
            .map_err(|_| RegistryError::malformed("a list of tags that is none"))?;
        tags.extend(
            page.tags
                .unwrap_or_default()
                .iter()
                .filter_map(|tag| tag.parse().ok()),
        );
        // Only the name after which the next page starts is taken from a `Link`, so it cannot point
        // to another host (S36).
        let next = response
            .header(LINK)
            .and_then(link_header::parse_next_page)
            .and_then(|next| next.last);
        if next.is_none() {
            return Ok(tags);
        }
        if next == last {
            break;
        }
        last = next;
    }
    Err(RegistryError::malformed("a list of tags without an end"))
}

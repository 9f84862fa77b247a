//! Search in what a user may see: projects, image streams, tags, images by digest.

mod hit_collector;
mod parsed_query;
mod pasted_text;
mod search_word;
mod word_matches;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::Paging;
use crate::app::lists::stream_list::MissingProject;
use crate::index::Snapshot;
use hit_collector::HitCollector;
use parsed_query::ParsedQuery;
use registry_model::pull_spec::PullSpec;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// How many hits of each kind the page with all kinds shows.
const HITS_PER_KIND: usize = 6;

/// How many hits a page of a single kind shows.
const HITS_PER_PAGE: usize = 30;

/// A search query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchQuery {
    /// Words, a digest or the beginning of one, a pull spec, or `label=value`.
    pub text: String,
    /// Only hits of this kind, page by page.
    pub kind: Option<HitKind>,
    /// The page number of that kind, from 1.
    pub page: usize,
}

/// The kinds of hits, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HitKind {
    Projects,
    Streams,
    Tags,
    /// Images, by the digest of their manifest.
    Images,
}

impl HitKind {
    pub const ALL: [Self; 4] = [Self::Projects, Self::Streams, Self::Tags, Self::Images];

    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Projects => "projects",
            Self::Streams => "streams",
            Self::Tags => "tags",
            Self::Images => "images",
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SearchView {
    pub query: SearchQuery,
    /// Whether nothing matches exactly, and these names are similar.
    pub similar: bool,
    /// Whether the query is a digest. Image streams contain the digests of manifests, not those of
    /// configs and layers.
    pub by_digest: bool,
    /// Whether the query is the ID that Docker gives an image without a repository, which is the
    /// digest of its config.
    pub by_docker_id: bool,
    /// Where nothing matches a digest: the image of the image stream that the query names. No tag
    /// has it in its history, but the image of one platform is found by its digest.
    pub by_digest_in_stream: Option<ImageOfStream>,
    /// The hits by kind. Kinds without hits are left out.
    pub groups: Vec<HitGroup>,
    /// Projects that could not be searched.
    pub missing: Vec<MissingProject>,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

/// An image that the query names by an image stream, which the user may see, and a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageOfStream {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub image: Digest,
}

/// Hits of one kind, the best first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HitGroup {
    pub kind: HitKind,
    /// The hits of this page.
    pub hits: Vec<Hit>,
    /// The position of the page among all of them.
    pub paging: Paging,
}

/// A hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Hit {
    Project {
        name: ProjectName,
        /// The display name. Untrusted.
        display_name: Option<String>,
    },
    Stream {
        project: ProjectName,
        name: ImageStreamName,
        /// How many tags it has.
        tags: usize,
        /// When an image was last pushed or imported.
        #[schema(value_type = Option<String>, format = DateTime)]
        last_push: Option<DateTime<Utc>>,
    },
    Tag {
        /// The project of its stream.
        project: ProjectName,
        stream: ImageStreamName,
        tag: TagName,
        /// The image that it points to.
        image: Option<Digest>,
        #[schema(value_type = Option<String>, format = DateTime)]
        updated: Option<DateTime<Utc>>,
    },
    /// An image of a stream.
    Image {
        /// The project of the stream.
        project: ProjectName,
        stream: ImageStreamName,
        /// The digest of its manifest.
        image: Digest,
        /// The tags that point to it.
        tags: Vec<TagName>,
        /// The tags that have pointed to it.
        past: Vec<TagName>,
        /// When a tag last began to point to it.
        #[schema(value_type = Option<String>, format = DateTime)]
        updated: Option<DateTime<Utc>>,
    },
}

impl AppForUser<'_> {
    /// Searches everything that the user may see. An empty query has no hits.
    ///
    /// # Errors
    ///
    /// The failure to list what the user may see; projects that could not be listed are named in
    /// [`SearchView::missing`].
    pub async fn search(&self, query: SearchQuery) -> Result<SearchView, Failure> {
        let texts = pasted_text::possible_queries(&query.text);
        let by_docker_id = pasted_text::is_docker_image_id(&query.text);
        let mut queries: Vec<ParsedQuery> =
            texts.iter().map(|text| ParsedQuery::parse(text)).collect();
        queries.retain(|query| !query.is_empty());
        if queries.is_empty() {
            return Ok(SearchView {
                query,
                similar: false,
                by_digest: false,
                by_docker_id: false,
                by_digest_in_stream: None,
                groups: Vec::new(),
                missing: Vec::new(),
                stale: None,
            });
        }
        let visible = self.visible_streams().await?;
        let by_digest = queries[0].digest_prefix.is_some();
        let find = |typos| {
            HitCollector::from_readings(
                &queries,
                &query,
                &visible.projects,
                &visible.streams,
                typos,
            )
        };
        let mut hits = find(false);
        let similar = hits.is_empty();
        if similar {
            hits = find(true);
        }
        let similar = similar && !hits.is_empty();
        let by_digest_in_stream = texts
            .iter()
            .filter(|_| by_digest && hits.is_empty())
            .find_map(|text| image_of_stream(text, &visible.streams));
        Ok(SearchView {
            groups: hits.into_groups(),
            query,
            similar,
            by_digest,
            by_docker_id,
            by_digest_in_stream,
            missing: visible.missing.clone(),
            stale: visible.stale,
        })
    }
}

/// The image that a pull spec names by digest, if its image stream is among `streams`.
fn image_of_stream(text: &str, streams: &Snapshot) -> Option<ImageOfStream> {
    let spec: PullSpec = text.parse().ok()?;
    let (image, (project, stream)) = (spec.digest()?.clone(), spec.image_stream()?);
    streams.stream(&project, &stream)?;
    Some(ImageOfStream {
        project,
        stream,
        image,
    })
}

#[cfg(test)]
mod tests;

//! Searching through what a person may see: projects, image streams, tags, images by digest.

mod hit_collector;
mod parsed_query;
mod pasted_text;
mod search_word;
mod word_matches;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::Paging;
use crate::app::lists::stream_list::MissingProject;
use hit_collector::HitCollector;
use parsed_query::ParsedQuery;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// How many of each kind are shown side by side.
const HITS_PER_KIND: usize = 6;

/// How many of one kind a page of its own shows.
const HITS_PER_PAGE: usize = 30;

/// What is asked of the search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SearchQuery {
    /// Words, a digest or the beginning of one, a pull spec, or `label=value`.
    pub text: String,
    /// Only hits of this kind, and all of them.
    pub kind: Option<HitKind>,
    /// Which page of that kind, from 1.
    pub page: usize,
}

/// The kinds of things that can be found, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

    /// As in an address.
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

#[derive(Clone, Debug, Serialize)]
pub struct SearchView {
    pub query: SearchQuery,
    /// Nothing is called that: these are called alike.
    pub similar: bool,
    /// Whether a digest was asked for. Image streams name the digests of manifests, not those of
    /// configs and layers.
    pub by_digest: bool,
    /// The hits, kind by kind; kinds without any are left out.
    pub groups: Vec<HitGroup>,
    /// Projects that could not be searched.
    pub missing: Vec<MissingProject>,
    /// Where the API server could not be asked: how old this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleData>,
}

/// Hits of one kind, the best first.
#[derive(Clone, Debug, Serialize)]
pub struct HitGroup {
    pub kind: HitKind,
    /// Those of this page.
    pub hits: Vec<Hit>,
    /// Where the page stands among all of them.
    pub paging: Paging,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Hit {
    Project {
        name: ProjectName,
        /// What people call it. Untrusted.
        display_name: Option<String>,
    },
    Stream {
        project: ProjectName,
        name: ImageStreamName,
        /// How many tags it has.
        tags: usize,
        /// When an image last came in.
        last_push: Option<DateTime<Utc>>,
    },
    Tag {
        /// The project of its stream.
        project: ProjectName,
        stream: ImageStreamName,
        tag: TagName,
        /// What it points at.
        image: Option<Digest>,
        updated: Option<DateTime<Utc>>,
    },
    /// An image of a stream.
    Image {
        /// The project of the stream.
        project: ProjectName,
        stream: ImageStreamName,
        /// The digest of its manifest.
        image: Digest,
        /// The tags that point at it.
        tags: Vec<TagName>,
        /// The tags that once did.
        past: Vec<TagName>,
        /// When a tag last came to point at it.
        updated: Option<DateTime<Utc>>,
    },
}

impl AppForUser<'_> {
    /// Searches everything that the person may see. An empty question finds nothing.
    ///
    /// # Errors
    ///
    /// The failure to list what they may see; projects that could not be listed are named in
    /// [`SearchView::missing`].
    pub async fn search(&self, query: SearchQuery) -> Result<SearchView, Failure> {
        let mut readings: Vec<ParsedQuery> = pasted_text::possible_queries(&query.text)
            .iter()
            .map(|text| ParsedQuery::parse(text))
            .collect();
        readings.retain(|asked| !asked.is_empty());
        if readings.is_empty() {
            return Ok(SearchView {
                query,
                similar: false,
                by_digest: false,
                groups: Vec::new(),
                missing: Vec::new(),
                stale: None,
            });
        }
        let seen = self.visible_streams().await?;
        let by_digest = readings[0].digest_prefix.is_some();
        let find = |typos| {
            HitCollector::from_readings(&readings, &query, &seen.projects, &seen.streams, typos)
        };
        let mut found = find(false);
        let similar = found.is_empty();
        if similar {
            found = find(true);
        }
        let similar = similar && !found.is_empty();
        Ok(SearchView {
            groups: found.into_groups(),
            query,
            similar,
            by_digest,
            missing: seen.missing.clone(),
            stale: seen.stale,
        })
    }
}

#[cfg(test)]
mod tests;

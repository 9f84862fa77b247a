//! The tags from which a user selects those to remove, and what rules select.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::cleanup::{CleanupRules, RemovalFigures, RuleDecision};
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::Paging;
use crate::app::section::{OPTIONAL_TIMEOUT, Section};
use crate::app::usage::{
    USAGE_PAGE_TIMEOUT, USAGE_SECTION_TIMEOUT, UsageScope, UsageState, UsageSummary,
};
use crate::openshift::AccessRight;
use registry_model::{
    Digest, ImageStream, ImageStreamName, ProjectName, Tag, TagName, TotalSize, version_order,
};

/// How many tags a page shows.
const TAGS_PER_PAGE: usize = 100;

/// Shorter texts are not looked for in digests.
const MIN_DIGEST_CHARS: usize = 6;

/// Which tags are shown, and what rules select.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagSelectionQuery {
    /// Only tags whose name or digest contains this. Empty: all.
    pub text: String,
    pub sort: TagSelectionSort,
    /// The page, from 1.
    pub page: usize,
    pub rules: CleanupRules,
}

/// The order of the tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TagSelectionSort {
    /// The tag that has not changed for the longest time first. Tags without an image are last.
    #[default]
    Oldest,
    /// The tag that was changed last first.
    Newest,
    /// In the order of versions.
    Name,
    /// In the reverse order of versions.
    NameDescending,
}

impl TagSelectionSort {
    /// The form used in URLs and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oldest => "oldest",
            Self::Newest => "newest",
            Self::Name => "name",
            Self::NameDescending => "name-descending",
        }
    }

    /// Parses the form used in URLs. The default for any other text.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        [Self::Newest, Self::Name, Self::NameDescending]
            .into_iter()
            .find(|sort| sort.as_str() == text)
            .unwrap_or_default()
    }
}

/// The tags from which the user selects.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TagChoice {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// Only tags whose name or digest contains this. Empty: all.
    pub text: String,
    pub sort: TagSelectionSort,
    /// The tags of this page.
    pub tags: Vec<SelectableTag>,
    pub paging: Paging,
    /// How many tags the image stream has.
    pub all: usize,
    /// What the rules select, if there are any.
    pub dry_run: Option<DryRun>,
    /// Of which projects the workloads were read. The rules keep what these use.
    pub usage: Section<UsageScope>,
    /// Whether the API server allows the user to remove any.
    pub allowed: bool,
}

/// A tag that can be selected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SelectableTag {
    pub name: TagName,
    /// The image that it points to.
    pub digest: Option<Digest>,
    /// When it was last changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub updated: Option<DateTime<Utc>>,
    /// The size of the image, if the API server knows it.
    pub size: Option<TotalSize>,
    /// Whether workloads use the tag or its image. Absent: that could not be read.
    pub usage: Option<UsageState>,
    /// The tag that it tracks: with its image stream, if that is another one.
    pub tracks: Option<String>,
    /// The tags of the image stream that track it.
    pub tracked_by: Vec<TagName>,
    /// What the rules decide, if there are any.
    pub rule: Option<RuleDecision>,
}

/// What removing the tags that the rules select would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DryRun {
    #[serde(flatten)]
    pub rules: CleanupRules,
    /// The tags that the rules select, those first that have not changed for the longest time.
    pub selected: Vec<TagName>,
    #[serde(flatten)]
    pub figures: RemovalFigures,
    /// How many tags the rules would select if no tag that stays tracked them.
    pub protected: usize,
    /// How many tags the rules would select if no workload used them.
    pub used: usize,
}

impl AppForUser<'_> {
    /// The tags of an image stream that match the query, and what its rules select.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn tag_choice(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        query: TagSelectionQuery,
    ) -> Result<TagChoice, Failure> {
        // OpenShift 3.9 does not serve the sizes, and nothing depends on them.
        let sizes = tokio::time::timeout(
            OPTIONAL_TIMEOUT,
            self.api_server.get_image_sizes(project, stream),
        );
        let (found, [allowed], sizes, usage) = tokio::join!(
            self.api_server.get_stream(project, stream),
            self.review_access([AccessRight::delete_tags(project)]),
            sizes,
            self.usage_of_tags(&query.rules),
        );
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let sizes = sizes.ok().and_then(Result::ok).unwrap_or_default();
        let usage_of = |tag: &Tag| {
            let usage = usage.ready()?;
            Some(usage.tag_state(project, stream, &tag.name, current_image(tag)))
        };
        let decisions = query.rules.decide(&found, self.app.clock.now(), |tag| {
            usage_of(tag).unwrap_or(UsageState::Unknown)
        });
        let dry_run =
            (!query.rules.is_empty()).then(|| DryRun::new(&found, query.rules.clone(), &decisions));
        let rows = query.matching_tags(&found, |tag| SelectableTag {
            size: current_image(tag)
                .and_then(|image| sizes.get(image))
                .copied(),
            rule: decisions.get(&tag.name).cloned(),
            usage: usage_of(tag),
            ..SelectableTag::new(tag, &found)
        });
        let (tags, paging) = Paging::paginate(rows, query.page, TAGS_PER_PAGE);
        Ok(TagChoice {
            project: project.clone(),
            stream: stream.clone(),
            text: query.text,
            sort: query.sort,
            tags,
            paging,
            all: found.tags.len(),
            dry_run,
            usage: usage.map(|usage| usage.scope),
            allowed,
        })
    }

    /// What is in use. It is waited for if there are rules that could select it.
    async fn usage_of_tags(&self, rules: &CleanupRules) -> Section<UsageSummary> {
        let time_limit = if rules.is_empty() {
            USAGE_SECTION_TIMEOUT
        } else {
            USAGE_PAGE_TIMEOUT
        };
        Box::pin(self.usage_summary(time_limit)).await.into()
    }
}

impl DryRun {
    fn new(
        stream: &ImageStream,
        rules: CleanupRules,
        decisions: &BTreeMap<&TagName, RuleDecision>,
    ) -> Self {
        let is_selected = |tag: &&Tag| {
            decisions
                .get(&tag.name)
                .is_some_and(RuleDecision::is_selected)
        };
        let mut tags: Vec<SelectableTag> = stream
            .tags
            .iter()
            .filter(is_selected)
            .map(|tag| SelectableTag::new(tag, stream))
            .collect();
        TagSelectionSort::Oldest.apply(&mut tags);
        let count = |is_counted: fn(&RuleDecision) -> bool| {
            let decisions = decisions.values();
            decisions.filter(|decision| is_counted(decision)).count()
        };
        let figures = RemovalFigures::new(stream, &tags.iter().map(|tag| &tag.name).collect());
        Self {
            rules,
            figures,
            selected: tags.into_iter().map(|tag| tag.name).collect(),
            protected: count(|decision| matches!(decision, RuleDecision::Tracked(_))),
            used: count(|decision| *decision == RuleDecision::Used),
        }
    }
}

impl SelectableTag {
    /// A tag of `stream`, without what the image stream does not say.
    pub(super) fn new(tag: &Tag, stream: &ImageStream) -> Self {
        let tracks = tag.tracked_tag(&stream.project, &stream.name);
        let tracks = tracks.map(|(project, name, tag)| {
            if (&project, &name) == (&stream.project, &stream.name) {
                tag.to_string()
            } else {
                format!("{project}/{name}:{tag}")
            }
        });
        let others = stream.tags.iter().filter(|other| other.name != tag.name);
        let tracking =
            others.filter(|other| other.tracks(&stream.project, &stream.name, &tag.name));
        Self {
            name: tag.name.clone(),
            digest: current_image(tag).cloned(),
            updated: tag.current().and_then(|event| event.created),
            size: None,
            usage: None,
            tracks,
            tracked_by: tracking.map(|other| other.name.clone()).collect(),
            rule: None,
        }
    }
}

fn current_image(tag: &Tag) -> Option<&Digest> {
    tag.current().and_then(|event| event.image.as_ref())
}

impl TagSelectionSort {
    fn apply(self, tags: &mut [SelectableTag]) {
        let by_name = |a: &SelectableTag, b: &SelectableTag| {
            version_order::compare(a.name.as_str(), b.name.as_str())
        };
        tags.sort_by(|a, b| match self {
            Self::Oldest => {
                let key = |tag: &SelectableTag| (tag.updated.is_none(), tag.updated);
                key(a).cmp(&key(b)).then_with(|| by_name(a, b))
            }
            Self::Newest => b.updated.cmp(&a.updated).then_with(|| by_name(b, a)),
            Self::Name => by_name(a, b),
            Self::NameDescending => by_name(b, a),
        });
    }
}

impl TagSelectionQuery {
    fn matching_tags(
        &self,
        stream: &ImageStream,
        row: impl FnMut(&Tag) -> SelectableTag,
    ) -> Vec<SelectableTag> {
        let needle = self.text.to_lowercase();
        let rows = stream.tags.iter().map(row);
        let mut tags: Vec<SelectableTag> = rows.filter(|tag| tag.matches(&needle)).collect();
        self.sort.apply(&mut tags);
        tags
    }
}

impl SelectableTag {
    fn matches(&self, needle: &str) -> bool {
        // A few letters are in most digests.
        let has_digest = || {
            needle.len() >= MIN_DIGEST_CHARS
                && self
                    .digest
                    .as_ref()
                    .is_some_and(|digest| digest.to_string().contains(needle))
        };
        self.name.as_str().to_lowercase().contains(needle) || has_digest()
    }
}

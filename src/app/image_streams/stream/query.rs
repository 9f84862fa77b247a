//! Which tags of an image stream a page lists, and in which order.

use serde::Serialize;
use utoipa::ToSchema;

use super::TagRow;
use crate::app::lists::UseFilter;
use crate::app::lists::paging::{PageSize, Paging, SortOrder};
use crate::app::usage::UsageState;
use registry_model::{TagName, version_order};

/// Which tags of an image stream are requested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagQuery {
    /// Only tags whose name or digest contains this. Empty: all.
    pub text: String,
    /// Only tags that workloads use, or that nothing uses. Where the use could not be read, all.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub usage: Option<UseFilter>,
    /// What the tags are sorted by.
    pub sort: TagSort,
    pub order: SortOrder,
    /// How many tags a page has.
    #[serde(skip)]
    pub page_size: PageSize,
    /// Only this tag, with a page of its history.
    pub history: Option<TagName>,
    /// Which page of the tags, or of the history, from 1.
    pub page: usize,
}

/// What the tags of a stream can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TagSort {
    /// By name, in natural order of versions.
    Name,
    /// By the last change.
    Updated,
}

impl TagSort {
    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Updated => "updated",
        }
    }

    /// The usual order: the highest version and the newest first.
    #[must_use]
    pub fn default_order(self) -> SortOrder {
        SortOrder::Descending
    }
}

impl TagQuery {
    /// Filters and sorts `rows`, and keeps the page that is requested. `is_meaningful`: whether it says
    /// something that no use of a tag was found. `None`: the use could not be read.
    pub(super) fn apply(
        &self,
        mut rows: Vec<TagRow>,
        is_meaningful: Option<bool>,
    ) -> (Vec<TagRow>, Paging) {
        if let Some(name) = &self.history {
            rows.retain(|row| row.name == *name);
            return Paging::paginate(rows, 1, self.page_size.entries());
        }
        if let (Some(filter), Some(is_meaningful)) = (self.usage, is_meaningful) {
            rows.retain(|row| {
                let state = row.usage.unwrap_or(UsageState::Unknown);
                filter.includes(state, is_meaningful)
            });
        }
        let text = self.text.to_lowercase();
        rows.retain(|row| {
            text.is_empty()
                || row.name.as_str().to_lowercase().contains(&text)
                || row
                    .digest
                    .as_ref()
                    .is_some_and(|digest| digest.to_string().contains(&text))
                || row
                    .attachments
                    .iter()
                    .any(|attached| attached.tag.as_str().to_lowercase().contains(&text))
        });
        rows.sort_by(|a, b| {
            let by_name = version_order::compare(a.name.as_str(), b.name.as_str());
            match self.sort {
                TagSort::Name => self.order.apply_to(by_name),
                TagSort::Updated => self
                    .order
                    .apply_to(a.updated.cmp(&b.updated))
                    .then(by_name.reverse()),
            }
        });
        Paging::paginate(rows, self.page, self.page_size.entries())
    }
}

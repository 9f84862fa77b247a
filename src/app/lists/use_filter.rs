//! Lists reduced to what workloads use, or to what nothing uses.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::usage::{UsageState, UsageSummary};
use crate::openshift::AccessRight;
use registry_model::ProjectName;

/// Which image streams or tags a list shows, by their use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub enum UseFilter {
    /// Those that workloads use.
    #[serde(rename = "some")]
    Used,
    /// Those that no workload uses that was found, as far as that means anything
    /// ([`UsageSummary::is_meaningful_for`]). Where not all projects could be searched, other workloads
    /// may use them.
    #[serde(rename = "none")]
    Unused,
}

impl UseFilter {
    pub const ALL: [Self; 2] = [Self::Used, Self::Unused];

    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Used => "some",
            Self::Unused => "none",
        }
    }

    /// Parses the form used in URLs. `None` for any other text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.as_str() == text)
    }

    /// Whether the list has what is in this state. `is_meaningful`: whether it says something that no
    /// use was found.
    pub(in crate::app) fn includes(self, state: UsageState, is_meaningful: bool) -> bool {
        match self {
            Self::Used => state == UsageState::Used,
            Self::Unused => state != UsageState::Used && is_meaningful,
        }
    }
}

/// Whether a filter by use has an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UseAnswer {
    #[default]
    Known,
    /// Workloads are still being read.
    Loading,
    /// The user may not list workloads.
    NotAllowed,
}

impl UseAnswer {
    /// The answer that `usage` gives; for one project, about its image streams.
    pub(in crate::app) fn new(usage: &UsageSummary, project: Option<&ProjectName>) -> Self {
        let is_allowed = match project {
            Some(project) => usage.is_meaningful_for(project),
            None => usage.is_any_searched(),
        };
        if usage.scope.is_loading() {
            Self::Loading
        } else if is_allowed {
            Self::Known
        } else {
            Self::NotAllowed
        }
    }
}

impl AppForUser<'_> {
    /// Whether a filter by use of the image streams of these projects would have an answer, before any
    /// workloads are read.
    pub(in crate::app) async fn expected_use_answer(&self, projects: &[ProjectName]) -> UseAnswer {
        let everywhere = AccessRight::list_all_pods();
        if self
            .has_right_in_any(projects, everywhere, AccessRight::list_pods)
            .await
        {
            UseAnswer::Known
        } else {
            UseAnswer::NotAllowed
        }
    }
}

//! Image streams that nothing uses and to which nothing was pushed for a long time.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::MAX_TOP;
use super::visible_space::VisibleSpace;
use crate::app::bounds::truncate_counting;
use crate::app::usage::{UsageState, UsageSummary};
use registry_model::space::{StreamSelection, StreamSpace};
use registry_model::{ImageStreamName, ProjectName};

/// A project and an image stream.
pub(super) type StreamPath = (ProjectName, ImageStreamName);

/// For how long nothing was pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnusedAge {
    Month,
    #[default]
    Quarter,
    Year,
}

/// Image streams that no workload uses in the projects that the user sees, that no other image stream
/// tracks, and no tag of which got an image for some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnusedStreams {
    pub days: i64,
    /// Whether all images and workloads were read. If not, nothing is said to be unused.
    pub is_known: bool,
    /// Whether the user may not list workloads at all.
    pub is_forbidden: bool,
    /// Those with the most bytes of their own first. At most 10.
    pub streams: Vec<StreamSpace>,
    pub more: usize,
}

impl UnusedAge {
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    #[must_use]
    pub fn days(self) -> i64 {
        match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }

    /// Parses the number of days. `None` for any other text.
    #[must_use]
    pub fn from_days(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|age| age.days().to_string() == text)
    }
}

impl UnusedStreams {
    /// `used` is what workloads use, and the image streams that others track; absent where either
    /// is not known at all.
    pub(super) fn of(
        space: &VisibleSpace,
        used: Option<(&UsageSummary, &HashSet<StreamPath>)>,
        age: UnusedAge,
        now: DateTime<Utc>,
    ) -> Self {
        let days = age.days();
        let is_forbidden = used.is_some_and(|(usage, _)| usage.scope.is_limited_by_rights());
        let used = used.filter(|(usage, _)| usage.scope.is_complete() && space.is_complete());
        let Some((usage, tracked)) = used else {
            return Self {
                days,
                is_known: false,
                is_forbidden,
                streams: Vec::new(),
                more: 0,
            };
        };
        let oldest = now - TimeDelta::days(days);
        let streams = space
            .view()
            .biggest_streams(StreamSelection::All, usize::MAX)
            .into_iter();
        let mut streams: Vec<StreamSpace> = streams
            .filter(|row| row.pushed.is_some_and(|pushed| pushed < oldest))
            .filter(|row| usage.stream_state(&row.project, &row.stream) == UsageState::Unused)
            .filter(|row| !tracked.contains(&(row.project.clone(), row.stream.clone())))
            .collect();
        let more = truncate_counting(&mut streams, MAX_TOP);
        Self {
            days,
            is_known: true,
            is_forbidden,
            streams,
            more,
        }
    }
}

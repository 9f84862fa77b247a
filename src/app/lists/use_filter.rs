//! Lists reduced to what workloads use, or to what nothing uses.

use serde::Serialize;

use crate::app::usage::UsageState;

/// Which image streams or tags a list shows, by their use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum UseFilter {
    /// Those that workloads use.
    #[serde(rename = "some")]
    Used,
    /// Those that no workload uses that was found. Where not all projects could be searched, other
    /// workloads may use them.
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

    pub(in crate::app) fn includes(self, state: UsageState) -> bool {
        (state == UsageState::Used) == (self == Self::Used)
    }
}

//! Which OpenShift this is: some commands exist on 3.x or on 4 alone.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::OnceCell;

use super::Console;
use crate::openshift::Error;

/// The major version of OpenShift. Serializes as `3` or `4`, a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum MajorVersion {
    /// 3.6 to 3.11.
    #[serde(rename = "3")]
    Three,
    /// 4.
    #[serde(rename = "4")]
    Four,
}

impl MajorVersion {
    /// All of them, the newest first.
    pub(super) const ALL: [Self; 2] = [Self::Four, Self::Three];

    /// `3` or `4`.
    #[must_use]
    pub fn digit(self) -> &'static str {
        match self {
            Self::Three => "3",
            Self::Four => "4",
        }
    }
}

/// Commands of both versions are shown where the answer takes longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The version, once the API server has told it: no cluster changes from one to the other.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownMajorVersion(Arc<OnceCell<MajorVersion>>);

impl Console {
    /// The version of the cluster, where the API server tells it in time. No token is needed for that.
    pub async fn major_version(&self) -> Option<MajorVersion> {
        let ask = || async {
            let is_three = self.master.is_openshift_three().await?;
            Ok::<_, Error>(if is_three { MajorVersion::Three } else { MajorVersion::Four })
        };
        let version = self.major_version.0.get_or_try_init(ask);
        tokio::time::timeout(PATIENCE, version).await.ok()?.ok().copied()
    }
}

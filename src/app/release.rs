//! The release of OpenShift: some commands exist on 3.x or on 4 only.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::OnceCell;

use super::{App, AppForUser};
use crate::openshift::ApiError;

/// The release on which commands depend. Serializes as `3` or `4`, a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Release {
    /// OpenShift 3.
    #[serde(rename = "3")]
    Three,
    /// OpenShift 4, or a later one: without a token they cannot be distinguished.
    #[serde(rename = "4")]
    FourOrLater,
}

impl Release {
    /// All releases, the newest first.
    pub(super) const ALL: [Self; 2] = [Self::FourOrLater, Self::Three];

    /// `3` or `4`.
    #[must_use]
    pub fn major_version(self) -> &'static str {
        match self {
            Self::Three => "3",
            Self::FourOrLater => "4",
        }
    }
}

/// If the answer takes longer, commands for both releases are shown.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(1);

/// The release, once the API server has answered: no cluster changes from one to the other.
#[derive(Clone, Debug, Default)]
pub(super) struct ReleaseCache(Arc<OnceCell<Release>>);

impl AppForUser<'_> {
    /// As [`App::release`].
    pub async fn release(&self) -> Option<Release> {
        self.app.release().await
    }
}

impl App {
    /// The release of the cluster, if the API server answers in time. Needs no token.
    pub async fn release(&self) -> Option<Release> {
        let request = || async {
            let is_three = self.api_server.is_openshift_3().await?;
            Ok::<_, ApiError>(if is_three {
                Release::Three
            } else {
                Release::FourOrLater
            })
        };
        let release = self.release_cache.0.get_or_try_init(request);
        tokio::time::timeout(RELEASE_TIMEOUT, release)
            .await
            .ok()?
            .ok()
            .copied()
    }
}

//! The release of OpenShift: some commands exist on 3.x or on 4 only.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::OnceCell;
use utoipa::ToSchema;

use super::{App, AppForUser};
use crate::openshift::ApiError;

/// The release on which commands depend. Serializes as `3` or `4`, a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
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

    /// The minor version of OpenShift: 11 of 3.11, or 16 of 4.16. Needs no token.
    pub(super) async fn minor_version(&self) -> Option<u32> {
        let request = self.api_server.get_kubernetes_release();
        let (release, kubernetes) = tokio::join!(
            self.release(),
            tokio::time::timeout(RELEASE_TIMEOUT, request)
        );
        minor_version(release?, kubernetes.ok()?.ok()??)
    }
}

/// Each release has a version of Kubernetes of its own: 3.N has 1.N, 4.1 and 4.2 have 1.13 and 1.14,
/// and from 4.3 with 1.16 on both go up together.
fn minor_version(release: Release, kubernetes: (u32, u32)) -> Option<u32> {
    match (release, kubernetes) {
        (Release::Three, (1, minor)) => Some(minor),
        (Release::FourOrLater, (1, minor @ 13..=14)) => Some(minor - 12),
        (Release::FourOrLater, (1, minor @ 16..)) => Some(minor - 13),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_tells_the_minor_version() {
        use Release::{FourOrLater, Three};
        for (release, kubernetes, minor) in [
            (Three, (1, 6), Some(6)),
            (Three, (1, 11), Some(11)),
            (FourOrLater, (1, 13), Some(1)),
            (FourOrLater, (1, 14), Some(2)),
            (FourOrLater, (1, 17), Some(4)),
            (FourOrLater, (1, 25), Some(12)),
            (FourOrLater, (1, 9), None),
            (FourOrLater, (2, 16), None),
        ] {
            assert_eq!(minor_version(release, kubernetes), minor, "{kubernetes:?}");
        }
    }
}

//! Detection of clusters without an integrated registry: OpenShift 4 whose image registry operator
//! is `Removed`, OpenShift 3 without `oc adm registry`.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::connect::view::releases_or_all;
use crate::app::release::Release;
use crate::app::remediation;
use crate::app::shell_command::ShellCommand;
use registry_model::InternalRepository;

/// How an administrator enables the integrated registry of one release of OpenShift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EnableRegistryCommands {
    pub openshift: Release,
    /// In the order in which they are run.
    pub commands: Vec<ShellCommand>,
}

impl EnableRegistryCommands {
    /// For the release if it is known, otherwise for each release.
    pub(in crate::app) fn for_releases(known: Option<Release>) -> Vec<Self> {
        releases_or_all(known).map(Self::new).collect()
    }

    fn new(openshift: Release) -> Self {
        Self {
            openshift,
            commands: remediation::enable_registry(openshift),
        }
    }
}

/// Nothing else on these pages takes as long.
const REGISTRY_CHECK_TIMEOUT: Duration = Duration::from_millis(2_500);

impl AppForUser<'_> {
    /// Whether the cluster has no integrated registry: none answers the console, and the API server
    /// names none for the image streams that the user may see. `false` where that is not known.
    pub(in crate::app) async fn has_no_registry(&self) -> bool {
        let lookup = async {
            let knocked =
                tokio::time::timeout(REGISTRY_CHECK_TIMEOUT / 2, self.app.registry.probe()).await;
            let answers = matches!(knocked, Ok(Ok(challenged)) if challenged.is_registry);
            !answers && self.lacks_stream_repositories().await
        };
        tokio::time::timeout(REGISTRY_CHECK_TIMEOUT, lookup)
            .await
            .unwrap_or(false)
    }

    /// The API server writes the same host into all image streams, so those of one project are
    /// enough.
    async fn lacks_stream_repositories(&self) -> bool {
        let Ok(found) = self.visible_streams().await else {
            return false;
        };
        let projects = found.streams.projects();
        let Some(project) = projects.first().map(|project| &project.name) else {
            return false;
        };
        let Ok(listed) = self.api_server.list_streams(Some(project)).await else {
            return false;
        };
        !listed.streams.is_empty()
            && listed
                .streams
                .iter()
                .all(|stream| stream.internal_repository == InternalRepository::NoRegistry)
    }
}

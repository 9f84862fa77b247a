//! Clusters without an integrated registry: OpenShift 4 whose image registry operator is `Removed`,
//! OpenShift 3 without `oc adm registry`.

use std::time::Duration;

use serde::Serialize;

use crate::app::AsUser;
use crate::app::connect::view::releases;
use crate::app::release::Release;
use crate::app::shell_command::ShellCommand;
use registry_model::InternalRepository;

/// How an administrator enables the integrated registry of one release of OpenShift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnableRegistry {
    pub openshift: Release,
    /// In this order.
    pub commands: Vec<ShellCommand>,
}

impl EnableRegistry {
    /// For the release that is known, or else for each.
    pub(in crate::app) fn all(known: Option<Release>) -> Vec<Self> {
        releases(known).map(Self::of).collect()
    }

    fn of(openshift: Release) -> Self {
        let commands = match openshift {
            Release::FourOrLater => vec![
                ShellCommand::new("oc get configs.imageregistry.operator.openshift.io/cluster")
                    .option("-o", "jsonpath={.spec.managementState} {.spec.storage}"),
                ShellCommand::new(
                    "oc patch configs.imageregistry.operator.openshift.io/cluster --type=merge",
                )
                .option("-p", r#"{"spec":{"managementState":"Managed"}}"#),
            ],
            Release::Three => vec![ShellCommand::new("oc adm registry -n default")],
        };
        Self {
            openshift,
            commands,
        }
    }
}

/// Pages wait for nothing else as long.
const PATIENCE: Duration = Duration::from_millis(2_500);

impl AsUser<'_> {
    /// Whether the cluster has no integrated registry: none answers the console, and the API server
    /// names none for the image streams that the person may see. `false` where that is not known.
    pub(in crate::app) async fn is_without_registry(&self) -> bool {
        let known = async {
            let knocked = tokio::time::timeout(PATIENCE / 2, self.console.registry.knock()).await;
            let answers = matches!(knocked, Ok(Ok(challenged)) if challenged.is_registry);
            !answers && self.no_stream_has_a_repository().await
        };
        tokio::time::timeout(PATIENCE, known).await.unwrap_or(false)
    }

    /// The API server says the same of all streams: those of one project are enough.
    async fn no_stream_has_a_repository(&self) -> bool {
        let Ok(found) = self.visible_streams().await else {
            return false;
        };
        let projects = found.streams.projects();
        let Some(project) = projects.first().map(|project| &project.name) else {
            return false;
        };
        let Ok(listed) = self.master.image_streams(Some(project)).await else {
            return false;
        };
        !listed.streams.is_empty()
            && listed
                .streams
                .iter()
                .all(|stream| stream.internal_repository == InternalRepository::NoRegistry)
    }
}

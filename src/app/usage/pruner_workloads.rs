//! The workloads whose images a prune plan keeps.

use tokio::time::Instant;

use super::{ProjectWorkloads, UsageScope, UseKind, WorkloadRecord};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use registry_model::{NamedImage, ProjectName, Workload, WorkloadId, WorkloadKind, WorkloadPhase};

impl AppForUser<'_> {
    /// The workloads of all projects that the user sees, with the references that
    /// `oc adm prune images` looks at. Pods are one workload for each owner, with the owner's name.
    /// Pods that have ended are not among them.
    ///
    /// # Errors
    ///
    /// The user's projects cannot be listed.
    pub(in crate::app) async fn pruner_workloads(
        &self,
        first: &ProjectName,
        deadline: Instant,
    ) -> Result<(Vec<Workload>, UsageScope), Failure> {
        let found = self.visible_workloads(Some(first), deadline).await?;
        let workloads = found.projects.iter().flat_map(|project| workloads(project));
        Ok((workloads.collect(), found.scope))
    }
}

fn workloads(project: &ProjectWorkloads) -> impl Iterator<Item = Workload> {
    project.workloads.iter().flat_map(|record| {
        let own = references(record, false);
        let pods = references(record, true);
        let own = (!own.is_empty()).then(|| workload(project, record, record.workload.kind, own));
        let pods = (!pods.is_empty()).then(|| workload(project, record, WorkloadKind::Pod, pods));
        own.into_iter().chain(pods)
    })
}

/// What the workload names, or what its pods name. Triggers keep nothing.
fn references(record: &WorkloadRecord, of_pods: bool) -> Vec<NamedImage> {
    let images = record.images.iter().filter(|image| {
        image.kind != UseKind::Trigger && (image.kind == UseKind::Running) == of_pods
    });
    images
        .map(|image| {
            let named = if of_pods {
                image.named.as_ref()
            } else {
                Some(&image.reference)
            };
            NamedImage {
                part: image.part.clone(),
                reference: named.map(|named| (**named).clone()),
                running: None,
                started: None,
            }
        })
        .collect()
}

fn workload(
    project: &ProjectWorkloads,
    record: &WorkloadRecord,
    kind: WorkloadKind,
    images: Vec<NamedImage>,
) -> Workload {
    Workload {
        project: project.project.clone(),
        id: WorkloadId {
            kind,
            name: record.workload.name.clone(),
        },
        owner: Some(record.workload.clone()).filter(|owner| owner.kind != kind),
        created: record.created,
        phase: WorkloadPhase::Active,
        is_paused: record.is_paused,
        replicas: record.replicas,
        service_account: record.service_account.clone(),
        has_pull_secrets: record.has_pull_secrets,
        images,
        triggers: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::{ImagePart, WorkloadImageReference};

    fn named(kind: WorkloadKind, name: &str, owner: Option<WorkloadId>, running: bool) -> Workload {
        let reference = WorkloadImageReference::from_pull_spec("r.example/team-a/api:v1").unwrap();
        Workload {
            project: "team-a".parse().unwrap(),
            id: WorkloadId {
                kind,
                name: name.parse().unwrap(),
            },
            owner,
            created: None,
            phase: if running {
                WorkloadPhase::Active
            } else {
                WorkloadPhase::Starting
            },
            is_paused: false,
            replicas: None,
            service_account: None,
            has_pull_secrets: false,
            images: vec![NamedImage {
                part: ImagePart::Container("app".parse().unwrap()),
                reference: Some(reference.clone()),
                running: running.then_some(reference),
                started: None,
            }],
            triggers: Vec::new(),
        }
    }

    #[test]
    fn pods_count_as_pods_and_name_their_owner() {
        let set = named(WorkloadKind::StatefulSet, "ledger", None, false);
        let pod = named(WorkloadKind::Pod, "ledger-0", Some(set.id.clone()), true);
        let project = ProjectWorkloads::group("team-a".parse().unwrap(), vec![set.clone(), pod]);
        let found: Vec<Workload> = workloads(&project).collect();
        let ids: Vec<(WorkloadKind, Option<WorkloadId>)> = found
            .iter()
            .map(|workload| (workload.id.kind, workload.owner.clone()))
            .collect();
        assert_eq!(
            ids,
            [
                (WorkloadKind::StatefulSet, None),
                (WorkloadKind::Pod, Some(set.id.clone()))
            ]
        );
        assert!(found.iter().all(|workload| workload.images.len() == 1
            && workload.images[0].reference == set.images[0].reference));
    }
}

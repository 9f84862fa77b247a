//! The workloads whose images a prune plan keeps.

use tokio::time::Instant;

use super::{EndedReference, ProjectWorkloads, UsageScope, UseKind, WorkloadRecord};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use registry_model::{NamedImage, ProjectName, Workload, WorkloadId, WorkloadKind, WorkloadPhase};

impl AppForUser<'_> {
    /// The workloads of all projects that the user sees, with the references that
    /// `oc adm prune images` looks at. Pods are one workload for each owner, with the owner's name.
    /// So are workloads that have ended, one for each reference, created with the youngest of them.
    ///
    /// # Errors
    ///
    /// The user's projects cannot be listed.
    pub(in crate::app) async fn pruner_workloads(
        &self,
        first: Option<&ProjectName>,
        deadline: Instant,
    ) -> Result<(Vec<Workload>, UsageScope), Failure> {
        let found = self.visible_workloads(first, deadline).await?;
        let workloads = found.projects.iter().flat_map(|project| workloads(project));
        Ok((workloads.collect(), found.scope))
    }
}

fn workloads(project: &ProjectWorkloads) -> impl Iterator<Item = Workload> {
    let ended = project
        .ended
        .iter()
        .map(|ended| ended_workload(project, ended));
    let others = project.workloads.iter().flat_map(|record| {
        let own = references(record, false);
        let pods = references(record, true);
        let own = (!own.is_empty()).then(|| workload(project, record, record.workload.kind, own));
        let pods = (!pods.is_empty()).then(|| workload(project, record, WorkloadKind::Pod, pods));
        own.into_iter().chain(pods)
    });
    others.chain(ended)
}

fn ended_workload(project: &ProjectWorkloads, ended: &EndedReference) -> Workload {
    Workload {
        project: project.project.clone(),
        id: WorkloadId {
            kind: ended.kind,
            name: ended.workload.name.clone(),
        },
        owner: Some(ended.workload.clone()).filter(|owner| owner.kind != ended.kind),
        created: ended.created,
        phase: WorkloadPhase::Ended,
        is_paused: false,
        replicas: None,
        service_account: None,
        has_pull_secrets: false,
        images: vec![NamedImage {
            part: ended.part.clone(),
            reference: Some((*ended.reference).clone()),
            running: None,
            started: None,
        }],
        triggers: Vec::new(),
    }
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
    use chrono::DateTime;
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
    fn workloads_that_have_ended_count_with_the_youngest_of_an_owner() {
        let job = |name: &str, day: i64| {
            let cron = Some(WorkloadId {
                kind: WorkloadKind::CronJob,
                name: "nightly".parse().unwrap(),
            });
            Workload {
                created: DateTime::from_timestamp(day * 86_400, 0),
                phase: WorkloadPhase::Ended,
                ..named(WorkloadKind::Job, name, cron, false)
            }
        };
        let pod = Workload {
            phase: WorkloadPhase::Ended,
            ..named(WorkloadKind::Pod, "debug", None, false)
        };
        let all = vec![job("nightly-2", 2), job("nightly-1", 1), pod];
        let project = ProjectWorkloads::group("team-a".parse().unwrap(), all);
        assert!(project.workloads.is_empty(), "they use nothing");
        let found: Vec<_> = workloads(&project)
            .map(|workload| (workload.id.to_string(), workload.created, workload.phase))
            .collect();
        let second_day = DateTime::from_timestamp(2 * 86_400, 0);
        assert_eq!(
            found,
            [
                ("job/nightly".to_owned(), second_day, WorkloadPhase::Ended),
                ("pod/debug".to_owned(), None, WorkloadPhase::Ended),
            ]
        );
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

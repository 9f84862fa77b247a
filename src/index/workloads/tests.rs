//! Tests of the table of a kind.

use proptest::prelude::*;

use super::record::{IndexedWorkload, SharedPartsSet};
use super::table::KindTable;
use crate::openshift::{MalformedObject, WatchEventKind, WorkloadItem};
use registry_model::{
    ImagePart, ImageTrigger, NamedImage, ProjectName, Workload, WorkloadId, WorkloadImageReference,
    WorkloadKind, WorkloadPhase,
};

fn reference(tag: u32) -> WorkloadImageReference {
    let spec = format!("registry.example:5000/team-a/api:{tag}");
    WorkloadImageReference::from_pull_spec(&spec).unwrap()
}

fn pod(project: &str, name: &str, tag: u32) -> Workload {
    Workload {
        project: project.parse().unwrap(),
        id: WorkloadId {
            kind: WorkloadKind::Pod,
            name: name.parse().unwrap(),
        },
        owner: Some(WorkloadId {
            kind: WorkloadKind::ReplicaSet,
            name: "web-1".parse().unwrap(),
        }),
        created: chrono::DateTime::from_timestamp(1_000_000, 0),
        phase: WorkloadPhase::Active,
        is_paused: false,
        replicas: None,
        service_account: Some("robot".parse().unwrap()),
        has_pull_secrets: true,
        images: vec![NamedImage {
            part: ImagePart::Container("app".parse().unwrap()),
            reference: Some(reference(tag)),
            running: None,
            started: chrono::DateTime::from_timestamp(i64::from(tag), 0),
        }],
        triggers: vec![ImageTrigger {
            reference: reference(tag),
            containers: vec!["app".parse().unwrap()],
            is_paused: true,
        }],
    }
}

fn item(workload: Workload, version: u64) -> WorkloadItem {
    WorkloadItem::Workload(Box::new(workload), Some(version.to_string()))
}

fn listed(table: &mut KindTable, workloads: impl IntoIterator<Item = Workload>, version: u64) {
    let mut listing = table.begin_list(usize::MAX);
    for workload in workloads {
        listing.push(item(workload, version));
    }
    table.replace_all(listing);
}

/// The workloads of all projects, by project and name.
fn content(table: &KindTable) -> Vec<Workload> {
    let list = table.snapshot.to_list(WorkloadKind::Pod, None);
    let mut workloads = list.workloads;
    workloads.sort_by(|a, b| (&a.project, &a.id).cmp(&(&b.project, &b.id)));
    workloads
}

fn project(name: &str) -> ProjectName {
    name.parse().unwrap()
}

#[test]
fn stored_workload_is_as_it_was_read() {
    let mut table = KindTable::new(WorkloadKind::Pod);
    let pods = [
        pod("team-a", "one", 1),
        pod("team-a", "two", 2),
        pod("team-b", "one", 1),
    ];
    listed(&mut table, pods.clone(), 5);
    assert_eq!(content(&table), pods);
    assert_eq!(table.len(), 3);
}

#[test]
fn workload_that_has_ended_keeps_its_owner_and_what_it_names() {
    let mut known = SharedPartsSet::default();
    let mut ended = pod("team-a", "one", 1);
    ended.phase = WorkloadPhase::Ended;
    let stored = IndexedWorkload::from_model(ended.clone(), 1, &mut known);
    let pod = stored.to_model(&ended.project, WorkloadKind::Pod);
    assert_eq!(pod.triggers.len(), 0);
    assert_eq!(pod.images.len(), ended.images.len());
    for (image, named) in pod.images.iter().zip(&ended.images) {
        assert_eq!(image.reference, named.reference);
        assert_eq!((&image.running, image.started), (&None, None));
    }
    assert_eq!((pod.owner, pod.phase), (ended.owner, ended.phase));
}

#[test]
fn change_without_effect_keeps_the_same_project() {
    let mut table = KindTable::new(WorkloadKind::Pod);
    listed(&mut table, [pod("team-a", "one", 1)], 5);
    let before = table.snapshot.project(&project("team-a")).unwrap().clone();
    let is_same = |table: &KindTable| {
        let now = table.snapshot.project(&project("team-a"));
        now.is_some_and(|now| std::sync::Arc::ptr_eq(now, &before))
    };
    table.apply(vec![(
        WatchEventKind::Modified,
        item(pod("team-a", "one", 1), 6),
    )]);
    assert!(is_same(&table), "only the version is another one");
    table.apply(vec![(
        WatchEventKind::Deleted,
        item(pod("team-a", "one", 1), 4),
    )]);
    assert!(is_same(&table), "older than the list");
    listed(&mut table, [pod("team-a", "one", 1)], 7);
    assert!(is_same(&table), "a new list shows the same");
    table.apply(vec![(
        WatchEventKind::Modified,
        item(pod("team-a", "one", 2), 8),
    )]);
    assert!(!is_same(&table));
}

#[test]
fn malformed_object_replaces_the_workload_until_it_is_gone() {
    let mut table = KindTable::new(WorkloadKind::Pod);
    listed(&mut table, [pod("team-a", "one", 1)], 5);
    let malformed = |version: &str| {
        WorkloadItem::Malformed(MalformedObject {
            project: Some(project("team-a")),
            name: "one".to_owned(),
            resource_version: Some(version.to_owned()),
        })
    };
    let counts = |table: &KindTable| {
        let objects = table.snapshot.project(&project("team-a"))?;
        Some((objects.workloads().len(), objects.malformed_count()))
    };
    table.apply(vec![(WatchEventKind::Modified, malformed("6"))]);
    assert_eq!(counts(&table), Some((0, 1)));
    table.apply(vec![(
        WatchEventKind::Modified,
        item(pod("team-a", "one", 1), 7),
    )]);
    assert_eq!(counts(&table), Some((1, 0)));
    table.apply(vec![(WatchEventKind::Modified, malformed("8"))]);
    table.apply(vec![(WatchEventKind::Deleted, malformed("9"))]);
    assert_eq!(counts(&table), None);
    assert_eq!((table.len(), content(&table).len()), (0, 0));
}

#[test]
fn list_beyond_the_memory_limit_is_too_large() {
    let table = KindTable::new(WorkloadKind::Pod);
    let mut listing = table.begin_list(20_000);
    let mut count = 0;
    while !listing.is_too_large() {
        listing.push(item(pod("team-a", &format!("pod-{count}"), 1), 5));
        count += 1;
        assert!(count < 1_000, "no limit");
    }
    assert!(count > 50, "{count} pods of the same owner in 20 KB");
}

/// 60 MB for 50,000 pods of 5,000 workloads with different images.
#[test]
fn fifty_thousand_pods_take_less_than_sixty_megabytes() {
    let mut table = KindTable::new(WorkloadKind::Pod);
    let pods = (0..50_000_u32).map(|number| {
        let mut pod = pod(
            &format!("project-{}", number % 400),
            &format!("some-longer-name-7c9d8f6b5-{number}"),
            number / 10,
        );
        pod.owner = Some(WorkloadId {
            kind: WorkloadKind::ReplicaSet,
            name: format!("some-longer-name-{}", number / 10).parse().unwrap(),
        });
        pod
    });
    listed(&mut table, pods, 5);
    let bytes = table.memory_bytes();
    assert!(bytes < 60_000_000, "{bytes}");
    table.clear();
    assert_eq!((table.memory_bytes(), table.len()), (0, 0));
}

proptest! {
    /// Lists and watch events in any order lead to what the last state of each pod is.
    #[test]
    fn events_lead_to_the_same_content_as_a_list(
        events in prop::collection::vec((0..3_u8, 0..4_u8, 0..3_u32, any::<bool>()), 0..60)
    ) {
        let mut table = KindTable::new(WorkloadKind::Pod);
        let mut expected = std::collections::BTreeMap::new();
        for (number, (project, name, tag, is_deleted)) in events.into_iter().enumerate() {
            let pod = pod(&format!("team-{project}"), &format!("pod-{name}"), tag);
            let key = (pod.project.clone(), pod.id.clone());
            let kind = if is_deleted {
                expected.remove(&key);
                WatchEventKind::Deleted
            } else if expected.insert(key, pod.clone()).is_some() {
                WatchEventKind::Modified
            } else {
                WatchEventKind::Added
            };
            table.apply(vec![(kind, item(pod, number as u64 + 1))]);
        }
        let expected: Vec<Workload> = expected.into_values().collect();
        prop_assert_eq!(&content(&table), &expected);
        prop_assert_eq!(table.len(), expected.len());
        let (bytes, mut other) = (table.memory_bytes(), KindTable::new(WorkloadKind::Pod));
        listed(&mut other, expected, 100);
        prop_assert!(bytes >= other.memory_bytes(), "{} of {}", bytes, other.memory_bytes());
    }
}

//! Which references of workloads count.

use super::*;

/// What a use by tag or digest keeps of `shop/web` (tag `1`: `new`, then `older`) without any
/// revision, in 3.6, 3.7, 4.6 and 4.7.
#[test]
fn references_of_workloads_keep_images() {
    use ImagePart::{BuildFrom, BuildOutput, BuildSource};
    use WorkloadKind::{
        Build, BuildConfig, CronJob, DaemonSet, Deployment, DeploymentConfig, Job, Pod, ReplicaSet,
        ReplicationController, StatefulSet,
    };
    let by_digest = format!("r.example:5000/shop/web@{}", image("older"));
    let by_digest = by_digest.as_str();
    let elsewhere = format!("r.example:5000/tools/copy@{}", image("older"));
    let elsewhere = elsewhere.as_str();
    let by_tag = "r.example:5000/shop/web:1";
    let without_host = "shop/web:1";
    let older = format!("image:shop/web@{}", image("older"));
    let older = older.as_str();
    let all = [true; 4];
    let since_3_7 = [false, true, true, true];
    let since_4_6 = [false, false, true, true];
    let since_4_7 = [false, false, false, true];
    let until_4_5 = [true, true, false, false];
    let only_3_7 = [false, true, false, false];
    let cases: Vec<(WorkloadKind, ImagePart, &str, [bool; 4])> = vec![
        (Pod, container(), by_digest, all),
        (Pod, container(), by_tag, since_3_7),
        (Pod, container(), without_host, only_3_7),
        (Pod, container(), elsewhere, until_4_5),
        (Pod, init_container(), by_digest, since_4_6),
        (ReplicationController, container(), by_digest, all),
        (DeploymentConfig, container(), by_digest, all),
        (Deployment, container(), by_digest, since_3_7),
        (ReplicaSet, container(), by_digest, since_3_7),
        (DaemonSet, container(), by_digest, since_3_7),
        (StatefulSet, container(), by_digest, since_4_7),
        (Job, container(), by_digest, since_4_7),
        (CronJob, container(), by_digest, since_4_7),
        (Build, BuildFrom, older, all),
        (BuildConfig, BuildFrom, older, all),
        (BuildConfig, BuildFrom, "tag:shop/web:1", since_3_7),
        (BuildConfig, BuildFrom, by_tag, since_4_6),
        (BuildConfig, BuildFrom, by_digest, all),
        (BuildConfig, BuildSource, older, [false; 4]),
        (BuildConfig, BuildOutput, "tag:shop/web:1", [false; 4]),
    ];
    let versions = [
        PrunerVersion::V3_6,
        PrunerVersion::V3_7,
        PrunerVersion::V4_6,
        PrunerVersion::V4_7,
    ];
    for (kind, part, text, expected) in cases {
        let user = workload(kind, &[(part.clone(), text)]);
        for (version, expected) in versions.into_iter().zip(expected) {
            let found = plan(
                &web(&["new", "older"]),
                std::slice::from_ref(&user),
                version,
                &revisions(0),
            );
            let kept: Vec<&String> = found
                .images
                .values()
                .filter(|outcome| *outcome != "removed")
                .collect();
            let case = format!("{kind:?} {part:?} {text} {version:?}: {kept:?}");
            assert_eq!(kept.len(), usize::from(expected), "{case}");
            let is_by_tag = !text.contains('@');
            assert!(
                kept.iter().all(|kept| kept.starts_with("tag") == is_by_tag),
                "{case}"
            );
        }
    }
}

#[test]
fn builds_before_4_6_refer_to_tags_of_their_own_project() {
    let mut world = web(&["new"]);
    world.streams[0].project = "tools".parse().unwrap();
    let user = workload(
        WorkloadKind::BuildConfig,
        &[(ImagePart::BuildFrom, "tag:tools/web:1")],
    );
    for (version, outcome) in [
        (PrunerVersion::V3_7, "removed"),
        (PrunerVersion::V4_6, "tag tools/web:1 1 by bc/user+0"),
    ] {
        let found = plan(&world, std::slice::from_ref(&user), version, &revisions(0));
        assert_eq!(found.images["new"], outcome, "{version:?}");
    }
}

#[test]
fn ended_pods_count_while_they_are_young() {
    let by_digest = format!("r.example/shop/web@{}", image("older"));
    let user = |name: &str, phase, seconds_ago| Workload {
        id: WorkloadId {
            kind: WorkloadKind::Pod,
            name: name.parse().unwrap(),
        },
        phase,
        created: Some(at(NOW - seconds_ago)),
        ..workload(WorkloadKind::Pod, &[(container(), by_digest.as_str())])
    };
    let pods = [
        user("old", WorkloadPhase::Ended, 9_000),
        user("young", WorkloadPhase::Ended, 60),
        user("active", WorkloadPhase::Active, 9_000),
    ];
    let older = |pods: &[Workload]| {
        let world = web(&["new", "older"]);
        plan(&world, pods, PrunerVersion::V4_12, &revisions(1)).images["older"].clone()
    };
    assert_eq!(older(&pods[..1]), "removed");
    assert_eq!(older(&pods[..2]), "image shop/web:1 2 by pod/young+0");
    assert_eq!(older(&pods), "image shop/web:1 2 by pod/young+1");
}

#[test]
fn workload_and_its_pods_count_once() {
    let by_digest = format!("r.example/shop/web@{}", image("older"));
    let owner = workload(
        WorkloadKind::Deployment,
        &[(container(), by_digest.as_str())],
    );
    let pods = Workload {
        owner: Some(owner.id.clone()),
        ..workload(WorkloadKind::Pod, &[(container(), by_digest.as_str())])
    };
    let world = web(&["new", "older"]);
    let plan = plan(&world, &[owner, pods], PrunerVersion::V4_12, &revisions(1));
    assert_eq!(
        plan.images["older"],
        "image shop/web:1 2 by deployment/user+0"
    );
}

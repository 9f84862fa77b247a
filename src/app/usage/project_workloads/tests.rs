use super::*;
use registry_model::ImageTrigger;

fn id(kind: WorkloadKind, name: &str) -> WorkloadId {
    WorkloadId {
        kind,
        name: name.parse().unwrap(),
    }
}

fn workload(kind: WorkloadKind, name: &str, owner: Option<WorkloadId>, image: &str) -> Workload {
    Workload {
        project: "shop".parse().unwrap(),
        id: id(kind, name),
        owner,
        created: Some(DateTime::UNIX_EPOCH),
        phase: match kind {
            WorkloadKind::Pod | WorkloadKind::Build => WorkloadPhase::Active,
            _ => WorkloadPhase::Starting,
        },
        is_paused: false,
        replicas: None,
        service_account: None,
        has_pull_secrets: false,
        images: vec![NamedImage {
            part: ImagePart::Container("web".parse().unwrap()),
            reference: WorkloadImageReference::from_pull_spec(image),
            running: None,
            started: None,
        }],
        triggers: Vec::new(),
    }
}

fn pod(name: &str, owner: Option<WorkloadId>, image: &str, digest: u8) -> Workload {
    let mut pod = workload(WorkloadKind::Pod, name, owner, image);
    pod.images[0].running =
        WorkloadImageReference::from_image_id(&format!("r:5000/shop/web@sha256:{}", hex(digest)));
    pod.images[0].started = DateTime::from_timestamp(i64::from(digest), 0);
    pod
}

fn hex(digit: u8) -> String {
    format!("{digit:02x}").repeat(32)
}

fn group(workloads: Vec<Workload>) -> Vec<String> {
    let grouped = ProjectWorkloads::group("shop".parse().unwrap(), workloads);
    grouped
        .workloads
        .iter()
        .flat_map(|record| {
            record.images.iter().map(|image| {
                let digest = image
                    .reference
                    .digest()
                    .map_or("by tag".to_owned(), |digest| digest.short()[..2].to_owned());
                let (workload, kind, pods) = (&record.workload, image.kind, image.pods);
                format!("{workload} {kind:?} {digest} {pods}")
            })
        })
        .collect()
}

#[test]
fn pods_belong_to_the_workload_at_the_top() {
    use WorkloadKind::*;
    let mut old = workload(
        ReplicaSet,
        "web-1",
        Some(id(Deployment, "web")),
        "r:5000/shop/web:1",
    );
    old.replicas = Some(0);
    let mut new = workload(
        ReplicaSet,
        "web-2",
        Some(id(Deployment, "web")),
        "r:5000/shop/web:2",
    );
    new.replicas = Some(2);
    let found = group(vec![
        workload(Deployment, "web", None, "r:5000/shop/web:2"),
        old,
        new,
        pod(
            "web-2-a",
            Some(id(ReplicaSet, "web-2")),
            "r:5000/shop/web:2",
            0xaa,
        ),
        pod(
            "web-2-b",
            Some(id(ReplicaSet, "web-2")),
            "r:5000/shop/web:2",
            0xaa,
        ),
        pod(
            "web-2-c",
            Some(id(ReplicaSet, "web-2")),
            "r:5000/shop/web:2",
            0xbb,
        ),
    ]);
    assert_eq!(
        found,
        [
            "deployment/web Running aa 2",
            "deployment/web Running bb 1",
            "deployment/web Starts by tag 0",
            "deployment/web EarlierRevision by tag 0",
        ]
    );
}

#[test]
fn owners_that_cannot_be_listed_still_have_their_pods() {
    use WorkloadKind::*;
    let found = group(vec![
        pod(
            "web-2-a",
            Some(id(ReplicaSet, "web-2")),
            "r:5000/shop/web:2",
            0xaa,
        ),
        pod("alone", None, "r:5000/shop/web:2", 0xbb),
        workload(
            Job,
            "nightly-1",
            Some(id(CronJob, "nightly")),
            "r:5000/shop/web:2",
        ),
    ]);
    assert_eq!(
        found,
        [
            "cronjob/nightly Starts by tag 0",
            "replicaset/web-2 Running aa 1",
            "replicaset/web-2 Starts by tag 0",
            "pod/alone Running bb 1",
            "pod/alone Starts by tag 0",
        ]
    );
}

#[test]
fn owners_in_a_circle_end() {
    use WorkloadKind::*;
    let found = group(vec![
        workload(Job, "a", Some(id(Job, "b")), "r:5000/shop/web:2"),
        workload(Job, "b", Some(id(Job, "a")), "r:5000/shop/web:2"),
    ]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn ended_workloads_use_nothing() {
    use WorkloadKind::*;
    let ended = [Job, Pod, Build].map(|kind| {
        let mut ended = workload(kind, "done", None, "r:5000/shop/web:2");
        ended.phase = WorkloadPhase::Ended;
        ended
    });
    assert_eq!(group(ended.into()), Vec::<String>::new());
}

#[test]
fn earlier_revision_with_the_image_of_the_workload_is_not_shown_again() {
    use WorkloadKind::*;
    let mut scaled_down = workload(
        ReplicationController,
        "web-1",
        Some(id(DeploymentConfig, "web")),
        "r:5000/shop/web:1",
    );
    scaled_down.replicas = Some(0);
    let found = group(vec![
        workload(DeploymentConfig, "web", None, "r:5000/shop/web:1"),
        scaled_down,
    ]);
    assert_eq!(found, ["dc/web Starts by tag 0"]);
}

#[test]
fn trigger_is_recorded_for_each_of_its_containers() {
    let mut web = workload(WorkloadKind::Deployment, "web", None, "r:5000/shop/web:1");
    web.images.push(NamedImage {
        part: ImagePart::InitContainer("migrate".parse().unwrap()),
        ..web.images[0].clone()
    });
    web.triggers.push(ImageTrigger {
        reference: WorkloadImageReference::StreamTag(
            "shop".parse().unwrap(),
            "web".parse().unwrap(),
            "1".parse().unwrap(),
        ),
        containers: ["web", "migrate"].map(|name| name.parse().unwrap()).into(),
        is_paused: true,
    });
    let grouped = ProjectWorkloads::group("shop".parse().unwrap(), vec![web]);
    let triggers: Vec<_> = grouped.workloads[0]
        .images
        .iter()
        .filter(|image| image.kind == UseKind::Trigger)
        .map(|image| (&image.part, image.is_trigger_paused))
        .collect();
    assert_eq!(
        triggers,
        [
            (&ImagePart::InitContainer("migrate".parse().unwrap()), true),
            (&ImagePart::Container("web".parse().unwrap()), true),
        ]
    );
}

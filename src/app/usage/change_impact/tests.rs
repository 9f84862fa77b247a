use std::collections::HashSet;
use std::sync::Arc;

use chrono::DateTime;

use super::*;
use crate::app::usage::matching::Matcher;
use crate::app::usage::{RecordedImage, UseKind, WorkloadRecord};
use registry_model::{
    ImagePart, RegistryHosts, StreamReference, TagEvent, TagSource, WorkloadImageReference,
    WorkloadKind,
};

const HOST: &str = "image-registry.openshift-image-registry.svc:5000";

fn digest(digit: char) -> Digest {
    format!("sha256:{}", String::from(digit).repeat(64))
        .parse()
        .unwrap()
}

fn tag(name: &str, images: &str) -> Tag {
    let mut tag = Tag::new_pushed(name.parse().unwrap());
    tag.history = images
        .chars()
        .map(|digit| TagEvent {
            created: Some(DateTime::UNIX_EPOCH),
            image: Some(digest(digit)),
            pull_spec: String::new(),
            generation: None,
        })
        .collect();
    tag
}

/// `shop/api` with `production`, `1.0` of the same image, and `stable`, which tracks `production`.
fn image_stream() -> ImageStream {
    let mut stable = tag("stable", "a");
    stable.source = TagSource::StreamTag("production".to_owned());
    ImageStream {
        tags: vec![tag("1.0", "a"), tag("production", "ab"), stable],
        ..ImageStream::new("shop".parse().unwrap(), "api".parse().unwrap())
    }
}

fn image(kind: UseKind, reference: &str) -> RecordedImage {
    let reference = match reference.split_once(' ') {
        Some(("tag", name)) => WorkloadImageReference::from_object_reference(
            "ImageStreamTag",
            None,
            name,
            &"shop".parse().unwrap(),
        ),
        _ => WorkloadImageReference::from_pull_spec(reference),
    };
    RecordedImage {
        part: ImagePart::Container("web".parse().unwrap()),
        kind,
        reference: Arc::new(reference.unwrap()),
        named: None,
        is_trigger_paused: false,
        pods: usize::from(kind == UseKind::Running),
        since: None,
    }
}

fn record(kind: WorkloadKind, name: &str, images: Vec<RecordedImage>) -> WorkloadRecord {
    WorkloadRecord {
        workload: WorkloadId {
            kind,
            name: name.parse().unwrap(),
        },
        is_paused: false,
        replicas: Some(1),
        created: None,
        service_account: None,
        has_pull_secrets: false,
        images,
    }
}

fn paused(mut record: WorkloadRecord) -> WorkloadRecord {
    record.is_paused = true;
    record
}

fn assess(change: &TagChange, records: &[WorkloadRecord]) -> ChangeImpact {
    let stream = image_stream();
    let wanted = match change {
        TagChange::DeleteStream => Wanted::Stream,
        TagChange::Remove(tags) | TagChange::Move(tags) => {
            Wanted::Tags(tags.iter().cloned().collect())
        }
    };
    let matcher = |images: TaggedImages| Matcher {
        project: stream.project.clone(),
        stream: stream.name.clone(),
        local_lookup: false,
        hosts: RegistryHosts::new(),
        wanted: wanted.clone(),
        digests: images.into_iter().map(|(digest, _)| digest).collect(),
        configs: HashSet::new(),
    };
    let matchers = [
        matcher(change.current_images(&stream)),
        matcher(change.lost_images(&stream)),
    ];
    let mut assessment = Assessment::new(change, &stream, matchers, None);
    let project = "shop".parse().unwrap();
    records
        .iter()
        .for_each(|record| assessment.add(&project, record));
    assessment.into_impact(&project)
}

fn names(group: &ImpactGroup) -> Vec<String> {
    let workloads = group.workloads.iter();
    workloads
        .map(|affected| {
            let tags: Vec<&str> = affected.tags.iter().map(TagName::as_str).collect();
            format!("{} {}", affected.workload, tags.join(","))
        })
        .collect()
}

/// Every workload with its group, its pods and what else concerns it.
fn placements(impact: &ChangeImpact) -> Vec<(&'static str, String, usize, Vec<AlsoAffected>)> {
    let groups = [
        ("broken", &impact.broken),
        ("redeploys", &impact.redeploys),
        ("rebuilds", &impact.rebuilds),
        ("at next start", &impact.at_next_start),
        ("paused", &impact.paused),
        ("earlier revisions", &impact.earlier_revisions),
        ("kept", &impact.kept),
        ("running", &impact.running),
        ("pushing", &impact.pushing),
    ];
    let mut placements: Vec<_> = groups
        .into_iter()
        .flat_map(|(name, group)| group.workloads.iter().map(move |one| (name, one)))
        .map(|(name, one)| (name, one.workload.to_string(), one.pods, one.also.clone()))
        .collect();
    placements.sort_by(|a, b| a.1.cmp(&b.1));
    placements
}

fn production() -> Vec<TagName> {
    vec!["production".parse().unwrap()]
}

/// A workload of each kind of reference to `production`.
fn workloads() -> Vec<WorkloadRecord> {
    use UseKind::*;
    use WorkloadKind::*;
    let by_digest = format!("{HOST}/shop/api@{}", digest('a'));
    let by_tag = format!("{HOST}/shop/api:production");
    let earlier = format!("{HOST}/shop/api@{}", digest('b'));
    vec![
        record(
            DeploymentConfig,
            "web",
            vec![
                image(Running, &by_digest),
                image(Starts, &by_digest),
                image(Trigger, "tag api:production"),
                image(EarlierRevision, &earlier),
            ],
        ),
        record(
            Deployment,
            "worker",
            vec![image(Starts, &by_tag), image(Trigger, "tag api:stable")],
        ),
        paused(record(
            Deployment,
            "held",
            vec![image(Trigger, "tag api:production")],
        )),
        record(StatefulSet, "by-tag", vec![image(Starts, &by_tag)]),
        record(
            CronJob,
            "nightly",
            vec![image(Trigger, "tag api:production")],
        ),
        record(
            BuildConfig,
            "site",
            vec![
                RecordedImage {
                    part: ImagePart::BuildFrom,
                    ..image(Builds, "tag api:production")
                },
                RecordedImage {
                    part: ImagePart::BuildFrom,
                    ..image(Trigger, "tag api:production")
                },
            ],
        ),
        record(
            BuildConfig,
            "api",
            vec![RecordedImage {
                part: ImagePart::BuildOutput,
                ..image(Pushes, "tag api:production")
            }],
        ),
        record(
            DaemonSet,
            "other",
            vec![image(Starts, &format!("{HOST}/shop/other:production"))],
        ),
    ]
}

#[test]
fn moving_a_tag_redeploys_what_is_triggered_also_through_tracking_tags() {
    let impact = assess(&TagChange::Move(production()), &workloads());
    assert_eq!(
        names(&impact.redeploys),
        ["dc/web production", "deployment/worker stable"]
    );
    assert_eq!(impact.redeploys.workloads[0].pods, 1);
    assert!(impact.running.is_empty(), "{:?}", impact.running);
    assert_eq!(names(&impact.rebuilds), ["bc/site production"]);
    assert_eq!(names(&impact.paused), ["deployment/held production"]);
    assert_eq!(
        names(&impact.at_next_start),
        [
            "statefulset/by-tag production",
            "cronjob/nightly production"
        ]
    );
    assert_eq!(names(&impact.pushing), ["bc/api production"]);
    assert!(impact.broken.is_empty() && impact.earlier_revisions.is_empty());
    let tracking: Vec<&str> = impact
        .tracking_tags
        .iter()
        .map(|tag| tag.tag.as_str())
        .collect();
    assert_eq!(tracking, ["stable"]);
}

#[test]
fn removing_a_tag_breaks_what_names_it_and_what_no_other_tag_keeps() {
    let impact = assess(&TagChange::Remove(production()), &workloads());
    assert_eq!(
        names(&impact.broken),
        [
            "dc/web production",
            "deployment/held production",
            "deployment/worker production",
            "statefulset/by-tag production",
            "cronjob/nightly production",
            "bc/site production",
        ],
        "the image itself is kept by 1.0"
    );
    let web = &impact.broken.workloads[0];
    assert_eq!(
        (web.pods, &*web.also),
        (1, &[AlsoAffected::EarlierRevision][..]),
        "only production had the earlier image"
    );
    assert!(impact.earlier_revisions.is_empty() && impact.running.is_empty());
    assert!(impact.redeploys.is_empty() && impact.at_next_start.is_empty());

    let all = ["1.0", "production", "stable"].map(|name| name.parse().unwrap());
    let by_digest = format!("{HOST}/shop/api@{}", digest('a'));
    let pinned = record(
        WorkloadKind::Pod,
        "pinned",
        vec![image(UseKind::Starts, &by_digest)],
    );
    let impact = assess(&TagChange::Remove(all.into()), &[pinned]);
    assert_eq!(names(&impact.broken), ["pod/pinned "]);
}

/// What uses the image of a removed tag and keeps working: the tag is not the only one of the image.
#[test]
fn workloads_of_an_image_that_stays_are_kept_and_named() {
    let by_digest = format!("{HOST}/shop/api@{}", digest('a'));
    let records = [
        record(
            WorkloadKind::CronJob,
            "a-pinned",
            vec![image(UseKind::Starts, &by_digest)],
        ),
        record(
            WorkloadKind::Deployment,
            "b-by-other-tag",
            vec![
                image(UseKind::Running, &by_digest),
                image(UseKind::Trigger, "tag api:production"),
            ],
        ),
        record(
            WorkloadKind::Deployment,
            "c-earlier",
            vec![image(UseKind::EarlierRevision, &by_digest)],
        ),
    ];
    let first = vec!["1.0".parse().unwrap()];
    let impact = assess(&TagChange::Remove(first), &records);
    let text = |name: &str| name.to_owned();
    assert_eq!(
        placements(&impact),
        [
            ("kept", text("cronjob/a-pinned"), 0, vec![]),
            ("kept", text("deployment/b-by-other-tag"), 1, vec![]),
            (
                "kept",
                text("deployment/c-earlier"),
                0,
                vec![AlsoAffected::EarlierRevision]
            ),
        ]
    );
    let mut named = names(&impact.kept);
    named.sort();
    assert_eq!(
        named,
        [
            "cronjob/a-pinned ",
            "deployment/b-by-other-tag production",
            "deployment/c-earlier "
        ]
    );
    let kept_by: Vec<&str> = impact.kept_by.iter().map(TagName::as_str).collect();
    assert_eq!(kept_by, ["production", "stable"]);
    let all = ["1.0", "production", "stable"].map(|name| name.parse().unwrap());
    let impact = assess(&TagChange::Remove(all.into()), &records);
    assert!(impact.kept.is_empty() && impact.kept_by.is_empty());
    assert_eq!(
        (impact.broken.len(), impact.earlier_revisions.len()),
        (2, 1)
    );
}

/// Every combination of references of one workload leads to one place on the page.
#[test]
fn workload_is_in_the_most_severe_group_only() {
    use AlsoAffected::{Paused, Pushes};
    let by_digest = format!("{HOST}/shop/api@{}", digest('a'));
    let by_tag = format!("{HOST}/shop/api:production");
    let earlier = format!("{HOST}/shop/api@{}", digest('b'));
    let running = || image(UseKind::Running, &by_digest);
    let output = || RecordedImage {
        part: ImagePart::BuildOutput,
        ..image(UseKind::Pushes, "tag api:production")
    };
    let paused_trigger = || RecordedImage {
        part: ImagePart::Container("proxy".parse().unwrap()),
        is_trigger_paused: true,
        ..image(UseKind::Trigger, "tag api:production")
    };
    let records = [
        record(
            WorkloadKind::Deployment,
            "a-named",
            vec![running(), image(UseKind::Starts, &by_tag), paused_trigger()],
        ),
        record(
            WorkloadKind::BuildConfig,
            "b-chain",
            vec![image(UseKind::Builds, "tag api:production"), output()],
        ),
        record(
            WorkloadKind::Deployment,
            "c-moved-on",
            vec![running(), image(UseKind::EarlierRevision, &earlier)],
        ),
        record(WorkloadKind::Pod, "d-runs", vec![running()]),
        record(
            WorkloadKind::Deployment,
            "e-triggered",
            vec![
                image(UseKind::Trigger, "tag api:production"),
                paused_trigger(),
            ],
        ),
        record(
            WorkloadKind::Deployment,
            "f-paused",
            vec![running(), paused_trigger()],
        ),
    ];
    let text = |name: &str| name.to_owned();
    assert_eq!(
        placements(&assess(&TagChange::Move(production()), &records)),
        [
            ("at next start", text("bc/b-chain"), 0, vec![Pushes]),
            ("at next start", text("deployment/a-named"), 1, vec![Paused]),
            ("running", text("deployment/c-moved-on"), 1, vec![]),
            ("redeploys", text("deployment/e-triggered"), 0, vec![]),
            ("paused", text("deployment/f-paused"), 1, vec![]),
            ("running", text("pod/d-runs"), 1, vec![]),
        ]
    );
    assert_eq!(
        placements(&assess(&TagChange::Remove(production()), &records)),
        [
            ("broken", text("bc/b-chain"), 0, vec![Pushes]),
            ("broken", text("deployment/a-named"), 1, vec![]),
            (
                "earlier revisions",
                text("deployment/c-moved-on"),
                1,
                vec![]
            ),
            ("broken", text("deployment/e-triggered"), 0, vec![]),
            ("broken", text("deployment/f-paused"), 1, vec![]),
            ("running", text("pod/d-runs"), 1, vec![]),
        ]
    );
    let named: Vec<_> = placements(&assess(&TagChange::DeleteStream, &records));
    assert_eq!(named.len(), records.len(), "{named:?}");
}

#[test]
fn deleting_a_stream_breaks_every_reference_to_it() {
    let impact = assess(&TagChange::DeleteStream, &workloads());
    assert_eq!(impact.broken.len(), 6);
    assert_eq!(names(&impact.pushing), ["bc/api production"]);
    assert!(!impact.is_empty());
    let unrelated = record(
        WorkloadKind::Deployment,
        "x",
        vec![image(UseKind::Starts, "quay.io/shop/api:production")],
    );
    assert!(assess(&TagChange::DeleteStream, &[unrelated]).is_empty());
}

#[test]
fn groups_are_bounded_and_count_the_rest() {
    let by_tag = format!("{HOST}/shop/api:production");
    let many: Vec<_> = (0..250)
        .map(|at| {
            record(
                WorkloadKind::Pod,
                &format!("pod-{at:03}"),
                vec![image(UseKind::Starts, &by_tag)],
            )
        })
        .collect();
    let impact = assess(&TagChange::Remove(production()), &many);
    assert_eq!(impact.broken.workloads.len(), MAX_GROUP_WORKLOADS);
    assert_eq!(impact.broken.len(), 250);
    assert_eq!(
        StreamReference::Tag("production".parse().unwrap()).tag(),
        impact.broken.workloads[0].tags.first()
    );
}

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::*;
use crate::space::tests::world::{SpaceWorld, at, event, image, layers, stream};
use crate::space::{ImageObjectFacts, VisibleProjects};
use crate::{
    ByteSize, Digest, ImagePart, ImageStream, NamedImage, ProjectName, Workload, WorkloadId,
    WorkloadImageReference, WorkloadKind, WorkloadPhase,
};

mod properties;
mod references;

/// The time of all plans, in seconds since 1970.
const NOW: i64 = 100_000;

/// A workload of the project `shop` that names images.
fn workload(kind: WorkloadKind, references: &[(ImagePart, &str)]) -> Workload {
    let images = references.iter().map(|(part, text)| NamedImage {
        part: part.clone(),
        reference: reference(text),
        running: None,
        started: None,
    });
    Workload {
        project: "shop".parse().unwrap(),
        id: WorkloadId {
            kind,
            name: "user".parse().unwrap(),
        },
        owner: None,
        created: Some(at(0)),
        phase: WorkloadPhase::Active,
        is_paused: false,
        replicas: None,
        service_account: None,
        has_pull_secrets: false,
        images: images.collect(),
        triggers: Vec::new(),
    }
}

/// `tag:p/s:t` and `image:p/s@digest` are references of builds to image streams, other texts are
/// pull specs.
fn reference(text: &str) -> Option<WorkloadImageReference> {
    let project = "shop".parse().unwrap();
    let named = |kind, text: &str| {
        let (namespace, name) = text.split_once('/').unwrap();
        WorkloadImageReference::from_object_reference(kind, Some(namespace), name, &project)
    };
    match text.split_once(':') {
        Some(("tag", text)) => named("ImageStreamTag", text),
        Some(("image", text)) => named("ImageStreamImage", text),
        _ => WorkloadImageReference::from_pull_spec(text),
    }
}

fn container() -> ImagePart {
    ImagePart::Container("main".parse().unwrap())
}

fn init_container() -> ImagePart {
    ImagePart::InitContainer("init".parse().unwrap())
}

/// An image stream `shop/web` of a tag `1` whose images are called `new`, `older`, ..., one an hour,
/// and whose sizes are 1, 10, ...
fn web(images: &[&str]) -> SpaceWorld {
    let events = (1..).zip(images).map(|(hours, name)| {
        let created = NOW - hours * 3_600 * 2;
        event(Some(image(name)), Some(created))
    });
    let known = (0..)
        .zip(images)
        .map(|(power, name)| layers(name, &[(*name, Some(10_u64.pow(power)))]));
    SpaceWorld {
        streams: vec![stream("shop", "web", &[("1", events.collect())])],
        layers: known.collect(),
        ..SpaceWorld::default()
    }
}

struct PlanSummary {
    /// By name: `removed`, or the reason.
    images: BTreeMap<&'static str, String>,
    removed_events: Vec<String>,
    freed: crate::space::SpaceSize,
}

const NAMES: [&str; 5] = ["new", "older", "oldest", "child", "left"];

fn plan(
    world: &SpaceWorld,
    workloads: &[Workload],
    version: PrunerVersion,
    parameters: &PruneParameters,
) -> PlanSummary {
    let index = world.index();
    let view = index.view(VisibleProjects::All);
    let limits: BTreeMap<ProjectName, ByteSize> = [("shop".parse().unwrap(), ByteSize(50))].into();
    let input = PruneInput {
        view: &view,
        workloads,
        image_size_limits: &limits,
        now: at(NOW),
        has_all_workloads: true,
    };
    let plan = PrunePlan::new(input, version, parameters);
    let images = NAMES
        .into_iter()
        .filter_map(|name| Some((name, plan.image(&image(name))?)));
    PlanSummary {
        images: images
            .map(|(name, outcome)| (name, in_words(&outcome)))
            .collect(),
        removed_events: plan
            .removed_tag_events(PruneScope::Everything)
            .map(|event| in_short(&event))
            .collect(),
        freed: plan.freed(),
    }
}

fn in_short(event: &TagRevision<'_>) -> String {
    let TagRevision {
        project,
        stream,
        tag,
        revision,
    } = event;
    format!("{project}/{stream}:{tag} {revision}")
}

fn in_words(outcome: &ImageOutcome<'_>) -> String {
    let user = |user: &ImageUsers<'_>| format!("{}+{}", user.first.id, user.more);
    let ImageOutcome::Kept(reason) = outcome else {
        return "removed".to_owned();
    };
    match reason {
        KeepReason::YoungStream(project, stream) => format!("young stream {project}/{stream}"),
        KeepReason::YoungTagEvent(event) => format!("young event {}", in_short(event)),
        KeepReason::TagRevision(event) => format!("revision {}", in_short(event)),
        KeepReason::WithinSizeLimit(event) => format!("small {}", in_short(event)),
        KeepReason::UsedTag(event, by) => format!("tag {} by {}", in_short(event), user(by)),
        KeepReason::UsedImage(Some(event), by) => {
            format!("image {} by {}", in_short(event), user(by))
        }
        KeepReason::UsedImage(None, by) => format!("image by {}", user(by)),
        KeepReason::PartOfIndex(index) if *index == image("new") => "part of new".to_owned(),
        KeepReason::PartOfIndex(_) => "part of an index".to_owned(),
        KeepReason::NotManaged => "not managed".to_owned(),
        KeepReason::YoungImage => "young image".to_owned(),
    }
}

fn revisions(keep_tag_revisions: u32) -> PruneParameters {
    PruneParameters {
        rule: PruneRule::Revisions {
            keep_tag_revisions,
            keep_younger_than: TimeDelta::hours(1),
        },
        all: true,
    }
}

#[test]
fn newest_events_of_each_tag_stay() {
    for version in PrunerVersion::ALL {
        let found = plan(
            &web(&["new", "older", "oldest"]),
            &[],
            version,
            &revisions(1),
        );
        assert_eq!(found.images["new"], "revision shop/web:1 1", "{version:?}");
        assert_eq!(found.images["older"], "removed", "{version:?}");
        assert_eq!(found.removed_events, ["shop/web:1 2", "shop/web:1 3"]);
        assert_eq!(found.freed.bytes, ByteSize(110), "{version:?}");
        let found = plan(
            &web(&["new", "older", "oldest"]),
            &[],
            version,
            &revisions(3),
        );
        assert_eq!(found.removed_events, [""; 0], "{version:?}");
    }
}

#[test]
fn an_image_stays_while_one_of_its_tags_keeps_it() {
    let mut world = web(&["new", "older"]);
    let other = stream(
        "tools",
        "copy",
        &[("1", vec![event(Some(image("older")), None)])],
    );
    world.streams.push(other);
    let found = plan(&world, &[], PrunerVersion::V3_7, &revisions(1));
    assert_eq!(found.images["older"], "revision tools/copy:1 1");
    assert_eq!(found.removed_events, [""; 0], "events go with their image");
    let found = plan(&world, &[], PrunerVersion::V4_6, &revisions(1));
    assert_eq!(found.images["older"], "revision tools/copy:1 1");
    assert_eq!(
        found.removed_events,
        ["shop/web:1 2"],
        "events go by themselves"
    );
    assert_eq!(found.freed.bytes, ByteSize(0));
}

#[test]
fn layers_of_images_that_stay_are_not_freed() {
    let mut world = web(&["new", "older"]);
    world.layers[0] = layers("new", &[("older", Some(10))]);
    for version in PrunerVersion::ALL {
        let found = plan(&world, &[], version, &revisions(1));
        assert_eq!(found.images["older"], "removed", "{version:?}");
        assert_eq!(found.freed.bytes, ByteSize(0), "{version:?}");
    }
}

#[test]
fn what_is_young_keeps_images() {
    let young = Some(at(NOW - 60));
    for version in PrunerVersion::ALL {
        let mut world = web(&["new", "older"]);
        world.streams[0].created = young;
        let found = plan(&world, &[], version, &revisions(0));
        assert_eq!(
            found.images["older"], "young stream shop/web",
            "{version:?}"
        );

        let mut world = web(&["new", "older"]);
        let object = ImageObjectFacts {
            created: young,
            ..ImageObjectFacts::default()
        };
        world.objects.insert(image("older"), object);
        let found = plan(&world, &[], version, &revisions(1));
        assert_eq!(found.images["older"], "young image", "{version:?}");
    }
    let mut world = web(&["new"]);
    world.streams[0].tags[0].history[0].created = young;
    world.objects.insert(
        image("new"),
        ImageObjectFacts {
            created: Some(at(0)),
            ..ImageObjectFacts::default()
        },
    );
    for (version, outcome) in [
        (PrunerVersion::V3_7, "removed"),
        (PrunerVersion::V4_6, "young event shop/web:1 1"),
    ] {
        let found = plan(&world, &[], version, &revisions(0));
        assert_eq!(found.images["new"], outcome, "{version:?}");
    }
}

#[test]
fn imported_images_stay_if_only_managed_ones_are_candidates() {
    let mut world = web(&["new", "older", "oldest"]);
    for (name, is_managed) in [("older", true), ("oldest", false)] {
        let object = ImageObjectFacts {
            is_managed: Some(is_managed),
            ..ImageObjectFacts::default()
        };
        world.objects.insert(image(name), object);
    }
    for version in PrunerVersion::ALL {
        let parameters = PruneParameters {
            all: false,
            ..revisions(1)
        };
        let found = plan(&world, &[], version, &parameters);
        assert_eq!(found.images["older"], "removed", "{version:?}");
        assert_eq!(found.images["oldest"], "not managed", "{version:?}");
        assert!(!found.freed.at_most);
        let found = plan(&world, &[], version, &revisions(1));
        assert_eq!(found.images["oldest"], "removed", "{version:?}");
        assert_eq!((found.freed.bytes.0, found.freed.imported.0), (10, 100));
        world.objects.remove(&image("older"));
        let found = plan(&world, &[], version, &parameters);
        assert!(found.freed.at_most, "of `older` it is not known");
        let object = ImageObjectFacts {
            is_managed: Some(true),
            ..ImageObjectFacts::default()
        };
        world.objects.insert(image("older"), object);
    }
}

#[test]
fn images_over_the_limit_of_the_project_go() {
    let parameters = PruneParameters {
        rule: PruneRule::OverSizeLimit,
        all: true,
    };
    let world = web(&["new", "older", "oldest"]);
    for version in PrunerVersion::ALL {
        let found = plan(&world, &[], version, &parameters);
        if version.rules().over_size_limit_has_effect {
            assert_eq!(found.images["older"], "small shop/web:1 2", "{version:?}");
            assert_eq!(found.images["oldest"], "removed", "{version:?}");
        } else {
            assert_eq!(
                found.images["oldest"], "young event shop/web:1 3",
                "{version:?}"
            );
        }
    }
}

#[test]
fn images_of_an_index_stay_with_it_since_4_12() {
    let mut world = web(&["new"]);
    world.layers[0].children = vec![image("child")];
    world.layers.push(layers("child", &[("child", Some(7))]));
    for (version, outcome) in [
        (PrunerVersion::V4_10, "removed"),
        (PrunerVersion::V4_12, "part of new"),
    ] {
        let found = plan(&world, &[], version, &revisions(1));
        assert_eq!(found.images["child"], outcome, "{version:?}");
    }
    let found = plan(&world, &[], PrunerVersion::V4_12, &revisions(0));
    assert_eq!(found.images["child"], "removed");
}

#[test]
fn events_of_missing_images_go_and_images_without_tag_too() {
    let mut world = web(&["new", "older"]);
    let object = ImageObjectFacts {
        is_missing: true,
        ..ImageObjectFacts::default()
    };
    world.objects.insert(image("older"), object);
    world.layers.push(layers("left", &[("left", Some(7))]));
    for version in PrunerVersion::ALL {
        let found = plan(&world, &[], version, &revisions(3));
        let events: &[&str] = match version {
            PrunerVersion::V3_6 => &[],
            _ => &["shop/web:1 2"],
        };
        assert_eq!(found.removed_events, events, "{version:?}");
        assert_eq!(found.images.get("older"), None, "{version:?}");
        assert_eq!(found.images["left"], "removed", "{version:?}");
        assert_eq!(found.freed.bytes, ByteSize(7), "{version:?}");
    }
}

#[test]
fn what_is_not_known_makes_the_freed_bytes_a_bound() {
    let mut world = web(&["new", "older"]);
    world.layers.pop();
    let index = world.index();
    let projects = ["shop".parse().unwrap()].into();
    let view = index.view(VisibleProjects::Only(&projects));
    let input = PruneInput {
        view: &view,
        workloads: &[],
        image_size_limits: &BTreeMap::new(),
        now: at(NOW),
        has_all_workloads: true,
    };
    let plan = PrunePlan::new(input, PrunerVersion::V4_12, &revisions(1));
    assert!(plan.freed().at_least, "the layers of `older` are not known");
    assert!(plan.freed().at_most, "not all projects are visible");
    assert_eq!(plan.removed_images(), 1);
    assert_eq!(plan.images(PruneScope::Everything).count(), 2);
}

#[test]
fn a_scope_has_the_images_of_its_streams() {
    let mut world = web(&["new", "older", "oldest"]);
    let events = ["left", "oldest"].map(|name| event(Some(image(name)), None));
    let other = stream("tools", "copy", &[("1", events.to_vec())]);
    world.streams.push(other);
    world.layers.push(layers("left", &[("left", Some(7))]));
    let index = world.index();
    let view = index.view(VisibleProjects::All);
    let input = PruneInput {
        view: &view,
        workloads: &[],
        image_size_limits: &BTreeMap::new(),
        now: at(NOW),
        has_all_workloads: true,
    };
    let plan = PrunePlan::new(input, PrunerVersion::V4_12, &revisions(1));
    let (project, name) = ("tools".parse().unwrap(), "copy".parse().unwrap());
    for scope in [
        PruneScope::Project(&project),
        PruneScope::Stream(&project, &name),
    ] {
        assert_eq!(plan.freed_in(scope).bytes, ByteSize(100));
        assert_eq!(plan.images(scope).count(), 2);
        let events: Vec<String> = plan
            .removed_tag_events(scope)
            .map(|event| in_short(&event))
            .collect();
        assert_eq!(events, ["tools/copy:1 2"]);
    }
    assert_eq!(plan.freed_in(PruneScope::Everything), plan.freed());
    assert_eq!(plan.freed().bytes, ByteSize(110));
    let nothing = "none".parse().unwrap();
    assert_eq!(plan.images(PruneScope::Project(&nothing)).count(), 0);
}

#[test]
fn each_version_of_oc_has_rules() {
    for (major, minor, version) in [
        (3, 6, PrunerVersion::V3_6),
        (3, 9, PrunerVersion::V3_7),
        (3, 11, PrunerVersion::V3_7),
        (4, 5, PrunerVersion::V3_7),
        (4, 6, PrunerVersion::V4_6),
        (4, 9, PrunerVersion::V4_7),
        (4, 11, PrunerVersion::V4_10),
        (4, 12, PrunerVersion::V4_12),
        (5, 0, PrunerVersion::V4_12),
    ] {
        assert_eq!(PrunerVersion::of_oc(major, minor), version);
    }
    for (major, minor, does) in [
        (3, 6, InvalidReferences::Skipped),
        (3, 9, InvalidReferences::Stop),
        (3, 11, InvalidReferences::StopUnlessIgnored),
        (4, 20, InvalidReferences::StopUnlessIgnored),
    ] {
        assert_eq!(InvalidReferences::of_oc(major, minor), does);
    }
}

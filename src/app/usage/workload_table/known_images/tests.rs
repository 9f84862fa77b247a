use super::*;
use registry_model::{ImageStream, Tag, TagEvent, WorkloadId, WorkloadKind};

const HOST: &str = "image-registry.openshift-image-registry.svc:5000";

fn digest(digit: char) -> Digest {
    format!("sha256:{}", String::from(digit).repeat(64))
        .parse()
        .unwrap()
}

/// A tag that points to the first of `images`, and pointed to the others before.
fn tag(name: &str, images: &str) -> Tag {
    let mut tag = Tag::new_pushed(name.parse().unwrap());
    tag.history = images
        .chars()
        .rev()
        .zip(1..)
        .map(|(digit, at)| TagEvent {
            created: DateTime::from_timestamp(at, 0),
            image: Some(digest(digit)),
            pull_spec: String::new(),
            generation: None,
        })
        .collect();
    tag.history.reverse();
    tag
}

fn stream(project: &str, tags: Vec<Tag>) -> ImageStream {
    ImageStream {
        labels: Default::default(),
        tags,
        ..ImageStream::new(project.parse().unwrap(), "api".parse().unwrap())
    }
}

/// `shop/api` and `base/api`, with `latest` at an image that 1.11.0 points to as well, and 1.9.0
/// before.
fn known() -> KnownImages {
    let tags = || {
        vec![
            tag("1.9.0", "a"),
            tag("1.11.0", "b"),
            tag("latest", "ba"),
            tag("index", "c"),
        ]
    };
    KnownImages {
        project: "shop".parse().unwrap(),
        hosts: RegistryHosts::new(),
        streams: known_streams(&Snapshot::from_streams(vec![
            stream("shop", tags()),
            stream("base", tags()),
        ])),
        is_own_project_known: true,
        indexes: [(digest('c'), HashSet::from([digest('d')]))].into(),
        not_allowed: [("base".parse().unwrap(), "deployer".to_owned())].into(),
    }
}

fn image(kind: UseKind, reference: &str, named: Option<&str>) -> RecordedImage {
    let parse = |text: &str| Arc::new(WorkloadImageReference::from_pull_spec(text).unwrap());
    RecordedImage {
        part: ImagePart::Container("web".parse().unwrap()),
        kind,
        reference: parse(reference),
        named: named.map(parse),
        is_trigger_paused: false,
        pods: usize::from(kind == UseKind::Running),
        since: None,
    }
}

fn rows(account: &str, images: Vec<RecordedImage>) -> Vec<WorkloadImageRow> {
    let record = WorkloadRecord {
        workload: WorkloadId {
            kind: WorkloadKind::Deployment,
            name: "web".parse().unwrap(),
        },
        is_paused: false,
        replicas: None,
        created: None,
        service_account: Some(account.parse().unwrap()),
        has_pull_secrets: false,
        images,
    };
    known().row(&record, RowLimit::Page).images
}

fn names(tags: &[TagName]) -> Vec<&str> {
    tags.iter().map(TagName::as_str).collect()
}

#[test]
fn running_image_is_compared_with_the_tag_that_the_workload_follows() {
    let running = format!("{HOST}/shop/api@{}", digest('a'));
    let trigger = RecordedImage {
        reference: Arc::new(WorkloadImageReference::StreamTag(
            "shop".parse().unwrap(),
            "api".parse().unwrap(),
            "latest".parse().unwrap(),
        )),
        ..image(UseKind::Trigger, "x", None)
    };
    let by_tag = format!("{HOST}/shop/api:latest");
    for images in [
        vec![
            image(UseKind::Running, &running, Some(&running)),
            image(UseKind::Starts, &running, None),
            trigger,
        ],
        vec![
            image(UseKind::Running, &running, Some(&by_tag)),
            image(UseKind::Starts, &by_tag, None),
        ],
    ] {
        let [row] = &rows("default", images)[..] else {
            panic!("one row");
        };
        assert_eq!(row.kind, UseKind::Running);
        assert_eq!(row.tag.as_ref().unwrap().as_str(), "latest");
        assert_eq!(
            (row.digest.clone(), row.newer.clone()),
            (Some(digest('a')), Some(digest('b')))
        );
        assert_eq!(names(&row.versions), ["1.9.0"]);
        assert_eq!(names(&row.newer_versions), ["1.11.0"]);
        assert_eq!(row.pullability, Pullability::Pullable);
        assert_eq!(row.image_since, DateTime::from_timestamp(1, 0));
    }
}

#[test]
fn platform_of_the_index_that_the_tag_points_to_is_current() {
    let by_tag = format!("{HOST}/shop/api:index");
    let run = |digit| {
        let running = format!("{HOST}/shop/api@{}", digest(digit));
        let images = vec![
            image(UseKind::Running, &running, Some(&by_tag)),
            image(UseKind::Starts, &by_tag, None),
        ];
        rows("default", images).remove(0)
    };
    assert_eq!(run('d').newer, None);
    assert_eq!(run('c').newer, None);
    assert_eq!(
        run('e').newer,
        Some(digest('c')),
        "of an image that is gone"
    );
}

#[test]
fn images_that_cannot_be_pulled_again_are_named() {
    for (reference, account, found) in [
        (
            format!("{HOST}/shop/api:latest"),
            "default",
            Pullability::Pullable,
        ),
        (
            format!("{HOST}/shop/api:gone"),
            "default",
            Pullability::NoTag,
        ),
        (
            format!("{HOST}/shop/api@{}", digest('b')),
            "default",
            Pullability::Pullable,
        ),
        (
            format!("{HOST}/shop/api@{}", digest('d')),
            "default",
            Pullability::Pullable,
        ),
        (
            format!("{HOST}/shop/api@{}", digest('f')),
            "default",
            Pullability::NoImage,
        ),
        (
            format!("{HOST}/shop/gone:latest"),
            "default",
            Pullability::NoStream,
        ),
        (
            format!("{HOST}/other/api:latest"),
            "default",
            Pullability::Unknown,
        ),
        (
            format!("{HOST}/base/api:latest"),
            "default",
            Pullability::Pullable,
        ),
        (
            format!("{HOST}/base/api:latest"),
            "deployer",
            Pullability::NotAllowed,
        ),
        (
            "quay.io/shop/api:latest".to_owned(),
            "default",
            Pullability::Elsewhere,
        ),
    ] {
        let row = rows(account, vec![image(UseKind::Starts, &reference, None)]).remove(0);
        assert_eq!(row.pullability, found, "{reference} {account}");
    }
}

#[test]
fn image_by_digest_has_the_tag_that_points_to_it() {
    let by_digest = format!("{HOST}/shop/api@{}", digest('a'));
    let row = rows("default", vec![image(UseKind::Starts, &by_digest, None)]).remove(0);
    assert_eq!(row.tag.as_ref().unwrap().as_str(), "1.9.0");
    assert_eq!(row.newer, None);
}

use std::sync::Arc;

use super::*;
use registry_model::ImagePart;

const HOST: &str = "image-registry.openshift-image-registry.svc:5000";

fn hex(digit: char) -> String {
    format!("sha256:{}", String::from(digit).repeat(64))
}

fn matcher(wanted: Wanted) -> Matcher {
    let mut hosts = RegistryHosts::new();
    hosts.add("172.30.12.7:5000");
    hosts.add("registry.apps.example.com");
    Matcher {
        project: "shop".parse().unwrap(),
        stream: "api".parse().unwrap(),
        local_lookup: false,
        hosts,
        wanted,
        digests: [hex('a'), hex('b')]
            .map(|digest| digest.parse().unwrap())
            .into(),
        configs: [hex('c').parse().unwrap()].into(),
    }
}

fn tags(names: &[&str]) -> Wanted {
    Wanted::Tags(names.iter().map(|name| name.parse().unwrap()).collect())
}

fn record(kind: UseKind, reference: WorkloadImageReference, named: Option<&str>) -> RecordedImage {
    RecordedImage {
        part: ImagePart::Container("web".parse().unwrap()),
        kind,
        reference: Arc::new(reference),
        named: named.map(|named| Arc::new(WorkloadImageReference::from_pull_spec(named).unwrap())),
        is_trigger_paused: false,
        pods: 1,
        since: None,
    }
}

fn starts(matcher: &Matcher, project: &str, image: &str) -> Option<Match> {
    let reference = WorkloadImageReference::from_pull_spec(image).unwrap();
    matcher.find(
        &project.parse().unwrap(),
        &record(UseKind::Starts, reference, None),
    )
}

fn runs(matcher: &Matcher, image_id: &str, named: &str) -> Option<Match> {
    let reference = WorkloadImageReference::from_image_id(image_id).unwrap();
    let record = record(UseKind::Running, reference, Some(named));
    matcher.find(&"shop".parse().unwrap(), &record)
}

fn by_tag(tag: &str) -> Option<Match> {
    Some(Match::Use(Some(StreamReference::Tag(tag.parse().unwrap()))))
}

fn by_digest(digit: char) -> Option<Match> {
    let digest = hex(digit).parse().unwrap();
    Some(Match::Use(Some(StreamReference::Digest(digest))))
}

#[test]
fn every_host_of_the_registry_names_the_stream_and_no_other_host_does() {
    let one = matcher(tags(&["1.0", "latest"]));
    for host in [
        HOST,
        "image-registry.openshift-image-registry.svc.cluster.local:5000",
        "docker-registry.default.svc:5000",
        "172.30.12.7:5000",
        "registry.apps.example.com",
        "registry.apps.example.com:443",
        "REGISTRY.apps.example.com",
    ] {
        assert_eq!(
            starts(&one, "shop", &format!("{host}/shop/api:1.0")),
            by_tag("1.0"),
            "{host}"
        );
        assert_eq!(
            starts(&one, "other", &format!("{host}/shop/api")),
            by_tag("latest"),
            "{host}"
        );
        let digest = format!("{host}/shop/api@{}", hex('a'));
        assert_eq!(starts(&one, "shop", &digest), by_digest('a'), "{host}");
    }
    for image in [
        "quay.io/shop/api:1.0",
        "shop/api:1.0",
        "api:1.0",
        "172.30.12.8:5000/shop/api:1.0",
        "172.30.12.7/shop/api:1.0",
        "registry.apps.example.com:5000/shop/api:1.0",
        "registry.apps.example.com.evil.example/shop/api:1.0",
        &format!("{HOST}/shop/api-2:1.0"),
        &format!("{HOST}/shop2/api:1.0"),
        &format!("{HOST}/shop/api/more:1.0"),
        &format!("{HOST}/shop/api:1.1"),
        &format!("{HOST}/shop/api@{}", hex('d')),
        &format!("quay.io/shop/api@{}", hex('a')),
    ] {
        assert_eq!(starts(&one, "shop", image), None, "{image}");
    }
}

#[test]
fn image_ids_of_all_runtimes_name_the_image() {
    let one = matcher(tags(&["1.0"]));
    let named = format!("{HOST}/shop/api:1.0");
    for prefix in ["", "docker-pullable://"] {
        let id = format!("{prefix}{HOST}/shop/api@{}", hex('b'));
        assert_eq!(runs(&one, &id, &named), by_digest('b'), "{id}");
    }
    for id in [
        format!("docker://{}", hex('c')),
        hex('c'),
        "c".repeat(64),
        format!("docker://{}", hex('a')),
    ] {
        assert_eq!(runs(&one, &id, &named), by_tag("1.0"), "{id}");
    }
    let other_image = format!("docker://{}", hex('d'));
    assert_eq!(
        runs(&one, &other_image, &named),
        None,
        "the tag has moved since"
    );
    assert_eq!(
        runs(&matcher(Wanted::Stream), &other_image, &named),
        by_tag("1.0")
    );
}

#[test]
fn running_image_of_another_repository_is_the_same_image_and_no_use() {
    let one = matcher(tags(&["1.0"]));
    for id in [
        format!("quay.io/shop/api@{}", hex('a')),
        format!("docker-pullable://{HOST}/prod/api@{}", hex('b')),
    ] {
        assert_eq!(
            runs(&one, &id, "quay.io/shop/api:1.0"),
            Some(Match::SameImage),
            "{id}"
        );
    }
    let by_config = format!("docker://{}", hex('c'));
    assert_eq!(
        runs(&one, &by_config, "quay.io/shop/api:1.0"),
        Some(Match::SameImage)
    );
    assert_eq!(
        runs(
            &one,
            &format!("quay.io/shop/api@{}", hex('e')),
            "quay.io/shop/api"
        ),
        None
    );
}

#[test]
fn name_of_the_stream_alone_counts_in_its_project_with_local_lookup() {
    let mut one = matcher(tags(&["1.0"]));
    one.local_lookup = true;
    assert_eq!(starts(&one, "shop", "api:1.0"), by_tag("1.0"));
    assert_eq!(starts(&one, "other", "api:1.0"), None);
    assert_eq!(starts(&one, "shop", "docker.io/api:1.0"), None);
    assert_eq!(starts(&one, "shop", "shop/api:1.0"), None);
}

#[test]
fn all_references_to_a_whole_stream_count() {
    let all = matcher(Wanted::Stream);
    assert_eq!(
        starts(&all, "other", &format!("{HOST}/shop/api:any")),
        by_tag("any")
    );
    let removed = format!("{HOST}/shop/api@{}", hex('f'));
    assert_eq!(starts(&all, "other", &removed), by_digest('f'));
    assert_eq!(
        starts(&all, "other", &format!("{HOST}/shop/other:any")),
        None
    );
}

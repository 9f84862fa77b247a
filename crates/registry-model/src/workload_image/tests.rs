use proptest::prelude::*;

use super::*;

fn digest() -> String {
    format!("sha256:{}", "a1".repeat(32))
}

fn pull_spec(text: &str) -> ReferencedImage {
    let mut hosts = RegistryHosts::new();
    hosts.add("registry.apps.example.com");
    WorkloadImageReference::from_pull_spec(text)
        .unwrap()
        .resolve(&hosts)
}

fn stream(project: &str, name: &str, reference: &str) -> ReferencedImage {
    let reference = match reference.parse() {
        Ok(digest) => StreamReference::Digest(digest),
        Err(_) => StreamReference::Tag(reference.parse().unwrap()),
    };
    ReferencedImage::Stream(project.parse().unwrap(), name.parse().unwrap(), reference)
}

#[test]
fn pull_specs_of_the_registry_name_an_image_stream() {
    let host = "image-registry.openshift-image-registry.svc:5000";
    let digest = digest();
    for (text, reference) in [
        (format!("{host}/shop/api"), "latest"),
        (format!("{host}/shop/api:1.0"), "1.0"),
        (format!(" {host}/shop/api:1.0\n"), "1.0"),
        (format!("{host}/shop/api@{digest}"), digest.as_str()),
        (format!("{host}/shop/api:1.0@{digest}"), digest.as_str()),
        ("registry.apps.example.com/shop/api:1.0".to_owned(), "1.0"),
        (
            "docker-registry.default.svc:5000/shop/api:1.0".to_owned(),
            "1.0",
        ),
    ] {
        assert_eq!(pull_spec(&text), stream("shop", "api", reference), "{text}");
    }
}

#[test]
fn other_pull_specs_name_none() {
    let digest = digest();
    for (text, found) in [
        ("quay.io/shop/api:1.0".to_owned(), None),
        ("shop/api:1.0".to_owned(), None),
        ("localhost:5000/shop/api".to_owned(), None),
        ("registry.apps.example.com/api".to_owned(), None),
        ("registry.apps.example.com/a/b/c".to_owned(), None),
        (
            format!("quay.io/shop/api@{digest}"),
            Some(digest.parse().unwrap()),
        ),
    ] {
        assert_eq!(
            pull_spec(&text),
            ReferencedImage::OtherRegistry(found),
            "{text}"
        );
    }
    let local = StreamReference::Tag("latest".parse().unwrap());
    assert_eq!(
        pull_spec("api"),
        ReferencedImage::Local("api".parse().unwrap(), local)
    );
    for text in ["", " ", "A B", "a:b:c", "r.example/a@sha256:12"] {
        assert_eq!(
            WorkloadImageReference::from_pull_spec(text),
            None,
            "{text:?}"
        );
    }
}

#[test]
fn image_ids_have_a_digest() {
    let digest = digest();
    let only: Digest = digest.parse().unwrap();
    for text in [
        digest.clone(),
        format!("docker://{digest}"),
        "a1".repeat(32),
        format!("docker-pullable://{digest}"),
    ] {
        let found = WorkloadImageReference::from_image_id(&text);
        assert_eq!(
            found,
            Some(WorkloadImageReference::Digest(only.clone())),
            "{text}"
        );
    }
    for text in [
        format!("r.example:5000/shop/api@{digest}"),
        format!("docker-pullable://r.example:5000/shop/api@{digest}"),
        format!("docker://r.example:5000/shop/api@{digest}"),
    ] {
        let found = WorkloadImageReference::from_image_id(&text).unwrap();
        assert_eq!(
            found.to_string(),
            format!("r.example:5000/shop/api@{digest}")
        );
        assert_eq!(found.digest(), Some(&only));
    }
    for text in ["", "docker://", "r.example/shop/api:1.0", "sha256:12", "é"] {
        assert_eq!(WorkloadImageReference::from_image_id(text), None, "{text}");
    }
}

#[test]
fn object_references_default_to_the_project_of_the_workload() {
    let shop: ProjectName = "shop".parse().unwrap();
    let digest = digest();
    let image = format!("api@{digest}");
    for (kind, namespace, name, found) in [
        (
            "ImageStreamTag",
            None,
            "api:1.0",
            Some("shop/api:1.0".to_owned()),
        ),
        (
            "ImageStreamTag",
            Some(""),
            "api:1.0",
            Some("shop/api:1.0".to_owned()),
        ),
        (
            "ImageStreamTag",
            Some("base"),
            "api:1.0",
            Some("base/api:1.0".to_owned()),
        ),
        (
            "ImageStreamImage",
            Some("base"),
            &image,
            Some(format!("base/{image}")),
        ),
        (
            "DockerImage",
            Some("base"),
            "r.example/a:1",
            Some("r.example/a:1".to_owned()),
        ),
        ("ImageStreamTag", Some("No Project"), "api:1.0", None),
        ("ImageStreamImage", None, "api:1.0", None),
        ("Secret", None, "api:1.0", None),
    ] {
        let reference = WorkloadImageReference::from_object_reference(kind, namespace, name, &shop);
        assert_eq!(
            reference.map(|reference| reference.to_string()),
            found,
            "{kind} {name}"
        );
    }
}

#[test]
fn hosts_of_an_image_streams_status_are_added() {
    let (shop, api) = ("shop".parse().unwrap(), "api".parse().unwrap());
    let added = |repository: &str| {
        let mut hosts = RegistryHosts::default();
        let repository = InternalRepository::Named(repository.to_owned());
        hosts.add_repository(&repository, &shop, &api);
        hosts
    };
    let by_address = added("172.30.1.2:5000/shop/api");
    assert!(by_address.contains("172.30.1.2:5000") && !by_address.contains("172.30.1.2"));
    let by_service = added("docker-registry.default.svc:25000/shop/api");
    assert!(by_service.contains("docker-registry.default.svc:25000"));
    assert!(by_service.contains("docker-registry.default.svc.cluster.local:25000"));
    for other in [
        "",
        "/shop/api",
        "r.example/other/api",
        "r.example/x/shop/api",
    ] {
        assert_eq!(added(other), RegistryHosts::default(), "{other}");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "[a-zA-Z0-9:/@.\\[\\]é _-]{0,80}") {
        let hosts = RegistryHosts::new();
        for reference in [
            WorkloadImageReference::from_pull_spec(&text),
            WorkloadImageReference::from_image_id(&text),
        ].into_iter().flatten() {
            let _resolved = reference.resolve(&hosts);
        }
    }

    #[test]
    fn only_hosts_of_the_registry_name_a_stream(
        host in "[a-z]{1,8}(\\.[a-z]{1,8}){1,3}(:[1-9][0-9]{0,3})?",
        tag in "[a-z0-9]{1,5}",
    ) {
        let text = format!("{host}/shop/api:{tag}");
        let named = stream("shop", "api", &tag);
        let mut hosts = RegistryHosts::new();
        let reference = WorkloadImageReference::from_pull_spec(&text).unwrap();
        prop_assert!(reference.resolve(&hosts) != named);
        hosts.add(&host);
        prop_assert!(reference.resolve(&hosts) == named);
    }

    #[test]
    fn image_ids_of_all_runtimes_name_the_same_image(
        host in "[a-z]{1,8}\\.example(:[1-9][0-9]{0,3})?",
        hex in "[0-9a-f]{64}",
    ) {
        let id = format!("{host}/shop/api@sha256:{hex}");
        let cri_o = WorkloadImageReference::from_image_id(&id);
        prop_assert!(cri_o.is_some());
        prop_assert_eq!(&cri_o, &WorkloadImageReference::from_image_id(&format!("docker-pullable://{id}")));
        prop_assert_eq!(cri_o, WorkloadImageReference::from_pull_spec(&id));
    }
}

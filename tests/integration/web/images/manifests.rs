//! What the page of a manifest says that it is: images, indexes, artifacts, and documents that are
//! odd or half there.

use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_model::Digest;
use scraper::ElementRef;
use serde_json::{Value, json};

use crate::harness::case_files::OpenCase;
use crate::harness::seeded_standin::{OCI_INDEX, OCI_MANIFEST, http_client, repository};
use crate::harness::{Page, World};

/// What the label beside the heading says.
fn kind(page: &Page) -> String {
    page.texts(".rc-page-header .pf-v6-c-label")[0].clone()
}

/// The rows of the table of an index: the text of each cell.
fn rows(page: &Page) -> Vec<Vec<String>> {
    let words = |cell: ElementRef<'_>| {
        let text: String = cell.text().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let cells = |row: ElementRef<'_>| row.child_elements().map(words).collect();
    page.select("section[aria-labelledby=platforms] tbody tr")
        .into_iter()
        .map(cells)
        .collect()
}

fn has_pull_command(page: &Page) -> bool {
    page.text_of("#pull").contains("podman pull")
}

/// What the list of facts says beside `term`.
fn fact(page: &Page, term: &str) -> Option<String> {
    let (terms, values) = (
        page.texts("section[aria-labelledby=facts] dt"),
        page.texts("section[aria-labelledby=facts] dd"),
    );
    terms
        .iter()
        .position(|known| known == term)
        .map(|at| values[at].clone())
}

#[tokio::test]
async fn index_shows_size_and_date_of_each_platform() {
    let mut case = OpenCase::open("01-mixed-docker-oci-list").await;
    let json = case.tag_json("latest").await;
    let platforms = json["facts"]["platforms"].as_array().unwrap();
    for (row, (platform, manifest_size)) in platforms
        .iter()
        .zip([("linux/amd64", 654), ("linux/arm64/v8", 626)])
    {
        assert_eq!(
            (&row["platform"], &row["kind"]),
            (&json!(platform), &json!("image")),
            "{row}"
        );
        assert_eq!(
            (&row["size"], &row["size_at_least"], &row["manifest_size"]),
            (&json!(262), &json!(false), &json!(manifest_size))
        );
        assert_eq!(row["created"]["at"], "2024-05-06T07:08:09Z", "{row}");
    }
    let page = case.tag("latest").await;
    assert_eq!(kind(&page), "Image index");
    assert!(has_pull_command(&page));
    let rows = rows(&page);
    assert_eq!(
        (rows[0][0].as_str(), rows[0][2].as_str()),
        ("linux/amd64", "262 B")
    );
    assert_eq!(rows[1][0], "linux/arm64/v8");
    assert!(rows.iter().all(|row| row[3].contains("year")), "{rows:?}");
}

#[tokio::test]
async fn missing_index_child_is_marked_and_explained() {
    let mut case = OpenCase::open("02-index-child-missing").await;
    let page = case.tag("latest").await;
    let rows = rows(&page);
    assert_eq!(
        (rows[0][0].as_str(), rows[0][2].as_str()),
        ("linux/amd64", "131 B"),
        "the other one is read"
    );
    assert_eq!(
        (rows[1][0].as_str(), rows[1][2].as_str()),
        ("linux/arm64 not in this registry", "unknown")
    );
    let missing = &case.tag_json("latest").await["facts"]["platforms"][1]["missing"];
    assert_eq!(
        (&missing["upstream"], &missing["why"]),
        (&json!("registry"), &json!("not-there"))
    );
    let page = case.digest(&format!("sha256:{}", "7e".repeat(32))).await;
    assert_eq!(page.status, 404);
    let text = page.text_of("main");
    assert!(
        text.contains("Neither the API server nor the image registry has it")
            && text.contains("skopeo copy --all"),
        "{text}"
    );
}

#[tokio::test]
async fn missing_platform_data_does_not_affect_others() {
    let mut case = OpenCase::open("01-mixed-docker-oci-list").await;
    let config: Digest = "sha256:1af3db0e15d4b345c86226974363ff4ea742dd32b30feb9db42639ea3822dd58"
        .parse()
        .unwrap();
    case.world
        .demo
        .blobs()
        .prune_blob(&repository("team-a/case"), &config);
    let json = case.tag_json("latest").await;
    let [amd64, arm64] = json["facts"]["platforms"].as_array().unwrap().as_slice() else {
        panic!("{json}")
    };
    assert!(amd64["created"]["at"].is_string() && amd64["config_missing"].is_null());
    assert_eq!(
        (&arm64["size"], &arm64["config_missing"]["why"]),
        (&json!(262), &json!("not-there"))
    );
    assert_eq!(
        rows(&case.tag("latest").await)[1][3],
        "unknown",
        "not \"not set\""
    );
}

#[tokio::test]
async fn platform_fetches_are_bounded_and_batched() {
    let mut case = OpenCase::open("30-index-variants").await;
    let repository = repository("team-a/case");
    let entries: Vec<Value> = (0..100_u8).map(|n| json!({"mediaType": OCI_MANIFEST, "digest": Digest::sha256(&[n]), "size": 1, "platform": {"os": "linux", "architecture": format!("a{n}")}})).collect();
    let index =
        json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).to_string();
    let digest = Digest::sha256(index.as_bytes());
    let stored = openshift_standin::registry::StoredManifest {
        media_type: OCI_INDEX.into(),
        content: index.into(),
    };
    case.world
        .demo
        .blobs()
        .store_manifest(&repository, digest.clone(), stored);
    case.world.clear_requests();
    let json = case.digest_json(&digest.to_string()).await;
    assert_eq!(
        (
            json["facts"]["platforms"].as_array().unwrap().len(),
            &json["facts"]["unread_platforms"]
        ),
        (100, &json!(68))
    );
    let requests = case
        .world
        .requests()
        .into_iter()
        .filter(|request| {
            request.endpoint == Endpoint::Registry && request.path.contains("/manifests/")
        })
        .count();
    assert_eq!(requests, 1 + 32);
    let page = case.digest(&digest.to_string()).await;
    assert!(
        page.text_of("section[aria-labelledby=platforms]")
            .contains("68 more were not read")
    );
}

#[tokio::test]
async fn attestation_names_its_subject() {
    let mut case = OpenCase::open("04-index-empty-platform").await;
    let page = case.tag("latest").await;
    let rows = rows(&page);
    assert_eq!(kind(&page), "Image index");
    assert_eq!(
        rows[1][0], "linux/arm64",
        "by the config of the image, where the index does not say"
    );
    assert_eq!(rows[2][0], "attestation for linux/amd64");
    let of = "sha256:f0067abd25cf910c99ae82b33f26482ad28e0d777e9239c4a26a2e2648942108";
    let link = page.attribute("section[aria-labelledby=platforms] details th a", "href");
    assert_eq!(link, format!("/images/team-a/case@{of}"));
    let json = case.tag_json("latest").await;
    assert_eq!(
        (
            &json["facts"]["platforms"][2]["kind"],
            &json["facts"]["platforms"][2]["of"]
        ),
        (&json!("attestation"), &json!(of))
    );

    let rows = self::rows(&case.tag("oci-artifact").await);
    assert_eq!(
        rows[1][0], "attestation for f0067abd25cf",
        "the index names no platform for it"
    );
    let attestation = case
        .digest("sha256:4a5322c1e3c5f0828a6898fc187a1d9f439e0b44ae5ceb7480545fdb84362f56")
        .await;
    assert_eq!(
        (
            kind(&attestation).as_str(),
            fact(&attestation, "Type").unwrap().as_str()
        ),
        ("Artifact", "Attestation")
    );
}

#[tokio::test]
async fn artifact_has_its_type_and_annotated_date() {
    let mut case = OpenCase::open("10-empty-config-artifact").await;
    for (tag, what) in [
        ("trivy", "application/vnd.aquasec.trivy.report.sarif.v1"),
        ("cyclonedx", "Software bill of materials (CycloneDX)"),
        ("unknown", "application/vnd.unknown.artifact.v1"),
        ("no-type", "not specified"),
    ] {
        let page = case.tag(tag).await;
        assert_eq!(
            (kind(&page).as_str(), fact(&page, "Type").unwrap().as_str()),
            ("Artifact", what),
            "{tag}"
        );
        let pull = page.text_of("#pull");
        assert!(
            pull.contains("oras pull")
                && !pull.contains("docker pull")
                && !pull.contains("podman pull"),
            "{pull}"
        );
    }
    let json = case.tag_json("trivy").await;
    assert_eq!(json["facts"]["created"]["at"], "2025-02-23T16:30:28Z");
    assert_eq!(
        (&json["commands"]["by_tag"], &json["commands"]["by_digest"]),
        (&json!([]), &json!([]))
    );
    assert!(
        fact(&case.tag("trivy").await, "Built")
            .unwrap()
            .contains("months ago")
    );
    assert_eq!(fact(&case.tag("no-type").await, "Built"), None);
}

#[tokio::test]
async fn image_without_layers_has_0_bytes() {
    let mut case = OpenCase::open("11-no-layers").await;
    for tag in ["absent", "docker", "empty-list", "null"] {
        let page = case.tag(tag).await;
        assert_eq!(
            (
                kind(&page).as_str(),
                fact(&page, "Compressed size").as_deref()
            ),
            ("Image", Some("0 B")),
            "{tag}"
        );
    }
    let page = case.tag("artifact").await;
    assert_eq!(
        (kind(&page).as_str(), fact(&page, "Type").unwrap().as_str()),
        ("Artifact", "image/gif")
    );
    let stream = case.browser.json("/images/team-a/case").await.json();
    let size = |tag: &str| {
        stream["tags"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["name"] == tag)
            .unwrap()["image"]["size"]
            .clone()
    };
    assert_eq!(
        (size("null"), size("docker")),
        (json!(0), json!(0)),
        "in the list of tags too"
    );
}

#[tokio::test]
async fn windows_images_show_os_version_and_skip_foreign_layers() {
    let mut case = OpenCase::open("14-windows").await;
    let rows = rows(&case.tag("latest").await);
    assert_eq!(
        (rows[0][0].as_str(), rows[0][2].as_str()),
        ("windows/amd64 10.0.17763.3770", "104 B")
    );
    let page = case.tag("ltsc2019").await;
    assert_eq!(fact(&page, "Compressed size").unwrap(), "104 B");
    assert_eq!(
        fact(&page, "Platform").unwrap(),
        "windows/amd64 10.0.17763.3770"
    );
    let layers = page.texts("#layers tbody tr");
    assert!(
        layers[0].contains("1.6 GiB") && layers[0].contains("gzip not stored here"),
        "{layers:?}"
    );
    assert!(!layers[1].contains("not stored here"), "{layers:?}");
    let stream = case.browser.json("/images/team-a/case").await.json();
    let row = stream["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "ltsc2019")
        .unwrap();
    assert_eq!(row["image"]["size"], 104);

    let mut case = OpenCase::open("30-index-variants").await;
    let rows: Vec<String> = self::rows(&case.tag("latest").await)
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let missing = "not in this registry";
    assert_eq!(
        rows,
        [
            format!("windows/amd64 10.0.17763.3770 {missing}"),
            format!("windows/amd64 10.0.20348.587 {missing}"),
            format!("linux/arm/v6 {missing}"),
            "linux/arm/v7".to_owned()
        ]
    );
}

#[tokio::test]
async fn each_layer_kind_is_named() {
    let mut case = OpenCase::open("16-layer-kinds").await;
    let page = case.tag("latest").await;
    let formats: Vec<String> = page.texts("#layers tbody tr td:nth-child(3)");
    assert_eq!(
        formats,
        [
            "not compressed",
            "zstd",
            "eStargz",
            "gzip encrypted",
            "gzip not stored here",
            "zstd"
        ]
    );
    assert_eq!(
        fact(&page, "Compressed size").unwrap(),
        "521 B",
        "105 and four times 104, without the foreign layer"
    );
}

#[tokio::test]
async fn artifact_or_empty_index_has_no_pull_command() {
    let mut case = OpenCase::open("20-index-odd").await;
    for (tag, expected, why) in [
        (
            "artifact-type",
            "Artifact index",
            "lists no container image",
        ),
        ("empty", "Empty index", "lists nothing"),
        ("null", "Empty index", "lists nothing"),
    ] {
        let page = case.tag(tag).await;
        assert_eq!(kind(&page), expected, "{tag}");
        assert!(
            !has_pull_command(&page) && page.text_of("#pull").contains(why),
            "{tag}"
        );
        assert_eq!(
            case.tag_json(tag).await["commands"]["by_tag"],
            json!([]),
            "{tag}"
        );
    }
    assert_eq!(
        fact(&case.tag("artifact-type").await, "Artifact type").unwrap(),
        "application/vnd.example.bundle"
    );
    let page = case.tag("duplicates").await;
    assert_eq!(
        (kind(&page).as_str(), rows(&page).len()),
        ("Image index", 4)
    );
    assert_eq!(rows(&page)[3][0], "linux/amd64/v3 x");

    let mut case = OpenCase::open("31-index-of-artifacts").await;
    let page = case.tag("latest").await;
    assert_eq!(kind(&page), "Artifact index");
    assert!(!has_pull_command(&page));
    assert_eq!(
        rows(&page)[1][0],
        "artifact application/vnd.example.cli darwin/arm64"
    );
}

#[tokio::test]
async fn build_cache_is_named_without_pull_command() {
    let mut case = OpenCase::open("20-index-odd").await;
    let layer = |media_type: &str, n: u8| json!({"mediaType": media_type, "digest": Digest::sha256(&[n]), "size": 7});
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
        layer("application/vnd.oci.image.layer.v1.tar+gzip", 1), layer("application/vnd.buildkit.cacheconfig.v0", 2)]})
    .to_string();
    let digest = Digest::sha256(index.as_bytes());
    let stored = openshift_standin::registry::StoredManifest {
        media_type: OCI_INDEX.into(),
        content: index.into(),
    };
    case.world
        .demo
        .blobs()
        .store_manifest(&repository("team-a/case"), digest.clone(), stored);
    let page = case.digest(&digest.to_string()).await;
    assert_eq!(kind(&page), "BuildKit build cache");
    assert!(!has_pull_command(&page) && page.text_of("#pull").contains("--cache-from"));
    assert_eq!(
        rows(&page)[1][..3],
        [
            "not a manifest application/vnd.buildkit.cacheconfig.v0".to_owned(),
            rows(&page)[1][1].clone(),
            "7 B".to_owned()
        ]
    );
}

#[tokio::test]
async fn runnable_images_are_container_images_for_any_config_type() {
    let mut case = OpenCase::open("21-octet-stream-config").await;
    let page = case.tag("latest").await;
    assert_eq!(kind(&page), "Image");
    assert!(has_pull_command(&page) && page.texts("#raw-config").len() == 1);

    let mut case = OpenCase::open("29-artifacttype-on-image").await;
    let page = case.tag("latest").await;
    assert_eq!(
        (
            kind(&page).as_str(),
            fact(&page, "Artifact type").unwrap().as_str()
        ),
        ("Image", "application/vnd.example.app")
    );
    assert!(has_pull_command(&page));
}

#[tokio::test]
async fn unknown_size_makes_the_total_a_lower_bound() {
    let mut case = OpenCase::open("24-odd-descriptors").await;
    for tag in [
        "size-missing",
        "size-negative",
        "size-string",
        "size-float",
        "size-huge",
    ] {
        let page = case.tag(tag).await;
        assert_eq!(
            fact(&page, "Compressed size").unwrap(),
            "at least 103 B",
            "{tag}"
        );
        assert_eq!(
            page.texts("#layers tbody tr td:nth-child(2)")[1],
            "unknown",
            "{tag}"
        );
        let json = case.tag_json(tag).await;
        assert_eq!(
            (&json["facts"]["size"], &json["facts"]["size_at_least"]),
            (&json!(103), &json!(true)),
            "{tag}"
        );
    }
    for tag in ["annotations-null", "annotations-num", "dup", "no-mediatype"] {
        let page = case.tag(tag).await;
        assert_eq!(
            fact(&page, "Compressed size").unwrap(),
            "103 B",
            "{tag}: one layer three times is stored once"
        );
        assert_eq!(page.select("#layers tbody tr").len(), 3, "{tag}");
    }
    let page = case.tag("upper-digest").await;
    assert_eq!(
        fact(&page, "Compressed size").unwrap(),
        "at least 103 B",
        "a digest in capitals is none"
    );
    assert!(page.text_of("main").contains("and 1 more"));
}

#[tokio::test]
async fn artifact_is_not_called_image_without_registry() {
    for (case, tag, expected) in [
        ("31-index-of-artifacts", "latest", "Image index"),
        ("20-index-odd", "artifact-type", "Artifact index"),
        ("20-index-odd", "empty", "Empty index"),
        ("10-empty-config-artifact", "trivy", "Artifact"),
        ("29-artifacttype-on-image", "latest", "Image"),
    ] {
        let mut case = OpenCase::open(case).await;
        case.world.fail(
            Endpoint::Registry,
            Fault::Status(StatusCode::BAD_GATEWAY, "".into(), "text/plain"),
        );
        assert_eq!(kind(&case.tag(tag).await), expected, "{tag}");
    }
}

#[tokio::test]
async fn invalid_utf8_byte_replaces_one_character() {
    let mut case = OpenCase::open("23-not-utf8").await;
    let json = case.tag_json("latin1-config").await;
    assert_eq!(
        (&json["registry_missing"], &json["config_missing"]),
        (&Value::Null, &Value::Null),
        "{json}"
    );
    assert_eq!(
        json["digest"],
        case.digests["latin1-config"].to_string(),
        "of the bytes as they are"
    );
    assert!(
        json["facts"]["config"].to_string().contains('\u{fffd}'),
        "{json}"
    );
    assert_eq!(
        (
            &json["facts"]["config"]["architecture"],
            &json["facts"]["created"]["is"]
        ),
        (&json!("amd64"), &json!("at"))
    );
    assert!(
        json["raw_config"]["text"]
            .as_str()
            .unwrap()
            .contains("\n  \""),
        "laid out for reading"
    );
    let json = case.tag_json("latin1-manifest").await;
    assert_eq!(json["facts"]["annotations"]["items"]["a"], "M\u{fffd}ller");
    assert_eq!(
        (&json["digest"], &json["facts"]["size"]),
        (
            &json!(case.digests["latin1-manifest"].to_string()),
            &json!(102)
        )
    );
    assert_eq!(json["registry_missing"], Value::Null);
}

/// Pushes an image without layers, with this configuration, to `team-a/case`.
async fn push_with_config(world: &World, tag: &str, config: &str) {
    let repository = repository("team-a/case");
    let digest = world
        .demo
        .blobs()
        .store(&repository, config.to_owned().into());
    let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": config.len()}});
    let url = format!(
        "{}/v2/{repository}/manifests/{tag}",
        world.demo.urls().registry
    );
    let pushed = http_client(world.demo.ca_pem())
        .put(url)
        .bearer_auth("TOKEN-dev")
        .header("content-type", OCI_MANIFEST)
        .body(manifest.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(pushed.status(), 201);
}

#[tokio::test]
async fn unreadable_config_fields_are_not_shown_as_unset() {
    let world = World::start(Version::V4).await;
    push_with_config(&world, "broken", "{\"architecture\": ").await;
    let page = world
        .signed_in("dev")
        .await
        .get("/images/team-a/case:broken")
        .await;
    for term in ["Built", "Author", "Platform"] {
        assert_eq!(fact(&page, term).unwrap(), "unreadable", "{term}");
    }
    assert!(
        page.texts(".rc-reasons li")[0].contains("Config"),
        "and the reason stands above"
    );
}

#[tokio::test]
async fn tag_list_shows_platform_sizes_without_a_request_for_each() {
    let mut case = OpenCase::open("01-mixed-docker-oci-list").await;
    case.world.clear_requests();
    let json = case.browser.json("/images/team-a/case").await.json();
    let requests: Vec<String> = case
        .world
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    // The images of the platforms have tags of their own, so that their sizes are known.
    assert!(
        requests
            .iter()
            .all(|path| !path.ends_with("/layers") && !path.contains("/manifests/")),
        "{requests:?}"
    );
    let row = json["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "latest")
        .unwrap();
    let platforms: Vec<_> = row["image"]["platforms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["platform"].clone(), row["size"].clone()))
        .collect();
    assert_eq!(
        platforms,
        [
            (json!("linux/amd64"), json!(262)),
            (json!("linux/arm64/v8"), json!(262))
        ]
    );
    let page = case.stream().await;
    assert_eq!(
        page.texts(".rc-platforms li"),
        ["linux/amd64 262 B", "linux/arm64/v8 262 B"]
    );

    let mut case = OpenCase::open_on_version(Version::V3_9, "01-mixed-docker-oci-list").await;
    assert_eq!(
        case.stream().await.texts(".rc-platforms li"),
        ["linux/amd64 262 B", "linux/arm64/v8 262 B"],
        "3.9 needs no list of layers for them"
    );
}

#[tokio::test]
async fn long_lists_start_collapsed_and_are_complete() {
    let world = World::start(Version::V4).await;
    let env: Vec<String> = (0..300).map(|n| format!("VARIABLE_{n}={n}")).collect();
    let labels: serde_json::Map<String, Value> = (0..400)
        .map(|n| (format!("label-{n}"), json!("x")))
        .collect();
    let history: Vec<Value> = (0..150)
        .map(|n| json!({"created_by": format!("ENV STEP_{n}=1"), "empty_layer": true}))
        .collect();
    let config = json!({"architecture": "amd64", "os": "linux", "config": {"Env": env, "Labels": labels}, "history": history}).to_string();
    push_with_config(&world, "long", &config).await;
    let page = world
        .signed_in("dev")
        .await
        .get("/images/team-a/case:long")
        .await;
    for (section, entry, open, all) in [
        ("environment", "dt", 20, 300),
        ("labels", "dt", 20, 400),
        ("recipe", "tbody tr", 25, 150),
    ] {
        let section = format!("section[aria-labelledby={section}]");
        let closed = page
            .select(&format!(
                "{section} details.rc-more-rows:not([open]) {entry}"
            ))
            .len();
        assert_eq!(
            (page.select(&format!("{section} {entry}")).len(), closed),
            (all, all - open),
            "{section}"
        );
        assert_eq!(
            page.text_of(&format!(
                "{section} details.rc-more-rows > summary > span:first-child"
            )),
            format!("Show {} more", all - open)
        );
    }
}

/// The page of an image pulls with the client that was chosen last, by tag or by digest.
#[tokio::test]
async fn pull_command_is_for_the_remembered_client() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    const TAG: &str = "/images/team-a/api:v1";
    let digest = dev.json(TAG).await.json()["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    let command = |page: &Page| page.text_of("#pull-command");
    assert!(command(&dev.get(TAG).await).starts_with("podman pull "));
    let chosen = dev.get(&format!("{TAG}?client=docker&by=digest")).await;
    let line = command(&chosen);
    assert!(
        line.starts_with("docker pull ") && line.ends_with(&format!("@{digest}")),
        "{line}"
    );
    assert_eq!(
        chosen.attributes("#pull input[checked]", "value"),
        ["docker", "digest"]
    );
    let later = dev.get(TAG).await;
    assert!(
        command(&later).starts_with("docker pull ") && command(&later).ends_with("/team-a/api:v1"),
        "{}",
        command(&later)
    );
    let by_digest = dev.get(&format!("/images/team-a/api@{digest}")).await;
    assert!(command(&by_digest).ends_with(&format!("@{digest}")));
    assert!(
        by_digest
            .select("#pull input[type=radio][name=by]")
            .is_empty()
    );
}

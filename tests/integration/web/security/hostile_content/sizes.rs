//! Too large, too deep, too many (S37): the page stands, is small, and says so.

use registry_model::Digest;
use serde_json::{Value, json};

use super::{HOSTILE, LAYER, blob, both, config, hostile, manifest};
use crate::harness::canned_server::CannedResponse;
use crate::harness::seeded_standin::{OCI_INDEX, OCI_MANIFEST};
use crate::harness::{Browser, Page};

const TOO_LARGE: &str = "The image registry sent a response that is larger than the limit of this console. Use a command-line client instead.";
/// No page and no JSON answer is larger, whatever it is about.
const LARGEST_ANSWER: usize = 1 << 20;

async fn standing(dev: &mut Browser) -> (Page, Value) {
    let (page, json) = both(dev, HOSTILE).await;
    assert!(
        page.text.len() < LARGEST_ANSWER,
        "page: {} bytes",
        page.text.len()
    );
    let bytes = json.to_string().len();
    assert!(bytes < LARGEST_ANSWER, "JSON: {bytes} bytes");
    (page, json)
}

/// The page of an image with this `config` of its config blob and this history.
async fn with_config(config: &Value, history: &Value) -> (Page, Value) {
    let (_world, registry, mut dev) = hostile().await;
    let document =
        json!({ "architecture": "amd64", "os": "linux", "config": config, "history": history });
    let config = registry.store_blob(document.to_string());
    registry.store_manifest(
        OCI_MANIFEST,
        manifest(&config, &json!([blob(LAYER, b"layer")])).to_string(),
    );
    standing(&mut dev).await
}

#[tokio::test]
async fn huge_label_is_truncated_with_a_command_for_the_config() {
    let (page, json) = with_config(
        &json!({ "Labels": { "huge": "x".repeat(7 << 20), "small": "kept" } }),
        &json!([]),
    )
    .await;
    let labels = &json["facts"]["config"]["labels"];
    assert_eq!(
        (&labels["cut"], &labels["more"], &labels["items"]["small"]),
        (&json!(1), &json!(0), &json!("kept"))
    );
    assert!(labels["items"]["huge"].as_str().unwrap().ends_with("x…"));
    assert!(
        page.text_of("section[aria-labelledby=labels]")
            .contains("1 long value is truncated here")
    );
    let command = json["raw_config"]["command"].as_str().unwrap();
    assert!(
        command.starts_with("skopeo inspect --config --raw docker://")
            && command.contains("/team-a/hostile@sha256:"),
        "{command}"
    );
    assert!(page.text_of("#config .rc-command code").contains(command));
}

#[tokio::test]
async fn hundred_thousand_labels_are_truncated_and_counted() {
    let labels: serde_json::Map<String, Value> = (0..100_000)
        .map(|n| (format!("label-{n:06}"), json!("v".repeat(40))))
        .collect();
    let (page, json) = with_config(&json!({ "Labels": labels }), &json!([])).await;
    let labels = &json["facts"]["config"]["labels"];
    let shown = labels["items"].as_object().unwrap().len();
    assert!((100..=500).contains(&shown), "{shown}");
    assert_eq!(labels["more"], 100_000 - shown);
    assert!(
        page.text_of("section[aria-labelledby=labels]")
            .contains("and 99,"),
        "it says so"
    );
}

#[tokio::test]
async fn ten_thousand_build_steps_are_truncated_and_counted() {
    let step = json!({ "created_by": format!("RUN {}", "make && ".repeat(60)), "comment": "buildkit", "empty_layer": true });
    let (page, json) = with_config(&json!({}), &json!(vec![step; 10_000])).await;
    let steps = &json["facts"]["recipe"]["steps"];
    let shown = steps["items"].as_array().unwrap().len();
    assert!((50..200).contains(&shown), "{shown}");
    assert_eq!(
        (
            &steps["more"],
            json["facts"]["config"]["history"]["more"].is_u64()
        ),
        (&json!(10_000 - shown), true)
    );
    assert_eq!(
        page.texts("section[aria-labelledby=recipe] tbody tr").len(),
        shown
    );
}

/// Each list as long as it can be, of characters that take the most room where they are shown.
#[tokio::test]
async fn image_hostile_in_every_field_yields_a_bounded_page() {
    for character in ["x", "\"", "\u{202e}", "\u{1}", "é"] {
        let text = character.repeat(3_000);
        let texts = vec![text.clone(); 100];
        let map: serde_json::Map<String, Value> = (0..100)
            .map(|n| (format!("{n}{text}"), json!(text)))
            .collect();
        let set: serde_json::Map<String, Value> = (0..100)
            .map(|n| (format!("{n}{text}"), json!({})))
            .collect();
        let env: Vec<String> = (0..100).map(|n| format!("{n}={text}")).collect();
        let config = json!({
            "User": text, "WorkingDir": text, "StopSignal": text, "Env": env, "Labels": map, "Entrypoint": texts, "Cmd": texts,
            "ExposedPorts": set, "Volumes": set, "OnBuild": texts, "Shell": texts, "Healthcheck": { "Test": texts },
        });
        // Pairs of a character and its escape in JSON must stay under 8 MiB.
        let config = if config.to_string().len() > 7 << 20 {
            json!({ "Env": env, "Labels": map })
        } else {
            config
        };
        let step = json!({ "created_by": text, "comment": text, "author": text });
        let (page, _) = with_config(&config, &json!(vec![step; 20])).await;
        assert!(
            !page.texts("section[aria-labelledby=labels] dd").is_empty(),
            "{character:?}: the config was read"
        );
    }
}

#[tokio::test]
async fn artifact_data_and_urls_are_truncated() {
    let (_world, registry, mut dev) = hostile().await;
    let mut layer = blob("application/vnd.example.thing", b"layer");
    layer["data"] = "A".repeat(20_000).into();
    layer["urls"] = json!(vec!["https://a.example/".repeat(50); 20]);
    layer["annotations"] = json!({ "org.opencontainers.image.title": "t".repeat(5_000) });
    let config = blob("application/vnd.example.config", b"{}");
    registry.store_manifest(
        OCI_MANIFEST,
        manifest(&config, &json!(vec![layer; 80])).to_string(),
    );
    let (_, json) = standing(&mut dev).await;
    assert_eq!(
        json["facts"]["artifact"]["blobs"]["items"]
            .as_array()
            .unwrap()
            .len(),
        80,
        "each is there"
    );
}

#[tokio::test]
async fn manifest_over_4_mib_is_reported_in_its_section() {
    let (_world, registry, mut dev) = hostile().await;
    let huge = CannedResponse::new(200, OCI_MANIFEST, vec![b' '; (4 << 20) + 1]);
    registry
        .server
        .set_response("/v2/team-a/api/manifests/v1", huge);
    let (page, json) = both(&mut dev, "/images/team-a/api:v1").await;
    assert_eq!(
        (page.missing(), &json["registry_missing"]["why"]),
        (vec![TOO_LARGE.to_owned()], &json!("too-large"))
    );
    assert!(
        !page.texts("#layers tbody tr").is_empty(),
        "the API server's data are there"
    );
}

#[tokio::test]
async fn config_over_8_mib_is_reported_in_its_section() {
    let (_world, registry, mut dev) = hostile().await;
    let mut config = config();
    config.push_str(&" ".repeat(8 << 20));
    let config = registry.store_blob(config);
    registry.store_manifest(
        OCI_MANIFEST,
        manifest(&config, &json!([blob(LAYER, b"layer")])).to_string(),
    );
    let (page, json) = standing(&mut dev).await;
    assert!(
        page.missing().contains(&TOO_LARGE.to_owned()),
        "{:?}",
        page.missing()
    );
    assert_eq!(
        (&json["config_missing"]["why"], &json["raw_config"]),
        (&json!("too-large"), &Value::Null)
    );
    assert_eq!(page.texts("#layers tbody tr").len(), 1);
}

#[tokio::test]
async fn deeply_nested_json_does_not_break_the_page() {
    let (_world, registry, mut dev) = hostile().await;
    for depth in [10_000, 1_000_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let with =
            |document: &str| format!("{}, \"x\": {nested}}}", document.strip_suffix('}').unwrap());
        let config = registry.store_blob(with(&config()));
        registry.store_manifest(
            OCI_MANIFEST,
            with(&manifest(&config, &json!([])).to_string()),
        );
        let (page, _) = standing(&mut dev).await;
        assert_eq!(page.text_of("main h1"), "hostile:1");
        // Where a known field should be.
        registry.store_manifest(OCI_MANIFEST, nested.clone());
        let page = dev.get(HOSTILE).await;
        assert_eq!(page.status, 404, "neither of the two has anything to show");
        registry.server.set_response(
            "/v2/team-a/api/manifests/v1",
            CannedResponse::new(200, OCI_MANIFEST, nested),
        );
        let (page, _) = both(&mut dev, "/images/team-a/api:v1").await;
        assert_eq!(page.missing().len(), 1, "{:?}", page.missing());
    }
}

#[tokio::test]
async fn hundred_thousand_layers_are_truncated_and_counted() {
    let (_world, registry, mut dev) = hostile().await;
    let config = registry.store_blob(config());
    // Short enough to fit into 4 MiB.
    let layer = json!({ "digest": "x", "size": 1 }).to_string();
    let layers = vec![layer; 100_000].join(",");
    let text = manifest(&config, &json!([]))
        .to_string()
        .replace("\"layers\":[]", &format!("\"layers\":[{layers}]"));
    registry.store_manifest(OCI_MANIFEST, text);
    let (_, json) = standing(&mut dev).await;
    assert_eq!(json["facts"]["more_layers"], 100_000);
    let readable = vec![blob(LAYER, b"layer"); 20_000];
    registry.store_manifest(
        OCI_MANIFEST,
        manifest(&config, &json!(readable)).to_string(),
    );
    let (page, json) = standing(&mut dev).await;
    let rows = page.texts("#layers tbody tr").len();
    assert_eq!(rows, 200);
    assert_eq!(json["facts"]["more_layers"], 20_000 - rows);
    assert!(
        page.text_of("#layers .rc-table-footnote")
            .contains("19,800"),
        "it says so"
    );
}

#[tokio::test]
async fn ten_thousand_image_index_fetches_only_the_first_images() {
    let (_world, registry, mut dev) = hostile().await;
    let entry = |n: u32| {
        let mut entry = blob(OCI_MANIFEST, &n.to_be_bytes());
        entry["platform"] = json!({ "os": "linux", "architecture": "amd64" });
        entry
    };
    let entries: Vec<Value> = (0..10_000).map(entry).collect();
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries });
    registry.store_manifest(OCI_INDEX, index.to_string());
    let (page, json) = standing(&mut dev).await;
    let rows = page
        .texts("section[aria-labelledby=platforms] tbody tr")
        .len();
    assert_eq!(rows, 200);
    assert_eq!(json["facts"]["more_platforms"], 10_000 - rows);
    let text = page
        .texts("section[aria-labelledby=platforms] .rc-table-footnote")
        .concat();
    assert!(
        text.contains("9,800") && text.contains("968 more were not read"),
        "it says so: {text}"
    );
    let requests = registry.server.requested_paths();
    assert_eq!(
        requests
            .iter()
            .filter(|path| *path == "/v2/team-a/hostile/manifests/1")
            .count(),
        2,
        "once for the page, once for its JSON"
    );
    assert_eq!(requests.len(), 2 * (1 + 32), "{requests:?}");
}

#[tokio::test]
async fn nested_index_is_not_fetched_recursively() {
    let (_world, registry, mut dev) = hostile().await;
    // It names another one, which may name the first: only fetching without end would show that.
    let inner = blob(OCI_INDEX, b"an index");
    let index =
        json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [inner] }).to_string();
    registry.store_manifest(OCI_INDEX, index.clone());
    let (page, json) = standing(&mut dev).await;
    assert_eq!(json["digest"], json!(Digest::sha256(index.as_bytes())));
    assert_eq!(
        page.texts("section[aria-labelledby=platforms] tbody tr")
            .len(),
        1
    );
    assert_eq!(
        registry.server.requested_paths().len(),
        2,
        "{:?}",
        registry.server.requested_paths()
    );
}

//! What the pages say about space and pruning.

mod freed;
mod indexed;
mod missing;
mod overview;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::Fault;
use rstest::rstest;
use serde_json::Value;

use super::usage::{add_workloads, digest};
use crate::harness::seeded_standin::http_client;
use crate::harness::{Browser, World};

/// An object of the API server, as its administrator sees it.
async fn raw(world: &World, path: &str) -> Value {
    let url = format!(
        "{}/apis/image.openshift.io/v1/{path}",
        world.demo.urls().api_server
    );
    let request = http_client(world.demo.ca_pem()).get(url);
    let response = request.bearer_auth("TOKEN-admin").send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

fn items<'v>(value: &'v Value, field: &str) -> Vec<&'v Value> {
    value[field]
        .as_array()
        .map_or_else(Vec::new, |items| items.iter().collect())
}

/// The layers of an image object and of the images of its index, with their sizes; of an index also
/// the manifests.
async fn layers_of(world: &World, image: &str, layers: &mut BTreeMap<String, u64>) {
    let mut waiting = vec![image.to_owned()];
    while let Some(name) = waiting.pop() {
        let object = raw(world, &format!("images/{name}")).await;
        for layer in items(&object, "dockerImageLayers") {
            let media_type = layer["mediaType"].as_str().unwrap_or_default();
            if !media_type.contains("foreign") && !media_type.contains("nondistributable") {
                let size = layer["size"].as_u64().unwrap_or_default();
                layers.insert(layer["name"].as_str().unwrap().to_owned(), size);
            }
        }
        let children = items(&object, "dockerImageManifests").into_iter();
        waiting.extend(children.map(|child| child["digest"].as_str().unwrap().to_owned()));
    }
}

/// The layers of each project in which the administrator sees image streams.
async fn layers_by_project(world: &World) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut images: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stream in items(&raw(world, "imagestreams").await, "items") {
        let project = stream["metadata"]["namespace"].as_str().unwrap();
        let images = images.entry(project.to_owned()).or_default();
        for event in items(&stream["status"], "tags")
            .iter()
            .flat_map(|tag| items(tag, "items"))
        {
            images.extend(
                event["image"]
                    .as_str()
                    .filter(|image| !image.is_empty())
                    .map(str::to_owned),
            );
        }
    }
    let mut layers: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (project, images) in images {
        let of_project = layers.entry(project).or_default();
        for image in images {
            layers_of(world, &image, of_project).await;
        }
    }
    layers
}

fn bytes(size: &Value) -> u64 {
    size["bytes"].as_u64().unwrap() + size["imported"].as_u64().unwrap()
}

/// A page reads on when it is loaded again.
async fn settled(browser: &mut Browser, path: &str) -> Value {
    let mut before = Value::Null;
    for _ in 0..50 {
        let json = browser.json(path).await.json();
        let freed = ["freed_by_rules", "freed_by_selection"].map(|name| &json[name]["scope"]);
        let scopes = Value::from(
            [&json["scope"], freed[0], freed[1]]
                .map(Clone::clone)
                .to_vec(),
        );
        if scopes == before {
            return json;
        }
        before = scopes;
    }
    panic!("{path} never settles: {before}");
}

#[tokio::test]
async fn numbers_of_the_demo_are_those_of_its_objects() {
    let world = World::builder(Version::V4).sample().start().await;
    world.demo.cluster().adopt_token("TOKEN-admin", "admin");
    let layers = layers_by_project(&world).await;
    let shop = &layers["shop"];
    let elsewhere = |layer: &String| {
        let mut others = layers.iter().filter(|(project, _)| *project != "shop");
        others.any(|(_, layers)| layers.contains_key(layer))
    };
    let total: u64 = shop.values().sum();
    let own = shop.iter().filter(|(layer, _)| !elsewhere(layer));
    let own: u64 = own.map(|(_, size)| size).sum();
    assert!(own > 0 && own < total);
    let mut admin = world.signed_in("admin").await;
    let json = settled(&mut admin, "/projects/shop/space").await;
    assert_eq!(bytes(&json["space"]["total"]), total);
    assert_eq!(bytes(&json["space"]["own"]), own);
    assert_eq!(bytes(&json["shared"]), total - own);
}

#[rstest]
#[tokio::test]
async fn project_page_has_a_bar_and_its_image_streams_by_size(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).sample().start().await;
    let mut developer = world.signed_in("developer").await;
    let page = developer.get("/projects/shop/space").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.text_of(".rc-tabs a[aria-current]"), "Space");
    assert!(
        page.text_of(".rc-space__total")
            .contains("in image streams")
    );
    let picture = page.attribute(".rc-space-bar[role=img]", "aria-label");
    assert!(picture.contains("Shared with other projects"), "{picture}");
    let streams = page.texts(".rc-space-streams tbody th");
    assert!(streams.contains(&"storefront".to_owned()), "{streams:?}");
    let text = page.text_of("main");
    assert!(text.contains("As far as you can see"), "{text}");
    let json = developer.json("/projects/shop/space").await.json();
    let totals: Vec<u64> = items(&json, "streams")
        .iter()
        .map(|row| bytes(&row["total"]))
        .collect();
    assert!(totals.is_sorted_by(|a, b| a >= b), "{totals:?}");
    let sorted = page.attributes(".rc-space-streams thead a", "href");
    assert_eq!(sorted[0], "/projects/shop/space?sort=name");
    let by_name = developer.get(&sorted[0]).await;
    assert!(by_name.texts(".rc-space-streams tbody th").is_sorted());
}

#[rstest]
#[tokio::test]
async fn stream_page_has_its_tags_and_whom_it_shares_with(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).sample().start().await;
    let mut developer = world.signed_in("developer").await;
    let page = developer.get("/images/shop/cart/space").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let tags = page.texts("[aria-labelledby=tags] tbody th");
    assert!(tags.contains(&"1.0.0".to_owned()), "{tags:?}");
    let sharing = page.texts(".rc-space-sharing a");
    assert!(sharing.contains(&"shop/search".to_owned()), "{sharing:?}");
}

/// What is in other projects must not reach users who do not see them.
#[rstest]
#[tokio::test]
async fn other_projects_that_a_user_does_not_see_are_never_named(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    add_workloads(&world);
    let mut viewer = world.signed_in("viewer").await;
    for path in [
        "/space",
        "/space/plan?keep-tag-revisions=0&keep-younger-than=0",
        "/projects/team-a/space",
        "/projects/team-a/space/plan?keep-tag-revisions=0&keep-younger-than=0",
        "/images/team-a/api/space",
    ] {
        let page = viewer.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let json = viewer.json(path).await.text;
        for name in ["team-b", "worker", "ledger", "nightly"] {
            assert!(!page.text.contains(name), "{path} in HTML: {name}");
            assert!(!json.contains(name), "{path} in JSON: {name}");
        }
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["scope"]["whole_cluster"], false, "{path}");
    }
    let mut outsider = world.signed_in("outsider").await;
    for path in ["/projects/team-a/space", "/images/team-a/api/space"] {
        assert_eq!(outsider.get(path).await.status, 403, "{path}");
    }
}

#[rstest]
#[tokio::test]
async fn images_that_cannot_be_read_are_counted_with_the_reason(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let unavailable = || {
        let body = (&b"{}"[..]).into();
        Fault::Status(StatusCode::SERVICE_UNAVAILABLE, body, "application/json")
    };
    for path in ["/layers", "/imagestreamimages/", "/imagestreamtags/"] {
        world.demo.faults().set_for_path(path, unavailable());
    }
    let mut dev = world.signed_in("dev").await;
    for path in [
        "/projects/team-a/space",
        "/images/team-a/api/space",
        "/projects/team-a/space/plan",
    ] {
        let page = dev.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let missing = page.texts(".rc-missing").join(" ");
        assert!(missing.contains("At least:"), "{path}: {missing}");
        assert!(missing.contains("not read"), "{path}: {missing}");
        let json = dev.json(path).await.json();
        assert!(
            json["scope"]["unread_images"].as_u64().unwrap() > 0,
            "{json}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn plan_names_the_rule_that_keeps_each_image_and_how_to_prune(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    add_workloads(&world);
    let mut root = world.signed_in("root").await;
    let used = digest(&world, "team-a/api:latest");
    let path = "/projects/team-a/space/plan?keep-tag-revisions=0&keep-younger-than=0";
    let json = root.json(path).await.json();
    let rule = |json: &Value, image: &str| {
        let rows = items(json, "images");
        let row = rows.iter().find(|row| row["digest"] == image);
        row.unwrap_or_else(|| panic!("{image}: {json}"))["kept_by"]["rule"].clone()
    };
    let kept = rule(&json, &used);
    assert!(kept == "used-tag" || kept == "used-image", "{kept}");
    let page = root.get(path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let text = page.text_of("main");
    assert!(text.contains("Deleting tags alone frees nothing"), "{text}");
    assert!(text.contains("never prunes"), "{text}");
    assert!(text.contains("system:image-pruner"), "{text}");
    let commands = page.texts(".rc-command code").join("\n");
    assert!(
        commands.contains("oc adm prune images --keep-tag-revisions=0 --keep-younger-than=0m"),
        "{commands}"
    );
    assert!(commands.contains("--confirm"), "{commands}");
    let is_four = version == Version::V4;
    assert_eq!(
        commands.contains("oc patch imagepruner"),
        is_four,
        "{commands}"
    );
    assert_eq!(page.select("#cron-job").is_empty(), is_four);
    assert_eq!(page.texts(".rc-prune-savings tbody tr").len(), 3);

    let usual = root.json("/projects/team-a/space/plan").await.json();
    assert_eq!(usual["keep_tag_revisions"], 3);
    assert_eq!(usual["removed_images"], 0);
}

#[tokio::test]
async fn plan_says_that_workloads_are_missing_and_what_is_wrong_with_its_parameters() {
    let world = World::start(Version::V4).await;
    let mut viewer = world.signed_in("viewer").await;
    let page = viewer
        .get("/projects/team-a/space/plan?keep-tag-revisions=-1&keep-younger-than=soon")
        .await;
    assert_eq!(page.status, 200, "{}", page.text);
    let errors = page.texts(".rc-field__error");
    assert!(errors[0].contains("Enter a whole number"), "{errors:?}");
    assert!(errors[1].contains("Enter a time"), "{errors:?}");
    let missing = page.texts(".rc-missing").join(" ");
    assert!(missing.contains("images that are in use"), "{missing}");
    assert!(
        page.text.contains("value=\"soon\""),
        "what was typed is kept"
    );

    for (query, name) in [
        ("keep-tag-revisions=-1", "keep-tag-revisions"),
        ("keep-younger-than=soon", "keep-younger-than"),
        ("keep-younger-than=00", "keep-younger-than"),
    ] {
        let path = format!("/projects/team-a/space/plan?{query}");
        let refused = viewer.json(&path).await;
        assert_eq!(refused.status, 400, "{query}");
        assert_eq!(refused.json()["errors"][0]["pointer"], name, "{query}");
    }
}

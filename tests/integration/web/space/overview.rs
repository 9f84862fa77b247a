//! The space of everything that a user sees, and the storage of the registry.

use chrono::TimeDelta;
use openshift_standin::cluster::{BlobStorage, Version};
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;
use serde_json::Value;

use super::{bytes, items, layers_by_project};
use crate::harness::{Browser, World};

/// A page goes on reading after it was sent.
async fn complete(browser: &mut Browser, path: &str) -> Value {
    for _ in 0..50 {
        let json = browser.json(path).await.json();
        if json["read"]["all"] == json["read"]["read"] && json["scope"]["unread_images"] == 0 {
            return json;
        }
    }
    panic!("{path} is never complete");
}

const OVERVIEW: &str = "/space?wait=long";

#[tokio::test]
async fn overview_counts_each_layer_once_and_names_the_biggest() {
    let world = World::builder(Version::V4).sample().start().await;
    world.demo.cluster().adopt_token("TOKEN-admin", "admin");
    let by_project = layers_by_project(&world).await;
    let mut all = std::collections::BTreeMap::new();
    for layers in by_project.values() {
        all.extend(layers.clone());
    }
    let mut admin = world.signed_in("admin").await;
    let json = complete(&mut admin, OVERVIEW).await;
    assert_eq!(bytes(&json["space"]["total"]), all.values().sum::<u64>());
    assert_eq!(json["scope"]["whole_cluster"], true);
    let shop = items(&json, "projects").into_iter();
    let shop = shop.clone().find(|row| row["project"] == "shop").unwrap();
    let of_shop: u64 = by_project["shop"].values().sum();
    assert_eq!(bytes(&shop["total"]), of_shop);

    let biggest = &items(&json, "biggest_layers")[0];
    let largest = all.values().max().unwrap();
    assert_eq!(biggest["size"].as_u64(), Some(*largest));
    let shared = items(&json, "shared_layers");
    assert!(items(shared[0], "streams").len() > 1, "{shared:?}");
    let streams = items(&json, "biggest_streams");
    let own: Vec<u64> = streams.iter().map(|row| bytes(&row["own"])).collect();
    assert!(
        own.is_sorted_by(|a, b| a >= b) && own.len() == 10,
        "{own:?}"
    );

    let page = admin.get(OVERVIEW).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let text = page.text_of("main");
    for part in [
        "The images of all projects of the cluster",
        "Biggest image streams",
        "Biggest tags",
        "Biggest layers",
        "Layers in several image streams",
        "Images without a tag",
        "Image streams that nothing uses",
        "volume claim image-registry-storage",
        "100.0 GiB",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let picture = page.attribute(".rc-space-bar[role=img]", "aria-label");
    assert!(picture.contains("In no tag any more"), "{picture}");
    let sorted = page.attributes(".rc-space-streams thead a", "href");
    assert_eq!(sorted[0], "/space?sort=name&wait=long");
    let plan = page.attributes(".rc-space__head a", "href");
    assert_eq!(plan, ["/space/plan"]);
}

#[rstest]
#[tokio::test]
async fn overview_says_what_was_not_read_and_reads_on(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).sample().start().await;
    let faults = world.demo.faults();
    faults.set_for_path("/namespaces/payments/imagestreams", Fault::Hang);
    let mut developer = world.signed_in("developer").await;
    let page = developer.get("/space").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let notice = page.texts(".rc-missing").join(" ");
    assert!(notice.contains("read: the sizes are at least"), "{notice}");
    assert_eq!(
        page.attributes(".rc-missing a", "href"),
        ["/space?wait=long"]
    );
    let unused = page.text_of("[aria-labelledby=unused]");
    assert!(unused.contains("Not known"), "{unused}");
    let json = developer.json("/space").await.json();
    let (read, all) = (&json["read"]["read"], &json["read"]["all"]);
    assert!(read.as_u64() < all.as_u64(), "{read} of {all}");
    assert_eq!(json["scope"]["whole_cluster"], false);
    faults.set_for_path("/namespaces/payments/imagestreams", Fault::None);
    complete(&mut developer, OVERVIEW).await;
}

#[tokio::test]
async fn pages_about_space_send_nothing_more_once_everything_was_read() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut developer = world.signed_in("developer").await;
    let home = developer.get("/").await;
    let facts = home.text_of(".rc-page-header__facts");
    assert!(facts.contains("Space") && !facts.contains("GiB"), "{facts}");
    complete(&mut developer, OVERVIEW).await;
    let log = world.demo.request_log();
    log.clear();
    for path in [
        "/projects/shop/space",
        "/images/shop/cart/space",
        "/space/plan",
    ] {
        assert_eq!(developer.get(path).await.status, 200, "{path}");
    }
    let requests = log.requests_to(Endpoint::ApiServer).into_iter();
    let images: Vec<String> = requests
        .map(|request| request.path)
        .filter(|path| path.ends_with("/layers") || path.ends_with("/imagestreams"))
        .collect();
    assert_eq!(images, [""; 0]);
    let facts = developer.get("/").await.text_of(".rc-page-header__facts");
    assert!(facts.contains("GiB"), "{facts}");
    let image = developer.get("/images/shop/cart:1.0.0").await;
    let known = image.text_of("[aria-labelledby=facts]");
    assert!(known.contains("Only this image"), "{known}");
    assert!(known.contains("shop/search"), "{known}");
}

#[tokio::test]
async fn plan_of_everything_covers_all_projects_that_the_user_sees() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut developer = world.signed_in("developer").await;
    complete(&mut developer, OVERVIEW).await;
    let path = "/space/plan?keep-tag-revisions=1&keep-younger-than=0";
    let json = developer.json(path).await.json();
    let mut projects: Vec<&str> = items(&json, "images")
        .iter()
        .map(|row| row["project"].as_str().unwrap())
        .collect();
    projects.sort_unstable();
    projects.dedup();
    assert!(projects.len() > 1, "{projects:?}");
    assert_eq!(json["projects"]["read"], json["projects"]["all"]);
    assert_eq!(json.get("project"), None);
    let of_shop = developer
        .json(&format!("/projects/shop{path}"))
        .await
        .json();
    assert!(json["removed_images"].as_u64() >= of_shop["removed_images"].as_u64());

    let page = developer.get(path).await;
    assert_eq!(page.text_of("h1"), "Prune plan");
    let form = page.attributes(".rc-prune-form", "action");
    assert_eq!(form, ["/space/plan"]);
    let tags = page.texts(".rc-prune-images tbody td a");
    assert!(tags.iter().any(|tag| tag.starts_with("shop/")), "{tags:?}");
}

#[tokio::test]
async fn streams_count_as_unused_only_after_the_time_without_a_push() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut admin = world.signed_in("admin").await;
    let unused = |json: &Value| {
        let unused = &json["unused"];
        assert_eq!(unused["is_known"], true, "{unused}");
        let shown = u64::try_from(items(unused, "streams").len()).unwrap();
        shown + unused["more"].as_u64().unwrap()
    };
    let month = unused(&complete(&mut admin, "/space?wait=long&unused=30").await);
    let year = unused(&complete(&mut admin, "/space?wait=long&unused=365").await);
    assert!(month > year, "{month} {year}");
    world.clock.advance(TimeDelta::days(366));
    let mut admin = world.signed_in("admin").await;
    let later = unused(&complete(&mut admin, "/space?wait=long&unused=365").await);
    assert!(later > year, "{later} {year}");
}

#[rstest]
#[tokio::test]
async fn storage_is_shown_to_those_who_may_read_it(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let cluster = world.demo.cluster();
    let storage = async |browser: &mut Browser| browser.get("/space").await.text_of("main");
    let mut root = world.signed_in("root").await;
    assert!(!storage(&mut root).await.contains("Storage of the registry"));
    let bucket = "images".to_owned();
    cluster.set_blob_storage(BlobStorage::S3 { bucket });
    let text = storage(&mut root).await;
    assert!(text.contains("S3 object storage, bucket images"), "{text}");
    cluster.set_blob_storage(BlobStorage::EmptyDir);
    let text = storage(&mut root).await;
    assert!(text.contains("all images are lost"), "{text}");
    cluster.set_blob_storage(BlobStorage::VolumeClaim {
        name: "registry-claim".to_owned(),
        capacity: "40Gi".to_owned(),
    });
    let text = storage(&mut root).await;
    assert!(
        text.contains("volume claim registry-claim · 40.0 GiB"),
        "{text}"
    );
    let json = root.json("/space").await.json();
    assert_eq!(json["storage"]["kind"], "volume-claim");
    assert_eq!(json["storage"]["capacity"], 40_u64 << 30);

    let finding = async |user: &str| {
        // The page repeats what it has found within half a minute.
        world.advance(TimeDelta::seconds(31));
        let json = world.json("/doctor", user).await;
        let found = items(&json, "findings").into_iter();
        let mut found = found.filter(|line| line["id"] == "registry-storage");
        found.next().cloned()
    };
    let known = finding("root").await.unwrap();
    assert_eq!(known["state"], "ok", "{known}");
    for fact in ["PersistentVolumeClaim", "registry-claim", "40Gi"] {
        assert!(known["facts"].to_string().contains(fact), "{known}");
    }
    cluster.set_blob_storage(BlobStorage::EmptyDir);
    let lost = finding("root").await.unwrap();
    assert_eq!(
        (&lost["state"], &lost["what"]),
        (&"warning".into(), &"storage-temporary".into())
    );
    assert_eq!(finding("viewer").await, None);

    let mut viewer = world.signed_in("viewer").await;
    let page = viewer.get("/space").await;
    assert_eq!(page.status, 200);
    for text in ["registry-claim", "Storage of the registry"] {
        assert!(!page.text.contains(text), "{text}");
    }
}

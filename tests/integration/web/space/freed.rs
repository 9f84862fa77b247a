//! What a cleanup says about the space that it frees.

use std::collections::{BTreeMap, BTreeSet};

use openshift_standin::cluster::Version;
use rstest::rstest;
use serde_json::Value;

use super::{bytes, items, layers_of, raw, settled};
use crate::harness::{World, post};

const FORM: &str = "/images/shop/cart/remove-tags";

/// The layers of the images in the histories of each tag of the cluster: by `project/stream:tag`.
async fn layers_by_tag(world: &World) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut layers = BTreeMap::new();
    for stream in items(&raw(world, "imagestreams").await, "items") {
        let meta = &stream["metadata"];
        let (project, name) = (meta["namespace"].as_str(), meta["name"].as_str());
        for tag in items(&stream["status"], "tags") {
            let (name, tag_name) = (name.unwrap(), tag["tag"].as_str().unwrap());
            let of_tag: &mut BTreeMap<String, u64> = layers
                .entry(format!("{}/{name}:{tag_name}", project.unwrap()))
                .or_default();
            let images = items(tag, "items").into_iter();
            let images: BTreeSet<&str> = images
                .filter_map(|event| event["image"].as_str())
                .filter(|image| !image.is_empty())
                .collect();
            for image in images {
                layers_of(world, image, of_tag).await;
            }
        }
    }
    layers
}

/// The bytes of the layers that these tags of `shop/cart` have, and no other tag of the cluster.
fn only_in(layers: &BTreeMap<String, BTreeMap<String, u64>>, tags: &[String]) -> u64 {
    let going: Vec<String> = tags.iter().map(|tag| format!("shop/cart:{tag}")).collect();
    let (gone, left): (Vec<_>, Vec<_>) = layers.iter().partition(|(path, _)| going.contains(path));
    let left: BTreeSet<&String> = left.iter().flat_map(|(_, layers)| layers.keys()).collect();
    let gone: BTreeMap<&String, &u64> = gone.iter().flat_map(|(_, layers)| *layers).collect();
    let freed = gone.iter().filter(|(layer, _)| !left.contains(*layer));
    freed.map(|(_, size)| **size).sum()
}

fn selected(json: &Value) -> Vec<String> {
    let tags = items(&json["dry_run"], "selected").into_iter();
    tags.map(|tag| tag.as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[tokio::test]
async fn bytes_that_rules_and_selections_free_are_those_of_layers_in_no_other_tag(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).sample().start().await;
    world.demo.cluster().adopt_token("TOKEN-admin", "admin");
    let layers = layers_by_tag(&world).await;
    let mut admin = world.signed_in("admin").await;
    for rules in ["keep=2", "keep=5", "pattern=1.*", "days=1"] {
        let json = settled(&mut admin, &format!("{FORM}?{rules}")).await;
        let (tags, found) = (selected(&json), &json["freed_by_rules"]);
        if tags.is_empty() {
            assert_eq!(*found, Value::Null, "{rules}");
            continue;
        }
        assert_eq!(
            bytes(&found["freed"]),
            only_in(&layers, &tags),
            "{rules}: {tags:?}"
        );
        assert_eq!(found["freed"]["at_most"], false, "{found}");
        let query: String = tags.iter().map(|tag| format!("&tag={tag}")).collect();
        let json = settled(&mut admin, &format!("{FORM}?{}", &query[1..])).await;
        assert_eq!(json["freed_by_selection"], *found, "{rules}");
        assert_eq!(json["freed_by_rules"], Value::Null);
    }
    let json = settled(&mut admin, &format!("{FORM}?keep=2")).await;
    assert!(bytes(&json["freed_by_rules"]["freed"]) > 0, "{json}");
}

#[tokio::test]
async fn review_says_what_is_freed_and_that_the_pruner_frees_it() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut developer = world.signed_in("developer").await;
    let page = developer.get(&format!("{FORM}?keep=2")).await;
    let text = page.text_of(".rc-freed");
    assert!(
        text.contains("once the registry has been pruned, at most"),
        "{text}"
    );
    assert!(text.contains("Deleting tags alone frees nothing"), "{text}");
    assert!(text.contains("As far as you can see"), "{text}");
    let plan = "/images/shop/cart/space/plan";
    assert_eq!(page.attribute(".rc-freed a", "href"), plan);
    assert_eq!(developer.get(plan).await.status, 200);

    let review = post(&mut developer, FORM, &[("keep", "2"), ("review", "rules")]).await;
    assert_eq!(review.status, 200, "{}", review.text);
    let same = review.text_of(".rc-freed p:first-child");
    assert!(text.starts_with(&same), "{same}: {text}");
    // Both releases have the same layers as others; a tag for itself frees little or nothing.
    let json = settled(&mut developer, "/images/shop/cart/space").await;
    let tags = items(&json, "tags");
    let own = tags.iter().map(|row| bytes(&row["own"])).min().unwrap();
    let smallest = tags.iter().find(|row| bytes(&row["own"]) == own).unwrap();
    let tag = smallest["tag"].as_str().unwrap();
    let review = post(&mut developer, FORM, &[("tag", tag)]).await;
    let text = review.text_of(".rc-freed p:first-child");
    assert_eq!(text.contains("frees no space"), own == 0, "{tag}: {text}");
}

/// A rule can be saved as a link. Neither the link nor a filter selects anything.
#[tokio::test]
async fn rules_can_be_saved_as_a_link_that_selects_nothing() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut developer = world.signed_in("developer").await;
    let fields = [
        ("keep", "2"),
        ("pattern", "1.*"),
        ("unused", "1"),
        ("select", "rules"),
    ];
    let page = post(&mut developer, FORM, &fields).await;
    let ticked = "input[type=checkbox][name=tag][checked]";
    let link = page.attribute("#rules-link", "href");
    assert_eq!(link, format!("{FORM}?keep=2&pattern=1.*&unused=1"));
    assert_eq!(
        page.attribute("button[data-copy-from]", "data-copy-from"),
        "rules-link"
    );
    let saved = developer.get(&link).await;
    assert_eq!(saved.status, 200);
    assert!(saved.select(ticked).is_empty(), "{}", saved.text);
    for (field, value) in [("keep", "2"), ("pattern", "1.*")] {
        assert_eq!(saved.attribute(&format!("#f-{field}"), "value"), value);
    }
    assert!(!saved.select("input[name=unused][checked]").is_empty());
    assert!(!saved.select(".rc-cleanup__dry-run").is_empty());
    let typing = developer.json(&format!("{link}&q=1.0")).await.json();
    assert_eq!(typing["freed_by_rules"], Value::Null, "not for each letter");
    assert_eq!(typing["selected"], Value::from(Vec::<Value>::new()));

    for without in [
        FORM.to_owned(),
        format!("{FORM}?keep=x"),
        format!("{FORM}?q=1.0"),
    ] {
        let page = developer.get(&without).await;
        assert!(page.select("#rules-link").is_empty(), "{without}");
        assert!(page.select(".rc-freed").is_empty(), "{without}");
    }
}

//! What the plans say besides the rules.

use chrono::TimeDelta;
use openshift_standin::cluster::{PodState, Version, Workload, WorkloadKind};
use rstest::rstest;
use serde_json::Value;

use super::{bytes, items, settled};
use crate::harness::{Browser, World};
use crate::web::usage::{by_digest, digest};

/// The rule that keeps an image, of a plan as JSON. Null: it would be removed.
async fn kept_by(browser: &mut Browser, path: &str, image: &str) -> Value {
    let json = browser.json(path).await.json();
    let rows = items(&json, "images");
    let row = rows.iter().find(|row| row["digest"] == image);
    row.unwrap_or_else(|| panic!("{image}: {json}"))["kept_by"].clone()
}

/// With an index of workloads and without.
#[rstest]
#[tokio::test]
async fn pods_that_have_ended_keep_their_images_while_they_are_young(
    #[values(Version::V3_9, Version::V4)] version: Version,
    #[values(false, true)] is_indexed: bool,
) {
    let builder = World::builder(version);
    let world = if is_indexed {
        builder.workload_index().start().await
    } else {
        builder.start().await
    };
    world.advance(TimeDelta::hours(5));
    let image = digest(&world, "team-a/api:latest");
    let pod = Workload::new(WorkloadKind::Pod, "team-a", "debug")
        .container("app", &by_digest(&world, "team-a/api:latest"))
        .state(PodState::Succeeded)
        .created(world.clock.now() - TimeDelta::hours(2));
    world.demo.cluster().add_workload(pod);
    let mut root = world.signed_in("root").await;
    let plan = |age: &str| {
        format!("/projects/team-a/space/plan?keep-tag-revisions=0&keep-younger-than={age}")
    };
    world
        .until("the plan knows the pod", async || {
            let json = world.json(&plan("3h"), "root").await;
            json.to_string().contains("debug")
        })
        .await;
    let kept = kept_by(&mut root, &plan("3h"), &image).await;
    assert_eq!(kept["used_by"]["workload"]["name"], "debug", "{kept}");
    assert_eq!(kept["used_by"]["has_ended"], true, "{kept}");
    let page = root.get(&format!("{}&state=all", plan("3h"))).await;
    assert!(page.text_of("main").contains("ended, but it still counts"));
    let kept = kept_by(&mut root, &plan("1h"), &image).await;
    assert_eq!(kept, Value::Null, "the pod is older");
    let usage = root.json("/images/team-a/api/used-by").await.json();
    assert_eq!(usage["workload_count"], 0, "it uses nothing: {usage}");
}

/// Its JSON form has all images unless it is asked for some.
#[tokio::test]
async fn page_of_a_plan_opens_with_what_would_be_removed_if_anything_would() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut admin = world.signed_in("admin").await;
    let path = "/images/shop/storefront/space/plan?keep-tag-revisions=1&keep-younger-than=24h";
    let json = settled(&mut admin, path).await;
    let count = |name: &str| usize::try_from(json[name].as_u64().unwrap()).unwrap();
    let (removed, kept) = (count("removed_images"), count("kept_images"));
    assert!(removed > 0 && kept > 0, "{json}");
    let listed = items(&json, "images").len() + count("more_images");
    assert_eq!(listed, removed + kept);
    let page = admin.get(path).await;
    assert_eq!(page.texts(".rc-prune-images tbody tr").len(), removed);
    let chip = ".rc-chips a[aria-current]";
    assert_eq!(
        page.attribute(chip, "href"),
        format!("{path}&state=removed")
    );
    let all = admin.get(&format!("{path}&state=all")).await;
    assert_eq!(all.texts(".rc-prune-images tbody tr").len(), removed + kept);
    assert!(all.text_of(chip).starts_with("All"));
    let nothing = "/images/shop/storefront/space/plan?keep-tag-revisions=1000";
    let page = admin.get(nothing).await;
    assert!(page.text_of(chip).starts_with("All"));
    assert!(!page.texts(".rc-prune-images tbody tr").is_empty());
}

#[rstest]
#[case(Version::V3_9, "no option to ignore them", "stop")]
#[case(Version::V4, "have them ignored", "stop-unless-ignored")]
#[tokio::test]
async fn plan_says_that_an_invalid_reference_stops_the_pruner(
    #[case] version: Version,
    #[case] text: &str,
    #[case] name: &str,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    let path = "/projects/team-a/space/plan?keep-tag-revisions=1";
    let page = root.get(path).await;
    let section = page.text_of("#run");
    assert!(
        section.contains("lists these workloads and removes nothing"),
        "{section}"
    );
    assert!(section.contains(text), "{section}");
    let json = root.json(path).await.json();
    assert_eq!(json["pruner"]["invalid_references"], name);
    let ignoring = page
        .texts(".rc-command code")
        .into_iter()
        .find(|command| command.contains("--ignore-invalid-refs"));
    let is_offered = version == Version::V4;
    assert_eq!(ignoring.is_some(), is_offered, "{ignoring:?}");
    assert!(ignoring.is_none_or(|command| command.contains("--keep-tag-revisions=1")));
}

#[rstest]
#[tokio::test]
async fn plan_of_an_image_stream_has_its_images_only(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).sample().start().await;
    let mut admin = world.signed_in("admin").await;
    let query = "?keep-tag-revisions=1&keep-younger-than=24h";
    let path = format!("/images/shop/storefront/space/plan{query}");
    let of_stream = settled(&mut admin, &path).await;
    assert_eq!(of_stream["stream"], "storefront");
    let rows = items(&of_stream, "images");
    assert!(!rows.is_empty() && rows.iter().all(|row| row["stream"] == "storefront"));
    let of_project = settled(&mut admin, &format!("/projects/shop/space/plan{query}")).await;
    assert_eq!(of_project["stream"], Value::Null);
    let freed = |plan: &Value| bytes(&plan["freed"]);
    assert!(freed(&of_stream) > 0 && freed(&of_stream) <= freed(&of_project));
    for row in rows {
        let same = items(&of_project, "images")
            .into_iter()
            .find(|other| other["digest"] == row["digest"]);
        let same = same.unwrap_or_else(|| panic!("{row}: {of_project}"));
        assert_eq!(row["kept_by"], same["kept_by"], "{row}");
    }
    let page = admin.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.text_of(".rc-tabs a[aria-current]"), "Space");
    assert_eq!(
        page.attribute(".rc-prune-form", "action"),
        "/images/shop/storefront/space/plan"
    );
    let links = page.attributes(".rc-prune-savings a", "href");
    assert_eq!(links.len(), 9);
    assert!(
        links
            .iter()
            .all(|link| link.starts_with("/images/shop/storefront/space/plan")),
        "{links:?}"
    );
    let current = page.attributes(".rc-prune-savings a[aria-current]", "href");
    assert_eq!(current, [path.as_str()]);
}

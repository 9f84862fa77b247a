//! The history of an image stream whose tag has pointed to more images than one page shows.

use openshift_standin::cluster::Version;
use registry_model::Digest;
use serde_json::json;

use crate::harness::{Browser, World, push_to_tag};

const EVENTS: usize = 1_500;
const STREAM: &str = "/images/team-a/nightlies";

/// Pushes `count` images to `team-a/nightlies:nightly`. Their digests, oldest first.
fn push_nightlies(world: &World, count: usize) -> Vec<Digest> {
    push_to_tag(world, "team-a/nightlies", "nightly", count)
        .into_iter()
        .map(|image| image.digest)
        .collect()
}

/// The images in the history that the page at `address` shows, the address of the next page, and
/// the marks of the current image.
async fn history_at(browser: &mut Browser, address: &str) -> (Vec<String>, Option<String>, usize) {
    let page = browser.get(address).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.len() < 200_000,
        "{address}: {} bytes",
        page.text.len()
    );
    let images = page
        .select(".rc-events ol > li")
        .iter()
        .map(|item| item.html())
        .collect();
    let next = page
        .select(".rc-pager a[rel=next]")
        .first()
        .map(|link| link.attr("href").unwrap().to_owned());
    (
        images,
        next,
        page.select(".rc-events ol > li .pf-v6-c-label").len(),
    )
}

#[tokio::test]
async fn history_of_1500_events_is_paged() {
    let world = World::start(Version::V4).await;
    let digests = push_nightlies(&world, EVENTS);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(STREAM).await;
    assert!(page.text.len() < 200_000, "{} bytes", page.text.len());
    let link = page.only(".rc-tag-history");
    assert_eq!(
        link.text().collect::<String>(),
        "1,500 images of nightly",
        "its text names the tag for screen readers"
    );

    let mut next = Some(page.attribute(".rc-tag-history", "href"));
    assert_eq!(
        next.as_deref(),
        Some("/images/team-a/nightlies/history?tag=nightly")
    );
    let (mut seen, mut marks) = (Vec::new(), Vec::new());
    while let Some(address) = next.take() {
        let (images, following, current) = history_at(&mut dev, &address).await;
        seen.extend(images);
        marks.push(current);
        next = following;
    }
    assert_eq!(seen.len(), EVENTS);
    for (item, digest) in seen.iter().zip(digests.iter().rev()) {
        assert!(item.contains(&digest.to_string()), "{item} is not {digest}");
    }
    assert_eq!(
        (marks.len(), marks[0], marks[1..].iter().sum::<usize>()),
        (15, 1, 0),
        "only the newest is current"
    );
}

#[tokio::test]
async fn history_of_all_tags_says_what_happened_and_leads_on() {
    let world = World::start(Version::V4).await;
    let digests = push_nightlies(&world, 2);
    push_to_tag(&world, "team-a/nightlies", "stable", 1);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(&format!("{STREAM}/history")).await;
    let events = page.texts(".rc-events__what");
    assert_eq!(
        events,
        [
            "stable moved to existing image Current",
            "nightly pushed Current",
            "nightly pushed"
        ]
    );
    let (old, new) = (&digests[0], &digests[1]);
    let hrefs = page.attributes(".rc-events__actions a", "href");
    assert_eq!(
        hrefs,
        [
            format!("{STREAM}/compare?from={old}&to={new}").replace(':', "%3A"),
            format!("{STREAM}:nightly/roll-back?to=") + &old.to_string().replace(':', "%3A"),
        ]
    );
    assert_eq!(
        page.texts(".rc-filter option"),
        ["All tags", "nightly", "stable"]
    );

    let one = dev.get(&format!("{STREAM}/history?tag=stable")).await;
    assert_eq!(
        one.texts(".rc-events__what"),
        ["stable moved to existing image Current"]
    );
    assert_eq!(one.text_of(".rc-filter option[selected]"), "stable");
    let mut viewer = world.signed_in("viewer").await;
    let page = viewer.get(&format!("{STREAM}/history")).await;
    assert!(!page.text.contains("roll-back"), "{}", page.text);
    let json = dev
        .json(&format!("{STREAM}/history?tag=nightly"))
        .await
        .json();
    assert_eq!(
        (&json["events"][0]["kind"], &json["events"][0]["previous"]),
        (&json!("pushed"), &json!(old.to_string()))
    );
}

#[tokio::test]
async fn former_address_of_a_history_leads_to_it_and_its_json_stays() {
    let world = World::start(Version::V4).await;
    let digests = push_nightlies(&world, 51);
    let mut dev = world.signed_in("dev").await;
    let moved = dev.get(&format!("{STREAM}?history=nightly&page=2")).await;
    assert_eq!(moved.location(), format!("{STREAM}/history?tag=nightly"));
    let last = dev
        .json(&format!("{STREAM}?history=nightly&page=9"))
        .await
        .json();
    assert_eq!(
        last["history_paging"],
        json!({"page": 2, "pages": 2, "per_page": 50, "total": 51})
    );
    let tag = &last["tags"][0];
    assert_eq!(tag["history"][0]["image"], digests[0].to_string());
    assert_eq!(
        (
            &tag["newer_history"],
            &tag["more_history"],
            &tag["history"][1]
        ),
        (&json!(50), &json!(0), &json!(null))
    );
}

#[tokio::test]
async fn history_of_missing_tag_is_not_found() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let gone = dev.get("/images/team-a/api/history?tag=gone").await;
    assert_eq!(gone.status, 404);
    let json = dev.json("/images/team-a/api?history=gone").await;
    assert_eq!(json.status, 404);
}

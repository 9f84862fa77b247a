//! The history of a tag that has pointed at more images than one page shows.

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
        .select(".rc-history li")
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
        page.select(".rc-history li .pf-v6-c-label").len(),
    )
}

#[tokio::test]
async fn tag_history_of_1500_events_is_paged() {
    let world = World::start(Version::V4).await;
    let digests = push_nightlies(&world, EVENTS);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(STREAM).await;
    assert!(page.text.len() < 200_000, "{} bytes", page.text.len());
    assert!(
        page.text_of(".rc-history summary").contains("1,500 images"),
        "{}",
        page.text_of(".rc-history summary")
    );
    assert_eq!(page.select(".rc-history li").len(), 50);
    assert!(
        page.text_of(".rc-history")
            .contains("1,450 older entries are not shown here.")
    );

    let mut next = Some(page.attribute(".rc-history p a", "href"));
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
        (30, 1, 0),
        "only the newest is current"
    );
}

#[tokio::test]
async fn tag_history_json_has_its_page_position() {
    let world = World::start(Version::V4).await;
    let digests = push_nightlies(&world, 51);
    let mut dev = world.signed_in("dev").await;
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
    let page = dev.get(&format!("{STREAM}?history=nightly&page=2")).await;
    assert_eq!(page.text_of(".rc-pager p"), "51–51 of 51");
    assert!(
        page.select(".rc-history[open]").len() == 1,
        "it is not folded away"
    );
    assert_eq!(
        page.attribute("#tags > p a", "href"),
        STREAM,
        "the way back to all tags"
    );
}

#[tokio::test]
async fn history_of_missing_tag_is_not_found() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    assert_eq!(dev.get("/images/team-a/api?history=gone").await.status, 404);
}

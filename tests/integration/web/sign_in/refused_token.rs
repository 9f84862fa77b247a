//! A token that the API server refuses, though only for a part of a page, ends the session, and
//! nothing that was remembered of its owner is shown.

use chrono::TimeDelta;
use openshift_standin::cluster::{ApiOutage, Version};
use openshift_standin::faults::{Endpoint, Fault};

use crate::harness::{SseClient, World};

#[tokio::test]
async fn token_rejected_in_one_section_ends_session_and_caches() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    assert_eq!(dev.get("/images").await.status, 200);
    world.demo.cluster().set_outage(ApiOutage::TokensRefused);
    world.clear_requests();
    // Which projects there are is known for a minute; who may pull from them is asked.
    let page = dev.get("/projects").await;
    assert_eq!(
        (page.status, page.location().as_str()),
        (303, "/login?next=%2Fprojects"),
        "{}",
        page.text
    );
    world.clear_requests();
    for path in ["/", "/images", "/images/team-a", "/search?q=api"] {
        let page = dev.get(path).await;
        assert!(
            page.status == 303 && page.location().starts_with("/login?"),
            "{path}: {}",
            page.text
        );
    }
    assert_eq!(dev.json("/images").await.status, 401);
    let requests = world
        .requests()
        .into_iter()
        .filter(|request| {
            request
                .bearer()
                .is_some_and(|token| token != crate::harness::SERVICE_ACCOUNT_TOKEN)
        })
        .count();
    assert_eq!(requests, 0, "nothing more is asked with the refused token");
}

#[tokio::test]
async fn session_survives_a_brief_rejection_of_every_token() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.demo.cluster().set_outage(ApiOutage::TokensRefused);
    assert_eq!(dev.get("/projects").await.status, 303);
    world.demo.cluster().set_outage(ApiOutage::None);
    world.advance(TimeDelta::seconds(59));
    assert_eq!(dev.get("/projects").await.status, 303);
    world.advance(TimeDelta::seconds(1));
    assert_eq!(dev.get("/projects").await.status, 200);
}

#[tokio::test]
async fn rejected_token_stops_live_updates() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images").await;
    let mut updates = SseClient::open_for_page(&mut dev, &page).await;
    world.demo.cluster().set_outage(ApiOutage::TokensRefused);
    dev.get("/projects").await;
    assert_eq!(
        updates.next().await.map(|heard| heard.event).as_deref(),
        Some("end")
    );
}

#[tokio::test]
async fn visibility_of_rejected_token_is_not_used_in_an_outage() {
    let world = World::builder(Version::V3_9).index().start().await;
    world.json("/images", "dev").await;
    world.demo.cluster().set_outage(ApiOutage::TokensRefused);
    assert_eq!(world.json("/images/team-a/api", "dev").await["status"], 401);
    world.fail(Endpoint::ApiServer, Fault::unavailable());
    world
        .demo
        .cluster()
        .set_outage(ApiOutage::OPENSHIFT_APISERVER);
    world.advance(TimeDelta::seconds(61));
    for _ in 0..20 {
        assert_eq!(world.json("/images", "dev").await["status"], 503);
    }
}

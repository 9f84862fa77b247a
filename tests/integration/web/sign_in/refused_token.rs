//! A token that the API server refuses, though only for a part of a page, ends the session, and
//! nothing that was remembered of its owner is shown.

use chrono::TimeDelta;
use http::StatusCode;
use openshift_standin::cluster::{ApiOutage, Version};
use openshift_standin::faults::{Endpoint, Fault};

use crate::harness::{Both, Ear, World};

#[tokio::test]
async fn token_rejected_in_one_section_ends_session_and_caches() {
    let both = Both::start(Version::V4).await;
    let mut dev = both.signed_in("dev").await;
    assert_eq!(dev.get("/images").await.status, 200);
    both.world
        .demo
        .cluster()
        .set_outage(ApiOutage::TokensRefused);
    both.world.forget_asked();
    // Which projects there are is known for a minute; who may pull from them is asked.
    let page = dev.get("/projects").await;
    assert_eq!(
        (page.status, page.location().as_str()),
        (303, "/login?next=%2Fprojects"),
        "{}",
        page.text
    );
    both.world.forget_asked();
    for path in ["/", "/images", "/images/team-a", "/search?q=api"] {
        let page = dev.get(path).await;
        assert!(
            page.status == 303 && page.location().starts_with("/login?"),
            "{path}: {}",
            page.text
        );
    }
    assert_eq!(dev.json("/images").await.status, 401);
    let asked = both
        .world
        .asked()
        .into_iter()
        .filter(|seen| {
            seen.bearer()
                .is_some_and(|token| token != crate::harness::ROBOT)
        })
        .count();
    assert_eq!(asked, 0, "nothing more is asked with the refused token");
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
    let both = Both::start(Version::V4).await;
    let mut dev = both.signed_in("dev").await;
    let page = dev.get("/images").await;
    let mut ear = Ear::of(&mut dev, &page).await;
    both.world
        .demo
        .cluster()
        .set_outage(ApiOutage::TokensRefused);
    dev.get("/projects").await;
    assert_eq!(
        ear.next().await.map(|heard| heard.event).as_deref(),
        Some("end")
    );
}

#[tokio::test]
async fn visibility_of_rejected_token_is_not_used_in_an_outage() {
    let both = Both::start(Version::V3_9).await;
    both.json("/images", "dev").await;
    both.world
        .demo
        .cluster()
        .set_outage(ApiOutage::TokensRefused);
    assert_eq!(both.json("/images/team-a/api", "dev").await["status"], 401);
    both.world.fail(
        Endpoint::ApiServer,
        Fault::Status(
            StatusCode::SERVICE_UNAVAILABLE,
            "service unavailable".into(),
            "text/plain",
        ),
    );
    both.world
        .demo
        .cluster()
        .set_outage(ApiOutage::OPENSHIFT_APISERVER);
    both.world.advance(TimeDelta::seconds(61));
    for _ in 0..20 {
        assert_eq!(both.json("/images", "dev").await["status"], 503);
    }
}

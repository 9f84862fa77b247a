//! Quotas, limits and admission webhooks: refusals that are not about rights.

use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use reqwest::Method;
use rstest::rstest;

use crate::harness::{World, post};

const QUOTA: &[u8] = include_bytes!("../../../cases/43-quota-403/quota.json");

#[rstest]
#[tokio::test]
async fn stream_over_quota_names_the_quota_with_a_command(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    world
        .demo
        .cluster()
        .set_stream_quota("team-a", "streams", 1);
    let page = post(
        &mut dev,
        "/new-image-stream",
        &[
            ("project", "team-a"),
            ("name", "one-too-many"),
            ("source", "none"),
        ],
    )
    .await;
    let text = page.text_of("main");
    assert_eq!(page.status, 403, "{text}");
    assert!(
        text.contains("Quota exceeded") && text.contains("raise the quota"),
        "{text}"
    );
    let message = "imagestreams.image.openshift.io \"one-too-many\" is forbidden: exceeded quota: streams, requested: openshift.io/imagestreams=1";
    assert!(
        text.contains(message) && text.contains("oc describe quota -n team-a"),
        "{text}"
    );
    let used = world.json("/projects/team-a", "dev").await["quota"]["quotas"][0]["used"].clone();
    let fact = format!("ResourceQuota streams, Image streams: {used} of 1 used, 1 more requested.");
    assert!(
        text.contains(&fact) && text.contains("Administrators of the project can see it"),
        "{text}"
    );
    assert!(!text.contains("You don't have permission"), "{text}");
    world
        .demo
        .cluster()
        .set_uncounted_stream_quota("team-a", "streams");
    let page = post(
        &mut dev,
        "/new-image-stream",
        &[
            ("project", "team-a"),
            ("name", "one-too-many"),
            ("source", "none"),
        ],
    )
    .await;
    assert!(
        page.text_of("main")
            .contains("The quota is not computed yet"),
        "{}",
        page.text_of("main")
    );
}

#[rstest]
#[tokio::test]
async fn tag_over_limit_names_the_limit_with_a_command(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    world.demo.cluster().set_tag_limit("team-a", 0);
    let form = [("project", "team-a"), ("stream", "api"), ("tag", "third")];
    let page = post(&mut dev, "/images/team-a/api:latest/tag-as", &form).await;
    let text = page.text_of("main");
    assert_eq!(page.status, 422, "{text}");
    assert!(text.contains("Limit of the project exceeded"), "{text}");
    assert!(
        text.contains("exceeds the maximum limit per openshift.io/ImageStream")
            && text.contains("oc describe limitrange -n team-a"),
        "{text}"
    );
    assert!(
        text.contains("requested, at most 0 allowed (LimitRange of the project)."),
        "{text}"
    );
}

/// The method of the API request that the form ends in, the form's address, and its fields.
type Write = (
    Method,
    &'static str,
    &'static [(&'static str, &'static str)],
);

#[tokio::test]
async fn every_write_distinguishes_admission_from_missing_right() {
    let webhook = br#"{"kind":"Status","status":"Failure","message":"admission webhook \"names.example.com\" denied the request: names begin with the team","reason":"Forbidden","code":403}"#;
    let policy = br#"{"kind":"Status","status":"Failure","message":"x \"a\" is forbidden: ValidatingAdmissionPolicy 'names' with binding 'all' denied request: no","reason":"Invalid","code":422}"#;
    let calling = br#"{"kind":"Status","status":"Failure","message":"Internal error occurred: failed calling webhook \"names.example.com\": context deadline exceeded","reason":"InternalError","code":500}"#;
    let refusals: [(u16, &'static [u8], &str); 4] = [
        (403, QUOTA, "Quota exceeded"),
        (403, webhook, "An admission webhook denied the change"),
        (422, policy, "An admission policy denied the change"),
        (500, calling, "An admission webhook does not respond"),
    ];
    let writes: [Write; 6] = [
        (
            Method::POST,
            "/new-image-stream",
            &[("project", "team-a"), ("name", "new"), ("source", "none")],
        ),
        (
            Method::POST,
            "/new-project",
            &[("name", "new-project"), ("policy", "private")],
        ),
        (
            Method::PUT,
            "/projects/team-a/members",
            &[
                ("do", "add"),
                ("kind", "user"),
                ("name", "outsider"),
                ("role", "registry-viewer"),
            ],
        ),
        (
            Method::POST,
            "/projects/team-a/logins",
            &[("name", "robot"), ("may", "pull"), ("lasts", "30")],
        ),
        (Method::POST, "/images/team-a/imported/import", &[]),
        (
            Method::DELETE,
            "/images/team-a/api/delete",
            &[("name", "api")],
        ),
    ];
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let imported = [
        ("project", "team-a"),
        ("name", "imported"),
        ("source", "tags"),
        ("import-mode", "PreserveOriginal"),
        ("tags", "1.0 registry.example.com/team/app:1.0"),
    ];
    assert_eq!(
        post(&mut dev, "/new-image-stream", &imported).await.status,
        303
    );
    for (status, body, title) in refusals {
        for (method, action, fields) in &writes {
            world.fail(
                Endpoint::ApiServer,
                Fault::FailNext(
                    9,
                    method.clone(),
                    StatusCode::from_u16(status).unwrap(),
                    body.into(),
                ),
            );
            let page = post(&mut dev, action, fields).await;
            world.fail(Endpoint::ApiServer, Fault::None);
            // Access reviews are refused as well here, so the rest of the page says less than
            // usual.
            let alert = page.texts("main [role=alert]").join(" ");
            assert!(
                page.status >= 400 && alert.contains(title),
                "{action}: {} {title}: {}",
                page.status,
                page.text
            );
            assert!(
                !alert.contains("You don't have permission"),
                "{action}: {alert}"
            );
        }
    }
}

//! What the clients make of servers that are slow to agree, old, broken or hostile.

use chrono::{DateTime, TimeDelta, Utc};
use registry_console::openshift::oauth::Discovery;
use registry_console::openshift::{Access, Error, Master, Revoked};
use registry_console::outbound::{Name, StorageFailed, UserToken};
use registry_console::registry::{self, Reference, Registry};
use registry_model::Clock;
use registry_model::{AccessPolicy, Digest, ImageStreamName, ProjectName, TagSource};
use serde_json::{Value, json};

use crate::stub::{Stub, Told};

fn token() -> UserToken {
    UserToken::from("TOKEN-dev")
}

fn project() -> ProjectName {
    "team-a".parse().unwrap()
}

fn api() -> ImageStreamName {
    "api".parse().unwrap()
}

async fn master() -> (Stub, Master) {
    let stub = Stub::start().await;
    let master = Master::new(stub.upstream(Name::Master));
    (stub, master)
}

async fn registry() -> (Stub, Registry) {
    let stub = Stub::start().await;
    let registry = Registry::new(stub.upstream(Name::Registry));
    (stub, registry)
}

fn stream(name: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "team-a"}})
}

fn streams(items: &Value, next: &str) -> Told {
    Told::json(
        200,
        &json!({"metadata": {"continue": next}, "items": items}),
    )
}

/// S18.
#[tokio::test]
async fn a_dead_token_is_known_by_its_status_whatever_the_body() {
    let (stub, master) = master().await;
    stub.tell([
        Told::new(401, "text/plain; charset=utf-8", "Unauthorized\n"),
        Told::json(401, &json!({"kind": "Status"})),
    ]);
    for _ in 0..2 {
        assert!(matches!(
            master.as_user(&token()).whoami().await,
            Err(Error::TokenRefused)
        ));
    }
}

#[tokio::test]
async fn an_object_that_makes_no_sense_is_counted_and_the_others_stand() {
    let (stub, master) = master().await;
    let items = json!([stream("api"), 7, stream("../secrets"), {"metadata": {"name": []}}, null, stream("web")]);
    stub.tell([streams(&items, "")]);
    let found = master
        .as_user(&token())
        .image_streams(Some(&project()))
        .await
        .unwrap();
    let names: Vec<_> = found
        .streams
        .iter()
        .map(|stream| stream.name.as_str())
        .collect();
    assert_eq!((names, found.unreadable), (vec!["api", "web"], 4));
}

#[tokio::test]
async fn a_list_whose_items_are_null_is_empty() {
    let (stub, master) = master().await;
    stub.tell([streams(&Value::Null, "")]);
    let found = master.as_user(&token()).image_streams(None).await.unwrap();
    assert!(found.streams.is_empty() && found.unreadable == 0);
}

/// R15.
#[tokio::test]
async fn a_list_that_expires_midway_is_started_over_once_and_holds_nothing_twice() {
    let (stub, master) = master().await;
    let gone = || {
        Told::json(
            410,
            &json!({"kind": "Status", "reason": "Expired", "message": "too old"}),
        )
    };
    stub.tell([
        streams(&json!([stream("api")]), "a/b+c"),
        gone(),
        streams(&json!([stream("api")]), "x"),
        streams(&json!([stream("web")]), ""),
    ]);
    let found = master.as_user(&token()).image_streams(None).await.unwrap();
    assert_eq!(found.streams.len(), 2);
    assert!(
        stub.seen()[1]
            .path_and_query
            .ends_with("&continue=a%2Fb%2Bc")
    );

    let first = || streams(&json!([stream("api")]), "x");
    stub.tell([first(), gone(), first(), gone()]);
    let error = master
        .as_user(&token())
        .image_streams(None)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Unexpected { status, .. } if status == 410),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_master_without_self_reviews_is_asked_in_its_own_words() {
    let (stub, master) = master().await;
    let missing = Told::new(404, "text/plain", "404 page not found");
    stub.tell([
        missing,
        Told::json(
            201,
            &json!({"kind": "SubjectAccessReviewResponse", "allowed": true}),
        ),
    ]);
    assert!(
        master
            .as_user(&token())
            .may(&Access::push_to(project()))
            .await
            .unwrap()
    );
    let seen = stub.seen();
    assert_eq!(
        seen[1].path_and_query,
        "/apis/authorization.openshift.io/v1/namespaces/team-a/localsubjectaccessreviews"
    );
    let body: Value = serde_json::from_slice(&seen[1].body).unwrap();
    assert_eq!(
        (&body["verb"], &body["resource"]),
        (&json!("update"), &json!("imagestreams/layers"))
    );
}

#[tokio::test]
async fn an_answer_without_a_verdict_is_no_verdict() {
    let (stub, master) = master().await;
    stub.tell([Told::json(201, &json!({"kind": "SelfSubjectAccessReview"}))]);
    let error = master
        .as_user(&token())
        .may(&Access::list_streams(None))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unexpected { .. }), "{error:?}");
}

#[tokio::test]
async fn who_may_pull_decides_the_access_policy() {
    let (stub, master) = master().await;
    for (groups, policy) in [
        (
            json!([
                "system:masters",
                "system:unauthenticated",
                "system:authenticated"
            ]),
            AccessPolicy::Anonymous,
        ),
        (
            json!(["system:authenticated:oauth", "system:unauthenticated"]),
            AccessPolicy::Anonymous,
        ),
        (
            json!(["system:masters", "system:unauthenticated"]),
            AccessPolicy::OnlyAnonymous,
        ),
        (json!(["system:authenticated"]), AccessPolicy::Shared),
        (json!(["system:authenticated:oauth"]), AccessPolicy::Shared),
        (json!(null), AccessPolicy::Private),
    ] {
        stub.tell([Told::json(
            201,
            &json!({"users": ["dev"], "groups": groups}),
        )]);
        assert_eq!(
            master
                .as_user(&token())
                .who_can_pull(&project())
                .await
                .unwrap()
                .access_policy(),
            policy
        );
    }
}

/// S16.
#[tokio::test]
async fn a_hashed_token_is_revoked_by_its_hash_and_by_the_older_way_where_the_newer_is_missing() {
    let (stub, master) = master().await;
    let token = UserToken::from("sha256~abc");
    let missing_api = Told::json(
        404,
        &json!({"kind": "Status", "reason": "NotFound", "details": {}}),
    );
    let forbidden = Told::json(
        403,
        &json!({"kind": "Status", "reason": "Forbidden", "details": {"name": "x"}}),
    );
    for refusal in [missing_api, forbidden] {
        stub.tell([
            refusal,
            Told::json(200, &json!({"kind": "OAuthAccessToken"})),
        ]);
        assert_eq!(
            master.as_user(&token).revoke().await.unwrap(),
            Revoked::Deleted
        );
        let paths: Vec<_> = stub
            .seen()
            .into_iter()
            .map(|seen| seen.path_and_query)
            .collect();
        let name = "sha256~ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
        assert_eq!(
            paths[0],
            format!("/apis/oauth.openshift.io/v1/useroauthaccesstokens/{name}")
        );
        assert_eq!(
            paths[1],
            format!("/apis/oauth.openshift.io/v1/oauthaccesstokens/{name}")
        );
    }
    stub.tell([Told::json(
        404,
        &json!({"kind": "Status", "reason": "NotFound", "details": {"name": "sha256~x"}}),
    )]);
    assert_eq!(
        master.as_user(&token).revoke().await.unwrap(),
        Revoked::AlreadyGone
    );
    for no_confirmation in [
        Told::new(500, "text/html", "<h1>"),
        Told::new(200, "text/html", "<h1>"),
    ] {
        stub.tell([no_confirmation]);
        assert!(master.as_user(&token).revoke().await.is_err());
    }
}

#[tokio::test]
async fn tags_of_spec_and_status_are_one_list_in_the_order_of_versions() {
    let (stub, master) = master().await;
    let body = json!({
        "metadata": {"name": "api", "namespace": "team-a", "annotations": null},
        "spec": {"tags": [
            {"name": "1.10", "from": {"kind": "ImageStreamTag", "name": "base:1", "namespace": "team-b"}},
            {"name": "soon", "from": {"kind": "DockerImage", "name": "quay.example/x:1"}, "importPolicy": {"scheduled": true}},
            {"name": "not valid"}
        ]},
        "status": {"tags": [
            {"tag": "1.10", "items": null, "conditions": [{"type": "ImportSuccess", "status": "False", "reason": "NotFound", "message": "gone"}]},
            {"tag": "1.9", "items": [{"created": "never", "dockerImageReference": "x", "image": ""}]}
        ]}
    });
    stub.tell([Told::json(200, &body)]);
    let found = master
        .as_user(&token())
        .image_stream(&project(), &api())
        .await
        .unwrap();
    let names: Vec<_> = found.tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(
        (names, found.unreadable_tags),
        (vec!["soon", "1.9", "1.10"], 1)
    );
    assert_eq!(found.tags[1].source, TagSource::Pushed);
    assert_eq!(
        (
            found.tags[1].history[0].created,
            &found.tags[1].history[0].image
        ),
        (None, &None)
    );
    assert_eq!(
        found.tags[2].source,
        TagSource::StreamTag("team-b/base:1".to_owned())
    );
    assert_eq!(
        found.tags[2].import_failure.as_ref().unwrap().message,
        "gone"
    );
    assert!(found.tags[0].scheduled);
}

/// R5.
#[tokio::test]
async fn discovery_is_kept_for_five_minutes_and_longer_when_the_master_cannot_say() {
    let stub = Stub::start().await;
    let clock = Clock::standing_at(DateTime::<Utc>::default());
    let discovery = Discovery::new(
        stub.upstream(Name::Master),
        "https://configured.example".parse().unwrap(),
        clock.clone(),
    );
    assert_eq!(
        discovery.endpoints().await.token.as_str(),
        "https://configured.example/oauth/token"
    );
    clock.advance(TimeDelta::seconds(30));
    let at = |host: &str| {
        let url = |path| format!("https://{host}/oauth/{path}");
        Told::json(
            200,
            &json!({"issuer": url(""), "authorization_endpoint": url("authorize"), "token_endpoint": url("token")}),
        )
    };
    stub.tell([at("one.example")]);
    assert_eq!(
        discovery.endpoints().await.token.host_str(),
        Some("one.example")
    );
    stub.tell([at("two.example")]);
    clock.advance(TimeDelta::minutes(4));
    assert_eq!(
        discovery.endpoints().await.token.host_str(),
        Some("one.example")
    );
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(
        discovery.endpoints().await.token.host_str(),
        Some("two.example")
    );
    clock.advance(TimeDelta::minutes(6));
    assert_eq!(
        discovery.endpoints().await.token.host_str(),
        Some("two.example"),
        "the master fails: what it said last holds"
    );
}

/// S39.
#[tokio::test]
async fn bytes_of_another_digest_are_refused() {
    let (stub, registry) = registry().await;
    let (token, bytes) = (token(), "{\"schemaVersion\":2}");
    let right = Digest::sha256_of(bytes.as_bytes());
    let wrong = Digest::sha256_of(b"other");
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let told = |digest: &Digest| {
        Told::new(200, &format!("{media_type}; charset=utf-8"), bytes)
            .header("Docker-Content-Digest", &digest.to_string())
    };
    stub.tell([
        told(&right),
        told(&right),
        told(&wrong),
        told(&right),
        told(&right),
    ]);
    let user = registry.as_user(&token);
    let by_tag = Reference::Tag("latest".parse().unwrap());
    let manifest = user.manifest(&project(), &api(), &by_tag).await.unwrap();
    assert_eq!(
        (&manifest.digest, manifest.content_type.as_deref()),
        (&right, Some(media_type))
    );
    let mismatch = |result: Result<(), registry::Error>| {
        assert!(
            matches!(result, Err(registry::Error::DigestMismatch { .. })),
            "{result:?}"
        )
    };
    mismatch(
        user.manifest(&project(), &api(), &Reference::Digest(wrong.clone()))
            .await
            .map(drop),
    );
    mismatch(user.manifest(&project(), &api(), &by_tag).await.map(drop));
    mismatch(
        user.config(&project(), &api(), &wrong, crate::stub::LIMIT)
            .await
            .map(drop),
    );
    assert_eq!(
        user.config(&project(), &api(), &right, crate::stub::LIMIT)
            .await
            .unwrap(),
        bytes
    );
}

/// S35: the token stays here.
#[tokio::test]
async fn a_redirect_is_not_followed_by_a_client_that_was_not_given_its_storage() {
    let (stub, registry) = registry().await;
    stub.tell([Told::new(307, "text/plain", "")
        .header("Location", "http://169.254.169.254/latest/meta-data")]);
    let result = registry
        .as_user(&token())
        .config(
            &project(),
            &api(),
            &Digest::sha256_of(b""),
            crate::stub::LIMIT,
        )
        .await;
    assert!(
        matches!(
            result,
            Err(registry::Error::Storage {
                why: StorageFailed::Off,
                ..
            })
        ),
        "{result:?}"
    );
    assert_eq!(stub.seen().len(), 1);
}

/// S36.
#[tokio::test]
async fn the_next_page_of_tags_is_asked_of_the_same_registry_whatever_the_link_says() {
    let (stub, registry) = registry().await;
    let elsewhere = Stub::start().await;
    let link = format!(
        "<{}v2/evil/x/tags/list?n=100&last=v%2F1>; rel=\"next\"",
        elsewhere.url
    );
    stub.tell([
        Told::json(200, &json!({"tags": ["v2", "v1", "not valid"]})).header("Link", &link),
        Told::json(200, &json!({"name": "team-a/api", "tags": null})),
    ]);
    let tags = registry
        .as_user(&token())
        .tags(&project(), &api())
        .await
        .unwrap();
    assert_eq!(
        tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(),
        ["v2", "v1"]
    );
    let paths: Vec<_> = stub
        .seen()
        .into_iter()
        .map(|seen| seen.path_and_query)
        .collect();
    assert_eq!(
        paths,
        [
            "/v2/team-a/api/tags/list?n=100",
            "/v2/team-a/api/tags/list?n=100&last=v%2F1"
        ]
    );
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_list_of_tags_that_never_ends_is_given_up() {
    let (stub, registry) = registry().await;
    let page = || {
        Told::json(200, &json!({"tags": ["v1"]})).header(
            "Link",
            "</v2/team-a/api/tags/list?n=100&last=v1>; rel=\"next\"",
        )
    };
    stub.tell((0..10).map(|_| page()));
    assert!(matches!(
        registry.as_user(&token()).tags(&project(), &api()).await,
        Err(registry::Error::Unexpected { .. })
    ));
    assert_eq!(stub.seen().len(), 2);
}

/// R4.
#[tokio::test]
async fn a_registry_that_could_not_ask_the_master_is_asked_once_more() {
    let (stub, registry) = registry().await;
    let lost = || Told {
        status: 400,
        headers: Vec::new(),
        body: Default::default(),
    };
    let registry_answer =
        || Told::json(200, &json!({})).header("Docker-Distribution-Api-Version", "registry/2.0");
    stub.tell([lost(), registry_answer()]);
    registry.as_user(&token()).base().await.unwrap();
    stub.tell([lost(), lost(), registry_answer()]);
    assert!(matches!(
        registry.as_user(&token()).base().await,
        Err(registry::Error::CannotAskMaster)
    ));
}

/// S36: a challenge that names another realm changes nothing.
#[tokio::test]
async fn the_realm_of_a_challenge_is_never_asked() {
    let (stub, registry) = registry().await;
    let elsewhere = Stub::start().await;
    stub.tell([Told::new(401, "text/plain", "").header(
        "WWW-Authenticate",
        &format!("Bearer realm=\"{}token\"", elsewhere.url),
    )]);
    assert!(matches!(
        registry.as_user(&token()).base().await,
        Err(registry::Error::Denied)
    ));
    assert!(elsewhere.seen().is_empty());
}

/// Handlers run on any thread: what they await has to be able to move.
#[tokio::test]
async fn every_question_can_be_asked_from_a_task() {
    let ((stub, master), (_, registry)) = (master().await, registry().await);
    let task = tokio::spawn(async move {
        let (token, project, api, digest) = (token(), project(), api(), Digest::sha256_of(b""));
        let (user, registry) = (master.as_user(&token), registry.as_user(&token));
        let refused = [
            user.whoami().await.is_err(),
            user.projects().await.is_err(),
            user.image_streams(Some(&project)).await.is_err(),
            user.image(&project, &api, &digest).await.is_err(),
            user.may(&Access::pull_from(project.clone())).await.is_err(),
            user.role_bindings(&project).await.is_err(),
            user.who_can_pull(&project).await.is_err(),
            user.revoke().await.is_err(),
            registry.base().await.is_err(),
            registry.tags(&project, &api).await.is_err(),
            registry
                .config(&project, &api, &digest, crate::stub::LIMIT)
                .await
                .is_err(),
            registry
                .manifest(&project, &api, &Reference::Digest(digest))
                .await
                .is_err(),
        ];
        refused.iter().all(|refused| *refused)
    });
    assert!(task.await.unwrap());
    assert!(!stub.seen().is_empty());
}

/// Recorded as `version-openshift`.
#[tokio::test]
async fn the_generation_of_openshift_is_told_by_a_path_that_only_three_has() {
    let (stub, master) = master().await;
    stub.tell([
        Told::json(200, &json!({"gitVersion": ""})),
        Told::json(404, &json!({"kind": "Status"})),
        Told::new(502, "text/html", "x"),
    ]);
    assert!(master.is_openshift_three().await.unwrap());
    assert!(!master.is_openshift_three().await.unwrap());
    assert!(master.is_openshift_three().await.is_err());
    assert!(
        stub.seen()
            .iter()
            .all(|seen| seen.path_and_query == "/version/openshift")
    );
}

#[tokio::test]
async fn routes_are_read_as_far_as_hosts_go() {
    let (stub, master) = master().await;
    let route = json!({"metadata": {"name": "console", "namespace": "default"}, "spec": {"host": "c.example", "to": {"name": "registry-console"}}});
    stub.tell([Told::json(
        200,
        &json!({"items": [route, {"spec": 7}, {"metadata": {"name": "bare"}}]}),
    )]);
    let routes = master.as_user(&token()).routes(None).await.unwrap();
    let hosts: Vec<_> = routes
        .iter()
        .map(|route| {
            (
                route.name.as_str(),
                route.host.as_str(),
                route.service.as_str(),
            )
        })
        .collect();
    assert_eq!(
        hosts,
        [
            ("console", "c.example", "registry-console"),
            ("bare", "", "")
        ]
    );
}

/// The object holds the client's secret: it is not even decoded.
#[tokio::test]
async fn of_an_oauth_client_only_the_redirect_uris_are_read() {
    let (stub, master) = master().await;
    let client = json!({"metadata": {"name": "c"}, "secret": "very-secret", "redirectURIs": ["https://c.example"]});
    stub.tell([
        Told::json(200, &client),
        Told::json(200, &json!({"redirectURIs": null})),
    ]);
    let uris = master
        .as_user(&token())
        .redirect_uris("a/b c")
        .await
        .unwrap();
    assert_eq!(uris, ["https://c.example"]);
    assert_eq!(
        master.as_user(&token()).redirect_uris("c").await.unwrap(),
        Vec::<String>::new()
    );
    assert!(
        stub.seen()[0]
            .path_and_query
            .ends_with("/oauthclients/a%2Fb%20c")
    );
}

/// The `realm` is shown, and whether this is a registry at all; nothing is followed.
#[tokio::test]
async fn who_knocks_at_a_registry_without_a_token_learns_what_it_is() {
    let (stub, registry) = registry().await;
    stub.tell([
        Told::new(200, "text/html", "<html>"),
        Told::new(401, "application/json", "{}"),
    ]);
    for _ in 0..2 {
        let answer = registry.knock().await.unwrap();
        assert!(!answer.is_registry && !answer.is_integrated && answer.scheme.is_none());
    }
    assert!(stub.seen().iter().all(|seen| seen.path_and_query == "/v2/"));
}

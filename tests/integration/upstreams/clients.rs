//! What the clients make of servers that are slow to agree, old, broken or hostile.

use chrono::{DateTime, TimeDelta, Utc};
use registry_console::openshift::oauth::OauthDiscovery;
use registry_console::openshift::{AccessRight, ApiError, ApiServer, RevocationResult};
use registry_console::outbound::{StorageError, UpstreamName, UserToken};
use registry_console::registry::{self, ManifestReference, Registry};
use registry_model::Clock;
use registry_model::{AccessPolicy, Digest, ImageStreamName, ProjectName, TagSource};
use serde_json::{Value, json};

use crate::harness::canned_server::{CannedResponse, CannedServer};

fn token() -> UserToken {
    UserToken::from("TOKEN-dev")
}

fn project() -> ProjectName {
    "team-a".parse().unwrap()
}

fn api() -> ImageStreamName {
    "api".parse().unwrap()
}

async fn stub_api_server() -> (CannedServer, ApiServer) {
    let stub = CannedServer::start().await;
    let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer));
    (stub, api_server)
}

async fn stub_registry() -> (CannedServer, Registry) {
    let stub = CannedServer::start().await;
    let registry = Registry::new(stub.upstream(UpstreamName::Registry));
    (stub, registry)
}

fn stream(name: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "team-a"}})
}

fn stream_list_response(items: &Value, next: &str) -> CannedResponse {
    CannedResponse::json(
        200,
        &json!({"metadata": {"continue": next}, "items": items}),
    )
}

/// S18.
#[tokio::test]
async fn status_401_means_invalid_token_for_any_body() {
    let (stub, api_server) = stub_api_server().await;
    stub.enqueue([
        CannedResponse::new(401, "text/plain; charset=utf-8", "Unauthorized\n"),
        CannedResponse::json(401, &json!({"kind": "Status"})),
    ]);
    for _ in 0..2 {
        assert!(matches!(
            api_server.for_user(&token()).whoami().await,
            Err(ApiError::TokenRefused)
        ));
    }
}

#[tokio::test]
async fn malformed_object_is_counted_and_the_others_are_read() {
    let (stub, api_server) = stub_api_server().await;
    let items = json!([stream("api"), 7, stream("../secrets"), {"metadata": {"name": []}}, null, stream("web")]);
    stub.enqueue([stream_list_response(&items, "")]);
    let found = api_server
        .for_user(&token())
        .list_streams(Some(&project()))
        .await
        .unwrap();
    let names: Vec<_> = found
        .streams
        .iter()
        .map(|stream| stream.name.as_str())
        .collect();
    assert_eq!((names, found.unreadable_count), (vec!["api", "web"], 4));
}

#[tokio::test]
async fn list_with_null_items_is_empty() {
    let (stub, api_server) = stub_api_server().await;
    stub.enqueue([stream_list_response(&Value::Null, "")]);
    let found = api_server
        .for_user(&token())
        .list_streams(None)
        .await
        .unwrap();
    assert!(found.streams.is_empty() && found.unreadable_count == 0);
}

/// R15.
#[tokio::test]
async fn expired_list_restarts_once_without_duplicates() {
    let (stub, api_server) = stub_api_server().await;
    let gone = || {
        CannedResponse::json(
            410,
            &json!({"kind": "Status", "reason": "Expired", "message": "too old"}),
        )
    };
    stub.enqueue([
        stream_list_response(&json!([stream("api")]), "a/b+c"),
        gone(),
        stream_list_response(&json!([stream("api")]), "x"),
        stream_list_response(&json!([stream("web")]), ""),
    ]);
    let found = api_server
        .for_user(&token())
        .list_streams(None)
        .await
        .unwrap();
    assert_eq!(found.streams.len(), 2);
    assert!(
        stub.received()[1]
            .path_and_query
            .ends_with("&continue=a%2Fb%2Bc")
    );

    let first = || stream_list_response(&json!([stream("api")]), "x");
    stub.enqueue([first(), gone(), first(), gone()]);
    let error = api_server
        .for_user(&token())
        .list_streams(None)
        .await
        .unwrap_err();
    assert!(
        matches!(error, ApiError::Unexpected { status, .. } if status == 410),
        "{error:?}"
    );
}

#[tokio::test]
async fn legacy_api_server_gets_legacy_access_reviews() {
    let (stub, api_server) = stub_api_server().await;
    let missing = CannedResponse::new(404, "text/plain", "404 page not found");
    stub.enqueue([
        missing,
        CannedResponse::json(
            201,
            &json!({"kind": "SubjectAccessReviewResponse", "allowed": true}),
        ),
    ]);
    assert!(
        api_server
            .for_user(&token())
            .is_allowed(&AccessRight::push_to(project()))
            .await
            .unwrap()
    );
    let seen = stub.received();
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
async fn access_review_without_status_is_an_error() {
    let (stub, api_server) = stub_api_server().await;
    stub.enqueue([CannedResponse::json(
        201,
        &json!({"kind": "SelfSubjectAccessReview"}),
    )]);
    let error = api_server
        .for_user(&token())
        .is_allowed(&AccessRight::list_streams(None))
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Unexpected { .. }), "{error:?}");
}

#[tokio::test]
async fn access_policy_follows_the_pull_bindings() {
    let (stub, api_server) = stub_api_server().await;
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
        stub.enqueue([CannedResponse::json(
            201,
            &json!({"users": ["dev"], "groups": groups}),
        )]);
        assert_eq!(
            api_server
                .for_user(&token())
                .review_pull_access(&project())
                .await
                .unwrap()
                .access_policy(),
            policy
        );
    }
}

/// S16.
#[tokio::test]
async fn hashed_token_is_revoked_by_hash_with_legacy_fallback() {
    let (stub, api_server) = stub_api_server().await;
    let token = UserToken::from("sha256~abc");
    let missing_api = CannedResponse::json(
        404,
        &json!({"kind": "Status", "reason": "NotFound", "details": {}}),
    );
    let forbidden = CannedResponse::json(
        403,
        &json!({"kind": "Status", "reason": "Forbidden", "details": {"name": "x"}}),
    );
    for refusal in [missing_api, forbidden] {
        stub.enqueue([
            refusal,
            CannedResponse::json(200, &json!({"kind": "OAuthAccessToken"})),
        ]);
        assert_eq!(
            api_server.for_user(&token).revoke().await.unwrap(),
            RevocationResult::Deleted
        );
        let paths: Vec<_> = stub
            .received()
            .into_iter()
            .map(|request| request.path_and_query)
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
    stub.enqueue([CannedResponse::json(
        404,
        &json!({"kind": "Status", "reason": "NotFound", "details": {"name": "sha256~x"}}),
    )]);
    assert_eq!(
        api_server.for_user(&token).revoke().await.unwrap(),
        RevocationResult::AlreadyDeleted
    );
    for no_confirmation in [
        CannedResponse::new(500, "text/html", "<h1>"),
        CannedResponse::new(200, "text/html", "<h1>"),
    ] {
        stub.enqueue([no_confirmation]);
        assert!(api_server.for_user(&token).revoke().await.is_err());
    }
}

#[tokio::test]
async fn spec_and_status_tags_merge_in_version_order() {
    let (stub, api_server) = stub_api_server().await;
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
    stub.enqueue([CannedResponse::json(200, &body)]);
    let found = api_server
        .for_user(&token())
        .get_stream(&project(), &api())
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
async fn discovery_is_cached_for_five_minutes_or_until_renewed() {
    let stub = CannedServer::start().await;
    let clock = Clock::fixed_at(DateTime::<Utc>::default());
    let discovery = OauthDiscovery::new(
        stub.upstream(UpstreamName::ApiServer),
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
        CannedResponse::json(
            200,
            &json!({"issuer": url(""), "authorization_endpoint": url("authorize"), "token_endpoint": url("token")}),
        )
    };
    stub.enqueue([at("one.example")]);
    assert_eq!(
        discovery.endpoints().await.token.host_str(),
        Some("one.example")
    );
    stub.enqueue([at("two.example")]);
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
async fn content_with_wrong_digest_is_rejected() {
    let (stub, registry) = stub_registry().await;
    let (token, bytes) = (token(), "{\"schemaVersion\":2}");
    let right = Digest::sha256(bytes.as_bytes());
    let wrong = Digest::sha256(b"other");
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let response = |digest: &Digest| {
        CannedResponse::new(200, &format!("{media_type}; charset=utf-8"), bytes)
            .header("Docker-Content-Digest", &digest.to_string())
    };
    stub.enqueue([
        response(&right),
        response(&right),
        response(&wrong),
        response(&right),
        response(&right),
    ]);
    let user = registry.for_user(&token);
    let by_tag = ManifestReference::Tag("latest".parse().unwrap());
    let manifest = user
        .get_manifest(&project(), &api(), &by_tag)
        .await
        .unwrap();
    assert_eq!(
        (&manifest.digest, manifest.content_type.as_deref()),
        (&right, Some(media_type))
    );
    let mismatch = |result: Result<(), registry::RegistryError>| {
        assert!(
            matches!(result, Err(registry::RegistryError::DigestMismatch { .. })),
            "{result:?}"
        )
    };
    mismatch(
        user.get_manifest(
            &project(),
            &api(),
            &ManifestReference::Digest(wrong.clone()),
        )
        .await
        .map(drop),
    );
    mismatch(
        user.get_manifest(&project(), &api(), &by_tag)
            .await
            .map(drop),
    );
    mismatch(
        user.get_config(
            &project(),
            &api(),
            &wrong,
            crate::harness::canned_server::LIMIT,
        )
        .await
        .map(drop),
    );
    assert_eq!(
        user.get_config(
            &project(),
            &api(),
            &right,
            crate::harness::canned_server::LIMIT
        )
        .await
        .unwrap(),
        bytes
    );
}

/// S35: the token stays here.
#[tokio::test]
async fn redirect_without_storage_client_is_not_followed() {
    let (stub, registry) = stub_registry().await;
    stub.enqueue([CannedResponse::new(307, "text/plain", "")
        .header("Location", "http://169.254.169.254/latest/meta-data")]);
    let result = registry
        .for_user(&token())
        .get_config(
            &project(),
            &api(),
            &Digest::sha256(b""),
            crate::harness::canned_server::LIMIT,
        )
        .await;
    assert!(
        matches!(
            result,
            Err(registry::RegistryError::Storage {
                source: StorageError::RedirectsDisabled,
                ..
            })
        ),
        "{result:?}"
    );
    assert_eq!(stub.received().len(), 1);
}

/// S36.
#[tokio::test]
async fn next_tags_page_is_requested_from_the_same_registry() {
    let (stub, registry) = stub_registry().await;
    let elsewhere = CannedServer::start().await;
    let link = format!(
        "<{}v2/evil/x/tags/list?n=100&last=v%2F1>; rel=\"next\"",
        elsewhere.url
    );
    stub.enqueue([
        CannedResponse::json(200, &json!({"tags": ["v2", "v1", "not valid"]}))
            .header("Link", &link),
        CannedResponse::json(200, &json!({"name": "team-a/api", "tags": null})),
    ]);
    let tags = registry
        .for_user(&token())
        .list_tags(&project(), &api())
        .await
        .unwrap();
    assert_eq!(
        tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(),
        ["v2", "v1"]
    );
    let paths: Vec<_> = stub
        .received()
        .into_iter()
        .map(|request| request.path_and_query)
        .collect();
    assert_eq!(
        paths,
        [
            "/v2/team-a/api/tags/list?n=100",
            "/v2/team-a/api/tags/list?n=100&last=v%2F1"
        ]
    );
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn endless_tag_list_is_aborted() {
    let (stub, registry) = stub_registry().await;
    let page = || {
        CannedResponse::json(200, &json!({"tags": ["v1"]})).header(
            "Link",
            "</v2/team-a/api/tags/list?n=100&last=v1>; rel=\"next\"",
        )
    };
    stub.enqueue((0..10).map(|_| page()));
    assert!(matches!(
        registry
            .for_user(&token())
            .list_tags(&project(), &api())
            .await,
        Err(registry::RegistryError::Unexpected { .. })
    ));
    assert_eq!(stub.received().len(), 2);
}

/// R4.
#[tokio::test]
async fn registry_error_about_the_api_server_is_retried_once() {
    let (stub, registry) = stub_registry().await;
    let lost = || CannedResponse {
        status: 400,
        headers: Vec::new(),
        body: Default::default(),
    };
    let registry_answer = || {
        CannedResponse::json(200, &json!({}))
            .header("Docker-Distribution-Api-Version", "registry/2.0")
    };
    stub.enqueue([lost(), registry_answer()]);
    registry.for_user(&token()).ping().await.unwrap();
    stub.enqueue([lost(), lost(), registry_answer()]);
    assert!(matches!(
        registry.for_user(&token()).ping().await,
        Err(registry::RegistryError::AccessCheckFailed)
    ));
}

/// S36: a challenge that names another realm changes nothing.
#[tokio::test]
async fn challenge_realm_is_never_contacted() {
    let (stub, registry) = stub_registry().await;
    let elsewhere = CannedServer::start().await;
    stub.enqueue([CannedResponse::new(401, "text/plain", "").header(
        "WWW-Authenticate",
        &format!("Bearer realm=\"{}token\"", elsewhere.url),
    )]);
    assert!(matches!(
        registry.for_user(&token()).ping().await,
        Err(registry::RegistryError::Denied)
    ));
    assert!(elsewhere.received().is_empty());
}

/// Handlers run on any thread: what they await has to be able to move.
#[tokio::test]
async fn requests_can_run_in_a_spawned_task() {
    let ((stub, api_server), (_, registry)) = (stub_api_server().await, stub_registry().await);
    let task = tokio::spawn(async move {
        let (token, project, api, digest) = (token(), project(), api(), Digest::sha256(b""));
        let (user, registry) = (api_server.for_user(&token), registry.for_user(&token));
        let refused = [
            user.whoami().await.is_err(),
            user.list_projects().await.is_err(),
            user.list_streams(Some(&project)).await.is_err(),
            user.get_image(&project, &api, &digest).await.is_err(),
            user.is_allowed(&AccessRight::pull_from(project.clone()))
                .await
                .is_err(),
            user.list_role_bindings(&project).await.is_err(),
            user.review_pull_access(&project).await.is_err(),
            user.revoke().await.is_err(),
            registry.ping().await.is_err(),
            registry.list_tags(&project, &api).await.is_err(),
            registry
                .get_config(
                    &project,
                    &api,
                    &digest,
                    crate::harness::canned_server::LIMIT,
                )
                .await
                .is_err(),
            registry
                .get_manifest(&project, &api, &ManifestReference::Digest(digest))
                .await
                .is_err(),
        ];
        refused.iter().all(|refused| *refused)
    });
    assert!(task.await.unwrap());
    assert!(!stub.received().is_empty());
}

/// Recorded as `version-openshift`.
#[tokio::test]
async fn openshift_3_is_detected_by_its_own_path() {
    let (stub, api_server) = stub_api_server().await;
    stub.enqueue([
        CannedResponse::json(200, &json!({"gitVersion": ""})),
        CannedResponse::json(404, &json!({"kind": "Status"})),
        CannedResponse::new(502, "text/html", "x"),
    ]);
    assert!(api_server.is_openshift_3().await.unwrap());
    assert!(!api_server.is_openshift_3().await.unwrap());
    assert!(api_server.is_openshift_3().await.is_err());
    assert!(
        stub.received()
            .iter()
            .all(|request| request.path_and_query == "/version/openshift")
    );
}

#[tokio::test]
async fn routes_are_read_for_their_hosts() {
    let (stub, api_server) = stub_api_server().await;
    let route = json!({"metadata": {"name": "console", "namespace": "default"}, "spec": {"host": "c.example", "to": {"name": "registry-console"}}});
    stub.enqueue([CannedResponse::json(
        200,
        &json!({"items": [route, {"spec": 7}, {"metadata": {"name": "bare"}}]}),
    )]);
    let routes = api_server
        .for_user(&token())
        .list_routes(None)
        .await
        .unwrap();
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
async fn only_redirect_uris_of_an_oauth_client_are_read() {
    let (stub, api_server) = stub_api_server().await;
    let client = json!({"metadata": {"name": "c"}, "secret": "very-secret", "redirectURIs": ["https://c.example"]});
    stub.enqueue([
        CannedResponse::json(200, &client),
        CannedResponse::json(200, &json!({"redirectURIs": null})),
    ]);
    let uris = api_server
        .for_user(&token())
        .get_redirect_uris("a/b c")
        .await
        .unwrap();
    assert_eq!(uris, ["https://c.example"]);
    assert_eq!(
        api_server
            .for_user(&token())
            .get_redirect_uris("c")
            .await
            .unwrap(),
        Vec::<String>::new()
    );
    assert!(
        stub.received()[0]
            .path_and_query
            .ends_with("/oauthclients/a%2Fb%20c")
    );
}

/// The `realm` is shown, and whether this is a registry at all; nothing is followed.
#[tokio::test]
async fn anonymous_probe_identifies_the_registry() {
    let (stub, registry) = stub_registry().await;
    stub.enqueue([
        CannedResponse::new(200, "text/html", "<html>"),
        CannedResponse::new(401, "application/json", "{}"),
    ]);
    for _ in 0..2 {
        let answer = registry.probe().await.unwrap();
        assert!(!answer.is_registry && !answer.is_integrated && answer.scheme.is_none());
    }
    assert!(
        stub.received()
            .iter()
            .all(|request| request.path_and_query == "/v2/")
    );
}

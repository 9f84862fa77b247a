//! What the recordings do not show in one exchange: pages, watches, tokens, refusals, and what a
//! push becomes.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use openshift_standin::api;
use openshift_standin::cluster::{Cluster, PushedManifest, StoredTagSpec, TagReference, Version};
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};
use rstest::rstest;
use serde_json::{Value, json};

use super::recording::exchange;
use super::{get, seed, send, send_as, text};

const STREAMS: &str = "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams";

fn names() -> (ProjectName, ImageStreamName, TagName) {
    (
        "team-a".parse().unwrap(),
        "api".parse().unwrap(),
        "v1".parse().unwrap(),
    )
}

fn with_people(version: Version) -> Cluster {
    let cluster = seed::empty(version);
    seed::seed_users_and_projects(&cluster);
    cluster
}

fn image(number: u32) -> PushedManifest {
    let manifest = Bytes::from(
        json!({"schemaVersion": 2, "config": {"digest": format!("sha256:{number:064x}"), "size": 1}, "layers": []}).to_string(),
    );
    PushedManifest {
        digest: Digest::sha256(&manifest),
        media_type: "application/vnd.docker.distribution.manifest.v2+json".to_owned(),
        manifest,
        config: Some(Bytes::from_static(b"{}")),
        pushed_at: "2026-11-22T19:00:00Z".parse().unwrap(),
        pushed_by: "dev".to_owned(),
    }
}

#[rstest]
#[tokio::test]
async fn pushed_manifest_becomes_the_recorded_image(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let cluster = with_people(version);
    let recorded = exchange(version, "image-get")["response"]["body"].take();
    let manifest = exchange(version, "registry-manifest-digest")["response"]["body"].take();
    let config = exchange(version, "registry-config-blob")["response"]["body"].take();
    let digest: Digest = recorded["metadata"]["name"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let bytes = |body: Value| {
        Bytes::from(
            body.as_str()
                .map_or_else(|| body.to_string(), str::to_owned),
        )
    };
    let (project, stream, tag) = names();
    let media_type = recorded["dockerImageManifestMediaType"]
        .as_str()
        .unwrap()
        .to_owned();
    let pushed = PushedManifest {
        media_type,
        digest,
        manifest: bytes(manifest),
        config: Some(bytes(config)),
        ..image(0)
    };
    cluster
        .push(&project, &stream, Some(&tag), &pushed)
        .unwrap();
    let path = format!("/apis/image.openshift.io/v1/images/{}", pushed.digest);
    let (_, mut made) = get(&api::router(cluster), &path, "root").await;
    made["metadata"] = recorded["metadata"].clone();
    assert_eq!(made, recorded, "{version:?}");
}

#[rstest]
#[tokio::test]
async fn list_chunks_contain_every_stream_once(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let cluster = seed::cluster(version);
    let router = api::router(cluster);
    let (_, whole) = get(&router, "/apis/image.openshift.io/v1/imagestreams", "root").await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page) = get(
            &router,
            &format!("/apis/image.openshift.io/v1/imagestreams?limit=2&continue={after}"),
            "root",
        )
        .await;
        assert_eq!(status, StatusCode::OK);
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["metadata"]["continue"].as_str() else {
            break;
        };
        after = next.to_owned();
    }
    assert_eq!(Value::from(seen), whole["items"], "{version:?}");
    let (status, refusal) = get(
        &router,
        &format!("{STREAMS}?limit=2&continue=rubbish"),
        "dev",
    )
    .await;
    assert_eq!(
        (status, &refusal["reason"]),
        (StatusCode::BAD_REQUEST, &json!("BadRequest"))
    );
}

#[tokio::test]
async fn watch_reports_changes_while_open() {
    let cluster = with_people(Version::V4);
    let router = api::router(cluster.clone());
    let (status, body) = send_as(
        &router,
        "GET",
        &format!("{STREAMS}?watch=true&timeoutSeconds=60"),
        Some("TOKEN-dev"),
        &[],
        String::new(),
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    let (project, stream, tag) = names();
    cluster
        .push(&project, &stream, Some(&tag), &image(1))
        .unwrap();
    cluster
        .push(&"team-b".parse().unwrap(), &stream, Some(&tag), &image(1))
        .unwrap();
    cluster
        .push(&project, &stream, Some(&"v2".parse().unwrap()), &image(2))
        .unwrap();
    let mut frames = body.into_data_stream();
    let mut events = Vec::new();
    while events.len() < 3 {
        let line = tokio::time::timeout(Duration::from_secs(30), frames.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let event: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(event["object"]["metadata"]["namespace"], "team-a");
        events.push((
            event["type"].as_str().unwrap().to_owned(),
            event["object"]["status"]["tags"]
                .as_array()
                .map_or(0, Vec::len),
        ));
    }
    assert_eq!(
        events,
        [
            ("ADDED".to_owned(), 0),
            ("MODIFIED".to_owned(), 1),
            ("MODIFIED".to_owned(), 2)
        ]
    );
}

#[tokio::test]
async fn watch_event_has_new_tag_with_its_image() {
    let cluster = with_people(Version::V4);
    let (project, stream, tag) = names();
    cluster
        .push(&project, &stream, Some(&tag), &image(1))
        .unwrap();
    let router = api::router(cluster.clone());
    let revision = get(&router, STREAMS, "dev").await.1["metadata"]["resourceVersion"]
        .as_str()
        .unwrap()
        .to_owned();
    let from = TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: "api:v1".to_owned(),
        namespace: None,
    };
    cluster.set_spec_tag(
        &project,
        &stream,
        &"prod".parse().unwrap(),
        StoredTagSpec {
            from: Some(from),
            ..StoredTagSpec::default()
        },
    );
    let path = format!("{STREAMS}?watch=true&timeoutSeconds=60&resourceVersion={revision}");
    let (_, body) = send_as(&router, "GET", &path, Some("TOKEN-dev"), &[], String::new()).await;
    let line = tokio::time::timeout(Duration::from_secs(30), body.into_data_stream().next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let event: Value = serde_json::from_slice(&line).unwrap();
    assert_eq!(event["object"]["spec"]["tags"][0]["name"], "prod");
    assert_eq!(
        event["object"]["status"]["tags"][0]["items"][0]["image"],
        image(1).digest.to_string()
    );
}

#[tokio::test]
async fn project_watch_omits_projects_of_others() {
    let cluster = with_people(Version::V4);
    let router = api::router(cluster.clone());
    let path = "/apis/project.openshift.io/v1/projects?watch=true&timeoutSeconds=60";
    let (_, body) = send_as(
        &router,
        "GET",
        path,
        Some("TOKEN-outsider"),
        &[],
        String::new(),
    )
    .await;
    cluster.annotate(&"team-a".parse().unwrap(), None, "secret", "plan");
    cluster.annotate(&"shared-libs".parse().unwrap(), None, "open", "plan");
    let line = tokio::time::timeout(Duration::from_secs(30), body.into_data_stream().next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let event: Value = serde_json::from_slice(&line).unwrap();
    assert_eq!(event["object"]["metadata"]["name"], "shared-libs");
}

#[tokio::test]
async fn invalid_token_is_401_on_every_openshift_4_path() {
    let router = api::router(with_people(Version::V4));
    for path in [
        "/version",
        "/healthz",
        "/apis",
        "/.well-known/oauth-authorization-server",
        STREAMS,
        "/nowhere",
    ] {
        let (status, body) =
            send_as(&router, "GET", path, Some("rubbish"), &[], String::new()).await;
        assert_eq!(
            status,
            StatusCode::UNAUTHORIZED,
            "{path}: {}",
            text(body).await
        );
    }
    for path in ["/apis", "/api", "/"] {
        assert_eq!(
            send_as(&router, "GET", path, None, &[], String::new())
                .await
                .0,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
}

#[tokio::test]
async fn scoped_token_is_limited_to_its_scopes() {
    let cluster = with_people(Version::V4);
    let token = cluster.issue_token(
        "dev",
        "console",
        &["user:info".to_owned(), "user:list-projects".to_owned()],
        "",
    );
    let router = api::router(cluster);
    let paths = [
        ("/apis/user.openshift.io/v1/users/~", StatusCode::OK),
        ("/apis/project.openshift.io/v1/projects", StatusCode::OK),
        (STREAMS, StatusCode::FORBIDDEN),
    ];
    for (path, expected) in paths {
        assert_eq!(
            send_as(&router, "GET", path, Some(&token), &[], String::new())
                .await
                .0,
            expected,
            "{path}"
        );
    }
}

#[tokio::test]
async fn legacy_prefix_is_missing_on_openshift_4() {
    let path = "/oapi/v1/namespaces/team-a/imagestreams";
    assert_eq!(
        get(&api::router(with_people(Version::V3_9)), path, "dev")
            .await
            .0,
        StatusCode::OK
    );
    assert_eq!(
        get(&api::router(with_people(Version::V4)), path, "dev")
            .await
            .0,
        StatusCode::NOT_FOUND
    );
}

#[rstest]
#[tokio::test]
async fn tracking_tag_gets_the_image_of_its_source(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let cluster = with_people(version);
    let (project, stream, tag) = names();
    cluster
        .push(&project, &stream, Some(&tag), &image(1))
        .unwrap();
    let from = TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: "api:v1".to_owned(),
        namespace: None,
    };
    cluster.set_spec_tag(
        &project,
        &stream,
        &"prod".parse().unwrap(),
        StoredTagSpec {
            from: Some(from),
            ..StoredTagSpec::default()
        },
    );
    assert_eq!(
        cluster.tag_digest(&project, &stream, &"prod".parse().unwrap()),
        Some(image(1).digest)
    );
    let router = api::router(cluster);
    let (_, tag) = get(
        &router,
        "/apis/image.openshift.io/v1/namespaces/team-a/imagestreamtags/api:prod",
        "dev",
    )
    .await;
    assert_eq!(tag["tag"]["from"]["name"], "api:v1");
    assert_eq!(
        tag["image"]["metadata"]["name"],
        image(1).digest.to_string()
    );
}

#[tokio::test]
async fn failed_import_has_a_condition_without_items() {
    let cluster = with_people(Version::V4);
    let (project, stream, tag) = names();
    cluster.fail_import(
        &project,
        &stream,
        &tag,
        "Unauthorized",
        "you may not have access",
        image(0).pushed_at,
    );
    let (_, stream) = get(&api::router(cluster), &format!("{STREAMS}/api"), "dev").await;
    let tag = &stream["status"]["tags"][0];
    assert_eq!(
        (&tag["items"], &tag["conditions"][0]["reason"]),
        (&Value::Null, &json!("Unauthorized"))
    );
}

#[tokio::test]
async fn granted_and_revoked_rights_apply_at_once() {
    let cluster = with_people(Version::V3_9);
    let router = api::router(cluster);
    assert_eq!(
        get(&router, STREAMS, "outsider").await.0,
        StatusCode::FORBIDDEN
    );
    let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings";
    let binding = json!({"kind": "RoleBinding", "metadata": {"name": "guests"}, "roleRef": {"kind": "ClusterRole", "name": "registry-viewer"},
        "subjects": [{"kind": "User", "name": "outsider"}]});
    assert_eq!(
        send(&router, "POST", bindings, "viewer", &binding).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        send(&router, "POST", bindings, "dev", &binding).await.0,
        StatusCode::CREATED
    );
    assert_eq!(get(&router, STREAMS, "outsider").await.0, StatusCode::OK);
    assert_eq!(
        send(
            &router,
            "DELETE",
            &format!("{bindings}/guests"),
            "dev",
            &json!({})
        )
        .await
        .0,
        StatusCode::OK
    );
    assert_eq!(
        get(&router, STREAMS, "outsider").await.0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn invalid_writes_are_rejected_like_the_real_server() {
    let cluster = with_people(Version::V4);
    let router = api::router(cluster);
    let stream = |name: &str, project: &str| json!({"kind": "ImageStream", "metadata": {"name": name, "namespace": project}});
    let group = "/apis/image.openshift.io/v1";
    let cases = [
        (
            "POST",
            format!("{group}/namespaces/nowhere/imagestreams"),
            "root",
            stream("a", "nowhere"),
            StatusCode::NOT_FOUND,
        ),
        (
            "POST",
            STREAMS.to_owned(),
            "dev",
            stream("a", "team-b"),
            StatusCode::BAD_REQUEST,
        ),
        (
            "POST",
            STREAMS.to_owned(),
            "dev",
            stream("", "team-a"),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "POST",
            STREAMS.to_owned(),
            "dev",
            json!("text"),
            StatusCode::BAD_REQUEST,
        ),
        (
            "POST",
            STREAMS.to_owned(),
            "viewer",
            stream("a", "team-a"),
            StatusCode::FORBIDDEN,
        ),
        (
            "DELETE",
            format!("{STREAMS}/a"),
            "dev",
            json!({}),
            StatusCode::NOT_FOUND,
        ),
        (
            "DELETE",
            STREAMS.to_owned(),
            "dev",
            json!({}),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            "PATCH",
            "/apis/project.openshift.io/v1/projects/team-a".to_owned(),
            "dev",
            json!({"metadata": {"labels": {"a": "b"}}}),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "PUT",
            format!("{group}/namespaces/team-a/imagestreamtags/Bad!:x"),
            "dev",
            json!({"tag": {}}),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "POST",
            "/apis/project.openshift.io/v1/projectrequests".to_owned(),
            "dev",
            stream("openshift-x", ""),
            StatusCode::FORBIDDEN,
        ),
        (
            "POST",
            "/apis/project.openshift.io/v1/projectrequests".to_owned(),
            "dev",
            stream("x", ""),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "GET",
            "/apis/nowhere.example.com/v1/things".to_owned(),
            "root",
            json!({}),
            StatusCode::NOT_FOUND,
        ),
        (
            "GET",
            "/apis/image.openshift.io/v9/imagestreams".to_owned(),
            "root",
            json!({}),
            StatusCode::NOT_FOUND,
        ),
    ];
    for (method, path, user, body, expected) in cases {
        let (status, answer) = send(&router, method, &path, user, &body).await;
        assert_eq!(status, expected, "{method} {path}: {answer}");
        assert_eq!(answer["kind"], "Status", "{method} {path}");
    }
}

#[tokio::test]
async fn body_over_one_mebibyte_is_rejected() {
    let router = api::router(with_people(Version::V4));
    let (status, _) = send(&router, "POST", STREAMS, "dev", &json!("x".repeat(1 << 20))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn tokens_of_other_users_cannot_be_read_or_deleted() {
    let cluster = with_people(Version::V4);
    let token = cluster.issue_token("viewer", "console", &["user:full".to_owned()], "");
    let router = api::router(cluster.clone());
    let own = "/apis/oauth.openshift.io/v1/useroauthaccesstokens";
    let (_, list) = get(&router, own, "dev").await;
    assert!(!list.to_string().contains("viewer"));
    let path = format!("{own}/{}", seed::name_of_token(&token));
    assert_eq!(
        send(&router, "DELETE", &path, "dev", &json!({})).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        send(&router, "DELETE", &path, "viewer", &json!({})).await.0,
        StatusCode::OK
    );
    cluster.clock().advance(chrono::TimeDelta::minutes(2));
    assert_eq!(cluster.authenticate(&token), None);
}

#[tokio::test]
async fn twenty_thousand_streams_can_be_listed_in_chunks() {
    let cluster = with_people(Version::V4);
    let (project, _, tag) = names();
    for number in 0..20_000 {
        cluster
            .push(
                &project,
                &format!("stream-{number}").parse().unwrap(),
                Some(&tag),
                &image(number),
            )
            .unwrap();
    }
    let (_, list) = get(&api::router(cluster), STREAMS, "dev").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 20_000);
}

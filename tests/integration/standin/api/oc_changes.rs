//! What `oc` sends for commands that the console prints, and for `oc adm prune images`.

use axum::Router;
use axum::http::StatusCode;
use openshift_standin::api;
use openshift_standin::cluster::{Cluster, Version};
use rstest::rstest;
use serde_json::{Value, json};

use super::{get, seed, send, send_as, text};

const CLIENTS: &str = "/apis/oauth.openshift.io/v1/oauthclients";
const STREAM: &str = "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams/api";

fn seeded(version: Version) -> (Cluster, Router) {
    let cluster = seed::cluster(version);
    let router = api::router(cluster.clone());
    (cluster, router)
}

async fn json_patch(router: &Router, path: &str, patch: &Value) -> (StatusCode, Value) {
    let content_type = (
        "Content-Type".to_owned(),
        "application/json-patch+json".to_owned(),
    );
    let token = Some("TOKEN-root");
    let body = patch.to_string();
    let (status, body) = send_as(router, "PATCH", path, token, &[content_type], body).await;
    (status, serde_json::from_str(&text(body).await).unwrap())
}

#[rstest]
#[tokio::test]
async fn oauth_client_is_created_patched_and_replaced(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (cluster, router) = seeded(version);
    let client = json!({"kind": "OAuthClient", "metadata": {"name": "mine"}, "secret": "s", "grantMethod": "auto",
        "redirectURIs": ["https://a.example"]});
    assert_eq!(
        send(&router, "POST", CLIENTS, "dev", &client).await.0,
        StatusCode::FORBIDDEN
    );
    let (status, created) = send(&router, "POST", CLIENTS, "root", &client).await;
    assert_eq!(status, StatusCode::CREATED, "{created}");
    assert_eq!(
        send(&router, "POST", CLIENTS, "root", &client).await.0,
        StatusCode::CONFLICT
    );

    let path = format!("{CLIENTS}/mine");
    let narrow = |from: &str| {
        json!([{"op": "test", "path": "/redirectURIs/0", "value": from},
            {"op": "replace", "path": "/redirectURIs/0", "value": "https://a.example/oauth/callback"}])
    };
    let (status, _) = json_patch(&router, &path, &narrow("https://b.example")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, patched) = json_patch(&router, &path, &narrow("https://a.example")).await;
    assert_eq!(status, StatusCode::OK, "{patched}");
    let uris = || cluster.oauth_client("mine").unwrap().redirect_uris;
    assert_eq!(uris(), ["https://a.example/oauth/callback"]);
    let merge = json!({"redirectURIs": ["https://c.example"]});
    let (status, _) = send(&router, "PATCH", &path, "root", &merge).await;
    assert_eq!(
        (status, uris()),
        (StatusCode::OK, vec!["https://c.example".to_owned()])
    );

    let (status, refused) = send(&router, "PUT", &path, "root", &created).await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");
    let (_, mut current) = get(&router, &path, "root").await;
    current["secret"] = "another".into();
    assert_eq!(
        send(&router, "PUT", &path, "root", &current).await.0,
        StatusCode::OK
    );
    assert_eq!(cluster.oauth_client("mine").unwrap().secret, "another");
}

#[rstest]
#[tokio::test]
async fn service_account_is_labeled_and_keeps_its_secrets(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (_, router) = seeded(version);
    let accounts = "/api/v1/namespaces/team-a/serviceaccounts";
    let account = json!({"kind": "ServiceAccount", "metadata": {"name": "labeled"}});
    send(&router, "POST", accounts, "dev", &account).await;
    let path = format!("{accounts}/labeled");
    let (_, before) = get(&router, &path, "dev").await;
    let label = json!({"metadata": {"labels": {"a/b": "1"}, "annotations": {"c": "2"}}});
    let (status, after) = send(&router, "PATCH", &path, "dev", &label).await;
    assert_eq!(status, StatusCode::OK, "{after}");
    assert_eq!(after["metadata"]["labels"], json!({"a/b": "1"}));
    assert_eq!(after["metadata"]["annotations"], json!({"c": "2"}));
    assert_eq!(after["secrets"], before["secrets"]);
    assert_eq!(
        send(&router, "PUT", &path, "dev", &before).await.0,
        StatusCode::CONFLICT,
        "of an older revision"
    );
}

#[rstest]
#[tokio::test]
async fn pruned_images_leave_the_status_and_nothing_else(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (_, router) = seeded(version);
    let (_, before) = get(&router, STREAM, "root").await;
    let mut pruned = before.clone();
    let tags = pruned["status"]["tags"].as_array_mut().unwrap();
    let removed = tags.pop().unwrap();
    pruned["spec"] = json!({});
    let path = format!("{STREAM}/status");
    assert_eq!(
        send(&router, "PUT", &path, "dev", &pruned).await.0,
        StatusCode::FORBIDDEN
    );
    let (status, answer) = send(&router, "PUT", &path, "root", &pruned).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (_, after) = get(&router, STREAM, "root").await;
    assert_eq!(after["status"]["tags"], pruned["status"]["tags"]);
    assert_ne!(after["status"]["tags"], before["status"]["tags"]);
    assert_eq!(after["spec"], before["spec"], "{removed}");
    assert_eq!(
        send(&router, "PUT", &path, "root", &pruned).await.0,
        StatusCode::CONFLICT,
        "of an older revision"
    );
}

/// The roles of OpenShift name both groups (recorded in `clusterrole-*`).
#[rstest]
#[tokio::test]
async fn access_review_answers_the_same_about_both_groups(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (_, router) = seeded(version);
    let reviews =
        "/apis/authorization.openshift.io/v1/namespaces/team-a/localresourceaccessreviews";
    let mut answers = Vec::new();
    for group in ["", "image.openshift.io"] {
        let review = json!({"kind": "LocalResourceAccessReview", "namespace": "team-a", "verb": "get",
            "resourceAPIGroup": group, "resource": "imagestreams/layers"});
        answers.push(send(&router, "POST", reviews, "dev", &review).await);
    }
    assert_eq!(answers[0], answers[1]);
    let users = answers[0].1["users"].to_string();
    assert!(users.contains("dev") && users.contains("viewer"), "{users}");
}

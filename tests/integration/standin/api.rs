//! The stand-in's master API answers every recorded master request as the real servers did: the
//! same status, the same shape.

pub(crate) mod behavior;
pub(crate) mod console_requests;
pub(crate) mod json_shape;
pub(crate) mod oc_changes;
pub(crate) mod recording;
pub(crate) mod seed;
pub(crate) mod seed_workloads;
pub(crate) mod unsupported_requests;
pub(crate) mod workloads;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use futures_util::StreamExt as _;
use openshift_standin::api;
use openshift_standin::cluster::{Cluster, ImageLimits, Version};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use recording::ApiRecording;

/// Recordings whose answer the stand-in does not repeat, and why. To be kept as short as possible:
/// an entry that is not needed fails the test.
const ALLOWED_DIFFERENCES: &[(&str, &str, &str)] = &[
    // The real message goes on with every rule that the user holds, ten thousand characters of it.
    (
        "openshift-3.9",
        "rolebinding-rbac-escalate-forbidden",
        "message",
    ),
    // The recorded client was made by `oc apply`, which leaves a copy of the object (secret and
    // all) in an annotation.
    (
        "openshift-4",
        "oauthclient-get",
        "lacks $.metadata.annotations",
    ),
];

/// A request, and what came back.
async fn send_as(
    router: &Router,
    method: &str,
    path: &str,
    token: Option<&str>,
    headers: &[(String, String)],
    body: String,
) -> (StatusCode, Body) {
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let response = router
        .clone()
        .oneshot(request.body(Body::from(body)).unwrap())
        .await
        .unwrap();
    (response.status(), response.into_body())
}

async fn text(body: Body) -> String {
    String::from_utf8(
        axum::body::to_bytes(body, usize::MAX)
            .await
            .unwrap()
            .to_vec(),
    )
    .unwrap()
}

async fn get(router: &Router, path: &str, user: &str) -> (StatusCode, Value) {
    let (status, body) = send_as(
        router,
        "GET",
        path,
        Some(&format!("TOKEN-{user}")),
        &[],
        String::new(),
    )
    .await;
    (
        status,
        serde_json::from_str(&text(body).await).unwrap_or_default(),
    )
}

async fn send(
    router: &Router,
    method: &str,
    path: &str,
    user: &str,
    body: &Value,
) -> (StatusCode, Value) {
    let headers = [(
        "Content-Type".to_owned(),
        if method == "PATCH" {
            "application/merge-patch+json"
        } else {
            "application/json"
        }
        .to_owned(),
    )];
    let (status, body) = send_as(
        router,
        method,
        path,
        Some(&format!("TOKEN-{user}")),
        &headers,
        body.to_string(),
    )
    .await;
    (
        status,
        serde_json::from_str(&text(body).await).unwrap_or_default(),
    )
}

/// Asks what a recording asked, with the revisions and names of this cluster in place of the
/// recorded ones.
async fn replay(cluster: &Cluster, recording: &ApiRecording) -> (StatusCode, Value) {
    let router = api::router(cluster.clone());
    let (mut path, mut body) = (recording.path.clone(), recording.body.clone());
    if recording.name == "oauth-logout-delete-token" && cluster.version() == Version::V4 {
        path = format!(
            "{}/{}",
            path.rsplit_once('/').unwrap().0,
            seed::name_of_token(seed::NEW_TOKEN)
        );
    }
    let names_revision = |body: &Value| body["metadata"]["resourceVersion"].is_string();
    if recording.method == "PUT" && !recording.is_stale() {
        let current = get(&router, &path, "root").await.1;
        let mut wanted: Value = serde_json::from_str(&body).unwrap();
        if names_revision(&wanted) {
            wanted["metadata"]["resourceVersion"] = current["metadata"]["resourceVersion"].clone();
            wanted["metadata"]["uid"] = current["metadata"]["uid"].clone();
        }
        body = wanted.to_string();
    }
    let expected_lines = recording.response.as_array().map(Vec::len);
    if expected_lines.is_some() {
        path = prepare_watch(&router, &path, recording).await;
    }
    let token = recording.token(cluster.version());
    let (status, body) = send_as(
        &router,
        &recording.method,
        &path,
        token.as_deref(),
        &recording.headers,
        body,
    )
    .await;
    match expected_lines {
        Some(count) => (status, lines(body, count).await.into()),
        None => {
            let text = text(body).await;
            (
                status,
                serde_json::from_str(&text).unwrap_or(Value::String(text)),
            )
        }
    }
}

/// Lets a watch begin at the present revision of this cluster, and something happen after it if
/// something did in the recording.
async fn prepare_watch(router: &Router, path: &str, recording: &ApiRecording) -> String {
    let streams = "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams";
    let revision = get(router, streams, "dev").await.1["metadata"]["resourceVersion"]
        .as_str()
        .unwrap()
        .to_owned();
    if recording.response.to_string().contains("watched") {
        let stream = json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": "watched"}});
        send(router, "POST", streams, "dev", &stream).await;
        send(
            router,
            "DELETE",
            &format!("{streams}/watched"),
            "dev",
            &json!({}),
        )
        .await;
    }
    let (start, recorded) = path.rsplit_once("resourceVersion=").unwrap();
    let revision = if recorded == "1" {
        "1".to_owned()
    } else {
        revision
    };
    format!("{start}resourceVersion={revision}").replace("timeoutSeconds=4", "timeoutSeconds=1")
}

/// The first lines of a watch. That there are no more is only known of a watch that ends by itself.
async fn lines(body: Body, count: usize) -> Vec<Value> {
    let mut frames = body.into_data_stream();
    let mut read = String::new();
    while count == 0 || read.lines().count() < count {
        let frame = tokio::time::timeout(Duration::from_secs(30), frames.next())
            .await
            .expect("the watch goes on");
        let Some(frame) = frame else { break };
        read.push_str(std::str::from_utf8(&frame.unwrap()).unwrap());
    }
    read.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A cluster with what there was when the recording was made.
fn prepared(recording: &ApiRecording) -> Cluster {
    let images: Option<fn(&Cluster)> = match recording.name.as_str() {
        "images-chunk" => Some(seed::seed_image_page),
        "imagestream-layers-index" => Some(seed::seed_layer_stream),
        _ => None,
    };
    if let Some(push_images) = images {
        let cluster = seed::empty(recording.version);
        seed::seed_users_and_projects(&cluster);
        push_images(&cluster);
        return cluster;
    }
    let cluster = seed::cluster(recording.version);
    let is_chunk = recording.name.ends_with("-cluster-chunk");
    if recording.is_of_shop() || is_chunk {
        seed::seed_shop_project(&cluster);
    }
    if recording.is_about_workloads() || is_chunk {
        seed_workloads::seed(&cluster);
    }
    if recording.name == "pods-cluster-chunk" && recording.version == Version::V3_9 {
        seed_workloads::seed_default_project(&cluster);
    }
    match recording.name.as_str() {
        "imagestream-create-over-quota" => cluster.set_stream_quota("shop-w", "streams", 1),
        "imagestreamtag-create-over-limit" => cluster.set_tag_limit("shop-w", 2),
        "limitranges" => cluster.set_image_limits("shop-w", "images", image_limits()),
        "resourcequotas" if recording.version == Version::V4 => {
            cluster.set_uncounted_stream_quota("shop-w", "streams");
        }
        "resourcequotas" => cluster.set_stream_quota("shop-w", "streams", 1),
        _ => {}
    }
    if recording.name == "imagestreamtag-preserve-original" {
        seed::seed_platform_index(&cluster);
    }
    cluster
}

fn image_limits() -> ImageLimits {
    ImageLimits {
        image_size: Some("1".to_owned()),
        tags: Some(2),
        images: Some(30),
    }
}

/// What differs between a recording and the stand-in's answer to the same request.
async fn differences(recording: &ApiRecording) -> Vec<String> {
    let cluster = prepared(recording);
    for name in recording.prerequisites() {
        let before = ApiRecording::load(recording.version, name);
        seed::prepare(&cluster, &before);
        replay(&cluster, &before).await;
    }
    seed::prepare(&cluster, recording);
    let (status, body) = replay(&cluster, recording).await;
    let mut differences = json_shape::differences(&recording.without_code_of_success(), &body);
    if status.as_u16() != recording.status {
        differences.push(format!(
            "status {status} instead of {}: {body}",
            recording.status
        ));
    }
    if recording.response["status"] == "Failure" && recording.response["message"] != body["message"]
    {
        differences.push(format!(
            "message {} instead of {}",
            body["message"], recording.response["message"]
        ));
    }
    differences
}

async fn replay_all(directory: &str, version: Version, at_least: usize) {
    let recordings = ApiRecording::all(version);
    let (mut failures, mut unanswered, mut answered) = (Vec::new(), BTreeMap::new(), 0);
    for recording in &recordings {
        let excused = ALLOWED_DIFFERENCES
            .iter()
            .find(|(of, name, _)| *of == directory && *name == recording.name);
        let mut differences = differences(recording).await;
        if let Some((_, name, what)) = excused {
            let before = differences.len();
            differences.retain(|difference| !difference.starts_with(what));
            assert!(
                differences.len() < before,
                "{name} needs no exception any more"
            );
        }
        if let Some(start) = unsupported_requests::entry(&recording.name) {
            *unanswered.entry(start).or_insert(0) += differences.len();
            continue;
        }
        answered += 1;
        failures.extend(
            differences
                .into_iter()
                .map(|difference| format!("{}: {difference}", recording.name)),
        );
    }
    assert!(
        failures.is_empty(),
        "{} differences:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(
        answered >= at_least,
        "only {answered} recordings were answered"
    );
    let needless: Vec<_> = unanswered
        .into_iter()
        .filter(|(_, differences)| *differences == 0)
        .collect();
    assert!(needless.is_empty(), "answered after all: {needless:?}");
}

#[tokio::test]
async fn standin_api_matches_openshift_3_9_recordings() {
    replay_all("openshift-3.9", Version::V3_9, 150).await;
}

#[tokio::test]
async fn standin_api_matches_openshift_4_recordings() {
    replay_all("openshift-4", Version::V4, 150).await;
}

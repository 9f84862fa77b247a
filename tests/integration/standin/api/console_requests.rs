//! What the console itself sent to a 3.9 API server, sent to the embedded cluster.

use axum::Router;
use axum::http::StatusCode;
use openshift_standin::api;
use openshift_standin::cluster::{Cluster, Version};
use serde_json::{Value, json};

use super::recording::ApiRecording;
use super::{get, replay, seed, send};
use crate::standin::api::json_shape;

/// The resource of a path, and the collection that it is in.
fn resource(path: &str) -> (&str, String) {
    let path = path.split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').collect();
    let place = 3
        + usize::from(!path.starts_with("/api/"))
        + if path.contains("/namespaces/") { 2 } else { 0 };
    (segments[place], segments[..=place].join("/"))
}

/// Whether the embedded cluster can be brought to where the recorded one was: it takes images and
/// registries that were not recorded to change image streams.
fn is_replayed(recording: &ApiRecording) -> bool {
    let of_images = resource(&recording.path).0.starts_with("imagestream");
    !of_images || recording.status == 403
}

/// Makes what the recorded request found.
async fn prepare(cluster: &Cluster, router: &Router, recording: &ApiRecording) {
    let (resource, collection) = resource(&recording.path);
    let (request, response) = (
        serde_json::from_str::<Value>(&recording.body).unwrap_or_default(),
        &recording.response,
    );
    let named = if response["kind"] == "Status" {
        &request
    } else {
        response
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let in_path = recording
        .path
        .strip_prefix(&format!("{collection}/"))
        .map(decoded);
    let name = in_path.unwrap_or_else(|| text(&named["metadata"]["name"]));
    let exists = recording.status == 200
        || response["reason"] == "AlreadyExists"
        || response["reason"] == "Conflict";
    if collection.contains("/namespaces/shiny2/") {
        request_project(router, "shiny2").await;
    }
    match resource {
        "useridentitymappings" => {
            let (user, identity) = (
                text(&named["user"]["name"]),
                text(&named["identity"]["name"]),
            );
            let (user, identity) = if user.is_empty() {
                ("newbie".to_owned(), name)
            } else {
                (user, identity)
            };
            map(router, &user, &identity, exists).await;
        }
        "identities" if exists => {
            identity(
                router,
                &if name.is_empty() {
                    identity_name(&request)
                } else {
                    name
                },
            )
            .await
        }
        "projects" | "projectrequests" if exists => {
            request_project(router, &name).await;
        }
        "secrets" => {
            let account =
                text(&named["metadata"]["annotations"]["kubernetes.io/service-account.name"]);
            let accounts = collection.replace("/secrets", "/serviceaccounts");
            send(
                router,
                "POST",
                &accounts,
                "root",
                &json!({"kind": "ServiceAccount", "metadata": {"name": account}}),
            )
            .await;
            // A secret that is empty yet was read before the controller came to it.
            cluster.stall_token_controller(response["data"].is_null());
            let meta = json!({"name": name, "annotations": {"kubernetes.io/service-account.name": account}});
            let secret = json!({"kind": "Secret", "type": "kubernetes.io/service-account-token", "metadata": meta});
            if exists {
                send(router, "POST", &collection, "root", &secret).await;
            }
        }
        _ if exists && !name.is_empty() => {
            let meta = json!({"name": name, "labels": named["metadata"]["labels"], "annotations": named["metadata"]["annotations"]});
            let mut object = named.clone();
            object["metadata"] = meta;
            send(router, "POST", &collection, "root", &object).await;
        }
        _ => {}
    }
}

async fn request_project(router: &Router, name: &str) {
    let body = json!({"kind": "ProjectRequest", "metadata": {"name": name}, "displayName": "Shiny", "description": "Old"});
    send(
        router,
        "POST",
        "/apis/project.openshift.io/v1/projectrequests",
        "dev",
        &body,
    )
    .await;
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .unwrap()
        .into_owned()
}

fn identity_name(request: &Value) -> String {
    format!(
        "{}:{}",
        request["providerName"].as_str().unwrap_or_default(),
        request["providerUserName"].as_str().unwrap_or_default()
    )
}

async fn identity(router: &Router, name: &str) {
    let (provider, provider_user) = name.split_once(':').unwrap();
    let body =
        json!({"kind": "Identity", "providerName": provider, "providerUserName": provider_user});
    send(
        router,
        "POST",
        "/apis/user.openshift.io/v1/identities",
        "root",
        &body,
    )
    .await;
}

async fn map(router: &Router, user: &str, name: &str, mapped: bool) {
    const GROUP: &str = "/apis/user.openshift.io/v1";
    send(
        router,
        "POST",
        &format!("{GROUP}/users"),
        "root",
        &json!({"kind": "User", "metadata": {"name": user}}),
    )
    .await;
    identity(router, name).await;
    if mapped {
        let body = json!({"kind": "UserIdentityMapping", "identity": {"name": name}, "user": {"name": user}});
        send(
            router,
            "POST",
            &format!("{GROUP}/useridentitymappings"),
            "root",
            &body,
        )
        .await;
    }
}

/// The recording with the UID and the revision of this cluster's object in place of the recorded
/// ones.
async fn with_own_object(router: &Router, mut recording: ApiRecording) -> ApiRecording {
    if recording.method == "PATCH" && !recording.is_stale() {
        let (_, object) = get(router, &recording.path, "dev").await;
        let mut body: Value = serde_json::from_str(&recording.body).unwrap();
        body["metadata"]["resourceVersion"] = object["metadata"]["resourceVersion"].clone();
        recording.body = body.to_string();
    }
    if let Ok(mut body) = serde_json::from_str::<Value>(&recording.body)
        && body["preconditions"]["uid"].is_string()
    {
        let (_, object) = get(router, &recording.path, "root").await;
        body["preconditions"]["uid"] = object["metadata"]["uid"].clone();
        recording.body = body.to_string();
    }
    recording
}

#[tokio::test]
async fn standin_matches_recorded_console_requests_on_3_9() {
    let (mut failures, mut replayed) = (Vec::new(), 0);
    for recording in ApiRecording::all_console_requests()
        .into_iter()
        .filter(is_replayed)
    {
        let cluster = seed::cluster(Version::V3_9);
        let router = api::router(cluster.clone());
        prepare(&cluster, &router, &recording).await;
        let recording = with_own_object(&router, recording).await;
        let (status, body) = replay(&cluster, &recording).await;
        if status != StatusCode::from_u16(recording.status).unwrap() {
            failures.push(format!(
                "{}: status {status} instead of {}: {body}",
                recording.name, recording.status
            ));
        }
        let differences = json_shape::differences(&recording.without_code_of_success(), &body);
        failures.extend(
            differences
                .iter()
                .map(|difference| format!("{}: {difference}", recording.name)),
        );
        if recording.response["status"] == "Failure"
            && recording.response["message"] != body["message"]
        {
            failures.push(format!(
                "{}: message {} instead of {}",
                recording.name, body["message"], recording.response["message"]
            ));
        }
        replayed += 1;
    }
    assert!(
        failures.is_empty(),
        "{} differences:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(replayed >= 70, "only {replayed} recordings were replayed");
}

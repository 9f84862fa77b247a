//! Lists of hostile length: tags, their history, members (S37).

use openshift_standin::cluster::Version;
use reqwest::Method;
use serde_json::{Value, json};

use super::both;
use crate::harness::World;
use crate::harness::canned_server::{CannedResponse, CannedServer};
use crate::harness::console::share_session_key;

/// No page and no JSON answer is larger, whatever it is about.
const LARGEST_ANSWER: usize = 1 << 20;

fn event(tag: usize, at: usize) -> Value {
    json!({
        "created": "2026-01-01T00:00:00Z", "image": format!("sha256:{:064x}", tag * 10_000 + at), "generation": at,
        "dockerImageReference": format!("registry.example.com/team-a/big@sha256:{:064x}", at),
    })
}

/// An image stream of 60 tags with 1,500 items of history each, failures, sources and annotations
/// as long as they can be.
fn hostile_stream() -> Value {
    let name = |tag: usize| format!("v{tag:03}");
    let items: Vec<Value> = (0..1_500).map(|at| event(1, at)).collect();
    let failed = json!([{ "type": "ImportSuccess", "status": "False", "reason": "r".repeat(3_000), "message": "\u{202e}".repeat(20_000) }]);
    let status: Vec<Value> = (0..60)
        .map(
            |tag| json!({ "tag": name(tag), "items": if tag < 5 { items.clone() } else { vec![event(tag, 0); 40] }, "conditions": failed }),
        )
        .collect();
    let spec: Vec<Value> =
        (0..60).map(|tag| json!({ "name": name(tag), "from": { "kind": "DockerImage", "name": "s".repeat(9_000) } })).collect();
    let annotations: serde_json::Map<String, Value> = (0..2_000)
        .map(|n| (format!("a{n}"), json!("\"".repeat(300))))
        .collect();
    json!({
        "metadata": { "name": "big", "namespace": "team-a", "annotations": annotations },
        "spec": { "dockerImageRepository": "d".repeat(100_000), "tags": spec },
        "status": { "tags": status },
    })
}

#[tokio::test]
async fn huge_stream_yields_a_bounded_page() {
    let world = World::builder(Version::V4)
        .settings(share_session_key)
        .start()
        .await;
    let api_server = CannedServer::start().await;
    api_server.set_response(
        "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams/big",
        CannedResponse::json(200, &hostile_stream()),
    );
    let console = world
        .replica()
        .settings(share_session_key)
        .api_server(api_server.url.clone())
        .loading_index()
        .start()
        .await;
    let mut dev = world.signed_in("dev").await.moved_to(console.url());
    for path in [
        "/images/team-a/big",
        "/images/team-a/big?page=2",
        "/images/team-a/big?per_page=200",
    ] {
        let (page, json) = both(&mut dev, path).await;
        assert!(
            page.text.len() < LARGEST_ANSWER,
            "{path}: page of {} bytes",
            page.text.len()
        );
        assert!(
            json.to_string().len() < LARGEST_ANSWER,
            "{path}: JSON of {} bytes",
            json.to_string().len()
        );
        let tags = json["tags"].as_array().unwrap();
        let whole = |tag: &Value| {
            tag["history"].as_array().unwrap().len() as u64 + tag["more_history"].as_u64().unwrap()
        };
        assert!(
            tags.iter().all(|tag| matches!(whole(tag), 40 | 1_500)),
            "nothing is lost without being counted"
        );
        let annotations = json["annotations"].as_object().unwrap().len() as u64;
        assert_eq!(
            annotations + json["more_annotations"].as_u64().unwrap(),
            2_000
        );
    }
    for (path, counted) in [
        ("/images/team-a/big/history", "1–100 of 9,700"),
        (
            "/images/team-a/big/history?tag=v001&page=15",
            "1,401–1,500 of 1,500",
        ),
        ("/images/team-a/big/settings", "and 1,"),
    ] {
        let (page, json) = both(&mut dev, path).await;
        assert!(
            page.text.len() < LARGEST_ANSWER && json.to_string().len() < LARGEST_ANSWER,
            "{path}: page of {} bytes",
            page.text.len()
        );
        assert!(page.text_of("main").contains(counted), "{path}: it says so");
    }
}

#[tokio::test]
async fn thousand_members_are_truncated_and_counted() {
    let world = World::builder(Version::V4).index().start().await;
    let subjects: Vec<Value> =
        (0..1_000).map(|n| json!({ "kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": format!("user-{n:04}") })).collect();
    let binding = json!({
        "kind": "RoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": { "name": "many" }, "subjects": subjects,
        "roleRef": { "kind": "ClusterRole", "apiGroup": "rbac.authorization.k8s.io", "name": "registry-viewer" },
    });
    let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings";
    world
        .request_as_root(Method::POST, path, Some(binding))
        .await;
    let mut dev = world.signed_in("dev").await;
    for (path, list, more) in [
        ("/projects/team-a/access", "members", "more_members"),
        ("/images/team-a/api/access", "everybody", "more_people"),
    ] {
        let (page, json) = both(&mut dev, path).await;
        assert!(
            page.text.len() < LARGEST_ANSWER && json.to_string().len() < LARGEST_ANSWER,
            "{path}: {} bytes",
            page.text.len()
        );
        let shown = json[list].as_array().unwrap().len() as u64;
        assert_eq!(
            (shown, json[more].as_u64().unwrap() > 790),
            (200, true),
            "{path}"
        );
        let counted = format!("and {} more", json[more]);
        assert!(page.text_of("main").contains(&counted), "{path}: {counted}");
    }
}

//! The sample data and the faults of the embedded cluster.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use openshift_standin::cluster::{Cluster, Hosts, Version};
use openshift_standin::faults::{Endpoint, Fault};
use openshift_standin::registry::Blobs;
use openshift_standin::{Standin, StandinOptions, sample};
use registry_model::Clock;
use rstest::rstest;
use serde_json::Value;

use crate::harness::seeded_standin::{SeededStandin, http_client, repository};

const ALL_KINDS: &str = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v1+prettyjws";

async fn start(version: Version) -> (Standin, reqwest::Client) {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let demo = Standin::start(StandinOptions {
        version,
        sample: true,
        ..StandinOptions::default()
    })
    .await
    .unwrap();
    demo.cluster().adopt_token("TOKEN-admin", "admin");
    let client = http_client(demo.ca_pem());
    (demo, client)
}

async fn get(demo: &Standin, client: &reqwest::Client, path: &str) -> reqwest::Response {
    let url = format!("{}{path}", demo.urls().registry);
    client
        .get(url)
        .bearer_auth("TOKEN-admin")
        .header("accept", ALL_KINDS)
        .send()
        .await
        .unwrap()
}

#[rstest]
#[tokio::test]
async fn every_sample_tag_but_the_pruned_one_is_pullable(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (demo, client) = start(version).await;
    let catalog: Value = get(&demo, &client, "/v2/_catalog")
        .await
        .json()
        .await
        .unwrap();
    let names: Vec<&str> = catalog["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert!(names.len() >= 40, "{}", names.len());
    let mut lost = Vec::new();
    for name in names {
        let tags: Value = get(&demo, &client, &format!("/v2/{name}/tags/list"))
            .await
            .json()
            .await
            .unwrap();
        for tag in tags["tags"].as_array().unwrap() {
            let tag = tag.as_str().unwrap();
            if get(&demo, &client, &format!("/v2/{name}/manifests/{tag}"))
                .await
                .status()
                != StatusCode::OK
            {
                lost.push(format!("{name}:{tag}"));
            }
        }
    }
    assert_eq!(lost, ["legacy/reports:2017.3"], "{version:?}");
}

#[tokio::test]
async fn sample_users_sign_in_with_their_names() {
    let (demo, _) = start(Version::V4).await;
    for name in ["admin", "developer", "viewer", "outsider"] {
        assert!(demo.cluster().check_password(name, name), "{name}");
    }
}

#[tokio::test]
async fn sample_has_a_long_history_and_a_mebibyte_label() {
    let (demo, client) = start(Version::V4).await;
    let url = format!(
        "{}/apis/image.openshift.io/v1/namespaces/shop/imagestreams/storefront",
        demo.urls().api_server
    );
    let stream: Value = client
        .get(url)
        .bearer_auth("TOKEN-admin")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let nightly = stream["status"]["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|tag| tag["tag"] == "nightly")
        .unwrap();
    assert_eq!(nightly["items"].as_array().unwrap().len(), 25);
    let manifest: Value = get(&demo, &client, "/v2/untrusted/long-label/manifests/1")
        .await
        .json()
        .await
        .unwrap();
    let config = format!(
        "/v2/untrusted/long-label/blobs/{}",
        manifest["config"]["digest"].as_str().unwrap()
    );
    let config: Value = get(&demo, &client, &config).await.json().await.unwrap();
    assert_eq!(
        config["config"]["Labels"]["long"].as_str().unwrap().len(),
        1 << 20
    );
}

#[test]
fn large_sample_has_the_requested_streams_and_tags() {
    let host = String::new;
    let hosts = Hosts {
        api: host(),
        oauth: host(),
        registry_internal: "registry.svc:5000".to_owned(),
        registry_public: None,
    };
    let cluster = Cluster::new(Version::V4, hosts, Clock::system());
    let blobs = Blobs::default();
    sample::add_streams(&cluster, &blobs, 3, 10, 4);
    for index in 0..10 {
        let repository = repository(&format!("bench-{}/stream-{index}", index % 3));
        let tags = cluster
            .stream_tags(&repository.project, &repository.stream)
            .unwrap();
        assert_eq!(tags.len(), 4);
        assert!(
            tags.iter()
                .all(|(_, digest)| blobs.manifest(&repository, digest).is_some())
        );
    }
}

async fn base(world: &SeededStandin) -> Result<reqwest::Response, reqwest::Error> {
    world
        .client
        .get(format!("{}/v2/_catalog", world.demo.urls().registry))
        .bearer_auth("TOKEN-root")
        .send()
        .await
}

#[tokio::test]
async fn each_fault_has_its_effect() {
    let world = SeededStandin::start(Version::V4).await;
    let set = |fault| world.demo.faults().set(Endpoint::Registry, fault);
    assert_eq!(base(&world).await.unwrap().status(), StatusCode::OK);

    set(Fault::Status(
        StatusCode::BAD_GATEWAY,
        Bytes::from_static(b"<h1>502</h1>"),
        "text/html",
    ));
    let response = base(&world).await.unwrap();
    assert_eq!(
        (response.status(), response.text().await.unwrap().as_str()),
        (StatusCode::BAD_GATEWAY, "<h1>502</h1>")
    );

    set(Fault::NotJson);
    let response = base(&world).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.json::<Value>().await.is_err());

    set(Fault::TruncateBody);
    let response = base(&world).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.bytes().await.is_err());

    set(Fault::Refuse);
    assert!(base(&world).await.is_err());

    set(Fault::Hang);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), base(&world))
            .await
            .is_err()
    );

    world.demo.faults().clear();
    assert_eq!(base(&world).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn journal_records_the_token_owner() {
    let world = SeededStandin::start(Version::V4).await;
    base(&world).await.unwrap();
    let seen = world.demo.request_log().requests_to(Endpoint::Registry);
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].path.as_str(), seen[0].bearer()),
        ("/v2/_catalog", Some("TOKEN-root"))
    );
    assert!(!format!("{seen:?}").contains("TOKEN"));
}

#[tokio::test]
async fn stopped_standin_frees_its_ports() {
    let (demo, client) = start(Version::V4).await;
    let url = format!("{}/healthz", demo.urls().registry);
    assert_eq!(
        client.get(&url).send().await.unwrap().status(),
        StatusCode::OK
    );
    drop(client);
    demo.stop().await;
    let address = url
        .trim_start_matches("https://")
        .trim_end_matches("/healthz")
        .to_owned();
    assert!(std::net::TcpListener::bind(address).is_ok());
}

#[rstest]
#[tokio::test]
async fn sample_workloads_run_old_new_missing_and_foreign_images(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (demo, client) = start(version).await;
    let list = async |path: &str| -> Vec<Value> {
        let url = format!("{}{path}", demo.urls().api_server);
        let response = client.get(url).bearer_auth("TOKEN-admin").send().await;
        let mut list: Value = response.unwrap().json().await.unwrap();
        list["items"].as_array_mut().unwrap().drain(..).collect()
    };
    let digest = |stream: &str, tag: &str| {
        let (project, stream, tag) = (
            "shop".parse().unwrap(),
            stream.parse().unwrap(),
            tag.parse().unwrap(),
        );
        let digest = demo.cluster().tag_digest(&project, &stream, &tag);
        digest.unwrap().to_string()
    };
    assert_eq!(
        digest("storefront", "production"),
        digest("storefront", "1.10.0")
    );
    let pods = list("/api/v1/namespaces/shop/pods").await;
    let image_of = |app: &str| {
        let pod = pods
            .iter()
            .find(|pod| pod["metadata"]["labels"]["app"] == app)
            .unwrap();
        pod["status"]["containerStatuses"][0]["imageID"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for app in ["web", "worker"] {
        assert!(image_of(app).ends_with(&digest("storefront", "1.10.0")));
    }
    assert!(image_of("cart").ends_with(&digest("cart", "1.9.0")));
    assert_ne!(digest("cart", "latest"), digest("cart", "1.9.0"));
    assert!(image_of("debug-storefront").starts_with("sha256:"));
    assert_eq!(image_of("fraud-widget"), "");
    let builds = list("/apis/build.openshift.io/v1/namespaces/shop/builds").await;
    let running = |build: &&Value| build["status"]["phase"] == "Running";
    assert_eq!(builds.iter().filter(running).count(), 1);
    let quotas = list("/api/v1/namespaces/payments/resourcequotas").await;
    let count = |field: &str| {
        let number = &quotas[0]["status"][field]["openshift.io/imagestreams"];
        number.as_str().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(count("hard"), count("used") + 1);
}

#[tokio::test]
async fn fault_of_a_path_leaves_other_paths_alone() {
    let (demo, client) = start(Version::V4).await;
    let status = async |path: &str| {
        let url = format!("{}{path}", demo.urls().api_server);
        let response = client.get(url).bearer_auth("TOKEN-admin").send().await;
        response.unwrap().status()
    };
    let (pods, deployments) = (
        "/api/v1/namespaces/shop/pods",
        "/apis/apps/v1/namespaces/shop/deployments",
    );
    let fault = Fault::Status(StatusCode::BAD_GATEWAY, Bytes::new(), "text/plain");
    demo.faults().set_for_path("/apis/apps/", fault);
    assert_eq!(status(deployments).await, StatusCode::BAD_GATEWAY);
    assert_eq!(status(pods).await, StatusCode::OK);
    demo.faults().set_for_path("/apis/apps/", Fault::None);
    assert_eq!(status(deployments).await, StatusCode::OK);
}

//! What is remembered of images, and who is shown it.

use chrono::{DateTime, TimeDelta};
use http::StatusCode;
use registry_console::openshift::{ApiError, ApiServer, ConfirmedStream, StreamLayers};
use registry_console::outbound::{UpstreamName, UserToken};
use registry_model::{ByteSize, Clock, Digest};
use serde_json::{Value, json};

use crate::harness::canned_server::{CannedResponse, CannedServer};

const STREAMS: &str = "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams";
/// An index of the recorded layers, and one of its images.
const INDEX: &str = "sha256:b4d7ed4206149866324034d0954071b5f2fa6541d11d88b8569d07afd60efafc";
const CHILD: &str = "sha256:594bb7dcb3a8c1e9a1642cf5ddb0b99ee9b75929344bb1f620c0ea5159690335";
/// An image of another stream.
const API_IMAGE: &str = "sha256:111d6f485a6cab9dbf2e38a5e9fb32bcd68f72b1ec796eaf8576d57eb783eb57";

fn recorded(file: &str) -> CannedResponse {
    let path = format!("{}/tests/contract/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let recording: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let response = &recording["response"];
    let status = response["status"].as_u64().unwrap().try_into().unwrap();
    CannedResponse::json(status, &response["body"])
}

fn stream(name: &str, image: &str) -> CannedResponse {
    let event = json!({"created": "2026-11-28T12:51:55Z", "dockerImageReference": "r/p/s", "image": image, "generation": 1});
    let body = json!({
        "kind": "ImageStream", "apiVersion": "image.openshift.io/v1",
        "metadata": {"name": name, "namespace": "team-a"},
        "status": {"tags": [{"tag": "latest", "items": [event]}]},
    });
    CannedResponse::json(200, &body)
}

struct CannedStreams {
    stub: CannedServer,
    api_server: ApiServer,
    clock: Clock,
}

impl CannedStreams {
    /// An API server with the streams `multi`, which has the recorded index, and `api`.
    async fn start() -> Self {
        let stub = CannedServer::start().await;
        stub.set_response(format!("{STREAMS}/multi"), stream("multi", INDEX));
        stub.set_response(format!("{STREAMS}/api"), stream("api", API_IMAGE));
        stub.set_response(
            format!("{STREAMS}/multi/layers"),
            recorded("openshift-4/imagestream-layers-index"),
        );
        let clock = Clock::fixed_at(DateTime::UNIX_EPOCH);
        let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer)).with_clock(&clock);
        Self {
            stub,
            api_server,
            clock,
        }
    }

    async fn confirm<'a>(
        &'a self,
        token: &'a UserToken,
        name: &str,
    ) -> Result<ConfirmedStream<'a>, ApiError> {
        let user = self.api_server.for_user(token);
        let (project, name) = ("team-a".parse().unwrap(), name.parse().unwrap());
        user.confirm_stream(&project, &name).await
    }

    async fn layers(&self, answer: CannedResponse) -> Result<StreamLayers, ApiError> {
        self.stub.enqueue([answer]);
        let token = UserToken::from("dev");
        let (project, name) = ("team-a".parse().unwrap(), "multi".parse().unwrap());
        let user = self.api_server.for_user(&token);
        user.get_stream_layers(&project, &name).await
    }
}

fn digest(text: &str) -> Digest {
    text.parse().unwrap()
}

#[tokio::test]
async fn records_are_shown_only_to_users_who_were_shown_the_stream() {
    let site = CannedStreams::start().await;
    let (index, child, api) = (digest(INDEX), digest(CHILD), digest(API_IMAGE));
    let (dev, viewer, outsider) = (
        UserToken::from("dev"),
        UserToken::from("viewer"),
        UserToken::from("outsider"),
    );
    let multi = site.confirm(&dev, "multi").await.unwrap();
    assert!(multi.image_record(&index).is_none(), "not read yet");
    multi.load_layers().await.unwrap();
    assert!(multi.image_record(&index).is_some());
    assert!(multi.child_record(&index, &child).is_some());
    assert!(multi.image_record(&child).is_none(), "of an index only");

    let other = site.confirm(&viewer, "api").await.unwrap();
    for hidden in [&index, &child] {
        assert!(other.image_record(hidden).is_none(), "{hidden}");
        assert!(other.child_record(&index, hidden).is_none(), "{hidden}");
        assert!(other.child_record(&api, hidden).is_none(), "{hidden}");
    }
    assert_eq!(
        other.image_records().into_iter().collect::<Vec<_>>(),
        [(api, None)]
    );

    let multi = site.confirm(&viewer, "multi").await.unwrap();
    assert_eq!(multi.image_records().len(), 1);
    assert!(
        multi.child_record(&index, &child).is_some(),
        "without a request"
    );
    assert_eq!(
        site.stub
            .requested_paths()
            .iter()
            .filter(|path| path.ends_with("/layers"))
            .count(),
        1
    );

    site.stub
        .enqueue([recorded("openshift-4/imagestream-layers-forbidden")]);
    let refused = site.confirm(&outsider, "multi").await;
    assert!(
        matches!(refused, Err(ApiError::Forbidden(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn recorded_layers_have_sizes_configs_and_images_of_indexes() {
    let site = CannedStreams::start().await;
    let layers = site
        .layers(recorded("openshift-4/imagestream-layers-index"))
        .await
        .unwrap();
    assert!(layers.deleted.is_empty());
    let index = &layers.images[&digest(INDEX)];
    assert_eq!((index.blobs.children.len(), index.size), (5, None));
    assert_eq!((&index.blobs.config, index.blobs.layers.len()), (&None, 0));
    let child = &layers.images[&digest(CHILD)];
    assert_eq!(child.blobs.digest, digest(CHILD));
    assert_eq!(child.size.map(|size| size.bytes), Some(ByteSize(21_421)));
    let sizes: Vec<_> = child
        .blobs
        .layers
        .iter()
        .map(|layer| layer.size.unwrap().0)
        .collect();
    assert_eq!(sizes, [7_480, 6_273, 7_668], "in the order of the manifest");
    let config = child.blobs.config.as_ref().unwrap();
    assert!(config.digest.to_string().starts_with("sha256:0cd0f9d1") && config.size.is_none());

    let plain = site
        .layers(recorded("openshift-4/imagestreamlayers"))
        .await
        .unwrap();
    let total: u64 = plain.images[&digest(API_IMAGE)].size.unwrap().bytes.0;
    assert_eq!(total, 18_440 + 18_221 + 4_578 + 12_328);
}

#[tokio::test]
async fn missing_path_is_not_requested_again_for_ten_minutes() {
    let site = CannedStreams::start().await;
    site.stub.set_response(
        format!("{STREAMS}/multi/layers"),
        recorded("openshift-3.9/imagestream-layers"),
    );
    let dev = UserToken::from("dev");
    let multi = site.confirm(&dev, "multi").await.unwrap();
    let requests = async || {
        site.stub.received();
        let answer = multi.load_layers().await;
        (site.stub.received().len(), answer)
    };
    for expected in [1, 0] {
        let (sent, answer) = requests().await;
        assert!(matches!(answer, Err(ApiError::NotServed)), "{answer:?}");
        assert_eq!(sent, expected);
    }
    // The API server has been updated.
    site.stub.set_response(
        format!("{STREAMS}/multi/layers"),
        recorded("openshift-4/imagestream-layers-index"),
    );
    site.clock.advance(TimeDelta::minutes(10));
    let (sent, answer) = requests().await;
    assert_eq!((sent, answer.unwrap().images.len()), (1, 9));
}

#[tokio::test]
async fn refusal_is_no_missing_path() {
    let site = CannedStreams::start().await;
    let dev = UserToken::from("dev");
    let multi = site.confirm(&dev, "multi").await.unwrap();
    for version in ["openshift-3.9", "openshift-4"] {
        let refusal = recorded(&format!("{version}/imagestream-layers-forbidden"));
        site.stub.enqueue([refusal]);
        let answer = multi.load_layers().await;
        assert!(matches!(answer, Err(ApiError::Forbidden(_))), "{answer:?}");
    }
    assert!(multi.load_layers().await.is_ok());
}

#[tokio::test]
async fn malformed_layers_are_left_out_or_refused() {
    let site = CannedStreams::start().await;
    let layer = Digest::sha256(b"layer").to_string();
    let body = json!({
        "blobs": {&layer: {"size": -5, "mediaType": null}, "no digest": {"size": 3}},
        "images": {
            INDEX: {"layers": null, "config": 7.to_string(), "manifests": ["no digest", CHILD]},
            API_IMAGE: {"imageMissing": null, "layers": ["no digest", &layer], "config": null},
            "no digest": {"layers": []},
            CHILD: {"imageMissing": true, "layers": null, "config": null},
        },
    });
    let layers = site.layers(CannedResponse::json(200, &body)).await.unwrap();
    assert_eq!(layers.images.len(), 2);
    assert!(layers.deleted.contains(&digest(CHILD)));
    let index = &layers.images[&digest(INDEX)];
    assert!(index.is_incomplete && index.blobs.config.is_none());
    assert_eq!(index.blobs.children, [digest(CHILD)]);
    let image = &layers.images[&digest(API_IMAGE)];
    assert!(image.is_incomplete && image.size.is_none());
    assert_eq!(image.blobs.layers.len(), 1);

    for empty in [json!({}), json!({"blobs": null, "images": null})] {
        let layers = site
            .layers(CannedResponse::json(200, &empty))
            .await
            .unwrap();
        assert_eq!(layers, StreamLayers::default());
    }
    for body in [
        json!("text"),
        json!({"images": {INDEX: {"layers": "text"}}}),
    ] {
        let answer = site.layers(CannedResponse::json(200, &body)).await;
        assert!(
            matches!(&answer, Err(ApiError::Unexpected { status, .. }) if *status == StatusCode::OK),
            "{answer:?}"
        );
    }
    let long = CannedResponse::new(200, "application/json", vec![b' '; 33 << 20]);
    let answer = site.layers(long).await;
    assert!(matches!(answer, Err(ApiError::Transport(_))), "{answer:?}");
}

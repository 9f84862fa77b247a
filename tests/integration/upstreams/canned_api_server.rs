//! The app and its index with an API server that gives canned responses.

use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{StatusCode, header};
use registry_console::app::App;
use registry_console::app::failure::Failure;
use registry_console::app::image_streams::{ImportFailureKind, ImportOutcome};
use registry_console::app::images::ImageReference;
use registry_console::app::tags::{SeenTag, TagPath, TagSourceImage};
use registry_console::config::{Config, FixedVariables, IndexToken, Trust};
use registry_console::index::{
    IndexReader, IndexState, IndexWriter, NotReadyReason, ServiceAccountSource,
};
use registry_console::openshift::ApiServer;
use registry_console::outbound::{TimeLimits, Upstream, UpstreamName, UserToken};
use registry_model::Clock;
use registry_model::Digest;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::harness::canned_server::{CannedResponse, CannedServer, LIMIT};

/// The app of a console with this API server, without an index. Nothing answers for its registry.
fn app(api_server: Upstream) -> App {
    let vars = FixedVariables::default()
        .with_var("OPENSHIFT_OAUTH_PROVIDER_URL", "https://127.0.0.1:1")
        .with_var("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        .with_var("REGISTRY_URL", "http://127.0.0.1:1");
    let config = Config::from_variables(&vars).unwrap();
    let (index, limits) = (IndexReader::disabled(), TimeLimits::default());
    App::from_config(&config, api_server, index, &Clock::system(), limits).unwrap()
}

fn stream(version: &str) -> Value {
    json!({
        "kind": "ImageStream",
        "metadata": { "name": "api", "namespace": "team-a", "resourceVersion": version },
        "spec": {},
        "status": { "tags": [{ "tag": "latest", "items": [{ "image": Digest::sha256(b"old").to_string(), "generation": 1 }] }] },
    })
}

/// Without the version, a push between the look at the tag and the change would be overwritten.
#[tokio::test]
async fn tag_move_sends_the_seen_resource_version() {
    let stub = CannedServer::start().await;
    let app = app(stub.upstream(UpstreamName::ApiServer));
    let token = UserToken::from("sha256~somebody");
    stub.enqueue([
        CannedResponse::json(200, &stream("4711")),
        CannedResponse::json(200, &json!({ "kind": "ImageStreamTag" })),
    ]);
    let (project, name) = ("team-a".parse().unwrap(), "api".parse().unwrap());
    let digest = Digest::sha256(b"new");
    let subject = TagSourceImage {
        project,
        stream: name,
        digest: digest.clone(),
        reference: ImageReference::Digest(digest),
        tags: Vec::new(),
    };
    let to = TagPath {
        project: subject.project.clone(),
        stream: subject.stream.clone(),
        tag: "latest".parse().unwrap(),
    };
    let seen = SeenTag::Tag(Some(Digest::sha256(b"old")));
    app.for_user(&token)
        .set_tag(&subject, &to, false, &seen)
        .await
        .unwrap();
    let requests = stub.received();
    let change: Value = serde_json::from_slice(&requests.last().unwrap().body).unwrap();
    assert_eq!(
        (requests.len(), &change["metadata"]["resourceVersion"]),
        (2, &json!("4711"))
    );
}

#[tokio::test]
async fn failed_repository_import_has_a_reason() {
    let stub = CannedServer::start().await;
    let app = app(stub.upstream(UpstreamName::ApiServer));
    let mut mirror = stream("4711");
    mirror["spec"]["dockerImageRepository"] = "registry.example.com/team/app".into();
    let status: Value = serde_json::from_str(include_str!(
        "../../cases/60-import-repository-fails/imagestreamimport-status.json"
    ))
    .unwrap();
    stub.enqueue([
        CannedResponse::json(200, &mirror),
        CannedResponse::json(
            201,
            &json!({ "kind": "ImageStreamImport", "status": status }),
        ),
    ]);
    let token = UserToken::from("sha256~somebody");
    let results = app
        .for_user(&token)
        .reimport(&"team-a".parse().unwrap(), &"api".parse().unwrap(), None)
        .await
        .unwrap();
    let [result] = results.as_slice() else {
        panic!("{results:?}")
    };
    let ImportOutcome::Failed { reason, message } = &result.outcome else {
        panic!("{result:?}")
    };
    assert_eq!(
        (
            result.tag.as_str(),
            ImportFailureKind::from_reason(reason, message)
        ),
        ("", Some(ImportFailureKind::UntrustedCertificate))
    );
}

/// Answers of an API server of two projects, whose token is refused as soon as it is asked about one of
/// them.
async fn review(body: Bytes) -> Response {
    let review: Value = serde_json::from_slice(&body).unwrap();
    let answer = |status: StatusCode, body: Value| {
        (
            status,
            [(header::CONTENT_TYPE, "application/json")],
            body.to_string(),
        )
            .into_response()
    };
    if review["spec"]["resourceAttributes"]["namespace"]
        .as_str()
        .is_none_or(str::is_empty)
    {
        return answer(
            StatusCode::CREATED,
            json!({ "kind": "SelfSubjectAccessReview", "status": { "allowed": false } }),
        );
    }
    answer(
        StatusCode::UNAUTHORIZED,
        json!({ "kind": "Status", "status": "Failure", "reason": "Unauthorized", "code": 401 }),
    )
}

async fn projects() -> Response {
    let item =
        |name: &str| json!({ "metadata": { "name": name }, "status": { "phase": "Active" } });
    let list =
        json!({ "kind": "ProjectList", "metadata": {}, "items": [item("team-a"), item("team-b")] });
    (
        [(header::CONTENT_TYPE, "application/json")],
        list.to_string(),
    )
        .into_response()
}

#[tokio::test]
async fn token_rejected_in_access_review_is_no_missing_right() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let router = Router::new()
        .route("/apis/project.openshift.io/v1/projects", get(projects))
        .route(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            post(review),
        );
    tokio::spawn(async move { axum::serve(listener, router).await });
    let _ = rustls::crypto::ring::default_provider().install_default();
    let app = app(Upstream::new(
        UpstreamName::ApiServer,
        &url,
        &Trust::Unverified,
        TimeLimits::default(),
    )
    .unwrap());
    let token = UserToken::from("sha256~somebody");
    let seen = app.for_user(&token).visibility().await;
    assert!(matches!(seen, Err(Failure::SignInRequired)), "{seen:?}");
}

/// A list without a watch would be old as soon as it has come.
#[tokio::test]
async fn index_requires_both_list_and_watch() {
    let stub = CannedServer::start().await;
    let review = |allowed: bool| {
        CannedResponse::json(
            201,
            &json!({ "kind": "SelfSubjectAccessReview", "status": { "allowed": allowed } }),
        )
    };
    stub.enqueue([review(true), review(false)]);
    let source = ServiceAccountSource::new(
        ApiServer::new(stub.upstream(UpstreamName::ApiServer)),
        IndexToken::Inline("robot".to_owned().into()),
    );
    let (writer, reader) = IndexWriter::new(source, Clock::system());
    let running = tokio::spawn(writer.run());
    let refused = async {
        while reader.state().reason().is_none() {
            tokio::task::yield_now().await;
        }
        reader.state()
    };
    let state = tokio::time::timeout(LIMIT, refused).await.unwrap();
    running.abort();
    assert!(
        matches!(
            state,
            IndexState::Starting {
                why: Some(NotReadyReason::NotAllowed),
                ..
            }
        ),
        "{state:?}"
    );
    let verbs: Vec<Value> = stub
        .received()
        .iter()
        .map(|request| {
            serde_json::from_slice::<Value>(&request.body).unwrap()["spec"]["resourceAttributes"]
                    ["verb"]
                    .clone()
        })
        .collect();
    assert_eq!(verbs, ["list", "watch"], "and no list is asked for");
}

//! How the recorded responses of the API server are read.

use registry_console::openshift::{ApiError, ApiServer, UserApi};
use registry_console::outbound::{UpstreamName, UserToken};
use registry_model::{
    Image, ImageStream, InternalRepository, Project, ProjectPhase, SubjectKind, TagSource,
};
use serde_json::Value;

use crate::harness::canned_server::{CannedResponse, CannedServer};

/// Calls an API server that answers every request as recorded in `file`.
async fn recorded<T>(file: &str, ask: impl AsyncFn(UserApi<'_>) -> Result<T, ApiError>) -> T {
    let path = format!("{}/tests/contract/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let recording: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let stub = CannedServer::start().await;
    stub.enqueue([CannedResponse::json(200, &recording["response"]["body"])]);
    let (api_server, token) = (
        ApiServer::new(stub.upstream(UpstreamName::ApiServer)),
        UserToken::from("TOKEN-dev"),
    );
    ask(api_server.for_user(&token)).await.unwrap()
}

async fn image(file: &str) -> Image {
    recorded(file, async |user| {
        user.get_image_by_tag(
            &"p".parse().unwrap(),
            &"s".parse().unwrap(),
            &"t".parse().unwrap(),
        )
        .await
    })
    .await
}

async fn stream(file: &str) -> ImageStream {
    recorded(file, async |user| {
        user.get_stream(&"p".parse().unwrap(), &"s".parse().unwrap())
            .await
    })
    .await
}

#[tokio::test]
async fn virtual_groups_are_listed_on_4_only() {
    let old = recorded("openshift-3.9/user-self", async |user| user.whoami().await).await;
    assert_eq!(
        (old.name.as_str(), old.full_name, old.groups),
        ("dev", None, vec![])
    );
    let new = recorded("openshift-4/user-self", async |user| user.whoami().await).await;
    assert_eq!(
        new.groups,
        ["system:authenticated", "system:authenticated:oauth"]
    );
}

#[tokio::test]
async fn empty_project_annotations_are_absent() {
    let project: Project = recorded("openshift-3.9/project-get", async |user| {
        user.get_project(&"p".parse().unwrap()).await
    })
    .await;
    assert_eq!(
        (
            project.display_name,
            project.description,
            project.requester.as_deref()
        ),
        (None, None, Some("dev"))
    );
    assert_eq!(project.phase, ProjectPhase::Active);
    assert!(project.created.is_some());
}

#[tokio::test]
async fn failed_import_has_a_reason_and_no_history() {
    let mirror = stream("openshift-3.9/imagestream-imported").await;
    let names: Vec<_> = mirror
        .tags
        .iter()
        .map(|tag| (tag.name.as_str(), tag.history.len()))
        .collect();
    assert_eq!(names, [("gone", 0), ("missing", 0), ("1", 1)]);
    assert_eq!(
        mirror.tags[0].import_failure.as_ref().unwrap().reason,
        "NotFound"
    );
    assert_eq!(
        mirror.tags[2].source,
        TagSource::External("127.0.0.1:5001/up/api:1".to_owned())
    );
    assert!(
        mirror.tags[2].scheduled
            && mirror.tags[2].insecure
            && mirror.tags[2].import_failure.is_none()
    );
}

#[tokio::test]
async fn pushed_stream_has_newest_first_history_and_two_hosts() {
    let api = stream("openshift-4/imagestream-get-multi").await;
    assert_eq!(
        api.internal_repository.name(),
        Some("image-registry.openshift-image-registry.svc:5000/team-a/multi")
    );
    assert_eq!(
        api.public_repository.as_deref(),
        Some("127.0.0.1:15000/team-a/multi")
    );
    let api = stream("openshift-3.9/imagestream-get").await;
    let latest = api
        .tags
        .iter()
        .find(|tag| tag.name.as_str() == "latest")
        .unwrap();
    assert_eq!(
        (latest.history.len(), &latest.source),
        (3, &TagSource::Pushed)
    );
    assert_eq!(
        latest.current().unwrap().image.as_ref().unwrap().short(),
        "111d6f485a6c"
    );
}

#[tokio::test]
async fn stream_without_registry_has_no_repository() {
    let case = serde_json::from_str(include_str!(
        "../../cases/52-registry-removed/imagestream.json"
    ))
    .unwrap();
    let mut follows: Value = case;
    let read = async |body: &Value| {
        let stub = CannedServer::start().await;
        stub.enqueue([CannedResponse::json(200, body)]);
        let (api_server, token) = (
            ApiServer::new(stub.upstream(UpstreamName::ApiServer)),
            UserToken::from("TOKEN-dev"),
        );
        api_server
            .for_user(&token)
            .get_stream(&"shop".parse().unwrap(), &"storefront".parse().unwrap())
            .await
            .unwrap()
    };
    let stream = read(&follows).await;
    assert_eq!(
        (stream.internal_repository, stream.public_repository),
        (InternalRepository::NoRegistry, None)
    );
    assert_eq!(
        stream.tags[0].source,
        TagSource::External("registry.example.com/team/app:latest".to_owned())
    );
    follows["spec"]["dockerImageRepository"] = "registry.example.com/team/app".into();
    follows["status"]["dockerImageRepository"] = "registry.example.com/team/app".into();
    assert_eq!(
        read(&follows).await.internal_repository,
        InternalRepository::NoRegistry
    );
    follows.as_object_mut().unwrap().remove("status");
    assert_eq!(
        read(&follows).await.internal_repository,
        InternalRepository::Unknown
    );
}

#[tokio::test]
async fn image_has_layers_and_index_has_platforms() {
    for version in ["openshift-3.9", "openshift-4"] {
        let image = image(&format!("{version}/imagestreamtag-get")).await;
        assert_eq!(
            (
                image.layers.len(),
                image.size().unwrap().bytes.0,
                image.platforms.len()
            ),
            (4, 53_567, 0)
        );
        assert_eq!(image.config.unwrap().short(), "a75d8f05bc4e");
        assert_eq!(image.labels["maintainer"], "team@example.com");
    }
    let index = image("openshift-4/imagestreamtag-get-index").await;
    assert_eq!(
        (
            index.layers.len(),
            index.size(),
            index.config,
            index.architecture
        ),
        (0, None, None, None)
    );
    let platforms: Vec<_> = index
        .platforms
        .iter()
        .filter_map(|platform| platform.architecture.as_deref())
        .collect();
    assert_eq!(platforms, ["amd64", "arm64"]);
}

#[tokio::test]
async fn chart_has_no_creation_time_and_schema_1_no_config() {
    let chart = image("openshift-4/imagestreamtag-get-helm").await;
    assert_eq!((chart.created, chart.layers.len()), (None, 1));
    let old = image("openshift-3.9/imagestreamimage-schema1").await;
    assert_eq!(
        (old.config, old.author.as_deref()),
        (None, Some("web-3@example.com"))
    );
}

#[tokio::test]
async fn role_bindings_yield_users_groups_and_service_accounts() {
    let bindings = recorded("openshift-3.9/rolebindings-rbac-team-a", async |user| {
        user.list_role_bindings(&"p".parse().unwrap()).await
    })
    .await;
    let viewer = bindings
        .iter()
        .find(|binding| binding.role == "registry-viewer")
        .unwrap();
    assert!(viewer.cluster_role);
    assert_eq!(
        (viewer.subjects[0].kind, viewer.subjects[0].name.as_str()),
        (SubjectKind::User, "viewer")
    );
    let deployer = bindings
        .iter()
        .flat_map(|binding| &binding.subjects)
        .find(|subject| subject.kind == SubjectKind::ServiceAccount)
        .unwrap();
    assert_eq!(deployer.project.as_deref(), Some("team-a"));
}

//! Quotas and limits of projects.

use registry_console::openshift::{self, ApiServer, ImageLimitKind, Quota, QuotaScope};
use registry_console::outbound::{UpstreamName, UserToken};
use registry_model::ProjectName;
use serde_json::json;

use super::outcome::{ReplayOutcome, with_facts};
use crate::harness::canned_server::{CannedResponse, CannedServer};
use crate::harness::recording::{self, ClientRecording};

/// Sends the recorded request. The facts are the names of the objects.
pub(super) async fn replay_quota_request(
    user: &openshift::UserApi<'_>,
    recording: &ClientRecording,
    project: &ProjectName,
) -> ReplayOutcome {
    let names = |quotas: Vec<Quota>| quotas.into_iter().map(|quota| quota.name).collect();
    let (path, _) = recording::parts(recording.path());
    match path.rsplit('/').next().unwrap() {
        "resourcequotas" => with_facts(user.list_resource_quotas(project).await, names),
        "limitranges" => with_facts(user.list_image_limits(project).await, |limits| {
            let mut ranges: Vec<String> = limits.into_iter().map(|limit| limit.range).collect();
            ranges.dedup();
            ranges
        }),
        _ => with_facts(user.list_applied_cluster_quotas(project).await, names),
    }
}

/// Calls an API server that answers as recorded in `file`, or with `body`.
async fn answered<T>(
    body: &serde_json::Value,
    ask: impl AsyncFn(openshift::UserApi<'_>) -> Result<T, openshift::ApiError>,
) -> T {
    let stub = CannedServer::start().await;
    stub.enqueue([CannedResponse::json(200, body)]);
    let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer));
    let token = UserToken::from("TOKEN-dev");
    ask(api_server.for_user(&token)).await.unwrap()
}

fn recorded(file: &str) -> serde_json::Value {
    let path = format!("{}/tests/contract/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let recording: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    recording["response"]["body"].clone()
}

fn project() -> ProjectName {
    "shop-w".parse().unwrap()
}

#[tokio::test]
async fn quota_is_read_with_its_use_where_it_is_computed() {
    let quota = |used| Quota {
        name: "streams".to_owned(),
        scope: QuotaScope::Project,
        resource: Quota::STREAMS.to_owned(),
        hard: 1,
        used,
        used_here: None,
    };
    for (file, used) in [
        ("openshift-3.9/resourcequotas", Some(1)),
        ("openshift-4/resourcequotas", None),
    ] {
        let quotas = answered(&recorded(file), async |user| {
            user.list_resource_quotas(&project()).await
        })
        .await;
        assert_eq!(quotas, [quota(used)], "{file}");
    }
}

#[tokio::test]
async fn limits_are_those_of_images_and_image_streams() {
    for file in ["openshift-3.9/limitranges", "openshift-4/limitranges"] {
        let limits = answered(&recorded(file), async |user| {
            user.list_image_limits(&project()).await
        })
        .await;
        let limits: Vec<_> = limits
            .into_iter()
            .map(|limit| (limit.range, limit.kind, limit.max))
            .collect();
        let of = |kind, max| ("images".to_owned(), kind, max);
        assert_eq!(
            limits,
            [
                of(ImageLimitKind::ImageSize, 1),
                of(ImageLimitKind::StreamTags, 2),
                of(ImageLimitKind::StreamImages, 30),
            ],
            "{file}"
        );
    }
}

#[tokio::test]
async fn resources_that_do_not_concern_images_and_broken_values_are_left_out() {
    let quotas = json!({"items": [
        {"metadata": {"name": "compute"}, "spec": {"hard": {"pods": "10", "requests.memory": "64Gi"}}},
        {"metadata": {"name": "images"}, "spec": {"hard": {
            "openshift.io/imagestreams": "many", "openshift.io/images": "1k",
            "count/imagestreams.image.openshift.io": 5,
        }}, "status": {"hard": null, "used": {"openshift.io/images": "900", "count/imagestreams.image.openshift.io": {}}}},
        {"metadata": {}, "spec": {"hard": {"openshift.io/images": "1"}}},
    ]});
    let read = answered(&quotas, async |user| {
        user.list_resource_quotas(&project()).await
    })
    .await;
    let read: Vec<_> = read
        .iter()
        .map(|quota| (quota.resource.as_str(), quota.hard, quota.used))
        .collect();
    assert_eq!(
        read,
        [
            (Quota::STREAM_OBJECTS, 5, None),
            ("openshift.io/images", 1_000, Some(900)),
        ]
    );
}

#[tokio::test]
async fn cluster_quota_has_the_use_of_all_projects_and_of_this_one() {
    let body = json!({"kind": "AppliedClusterResourceQuotaList", "items": [{
        "metadata": {"name": "team"},
        "spec": {"selector": {}, "quota": {"hard": {"openshift.io/imagestreams": "50"}}},
        "status": {
            "total": {"hard": {"openshift.io/imagestreams": "50"}, "used": {"openshift.io/imagestreams": "20"}},
            "namespaces": [
                {"namespace": "other", "status": {"used": {"openshift.io/imagestreams": "17"}}},
                {"namespace": "shop-w", "status": {"used": {"openshift.io/imagestreams": "3"}}},
            ],
        },
    }]});
    let quotas = answered(&body, async |user| {
        user.list_applied_cluster_quotas(&project()).await
    })
    .await;
    let expected = Quota {
        name: "team".to_owned(),
        scope: QuotaScope::Cluster,
        resource: Quota::STREAMS.to_owned(),
        hard: 50,
        used: Some(20),
        used_here: Some(3),
    };
    assert_eq!(quotas, [expected]);
}

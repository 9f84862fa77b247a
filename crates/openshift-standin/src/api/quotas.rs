//! Quotas and limits, read-only: `resourcequotas`, `limitranges`, `clusterresourcequotas`, and
//! those of the latter that apply to a project.

use serde_json::{Map, Value, json};

use super::list::{self, ListPage};
use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, ClusterStreamQuota, ImageLimits, NamedResource,
    ObjectMetadata, StreamQuota, Version,
};

const STREAMS: &str = "openshift.io/imagestreams";

pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let kind = match request.resource.as_str() {
        "resourcequotas" => "ResourceQuota",
        "limitranges" => "LimitRange",
        "clusterresourcequotas" => "ClusterResourceQuota",
        _ => "AppliedClusterResourceQuota",
    };
    let is_applied = kind == "AppliedClusterResourceQuota";
    match request.verb {
        "list" => Ok(ApiResponse::ok(&request.cluster.read(|state| {
            let page = ListPage::from_items(items(request, state));
            let kind = format!("{kind}List");
            if is_applied {
                return list::list_object_without_revision(request, &kind, page.items);
            }
            list::list_object(request, state, &kind, page)
        }))),
        "get" => {
            let items = request.cluster.read(|state| items(request, state));
            let found = items
                .into_iter()
                .find(|item| item["metadata"]["name"] == request.name.as_str());
            let missing = || {
                let object = NamedResource::new(request.group, &request.resource, &request.name);
                ClusterError::from(ClusterErrorReason::NotFound(object))
            };
            let render = Renderer::from_request(request);
            Ok(ApiResponse::ok(&render.typed(
                kind,
                request.group,
                found.ok_or_else(missing)?,
            )))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn items(request: &ApiRequest, state: &ClusterState) -> Vec<Value> {
    let limited = state
        .limited_projects()
        .filter(|(project, _)| request.project.is_empty() || request.project == *project);
    match request.resource.as_str() {
        "resourcequotas" => limited
            .filter_map(|(project, limits)| {
                let used = state.stream_count(project);
                Some(resource_quota(request, limits.quota.as_ref()?, used))
            })
            .collect(),
        "limitranges" => limited
            .filter_map(|(_, limits)| {
                let (meta, limits) = limits.limits.as_ref()?;
                Some(limit_range(request, meta, limits))
            })
            .collect(),
        _ => state
            .cluster_quotas()
            .filter(|quota| request.project.is_empty() || quota.projects.contains(&request.project))
            .map(|quota| cluster_quota(request, state, quota))
            .collect(),
    }
}

fn meta(request: &ApiRequest, meta: &ObjectMetadata) -> Value {
    let link = Some((request.group, request.resource.as_str()));
    Renderer::from_request(request).meta(meta, link)
}

fn amount(number: usize) -> Value {
    json!({STREAMS: number.to_string()})
}

fn resource_quota(request: &ApiRequest, quota: &StreamQuota, used: usize) -> Value {
    let hard = amount(quota.most);
    let mut status = json!({"hard": hard});
    if quota.is_counted {
        status["used"] = amount(used);
    }
    json!({"metadata": meta(request, &quota.meta), "spec": {"hard": hard}, "status": status})
}

fn limit_range(request: &ApiRequest, object: &ObjectMetadata, limits: &ImageLimits) -> Value {
    let mut ranges = Vec::new();
    if let Some(size) = &limits.image_size {
        ranges.push(json!({"type": "openshift.io/Image", "max": {"storage": size}}));
    }
    let of_stream: Map<String, Value> = [
        ("openshift.io/image-tags", limits.tags),
        ("openshift.io/images", limits.images),
    ]
    .into_iter()
    .filter_map(|(resource, most)| Some((resource.to_owned(), most?.to_string().into())))
    .collect();
    if !of_stream.is_empty() {
        ranges.push(json!({"type": "openshift.io/ImageStream", "max": of_stream}));
    }
    json!({"metadata": meta(request, object), "spec": {"limits": ranges}})
}

/// The use of each project is part of the status, also for users who may not see that project: the
/// real API shows an applied quota with the total and with all projects.
fn cluster_quota(request: &ApiRequest, state: &ClusterState, quota: &ClusterStreamQuota) -> Value {
    let hard = amount(quota.most);
    let used = |project: &String| state.stream_count(project);
    let total: usize = quota.projects.iter().map(used).sum();
    let projects: Vec<Value> = quota
        .projects
        .iter()
        .map(|project| json!({"namespace": project, "status": {"hard": hard, "used": amount(used(project))}}))
        .collect();
    let mut object = meta(request, &quota.meta);
    if request.cluster.version() == Version::V3_9 && !request.project.is_empty() {
        object["namespace"] = request.project.as_str().into();
    }
    let names: Vec<&String> = quota.projects.iter().collect();
    json!({"metadata": object, "spec": {"selector": {"labels": {"matchExpressions": [
        {"key": "kubernetes.io/metadata.name", "operator": "In", "values": names}]}, "annotations": null}, "quota": {"hard": hard}},
        "status": {"total": {"hard": hard, "used": amount(total)}, "namespaces": projects}})
}

//! What runs in the cluster: lists, single objects and watches.
//!
//! Read-only: nothing is created through the API.

use std::sync::Arc;

use serde_json::{Value, json};

use super::list::{self, ListPage};
use super::render::Renderer;
use super::watch;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    Cluster, ClusterError, ClusterErrorReason, NamedResource, OwnerReference, Version,
    WorkloadKind, WorkloadObject,
};

/// The warning of OpenShift 4 with each answer about deployment configs.
const DEPRECATION_WARNING: &str = "299 - \"apps.openshift.io/v1 DeploymentConfig is deprecated in v4.14+, unavailable in v4.10000+\"";

/// The kind that a request is about; `None`: it is about something else.
pub(super) fn requested_kind(request: &ApiRequest) -> Option<WorkloadKind> {
    let kind = WorkloadKind::from_resource(&request.resource)?;
    kind.groups().contains(&request.group).then_some(kind)
}

pub(super) fn answer(
    request: &ApiRequest,
    kind: WorkloadKind,
) -> Result<ApiResponse, ClusterError> {
    if !is_served(request, kind) || !request.subresource.is_empty() {
        return Err(ClusterErrorReason::NoSuchPath.into());
    }
    let answer = match request.verb {
        "list" => list_objects(request, kind),
        "get" => get(request, kind),
        "watch" => watch::answer(request),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }?;
    let is_deprecated =
        kind == WorkloadKind::DeploymentConfig && request.cluster.version() == Version::V4;
    Ok(if is_deprecated {
        answer.with_warning(DEPRECATION_WARNING)
    } else {
        answer
    })
}

/// Whether the kind is in that version of the group.
fn is_served(request: &ApiRequest, kind: WorkloadKind) -> bool {
    request.legacy
        || api_versions(&request.cluster, kind).contains(&(request.group, &request.api_version))
}

/// The groups with their versions in which a kind is served.
fn api_versions(cluster: &Cluster, kind: WorkloadKind) -> &'static [(&'static str, &'static str)] {
    use WorkloadKind as K;
    let is_older = cluster.read(|state| state.is_before_3_9());
    match (kind, cluster.version()) {
        (K::Pod | K::ReplicationController, _) => &[("", "v1")],
        (K::DeploymentConfig, _) => &[("apps.openshift.io", "v1")],
        (K::BuildConfig | K::Build, _) => &[("build.openshift.io", "v1")],
        (K::Job, _) => &[("batch", "v1")],
        (K::CronJob, Version::V4) => &[("batch", "v1")],
        (K::CronJob, Version::V3_9) if is_older => &[("batch", "v2alpha1")],
        (K::CronJob, Version::V3_9) => &[("batch", "v1beta1"), ("batch", "v2alpha1")],
        (K::Deployment | K::StatefulSet | K::ReplicaSet | K::DaemonSet, Version::V4) => {
            &[("apps", "v1")]
        }
        (K::Deployment, _) if is_older => &[("apps", "v1beta1"), ("extensions", "v1beta1")],
        (K::StatefulSet, _) if is_older => &[("apps", "v1beta1")],
        (K::ReplicaSet | K::DaemonSet, _) if is_older => &[("extensions", "v1beta1")],
        (K::Deployment, _) => &[
            ("apps", "v1"),
            ("apps", "v1beta1"),
            ("apps", "v1beta2"),
            ("extensions", "v1beta1"),
        ],
        (K::StatefulSet, _) => &[("apps", "v1"), ("apps", "v1beta1"), ("apps", "v1beta2")],
        (K::ReplicaSet | K::DaemonSet, _) => &[
            ("apps", "v1"),
            ("apps", "v1beta2"),
            ("extensions", "v1beta1"),
        ],
    }
}

/// Whether the list of resources of a group in that version has this one.
pub(super) fn has_resource(
    cluster: &Cluster,
    group: &str,
    api_version: &str,
    resource: &str,
) -> bool {
    let base = resource.split('/').next().unwrap_or(resource);
    WorkloadKind::from_resource(base).is_none_or(|kind| {
        api_versions(cluster, kind)
            .iter()
            .any(|&(of, version)| of == group && version == api_version)
    })
}

fn list_objects(request: &ApiRequest, kind: WorkloadKind) -> Result<ApiResponse, ClusterError> {
    let start = list::continue_key(request)?;
    let mut list = request.cluster.read(|state| {
        let page = if request.project.is_empty() {
            page(request, || state.workloads_after(kind, start.as_ref()))
        } else {
            page(request, || {
                state.workloads_of(kind, &request.project).filter(|object| {
                    start
                        .as_ref()
                        .is_none_or(|(_, name)| object.meta.name > *name)
                })
            })
        };
        list::list_object(request, state, &format!("{}List", kind.name()), page)
    });
    list["apiVersion"] = api_version(request).into();
    if request.cluster.version() == Version::V3_9 {
        list["metadata"]["selfLink"] = self_link(request, &request.project, kind, "").into();
    }
    Ok(ApiResponse::ok(&list))
}

fn page<'a, I: Iterator<Item = &'a Arc<WorkloadObject>>>(
    request: &ApiRequest,
    objects: impl Fn() -> I,
) -> ListPage {
    let item = |object: &Arc<WorkloadObject>| item(request, object);
    let Some(limit) = request.query.limit.filter(|limit| *limit > 0) else {
        return ListPage::from_items(objects().map(item).collect());
    };
    let shown: Vec<&Arc<WorkloadObject>> = objects().take(limit).collect();
    let left = objects().skip(limit).count();
    let last = shown
        .last()
        .filter(|_| left > 0)
        .map(|last| format!("{}/{}", last.namespace(), last.meta.name));
    ListPage {
        items: shown.into_iter().map(item).collect(),
        continuation: last.map(|last| (last, left)),
    }
}

fn get(request: &ApiRequest, kind: WorkloadKind) -> Result<ApiResponse, ClusterError> {
    let object = request.cluster.read(|state| {
        state
            .workload(kind, &request.project, &request.name)
            .cloned()
    });
    let missing = || {
        let object = NamedResource::new(request.group, &request.resource, &request.name);
        ClusterError::from(ClusterErrorReason::NotFound(object))
    };
    let object = object.ok_or_else(missing)?;
    Ok(ApiResponse::ok(&typed_item(request, &object)))
}

/// The event of a watch.
pub(super) fn watch_event(
    request: &ApiRequest,
    change: &'static str,
    object: &WorkloadObject,
) -> Value {
    json!({"type": change, "object": typed_item(request, object)})
}

fn typed_item(request: &ApiRequest, object: &WorkloadObject) -> Value {
    let mut item = item(request, object);
    item["kind"] = object.kind.name().into();
    item["apiVersion"] = api_version(request).into();
    item
}

fn item(request: &ApiRequest, object: &WorkloadObject) -> Value {
    let version = request.cluster.version();
    let mut meta = Renderer::from_request(request).meta(&object.meta, None);
    if version == Version::V3_9 {
        let (project, name) = (object.namespace(), &object.meta.name);
        meta["selfLink"] = self_link(request, project, object.kind, name).into();
    }
    if let Some(prefix) = &object.generate_name {
        meta["generateName"] = prefix.as_str().into();
    }
    if let Some(owner) = &object.owner {
        meta["ownerReferences"] = json!([owner_reference(version, object.kind, owner)]);
    }
    let mut item = json!({"metadata": meta});
    // Copied once, not twice as `json!` would.
    item["spec"] = object.spec.as_ref().clone();
    item["status"] = object.status.as_ref().clone();
    item
}

fn owner_reference(version: Version, of: WorkloadKind, owner: &OwnerReference) -> Value {
    let mut shown = json!({"apiVersion": owner_api_version(version, owner.kind), "kind": owner.kind.name(), "name": owner.name, "uid": owner.uid});
    if owner.manages {
        shown["controller"] = true.into();
        if of != WorkloadKind::Build {
            shown["blockOwnerDeletion"] = true.into();
        }
    }
    shown
}

/// The API version that controllers write into owner references.
fn owner_api_version(version: Version, kind: WorkloadKind) -> &'static str {
    use WorkloadKind as K;
    match (kind, version) {
        (K::Pod | K::ReplicationController, _) => "v1",
        (K::DeploymentConfig, _) => "apps.openshift.io/v1",
        (K::BuildConfig | K::Build, _) => "build.openshift.io/v1",
        (K::Job, _) | (K::CronJob, Version::V4) => "batch/v1",
        (K::CronJob, Version::V3_9) => "batch/v1beta1",
        (K::StatefulSet, Version::V3_9) => "apps/v1beta1",
        (_, Version::V3_9) => "extensions/v1beta1",
        (_, Version::V4) => "apps/v1",
    }
}

/// `apps/v1`, or `v1` in the core group and on `/oapi`.
fn api_version(request: &ApiRequest) -> String {
    if request.legacy || request.group.is_empty() {
        request.api_version.clone()
    } else {
        format!("{}/{}", request.group, request.api_version)
    }
}

fn self_link(request: &ApiRequest, project: &str, kind: WorkloadKind, name: &str) -> String {
    let mut link = if request.legacy {
        "/oapi/v1".to_owned()
    } else if request.group.is_empty() {
        "/api/v1".to_owned()
    } else {
        format!("/apis/{}/{}", request.group, request.api_version)
    };
    if !project.is_empty() {
        link.push_str("/namespaces/");
        link.push_str(project);
    }
    link.push('/');
    link.push_str(kind.resource());
    if !name.is_empty() {
        link.push('/');
        link.push_str(name);
    }
    link
}

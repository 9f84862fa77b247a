//! Requests for workloads (recorded as `pods-project`, `deployments-project` and so on).

use percent_encoding::utf8_percent_encode;

use super::{MAX_CHUNK_ITEMS, PATH_ENCODE_SET, watch_query};
use crate::outbound::Request;
use registry_model::{ProjectName, WorkloadKind};

/// A chunk of the workloads of a kind, in a project or in the whole cluster. `api` is the path of
/// the API version that has the kind.
pub(in crate::openshift) fn list(
    api: &str,
    kind: WorkloadKind,
    project: Option<&ProjectName>,
    next: Option<&str>,
) -> Request<'static> {
    let within = project
        .map(|project| format!("/namespaces/{project}"))
        .unwrap_or_default();
    let next = next
        .map(|next| format!("&continue={}", utf8_percent_encode(next, PATH_ENCODE_SET)))
        .unwrap_or_default();
    let resource = kind.resource();
    Request::get(
        operation(kind),
        format!("{api}{within}/{resource}?limit={MAX_CHUNK_ITEMS}{next}"),
    )
}

/// All workloads of a kind in one response, which cannot expire midway as a list in chunks can.
pub(in crate::openshift) fn list_whole(api: &str, kind: WorkloadKind) -> Request<'static> {
    Request::get(operation(kind), format!("{api}/{}", kind.resource()))
}

/// The shortest possible list, for its resource version.
pub(in crate::openshift) fn first(api: &str, kind: WorkloadKind) -> Request<'static> {
    let path = format!("{api}/{}?limit=1", kind.resource());
    Request::get("ask for the revision", path)
}

/// The changes of the workloads of a kind in the whole cluster since a resource version.
pub(in crate::openshift) fn watch(api: &str, kind: WorkloadKind, from: &str) -> Request<'static> {
    let query = watch_query(from);
    let path = format!("{api}/{}?{query}", kind.resource());
    Request::get("watch workloads", path)
}

fn operation(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::DeploymentConfig => "list deployment configs",
        WorkloadKind::Deployment => "list deployments",
        WorkloadKind::StatefulSet => "list stateful sets",
        WorkloadKind::DaemonSet => "list daemon sets",
        WorkloadKind::CronJob => "list cron jobs",
        WorkloadKind::Job => "list jobs",
        WorkloadKind::ReplicationController => "list replication controllers",
        WorkloadKind::ReplicaSet => "list replica sets",
        WorkloadKind::Pod => "list pods",
        WorkloadKind::BuildConfig => "list build configs",
        WorkloadKind::Build => "list builds",
    }
}

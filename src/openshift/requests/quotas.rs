//! Requests for the quotas and limits of a project (recorded in `resourcequotas*`, `limitranges*`
//! and `appliedclusterresourcequotas`).

use super::MAX_OBJECT_BYTES;
use crate::outbound::Request;
use registry_model::ProjectName;

pub(in crate::openshift) fn list_resource_quotas(project: &ProjectName) -> Request<'static> {
    Request::get(
        "list resource quotas",
        format!("/api/v1/namespaces/{project}/resourcequotas"),
    )
    .max_bytes(MAX_OBJECT_BYTES)
}

pub(in crate::openshift) fn list_limit_ranges(project: &ProjectName) -> Request<'static> {
    Request::get(
        "list limit ranges",
        format!("/api/v1/namespaces/{project}/limitranges"),
    )
    .max_bytes(MAX_OBJECT_BYTES)
}

pub(in crate::openshift) fn list_applied_cluster_quotas(project: &ProjectName) -> Request<'static> {
    Request::get(
        "list applied cluster resource quotas",
        format!("/apis/quota.openshift.io/v1/namespaces/{project}/appliedclusterresourcequotas"),
    )
    .max_bytes(MAX_OBJECT_BYTES)
}

//! Requests for what the cluster's own registry is configured with: `Config` of
//! `imageregistry.operator.openshift.io/v1` (recorded in `imageregistry-config`), `DeploymentConfig` of
//! `apps.openshift.io/v1` and `PersistentVolumeClaim` of `v1`.

use super::MAX_SMALL_OBJECT_BYTES;
use crate::outbound::Request;
use registry_model::ObjectName;

pub(in crate::openshift) fn get_registry_config() -> Request<'static> {
    Request::get(
        "get registry configuration",
        "/apis/imageregistry.operator.openshift.io/v1/configs/cluster".to_owned(),
    )
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(in crate::openshift) fn get_registry_deployment() -> Request<'static> {
    Request::get(
        "get registry deployment",
        "/apis/apps.openshift.io/v1/namespaces/default/deploymentconfigs/docker-registry"
            .to_owned(),
    )
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(in crate::openshift) fn get_volume_claim(
    project: &str,
    claim: &ObjectName,
) -> Request<'static> {
    Request::get(
        "get volume claim",
        format!("/api/v1/namespaces/{project}/persistentvolumeclaims/{claim}"),
    )
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

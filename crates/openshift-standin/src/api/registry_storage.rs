//! The objects that say where the registry stores its blobs, read-only: `Config` of the registry
//! operator (OpenShift 4), the deployment configuration of the registry (OpenShift 3), and the volume
//! claim.
//!
//! Source: `Config` of `imageregistry.operator.openshift.io/v1` and `oc adm registry` of 3.11. That the
//! first does not exist is recorded in `imageregistry-config`.

use serde_json::{Value, json};

use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{BlobStorage, ClusterError, ClusterErrorReason, NamedResource, Version};

/// The object that the request reads, if it is one of these.
pub(super) fn answer(request: &ApiRequest) -> Result<Option<ApiResponse>, ClusterError> {
    let is_four = request.cluster.version() == Version::V4;
    let (group, resource) = (request.group, request.resource.as_str());
    let project = if is_four {
        "openshift-image-registry"
    } else {
        "default"
    };
    let storage = request.cluster.read(|state| state.blob_storage().cloned());
    let object = match (group, resource, request.name.as_str(), storage) {
        _ if request.verb != "get" => return Ok(None),
        ("imageregistry.operator.openshift.io", "configs", "cluster", Some(storage)) => {
            config(&storage)
        }
        ("apps.openshift.io", "deploymentconfigs", "docker-registry", Some(storage))
            if !is_four && request.project == project =>
        {
            deployment(&storage)
        }
        ("", "persistentvolumeclaims", name, storage) => match storage {
            Some(BlobStorage::VolumeClaim {
                name: known,
                capacity,
            }) if request.project == project && known == name => claim(project, &known, &capacity),
            _ => {
                let missing = NamedResource::new(group, resource, name);
                return Err(ClusterErrorReason::NotFound(missing).into());
            }
        },
        _ => return Ok(None),
    };
    Ok(Some(ApiResponse::ok(&object)))
}

fn config(storage: &BlobStorage) -> Value {
    let storage = match storage {
        BlobStorage::VolumeClaim { name, .. } => json!({"pvc": {"claim": name}}),
        BlobStorage::EmptyDir => json!({"emptyDir": {}}),
        BlobStorage::S3 { bucket } => json!({"s3": {"bucket": bucket, "region": "eu-central-1"}}),
    };
    let mut used = storage.clone();
    used["managementState"] = "Managed".into();
    json!({
        "apiVersion": "imageregistry.operator.openshift.io/v1",
        "kind": "Config",
        "metadata": {"name": "cluster"},
        "spec": {"managementState": "Managed", "storage": storage},
        "status": {"storage": used, "storageManaged": true},
    })
}

fn deployment(storage: &BlobStorage) -> Value {
    let mut env = vec![json!({"name": "REGISTRY_HTTP_ADDR", "value": ":5000"})];
    let volume = match storage {
        BlobStorage::VolumeClaim { name, .. } => {
            json!({"name": "registry-storage", "persistentVolumeClaim": {"claimName": name}})
        }
        BlobStorage::EmptyDir => json!({"name": "registry-storage", "emptyDir": {}}),
        BlobStorage::S3 { bucket } => {
            env.push(json!({"name": "REGISTRY_STORAGE", "value": "s3"}));
            env.push(json!({"name": "REGISTRY_STORAGE_S3_BUCKET", "value": bucket}));
            json!({"name": "registry-storage", "emptyDir": {}})
        }
    };
    json!({
        "apiVersion": "apps.openshift.io/v1",
        "kind": "DeploymentConfig",
        "metadata": {"name": "docker-registry", "namespace": "default"},
        "spec": {"template": {"spec": {
            "containers": [{
                "name": "registry",
                "env": env,
                "volumeMounts": [{"name": "registry-storage", "mountPath": "/registry"}],
            }],
            "volumes": [volume],
        }}},
    })
}

fn claim(project: &str, name: &str, capacity: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": project},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": capacity}},
        },
        "status": {"phase": "Bound", "capacity": {"storage": capacity}},
    })
}

//! The JSON of what the cluster's own registry is configured with.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::openshift::registry_storage::{RegistryStorage, RegistryStorageKind};
use crate::openshift::wire::object_meta::null_to_default;
use registry_model::{ByteSize, Quantity};

/// The longest name that is kept.
const MAX_NAME_CHARS: usize = 253;

/// Where the registry's image stores blobs, unless a variable says otherwise.
const USUAL_DIRECTORY: &str = "/registry";

/// `imageregistry.operator.openshift.io/v1` `Config`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireRegistryConfig {
    #[serde(deserialize_with = "null_to_default")]
    spec: WireStorageHolder,
    #[serde(deserialize_with = "null_to_default")]
    status: WireStorageHolder,
}

/// One of the fields of `storage` is set: its name is the kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireStorageHolder {
    #[serde(deserialize_with = "null_to_default")]
    storage: BTreeMap<String, Value>,
}

/// `apps.openshift.io/v1` `DeploymentConfig`, as far as it says where the registry stores blobs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireRegistryDeployment {
    #[serde(deserialize_with = "null_to_default")]
    spec: WireDeploymentSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireDeploymentSpec {
    #[serde(deserialize_with = "null_to_default")]
    template: WireDeploymentTemplate,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireDeploymentTemplate {
    #[serde(deserialize_with = "null_to_default")]
    spec: WireRegistryPod,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireRegistryPod {
    #[serde(deserialize_with = "null_to_default")]
    containers: Vec<WireRegistryContainer>,
    /// The field beside `name` is the kind.
    #[serde(deserialize_with = "null_to_default")]
    volumes: Vec<BTreeMap<String, Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireRegistryContainer {
    #[serde(deserialize_with = "null_to_default")]
    env: Vec<WireVariable>,
    #[serde(deserialize_with = "null_to_default")]
    volume_mounts: Vec<WireVolumeMount>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireVariable {
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireVolumeMount {
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    #[serde(deserialize_with = "null_to_default")]
    mount_path: String,
}

/// `v1` `PersistentVolumeClaim`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireVolumeClaim {
    #[serde(deserialize_with = "null_to_default")]
    spec: WireClaimSpec,
    #[serde(deserialize_with = "null_to_default")]
    status: WireClaimStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireClaimSpec {
    #[serde(deserialize_with = "null_to_default")]
    resources: WireClaimResources,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireClaimResources {
    #[serde(deserialize_with = "null_to_default")]
    requests: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireClaimStatus {
    #[serde(deserialize_with = "null_to_default")]
    capacity: BTreeMap<String, Value>,
}

impl WireRegistryConfig {
    /// What the operator uses, or else what it is told to use.
    pub(in crate::openshift) fn into_storage(self) -> Option<RegistryStorage> {
        operator_storage(&self.status.storage).or_else(|| operator_storage(&self.spec.storage))
    }
}

/// The kinds of the operator's configuration, and the field with the name of each.
fn operator_storage(storage: &BTreeMap<String, Value>) -> Option<RegistryStorage> {
    use RegistryStorageKind::{Azure, EmptyDir, Gcs, IbmCos, Oss, S3, Swift, VolumeClaim};
    let kinds = [
        ("s3", S3, "bucket"),
        ("gcs", Gcs, "bucket"),
        ("azure", Azure, "container"),
        ("swift", Swift, "container"),
        ("ibmcos", IbmCos, "bucket"),
        ("oss", Oss, "bucket"),
        ("pvc", VolumeClaim, "claim"),
        ("emptyDir", EmptyDir, ""),
    ];
    kinds.into_iter().find_map(|(field, kind, name)| {
        let configured = storage.get(field).filter(|value| value.is_object())?;
        Some(found(kind, configured[name].as_str()))
    })
}

impl WireRegistryDeployment {
    pub(in crate::openshift) fn into_storage(self) -> Option<RegistryStorage> {
        let pod = self.spec.template.spec;
        let container = pod.containers.first()?;
        if let Some(storage) = object_storage(&container.env) {
            return Some(storage);
        }
        // The file can name any storage: the volume need not be used.
        if variable(&container.env, "REGISTRY_CONFIGURATION_PATH").is_some() {
            return None;
        }
        let directory = variable(&container.env, "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY");
        let directory = directory.unwrap_or(USUAL_DIRECTORY);
        let mounts = container.volume_mounts.iter();
        // The volume of the innermost directory.
        let mount = mounts
            .filter(|mount| is_below(directory, &mount.mount_path))
            .max_by_key(|mount| mount.mount_path.len())?;
        let name = Value::from(mount.name.as_str());
        let mut volumes = pod.volumes.iter();
        volumes
            .find(|volume| volume.get("name") == Some(&name))
            .map(volume_storage)
    }
}

/// Whether a directory is `mount` or in it.
fn is_below(directory: &str, mount: &str) -> bool {
    let rest = directory.strip_prefix(mount.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn variable<'a>(env: &'a [WireVariable], name: &str) -> Option<&'a str> {
    let found = env.iter().find(|variable| variable.name == name)?;
    found.value.as_deref().filter(|value| !value.is_empty())
}

/// The object storage that `REGISTRY_STORAGE` or a variable of its parameters names.
fn object_storage(env: &[WireVariable]) -> Option<RegistryStorage> {
    use RegistryStorageKind::{Azure, Gcs, Oss, Other, S3, Swift};
    let kinds = [
        ("s3", S3, "REGISTRY_STORAGE_S3_BUCKET"),
        ("gcs", Gcs, "REGISTRY_STORAGE_GCS_BUCKET"),
        ("azure", Azure, "REGISTRY_STORAGE_AZURE_CONTAINER"),
        ("swift", Swift, "REGISTRY_STORAGE_SWIFT_CONTAINER"),
        ("oss", Oss, "REGISTRY_STORAGE_OSS_BUCKET"),
    ];
    let driver = variable(env, "REGISTRY_STORAGE");
    let known = kinds.into_iter().find_map(|(name, kind, parameter)| {
        let parameter = variable(env, parameter);
        let is_used = match driver {
            Some(driver) => driver == name,
            None => parameter.is_some(),
        };
        is_used.then(|| found(kind, parameter))
    });
    known.or_else(|| {
        driver
            .filter(|driver| !matches!(*driver, "filesystem" | "inmemory"))
            .map(|driver| found(Other, Some(driver)))
    })
}

fn volume_storage(volume: &BTreeMap<String, Value>) -> RegistryStorage {
    use RegistryStorageKind::{EmptyDir, HostPath, Nfs, Other, VolumeClaim};
    let kinds = [
        ("persistentVolumeClaim", VolumeClaim, "claimName"),
        ("emptyDir", EmptyDir, ""),
        ("hostPath", HostPath, "path"),
        ("nfs", Nfs, "server"),
    ];
    let known = kinds.into_iter().find_map(|(field, kind, name)| {
        let source = volume.get(field)?;
        Some(found(kind, source[name].as_str()))
    });
    known.unwrap_or_else(|| {
        let mut fields = volume.keys();
        let field = fields.find(|field| field.as_str() != "name");
        found(Other, field.map(String::as_str))
    })
}

fn found(kind: RegistryStorageKind, name: Option<&str>) -> RegistryStorage {
    let name = name.filter(|name| !name.is_empty());
    RegistryStorage {
        kind,
        name: name.map(|name| name.chars().take(MAX_NAME_CHARS).collect()),
        capacity: None,
    }
}

impl WireVolumeClaim {
    /// The size of the volume, or else the requested one.
    pub(in crate::openshift) fn capacity(&self) -> Option<ByteSize> {
        let sizes = [&self.status.capacity, &self.spec.resources.requests];
        sizes.into_iter().find_map(|sizes| {
            let quantity: Quantity = sizes.get("storage")?.as_str()?.parse().ok()?;
            Some(ByteSize(quantity.to_u64()))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use RegistryStorageKind as Kind;

    fn config(value: Value) -> Option<(Kind, Option<String>)> {
        let config: WireRegistryConfig = serde_json::from_value(value).unwrap();
        config.into_storage().map(|found| (found.kind, found.name))
    }

    fn deployment(env: &Value, mount: &str, source: Value) -> Option<(Kind, Option<String>)> {
        let mut volume = source;
        volume["name"] = "registry-storage".into();
        let mounts = json!([{"name": "certificates", "mountPath": "/etc/secrets"},
                            {"name": "registry-storage", "mountPath": mount}]);
        let value = json!({"spec": {"template": {"spec": {
            "containers": [{"env": env, "volumeMounts": mounts}],
            "volumes": [{"name": "certificates", "secret": {}}, volume],
        }}}});
        let deployment: WireRegistryDeployment = serde_json::from_value(value).unwrap();
        let found = deployment.into_storage();
        found.map(|found| (found.kind, found.name))
    }

    #[test]
    fn operator_names_what_it_uses() {
        let bucket = json!({"status": {"storage": {"managementState": "Managed", "s3": {"bucket": "images"}}},
                            "spec": {"storage": {"emptyDir": {}}}});
        assert_eq!(config(bucket), Some((Kind::S3, Some("images".to_owned()))));
        let claim = json!({"status": null, "spec": {"storage": {"pvc": {"claim": "data"}}}});
        assert_eq!(
            config(claim),
            Some((Kind::VolumeClaim, Some("data".to_owned())))
        );
        let pod = json!({"status": {"storage": {"emptyDir": {}, "s3": null}}});
        assert_eq!(config(pod), Some((Kind::EmptyDir, None)));
        assert_eq!(config(json!({"status": {"storage": {}}})), None);
    }

    #[test]
    fn deployment_of_openshift_3_names_its_volume_or_bucket() {
        let claim = json!({"persistentVolumeClaim": {"claimName": "registry-claim"}});
        let none = || json!([]);
        assert_eq!(
            deployment(&none(), "/registry", claim),
            Some((Kind::VolumeClaim, Some("registry-claim".to_owned())))
        );
        let empty = || json!({"emptyDir": {}});
        assert_eq!(
            deployment(&none(), "/registry", empty()),
            Some((Kind::EmptyDir, None))
        );
        assert_eq!(deployment(&none(), "/registry-2", empty()), None);
        let root =
            json!([{"name": "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "value": "/data/images"}]);
        assert_eq!(
            deployment(&root, "/data/", empty()),
            Some((Kind::EmptyDir, None))
        );
        let bucket = json!([{"name": "REGISTRY_STORAGE", "value": "s3"},
                            {"name": "REGISTRY_STORAGE_S3_BUCKET", "value": "images"}]);
        assert_eq!(
            deployment(&bucket, "/registry", empty()),
            Some((Kind::S3, Some("images".to_owned())))
        );
        let file = json!([{"name": "REGISTRY_CONFIGURATION_PATH", "value": "/config.yml"}]);
        assert_eq!(
            deployment(&file, "/registry", empty()),
            None,
            "the file may name a bucket"
        );
        let other = json!({"glusterfs": {"path": "x"}});
        assert_eq!(
            deployment(&none(), "/registry", other),
            Some((Kind::Other, Some("glusterfs".to_owned())))
        );
    }

    #[test]
    fn claim_has_the_size_of_its_volume_or_the_requested_one() {
        let size = |value| {
            let claim: WireVolumeClaim = serde_json::from_value(value).unwrap();
            claim.capacity().map(|size| size.0)
        };
        let requested = json!({"resources": {"requests": {"storage": "100Gi"}}});
        assert_eq!(size(json!({"spec": requested})), Some(100 << 30));
        let bound = json!({"spec": requested, "status": {"capacity": {"storage": "200Gi"}}});
        assert_eq!(size(bound), Some(200 << 30));
        assert_eq!(size(json!({"status": {}})), None);
    }
}

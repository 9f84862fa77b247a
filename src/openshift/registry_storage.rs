//! Where the cluster's own registry stores its blobs.

use serde::Serialize;
use utoipa::ToSchema;

use super::requests::registry_storage as requests;
use super::{ApiError, UserApi, wire};
use registry_model::{ByteSize, ObjectName};

/// The project of the registry of OpenShift 4, and that of OpenShift 3.
const PROJECT_4: &str = "openshift-image-registry";
const PROJECT_3: &str = "default";

/// Where the registry stores its blobs, as its configuration says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegistryStorage {
    pub kind: RegistryStorageKind,
    /// The bucket, the container, the volume claim, the path on the node or the server. Untrusted, at
    /// most 253 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// The size of the volume claim, if the user may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub capacity: Option<ByteSize>,
}

/// The kinds of storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegistryStorageKind {
    /// Amazon S3, or anything that is compatible with it.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage.
    Azure,
    /// OpenStack Swift.
    Swift,
    /// IBM Cloud Object Storage.
    IbmCos,
    /// Alibaba Cloud Object Storage Service.
    Oss,
    VolumeClaim,
    /// A directory of the pod: all images are lost when the pod is replaced.
    EmptyDir,
    /// A directory of the node.
    HostPath,
    Nfs,
    /// Another kind of volume or object storage.
    Other,
}

impl UserApi<'_> {
    /// The storage of the registry of OpenShift 4. `None` if it has not been configured.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] is common: only cluster roles include this. [`ApiError::NotServed`] on
    /// OpenShift 3, [`ApiError::NotFound`] without a registry operator, or any other.
    pub async fn get_registry_storage(&self) -> Result<Option<RegistryStorage>, ApiError> {
        let config: wire::WireRegistryConfig =
            self.request(requests::get_registry_config()).await?;
        Ok(self.with_capacity(config.into_storage(), PROJECT_4).await)
    }

    /// The storage of the registry of OpenShift 3, which a deployment configuration of the project
    /// `default` runs. `None` if that does not say it: it can be in a configuration file.
    ///
    /// # Errors
    /// As for [`Self::get_registry_storage`].
    pub async fn get_deployed_registry_storage(&self) -> Result<Option<RegistryStorage>, ApiError> {
        let deployment: wire::WireRegistryDeployment =
            self.request(requests::get_registry_deployment()).await?;
        Ok(self
            .with_capacity(deployment.into_storage(), PROJECT_3)
            .await)
    }

    /// A claim that the user may not read has an unknown size.
    async fn with_capacity(
        &self,
        storage: Option<RegistryStorage>,
        project: &str,
    ) -> Option<RegistryStorage> {
        let storage = storage?;
        let claim = storage.name.as_ref();
        let claim = claim.filter(|_| storage.kind == RegistryStorageKind::VolumeClaim);
        let capacity = match claim.and_then(|name| name.parse::<ObjectName>().ok()) {
            Some(claim) => {
                let request = requests::get_volume_claim(project, &claim);
                let claim: Result<wire::WireVolumeClaim, ApiError> = self.request(request).await;
                claim.ok().and_then(|claim| claim.capacity())
            }
            None => None,
        };
        Some(RegistryStorage {
            capacity,
            ..storage
        })
    }
}

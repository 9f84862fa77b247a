//! The storage of the registry, for those who may read its configuration.

use super::finding::{Component, FactName, Finding};
use crate::app::AppForUser;
use crate::app::doctor::check_result::CheckResult;
use crate::app::section::Section;
use crate::openshift::{RegistryStorage, RegistryStorageKind};
use registry_model::ByteSize;

impl AppForUser<'_> {
    /// Where the registry stores images; `None` if the user may not read that, or the configuration
    /// does not say it.
    pub(super) async fn registry_storage_finding(&self) -> Option<Finding> {
        match self.registry_storage().await {
            Section::Ready(storage) => storage.map(storage_finding),
            Section::Missing { .. } => None,
        }
    }
}

fn storage_finding(storage: RegistryStorage) -> Finding {
    let result = match storage.kind {
        RegistryStorageKind::EmptyDir => CheckResult::StorageTemporary,
        _ => CheckResult::StorageConfigured,
    };
    Finding::new("registry-storage", Component::Registry, result)
        .with_optional_fact(FactName::StorageType, storage_type(storage.kind))
        .with_optional_fact(FactName::StorageName, storage.name)
        .with_optional_fact(FactName::StorageSize, storage.capacity.map(quantity))
}

/// The name of the product, or of the type in the API. `None` for another one.
fn storage_type(kind: RegistryStorageKind) -> Option<&'static str> {
    Some(match kind {
        RegistryStorageKind::S3 => "S3",
        RegistryStorageKind::Gcs => "Google Cloud Storage",
        RegistryStorageKind::Azure => "Azure Blob Storage",
        RegistryStorageKind::Swift => "OpenStack Swift",
        RegistryStorageKind::IbmCos => "IBM Cloud Object Storage",
        RegistryStorageKind::Oss => "Alibaba Cloud OSS",
        RegistryStorageKind::VolumeClaim => "PersistentVolumeClaim",
        RegistryStorageKind::EmptyDir => "emptyDir",
        RegistryStorageKind::HostPath => "hostPath",
        RegistryStorageKind::Nfs => "NFS",
        RegistryStorageKind::Other => return None,
    })
}

/// A size as Kubernetes writes it, in the largest unit that divides it.
fn quantity(size: ByteSize) -> String {
    let units = [(30, "Gi"), (20, "Mi"), (10, "Ki")];
    let exact = units
        .into_iter()
        .find(|(shift, _)| size.0.is_multiple_of(1 << shift));
    match exact {
        Some((shift, unit)) => format!("{}{unit}", size.0 >> shift),
        None => size.0.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_written_as_in_the_claim() {
        for (bytes, text) in [(100 << 30, "100Gi"), (512 << 20, "512Mi"), (1_500, "1500")] {
            assert_eq!(quantity(ByteSize(bytes)), text);
        }
    }
}

//! Where the integrated registry is configured to store its blobs. The registry of the embedded cluster
//! stores them in memory whatever that says.

use super::{Cluster, ClusterState};

/// The storage of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobStorage {
    /// A volume claim in the project of the registry, with a capacity such as `100Gi`.
    VolumeClaim { name: String, capacity: String },
    /// A directory of the pod.
    EmptyDir,
    /// A bucket of S3.
    S3 { bucket: String },
}

impl Cluster {
    /// Sets what the objects that configure the registry say: `configs/cluster` on OpenShift 4, the
    /// deployment configuration `docker-registry` on OpenShift 3. Without it there are none.
    pub fn set_blob_storage(&self, storage: BlobStorage) {
        self.write(|state| state.blob_storage = Some(storage));
    }
}

impl ClusterState {
    pub(crate) fn blob_storage(&self) -> Option<&BlobStorage> {
        self.blob_storage.as_ref()
    }
}

//! Detection of the API versions in which an API server has its workloads.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::{ApiError, UserApi, requests, wire};
use registry_model::WorkloadKind;

/// A version of an API group. The group of Kubernetes' first objects has no name.
type ApiVersion = (&'static str, &'static str);

const CORE: &[ApiVersion] = &[("", "v1")];

/// The versions that have a kind, the preferred one first. From OpenShift 3.6 (`extensions/v1beta1`,
/// `apps/v1beta1`, `batch/v2alpha1`) over 3.9 (recorded in `api-groups`) to 4.
fn versions(kind: WorkloadKind) -> &'static [ApiVersion] {
    match kind {
        WorkloadKind::Pod | WorkloadKind::ReplicationController => CORE,
        WorkloadKind::DeploymentConfig => &[("apps.openshift.io", "v1")],
        WorkloadKind::BuildConfig | WorkloadKind::Build => &[("build.openshift.io", "v1")],
        WorkloadKind::Deployment => &[
            ("apps", "v1"),
            ("apps", "v1beta2"),
            ("apps", "v1beta1"),
            ("extensions", "v1beta1"),
        ],
        WorkloadKind::StatefulSet => &[("apps", "v1"), ("apps", "v1beta2"), ("apps", "v1beta1")],
        WorkloadKind::ReplicaSet | WorkloadKind::DaemonSet => &[
            ("apps", "v1"),
            ("apps", "v1beta2"),
            ("extensions", "v1beta1"),
        ],
        WorkloadKind::Job => &[("batch", "v1")],
        // `batch/v1` has jobs only, until the newer versions have gone.
        WorkloadKind::CronJob => &[("batch", "v1beta1"), ("batch", "v2alpha1"), ("batch", "v1")],
    }
}

/// The version of each kind that the API server has.
#[derive(Debug)]
struct ServedApis(Vec<(WorkloadKind, Option<ApiVersion>)>);

/// What was detected. Shared by all users: the API server has the same APIs for everyone.
#[derive(Clone, Debug, Default)]
pub(super) struct DetectedWorkloadApis(Arc<Mutex<Option<Arc<ServedApis>>>>);

/// The path of the API version that has a kind, and what it was read from.
#[derive(Debug)]
pub(super) struct WorkloadApi {
    pub(super) path: String,
    pub(super) group: &'static str,
    served: Arc<ServedApis>,
}

impl DetectedWorkloadApis {
    /// Forgets the APIs that `outdated` was read from, unless others have been detected since.
    pub(super) async fn forget(&self, outdated: &WorkloadApi) {
        let mut detected = self.0.lock().await;
        if detected
            .as_ref()
            .is_some_and(|served| Arc::ptr_eq(served, &outdated.served))
        {
            *detected = None;
        }
    }
}

impl UserApi<'_> {
    /// The API version that has `kind`, from the API server's list of API groups, which every
    /// signed-in user may read. Concurrent callers wait for the same list.
    ///
    /// # Errors
    /// [`ApiError::NotServed`] where there is none: DeploymentConfigs and builds are optional on
    /// OpenShift 4.
    pub(super) async fn workload_api(&self, kind: WorkloadKind) -> Result<WorkloadApi, ApiError> {
        let mut detected = self.api_server.workload_apis.0.lock().await;
        let served = match &*detected {
            Some(served) => Arc::clone(served),
            None => {
                let groups: wire::ApiGroups = self
                    .request(requests::role_bindings::list_api_groups())
                    .await?;
                if !groups.has_groups() {
                    return Err(ApiError::malformed("a list of API groups without any"));
                }
                let served = Arc::new(ServedApis::from_groups(&groups));
                *detected = Some(Arc::clone(&served));
                served
            }
        };
        drop(detected);
        let (group, version) = served.version(kind).ok_or(ApiError::NotServed)?;
        let path = match group {
            "" => format!("/api/{version}"),
            group => format!("/apis/{group}/{version}"),
        };
        Ok(WorkloadApi {
            path,
            group,
            served,
        })
    }
}

impl ServedApis {
    fn from_groups(groups: &wire::ApiGroups) -> Self {
        let version = |kind| {
            let is_served = |&&(group, version): &&ApiVersion| {
                group.is_empty() || groups.serves(group, version)
            };
            versions(kind).iter().find(is_served).copied()
        };
        Self(WorkloadKind::ALL.map(|kind| (kind, version(kind))).to_vec())
    }

    fn version(&self, kind: WorkloadKind) -> Option<ApiVersion> {
        self.0
            .iter()
            .find(|(found, _)| *found == kind)
            .and_then(|(_, version)| *version)
    }
}

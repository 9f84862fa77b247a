//! Detection of the API versions in which an API server has its workloads.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::{ApiError, UserApi, requests, wire};
use registry_model::{Clock, WorkloadKind};

/// How long a kind that the API server does not have is not looked for again: OpenShift 4 can add
/// DeploymentConfigs and builds later.
const ABSENCE_TTL: TimeDelta = TimeDelta::minutes(1);

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

/// The version of each kind that the API server had at a time.
#[derive(Debug)]
struct ServedApis {
    versions: Vec<(WorkloadKind, Option<ApiVersion>)>,
    read_at: DateTime<Utc>,
}

/// What was detected. Shared by all users: the API server has the same APIs for everyone.
#[derive(Clone, Debug)]
pub(super) struct DetectedWorkloadApis {
    latest: Arc<Mutex<Option<Arc<ServedApis>>>>,
    clock: Clock,
}

/// The path of the API version that has a kind, and what it was read from.
#[derive(Debug)]
pub(super) struct WorkloadApi {
    pub(super) path: String,
    pub(super) group: &'static str,
    served: Arc<ServedApis>,
}

impl DetectedWorkloadApis {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            latest: Arc::default(),
            clock,
        }
    }

    /// Forgets the APIs that `outdated` was read from, unless others have been detected since.
    pub(super) async fn forget(&self, outdated: &WorkloadApi) {
        let mut detected = self.latest.lock().await;
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
        let apis = &self.api_server.workload_apis;
        let mut detected = apis.latest.lock().await;
        let now = apis.clock.now();
        let served = match &*detected {
            Some(served) if served.is_current_for(kind, now) => Arc::clone(served),
            _ => {
                let groups: wire::ApiGroups = self
                    .request(requests::role_bindings::list_api_groups())
                    .await?;
                if !groups.has_groups() {
                    return Err(ApiError::malformed("a list of API groups without any"));
                }
                let served = Arc::new(ServedApis::from_groups(&groups, now));
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
    fn from_groups(groups: &wire::ApiGroups, read_at: DateTime<Utc>) -> Self {
        let version = |kind| {
            let is_served = |&&(group, version): &&ApiVersion| {
                group.is_empty() || groups.serves(group, version)
            };
            versions(kind).iter().find(is_served).copied()
        };
        Self {
            versions: WorkloadKind::ALL.map(|kind| (kind, version(kind))).to_vec(),
            read_at,
        }
    }

    fn version(&self, kind: WorkloadKind) -> Option<ApiVersion> {
        self.versions
            .iter()
            .find(|(found, _)| *found == kind)
            .and_then(|(_, version)| *version)
    }

    /// Whether `kind` need not be looked for again. A version that is gone is noticed by its 404.
    fn is_current_for(&self, kind: WorkloadKind, now: DateTime<Utc>) -> bool {
        self.version(kind).is_some() || now - self.read_at < ABSENCE_TTL
    }
}

//! Lists and watches of the workloads of the whole cluster, for the index, and the rights that they
//! need.

use super::image_stream_list::{
    self, ListWatchError, ListedObject, MalformedObject, ObjectDecoder,
};
use super::watch::{self, ObjectWatch};
use super::workload_apis::WorkloadApi;
use super::{AccessRight, ApiError, UserApi, requests, wire};
use registry_model::{ProjectName, Workload, WorkloadKind, json};

/// A workload of a list or watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkloadItem {
    /// With the version of the object.
    Workload(Box<Workload>, Option<String>),
    /// An object that is not a workload the console can read.
    Malformed(MalformedObject),
}

/// Decodes workloads of a kind.
#[derive(Clone, Copy, Debug)]
pub struct WorkloadDecoder(WorkloadKind);

/// A watch of workloads.
pub type WorkloadWatch = ObjectWatch<WorkloadDecoder>;

impl ObjectDecoder for WorkloadDecoder {
    type Object = WorkloadItem;

    fn decode(&self, text: &[u8]) -> WorkloadItem {
        let text = &json::to_valid_unicode(text);
        let decode = || {
            let mut object: wire::WireWorkload = serde_json::from_slice(text).ok()?;
            let version = object.take_resource_version();
            let workload = object.into_model(self.0)?;
            Some(WorkloadItem::Workload(Box::new(workload), version))
        };
        decode().unwrap_or_else(|| WorkloadItem::Malformed(MalformedObject::parse(text)))
    }
}

impl ListedObject for WorkloadItem {
    fn resource_version(&self) -> Option<&str> {
        match self {
            Self::Workload(_, version) => version.as_deref(),
            Self::Malformed(object) => object.resource_version.as_deref(),
        }
    }
}

impl From<MalformedObject> for WorkloadItem {
    fn from(object: MalformedObject) -> Self {
        Self::Malformed(object)
    }
}

impl UserApi<'_> {
    /// Passes every workload of a kind in the cluster to `take` as it arrives, and returns the
    /// resource version to watch from. One workload at a time is in memory.
    ///
    /// # Errors
    /// [`ListWatchError::Expired`] where the continuation of a chunk is too old (410): what `take`
    /// received until then must be discarded. [`ApiError::NotServed`] where the API server does not
    /// have the kind.
    pub async fn for_each_workload(
        &self,
        kind: WorkloadKind,
        chunked: bool,
        take: impl FnMut(WorkloadItem),
    ) -> Result<String, ListWatchError> {
        let api = self.workload_api(kind).await?;
        let request = |continuation: Option<&str>| {
            if chunked {
                requests::workloads::list(&api.path, kind, None, continuation)
            } else {
                requests::workloads::list_whole(&api.path, kind)
            }
        };
        let decoder = WorkloadDecoder(kind);
        let listed = image_stream_list::for_each_object(self, &decoder, request, take).await;
        if matches!(listed, Err(ListWatchError::Api(ApiError::NotServed))) {
            self.api_server.workload_apis.forget(&api).await;
        }
        listed
    }

    /// The current resource version of the cluster, from its list of workloads of a kind.
    ///
    /// # Errors
    /// Any [`ListWatchError`].
    pub async fn current_workload_version(
        &self,
        kind: WorkloadKind,
    ) -> Result<Option<String>, ListWatchError> {
        let api = self.workload_api(kind).await?;
        let request = requests::workloads::first(&api.path, kind);
        image_stream_list::current_resource_version(self, request).await
    }

    /// The changes of the workloads of a kind in the cluster since the resource version `from`.
    ///
    /// # Errors
    /// [`ListWatchError::Expired`] where the API server no longer has that resource version.
    pub async fn watch_workloads(
        &self,
        kind: WorkloadKind,
        from: &str,
    ) -> Result<WorkloadWatch, ListWatchError> {
        let api = self.workload_api(kind).await?;
        let request = requests::workloads::watch(&api.path, kind, from);
        watch::open(self, request, WorkloadDecoder(kind)).await
    }

    /// Whether the user may list the workloads of a kind in a project, or in the whole cluster.
    ///
    /// # Errors
    /// [`ApiError::NotServed`] where the API server does not have the kind, or any other.
    pub async fn can_list_workloads(
        &self,
        kind: WorkloadKind,
        project: Option<&ProjectName>,
    ) -> Result<bool, ApiError> {
        let api = self.workload_api(kind).await?;
        self.is_allowed(&right("list", &api, kind, project)).await
    }

    /// Whether the user may list and watch the workloads of a kind in the whole cluster.
    ///
    /// # Errors
    /// As [`Self::can_list_workloads`].
    pub async fn can_watch_all_workloads(&self, kind: WorkloadKind) -> Result<bool, ApiError> {
        let api = self.workload_api(kind).await?;
        for verb in ["list", "watch"] {
            if !self.is_allowed(&right(verb, &api, kind, None)).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A right in the API group that has the kind.
fn right(
    verb: &'static str,
    api: &WorkloadApi,
    kind: WorkloadKind,
    project: Option<&ProjectName>,
) -> AccessRight {
    AccessRight::for_workloads(verb, api.group, kind.resource(), project)
}

//! Lists of workloads.

use http::StatusCode;

use super::list_progress::{ListAttempt, ListProgress, expired_list_error};
use super::{ApiError, UserApi, error, log_unreadable_objects, requests, wire};
use registry_model::{ProjectName, Workload, WorkloadKind};

/// The longest chunk. An API server that ignores `limit` (before OpenShift 3.9) sends the whole list
/// in one.
const MAX_CHUNK_BYTES: usize = 64 << 20;
/// The longest list: 10,000 pods of 20 KiB each.
const MAX_LIST_BYTES: usize = 256 << 20;
/// More chunks of 500 than any cluster has.
const MAX_CHUNKS: usize = 1000;

/// Workloads of a kind, and how many more could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkloadList<T = Vec<Workload>> {
    /// In the order of the API server: by project, then by name.
    pub workloads: T,
    /// The number of objects that are not workloads the console can read.
    pub unreadable_count: usize,
}

impl UserApi<'_> {
    /// The workloads of a kind in a project, or in the whole cluster.
    ///
    /// # Errors
    /// As [`Self::list_workloads_into`].
    pub async fn list_workloads(
        &self,
        kind: WorkloadKind,
        project: Option<&ProjectName>,
    ) -> Result<WorkloadList, ApiError> {
        self.list_workloads_into(kind, project, Vec::push).await
    }

    /// Reads the workloads of a kind in chunks of 500, and keeps what `keep` stores in a `T`. When
    /// the continuation of a chunk expires (410), the list is read from its start again, once. When
    /// the API server no longer has the API version that it had, its API groups are read again,
    /// once.
    ///
    /// # Errors
    /// [`ApiError::NotServed`] where the API server does not have the kind,
    /// [`ApiError::Forbidden`], or any other.
    pub async fn list_workloads_into<T: Default>(
        &self,
        kind: WorkloadKind,
        project: Option<&ProjectName>,
        keep: impl Fn(&mut T, Workload),
    ) -> Result<WorkloadList<T>, ApiError> {
        let api = self.workload_api(kind).await?;
        match self.read_list(&api.path, kind, project, &keep).await {
            Err(ApiError::NotServed) => {
                self.api_server.workload_apis.forget(&api).await;
                let api = self.workload_api(kind).await?;
                self.read_list(&api.path, kind, project, &keep).await
            }
            result => result,
        }
    }

    async fn read_list<T: Default>(
        &self,
        api: &str,
        kind: WorkloadKind,
        project: Option<&ProjectName>,
        keep: &impl Fn(&mut T, Workload),
    ) -> Result<WorkloadList<T>, ApiError> {
        for _ in 0..2 {
            if let ListAttempt::Complete(list) = self.read_chunks(api, kind, project, keep).await? {
                log_unreadable_objects(kind.resource(), list.unreadable_count);
                return Ok(list);
            }
        }
        Err(expired_list_error())
    }

    async fn read_chunks<T: Default>(
        &self,
        api: &str,
        kind: WorkloadKind,
        project: Option<&ProjectName>,
        keep: &impl Fn(&mut T, Workload),
    ) -> Result<ListAttempt<WorkloadList<T>>, ApiError> {
        let mut list = WorkloadList {
            workloads: T::default(),
            unreadable_count: 0,
        };
        let mut progress = ListProgress::new(MAX_CHUNKS);
        let mut bytes_left = MAX_LIST_BYTES;
        loop {
            let request = requests::workloads::list(api, kind, project, progress.continuation())
                .max_bytes(bytes_left.min(MAX_CHUNK_BYTES));
            let response = self.send(request).await?;
            if response.status == StatusCode::GONE && progress.continuation().is_some() {
                return Ok(ListAttempt::Expired);
            }
            bytes_left -= response.body.len();
            let mut invalid = 0;
            let mut take = |workload: wire::WireWorkload| match workload.into_model(kind) {
                // A list of one project contains no others.
                Some(workload) if project.is_none_or(|project| *project == workload.project) => {
                    keep(&mut list.workloads, workload);
                }
                _ => invalid += 1,
            };
            let chunk =
                error::decode_with(&response, |text| wire::List::for_each_item(text, &mut take))?;
            list.unreadable_count += chunk.unreadable_count() + invalid;
            let (resource_version, continuation) = chunk.into_revision_and_continuation();
            if progress.finish_chunk(resource_version, continuation)? {
                return Ok(ListAttempt::Complete(list));
            }
        }
    }
}

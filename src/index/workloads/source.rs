//! The API server's workloads of one kind, read with the console's own service account.

use crate::index::service_account_source::source_error;
use crate::index::{IndexSource, ServiceAccountSource, SourceError};
use crate::openshift::{WorkloadItem, WorkloadWatch};
use registry_model::WorkloadKind;

/// Calls the API server with the token of a service account.
#[derive(Clone, Debug)]
pub(super) struct WorkloadSource {
    pub(super) account: ServiceAccountSource,
    pub(super) kind: WorkloadKind,
}

impl IndexSource for WorkloadSource {
    type Object = WorkloadItem;
    type Events = WorkloadWatch;

    async fn is_allowed(&self) -> Result<bool, SourceError> {
        let token = self.account.token().await?;
        let user = self.account.api_server.for_user(&token);
        let allowed = user.can_watch_all_workloads(self.kind).await;
        allowed.map_err(source_error)
    }

    async fn list(
        &self,
        chunked: bool,
        take: &mut (dyn FnMut(WorkloadItem) + Send),
    ) -> Result<String, SourceError> {
        let token = self.account.token().await?;
        let user = self.account.api_server.for_user(&token);
        Ok(user.for_each_workload(self.kind, chunked, take).await?)
    }

    async fn current_resource_version(&self) -> Result<Option<String>, SourceError> {
        let token = self.account.token().await?;
        let user = self.account.api_server.for_user(&token);
        Ok(user.current_workload_version(self.kind).await?)
    }

    async fn watch(&self, from: &str) -> Result<WorkloadWatch, SourceError> {
        let token = self.account.token().await?;
        let user = self.account.api_server.for_user(&token);
        Ok(user.watch_workloads(self.kind, from).await?)
    }
}

//! The storage of the cluster's own registry, for those who may read its configuration.

use std::time::Duration;

use tokio::time::timeout;

use crate::app::AppForUser;
use crate::app::failure::Upstream;
use crate::app::release::Release;
use crate::app::section::{Section, Unavailable, UnavailableReason};
use crate::openshift::{ApiError, RegistryStorage};

/// How long a page waits for it.
const STORAGE_TIMEOUT: Duration = Duration::from_millis(1_800);

impl AppForUser<'_> {
    /// The storage of the cluster's registry. `None` where its configuration does not say it.
    pub async fn registry_storage(&self) -> Section<Option<RegistryStorage>> {
        let late = Unavailable::new(Upstream::ApiServer, UnavailableReason::Late);
        match timeout(STORAGE_TIMEOUT, Box::pin(self.read_registry_storage())).await {
            Ok(Err(ApiError::NotFound | ApiError::NotServed)) => Section::Ready(None),
            Ok(storage) => Section::from(storage),
            Err(_) => Section::Missing { missing: late },
        }
    }

    /// Where the release is not known, both places are looked at.
    async fn read_registry_storage(&self) -> Result<Option<RegistryStorage>, ApiError> {
        let api_server = self.api_server;
        if self.app.release().await == Some(Release::Three) {
            return api_server.get_deployed_registry_storage().await;
        }
        match api_server.get_registry_storage().await {
            Err(ApiError::NotServed) => api_server.get_deployed_registry_storage().await,
            storage => storage,
        }
    }
}

//! Where a master has its role bindings.

use std::sync::{Arc, OnceLock};

use super::{ApiError, UserApi, requests, wire};

/// An API group that has role bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingApiGroup {
    /// `rbac.authorization.k8s.io/v1`: OpenShift 3.9 and later.
    Rbac,
    /// `authorization.openshift.io/v1`, the only one of OpenShift 3.6 and 3.7.
    Openshift,
}

impl BindingApiGroup {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rbac => "rbac.authorization.k8s.io",
            Self::Openshift => "authorization.openshift.io",
        }
    }
}

/// What one master was found to have. It can only gain the newer group, and then keeps the older
/// one, too.
#[derive(Clone, Debug, Default)]
pub(super) struct DetectedApiGroup(Arc<OnceLock<BindingApiGroup>>);

impl DetectedApiGroup {
    pub(super) fn get(&self) -> Option<BindingApiGroup> {
        self.0.get().copied()
    }
}

impl UserApi<'_> {
    /// Where the master has bindings, by its list of API groups (recorded in `api-groups`), which
    /// every signed-in user may read. Asked for once.
    ///
    /// A 403 does not tell: masters ask for rights before they look whether there is such a path,
    /// and before 3.9 the roles `admin` and `registry-admin` say nothing about the newer group
    /// (bootstrap policy of origin 3.6).
    pub(super) async fn detect_binding_api_group(&self) -> BindingApiGroup {
        if let Some(found) = self.api_server.binding_api_group.get() {
            return found;
        }
        let asked: Result<wire::ApiGroups, ApiError> = self
            .request(requests::role_bindings::list_api_groups())
            .await;
        let serves = |groups: &wire::ApiGroups| groups.serves(BindingApiGroup::Rbac.name(), "v1");
        match asked.ok().filter(wire::ApiGroups::has_groups) {
            Some(groups) => {
                let found = if serves(&groups) {
                    BindingApiGroup::Rbac
                } else {
                    BindingApiGroup::Openshift
                };
                *self.api_server.binding_api_group.0.get_or_init(|| found)
            }
            // Likely, and not remembered.
            None => BindingApiGroup::Rbac,
        }
    }
}

//! Detection of the API group in which an API server has its role bindings.

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

/// The API group that was detected. An API server can only gain the newer group with an upgrade,
/// and keeps the older one as well.
#[derive(Clone, Debug, Default)]
pub(super) struct DetectedApiGroup(Arc<OnceLock<BindingApiGroup>>);

impl DetectedApiGroup {
    pub(super) fn get(&self) -> Option<BindingApiGroup> {
        self.0.get().copied()
    }
}

impl UserApi<'_> {
    /// The API group of role bindings, from the API server's list of API groups (recorded in
    /// `api-groups`), which every signed-in user may read. The list is read once.
    ///
    /// A 403 for role bindings would not show whether the group exists: API servers check rights
    /// before they check that a path exists, and before 3.9 the roles `admin` and `registry-admin`
    /// contain no rules for the newer group (bootstrap policy of origin 3.6).
    pub(super) async fn detect_binding_api_group(&self) -> BindingApiGroup {
        if let Some(detected) = self.api_server.binding_api_group.get() {
            return detected;
        }
        let response: Result<wire::ApiGroups, ApiError> = self
            .request(requests::role_bindings::list_api_groups())
            .await;
        let serves = |groups: &wire::ApiGroups| groups.serves(BindingApiGroup::Rbac.name(), "v1");
        match response.ok().filter(wire::ApiGroups::has_groups) {
            Some(groups) => {
                let detected = if serves(&groups) {
                    BindingApiGroup::Rbac
                } else {
                    BindingApiGroup::Openshift
                };
                *self.api_server.binding_api_group.0.get_or_init(|| detected)
            }
            // The likely group, which is not cached.
            None => BindingApiGroup::Rbac,
        }
    }
}

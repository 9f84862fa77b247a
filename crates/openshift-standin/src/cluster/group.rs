//! API groups that a cluster does not serve, or that nobody may use.

use super::{Cluster, ClusterState};

impl Cluster {
    /// Removes an API group, as a cluster without the capability `DeploymentConfig` lacks
    /// `apps.openshift.io` (from 4.14 on), or one without `Build` the group `build.openshift.io`.
    pub fn remove_api_group(&self, group: &'static str) {
        self.write(|state| state.removed_groups.insert(group));
    }

    /// Forbids an API group to all users whatever their roles, or permits it again: access reviews
    /// say so as well.
    pub fn forbid_api_group(&self, group: &'static str, is_forbidden: bool) {
        self.write(|state| {
            if is_forbidden {
                state.forbidden_groups.insert(group);
            } else {
                state.forbidden_groups.remove(group);
            }
        });
    }
}

impl ClusterState {
    /// Whether an API group was removed.
    pub(crate) fn has_removed_group(&self, group: &str) -> bool {
        self.removed_groups.contains(group)
    }

    /// Whether the cluster has the API versions of workloads that OpenShift 3.6 and 3.7 have: such
    /// a cluster has no bindings in `rbac.authorization.k8s.io` either.
    pub(crate) fn is_before_3_9(&self) -> bool {
        self.without_rbac_group
    }
}

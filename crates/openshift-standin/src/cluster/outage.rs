//! Partial outages of the API, as real clusters have them at every upgrade.

use std::sync::PoisonError;

use super::Cluster;

/// The part of the API that is not available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiOutage {
    #[default]
    None,
    /// The aggregator answers `503 text/plain` for these API groups: the server behind it is down
    /// or restarting.
    Down(&'static [&'static str]),
    /// These API groups do not exist: `404 text/plain`.
    NotServed(&'static [&'static str]),
    /// The API server has just started and has not loaded its roles: everything is forbidden, with
    /// `RBAC: [clusterrole ... not found, ...]`.
    RolesNotLoaded,
    /// No token is accepted, as when oauth-apiserver cannot review them.
    TokensRefused,
}

impl ApiOutage {
    /// openshift-apiserver is down (OpenShift 4): all APIs of OpenShift that are not custom
    /// resources, except users and OAuth.
    pub const OPENSHIFT_APISERVER: Self = Self::Down(&[
        "apps.openshift.io",
        "authorization.openshift.io",
        "build.openshift.io",
        "image.openshift.io",
        "project.openshift.io",
        "quota.openshift.io",
        "route.openshift.io",
        "security.openshift.io",
        "template.openshift.io",
    ]);
    /// oauth-apiserver is down (OpenShift 4).
    pub const OAUTH_APISERVER: Self = Self::Down(&["oauth.openshift.io", "user.openshift.io"]);
    /// No image streams, as on a cluster without the capability `ImageRegistry`.
    pub const NO_IMAGES: Self = Self::NotServed(&["image.openshift.io"]);

    /// Whether the resources of an API group are not available.
    pub(crate) fn affects(self, group: &str) -> bool {
        match self {
            Self::None => false,
            Self::Down(groups) | Self::NotServed(groups) => groups.contains(&group),
            Self::RolesNotLoaded | Self::TokensRefused => true,
        }
    }
}

impl Cluster {
    /// Begins an outage, or ends it with [`ApiOutage::None`]. Open watches of affected resources
    /// end.
    pub fn set_outage(&self, outage: ApiOutage) {
        *self
            .0
            .outage
            .write()
            .unwrap_or_else(PoisonError::into_inner) = outage;
        self.0.revision.send_modify(|_same| {});
    }

    /// The current outage.
    pub(crate) fn outage(&self) -> ApiOutage {
        *self.0.outage.read().unwrap_or_else(PoisonError::into_inner)
    }
}

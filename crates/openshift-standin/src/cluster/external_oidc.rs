//! A cluster whose users sign in through an external OIDC provider (`authentication.config` of type
//! `OIDC`): it has no OAuth server, and neither the API group `oauth.openshift.io` nor
//! `user.openshift.io`.

use super::{Cluster, ClusterState};

/// The response of such a cluster to a request without a token for the OAuth discovery document.
/// Both were observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternalOidc {
    /// 404 `text/plain`: anonymous requests are allowed, but there is no such path.
    DocumentMissing,
    /// 403 with a `Status`: anonymous requests are not allowed there.
    DocumentForbidden,
}

impl Cluster {
    /// Removes the OAuth server, and the API groups that belong to it.
    pub fn use_external_oidc(&self, answers: ExternalOidc) {
        self.write(|state| state.external_oidc = Some(answers));
    }
}

impl ClusterState {
    /// How users sign in, if not by the cluster's own OAuth server.
    pub(crate) fn external_oidc(&self) -> Option<ExternalOidc> {
        self.external_oidc
    }

    /// Whether the cluster does not serve the API group because it has no OAuth server.
    pub(crate) fn lacks_oauth_group(&self, group: &str) -> bool {
        self.external_oidc.is_some() && matches!(group, "oauth.openshift.io" | "user.openshift.io")
    }
}

//! A cluster whose people sign in through an external OIDC provider (`authentication.config` of
//! type `OIDC`): it has no OAuth server, and neither the API group `oauth.openshift.io` nor
//! `user.openshift.io`.

use super::{Cluster, ClusterState};

/// What such a cluster answers to a request without a token for the OAuth discovery document. Both
/// were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternalOidc {
    /// 404 `text/plain`: anonymous requests are allowed, but there is no such path.
    DocumentMissing,
    /// 403 with a `Status`: anonymous requests are not allowed there.
    DocumentForbidden,
}

impl Cluster {
    /// Takes the OAuth server away, and the API groups that come with it.
    pub fn use_external_oidc(&self, answers: ExternalOidc) {
        self.write(|state| state.external_oidc = Some(answers));
    }
}

impl ClusterState {
    /// How people sign in, where it is not by the cluster's own OAuth server.
    pub(crate) fn external_oidc(&self) -> Option<ExternalOidc> {
        self.external_oidc
    }

    /// Whether the cluster serves no such API group because it has no OAuth server.
    pub(crate) fn lacks_oauth_group(&self, group: &str) -> bool {
        self.external_oidc.is_some() && matches!(group, "oauth.openshift.io" | "user.openshift.io")
    }
}

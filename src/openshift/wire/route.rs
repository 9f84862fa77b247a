//! Routes.

use serde::Deserialize;

use super::meta::{Meta, or_default};
use crate::openshift::RouteHost;
use crate::openshift::about::cut;

/// `route.openshift.io/v1` `Route`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct Route {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    #[serde(deserialize_with = "or_default")]
    host: String,
    #[serde(deserialize_with = "or_default")]
    to: Target,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    #[serde(deserialize_with = "or_default")]
    name: String,
}

impl Route {
    /// Nothing without a name.
    pub(in crate::openshift) fn into_public(self) -> Option<RouteHost> {
        let Self { metadata, spec } = self;
        let [project, name, host, service] =
            [metadata.namespace, metadata.name, spec.host, spec.to.name].map(|text| cut(&text));
        (!name.is_empty()).then_some(RouteHost {
            project,
            name,
            host,
            service,
        })
    }
}

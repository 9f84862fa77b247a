//! The JSON of routes.

use serde::Deserialize;

use crate::openshift::RouteHost;
use crate::openshift::server_info::truncate_text;
use crate::openshift::wire::object_meta::{WireObjectMeta, null_to_default};

/// `route.openshift.io/v1` `Route`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireRoute {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(deserialize_with = "null_to_default")]
    spec: WireRouteSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireRouteSpec {
    #[serde(deserialize_with = "null_to_default")]
    host: String,
    #[serde(deserialize_with = "null_to_default")]
    to: WireRouteTarget,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireRouteTarget {
    #[serde(deserialize_with = "null_to_default")]
    name: String,
}

impl WireRoute {
    /// `None` without a name.
    pub(in crate::openshift) fn into_public(self) -> Option<RouteHost> {
        let Self { metadata, spec } = self;
        let [project, name, host, service] =
            [metadata.namespace, metadata.name, spec.host, spec.to.name]
                .map(|text| truncate_text(&text));
        (!name.is_empty()).then_some(RouteHost {
            project,
            name,
            host,
            service,
        })
    }
}

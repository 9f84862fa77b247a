//! The JSON of quotas and limits.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::openshift::quotas::{ImageLimit, ImageLimitKind, Quota, QuotaScope};
use crate::openshift::wire::object_meta::{WireObjectMeta, null_to_default};
use registry_model::{ProjectName, Quantity};

/// Quantities by the name of the resource. One that cannot be read is left out.
type Quantities = BTreeMap<String, LenientQuantity>;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum LenientQuantity {
    Read(Quantity),
    Unreadable(serde::de::IgnoredAny),
}

/// `v1` `ResourceQuota`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireResourceQuota {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(deserialize_with = "null_to_default")]
    spec: WireQuotaValues,
    #[serde(deserialize_with = "null_to_default")]
    status: WireQuotaValues,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireQuotaValues {
    #[serde(deserialize_with = "null_to_default")]
    hard: Quantities,
    #[serde(deserialize_with = "null_to_default")]
    used: Quantities,
}

/// `quota.openshift.io/v1` `AppliedClusterResourceQuota`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireAppliedClusterQuota {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(deserialize_with = "null_to_default")]
    spec: WireClusterQuotaSpec,
    #[serde(deserialize_with = "null_to_default")]
    status: WireClusterQuotaStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireClusterQuotaSpec {
    #[serde(deserialize_with = "null_to_default")]
    quota: WireQuotaValues,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireClusterQuotaStatus {
    #[serde(deserialize_with = "null_to_default")]
    total: WireQuotaValues,
    #[serde(deserialize_with = "null_to_default")]
    namespaces: Vec<WireNamespaceUsage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireNamespaceUsage {
    #[serde(deserialize_with = "null_to_default")]
    namespace: String,
    #[serde(deserialize_with = "null_to_default")]
    status: WireQuotaValues,
}

/// `v1` `LimitRange`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireLimitRange {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(deserialize_with = "null_to_default")]
    spec: WireLimitRangeSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireLimitRangeSpec {
    #[serde(deserialize_with = "null_to_default")]
    limits: Vec<WireLimit>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireLimit {
    #[serde(rename = "type", deserialize_with = "null_to_default")]
    kind: String,
    #[serde(deserialize_with = "null_to_default")]
    max: Quantities,
}

fn quantity(quantities: &Quantities, resource: &str) -> Option<u64> {
    match quantities.get(resource)? {
        LenientQuantity::Read(quantity) => Some(quantity.to_u64()),
        LenientQuantity::Unreadable(_) => None,
    }
}

/// Whether a resource of quotas is about images.
fn concerns_images(resource: &str) -> bool {
    resource.starts_with("openshift.io/") || resource == Quota::STREAM_OBJECTS
}

impl WireResourceQuota {
    /// The quotas on image streams and images. `None` without a name.
    pub(in crate::openshift) fn into_quotas(self) -> Option<Vec<Quota>> {
        let (name, spec, status) = (self.metadata.name, self.spec, self.status);
        let resources = spec
            .hard
            .keys()
            .filter(|resource| concerns_images(resource));
        let quotas = resources.filter_map(|resource| {
            Some(Quota {
                name: name.clone(),
                scope: QuotaScope::Project,
                resource: resource.clone(),
                // What the API server enforces is the hard value of `status`.
                hard: quantity(&status.hard, resource)
                    .or_else(|| quantity(&spec.hard, resource))?,
                used: quantity(&status.used, resource),
                used_here: None,
            })
        });
        (!name.is_empty()).then(|| quotas.collect())
    }
}

impl WireAppliedClusterQuota {
    /// The quotas on image streams and images, with the use of all projects and that of `project`.
    /// `None` without a name.
    pub(in crate::openshift) fn into_quotas(self, project: &ProjectName) -> Option<Vec<Quota>> {
        let (name, spec) = (self.metadata.name, self.spec.quota);
        let total = self.status.total;
        let own = self
            .status
            .namespaces
            .into_iter()
            .find(|usage| usage.namespace == project.as_str())
            .map(|usage| usage.status)
            .unwrap_or_default();
        let resources = spec
            .hard
            .keys()
            .filter(|resource| concerns_images(resource));
        let quotas = resources.filter_map(|resource| {
            Some(Quota {
                name: name.clone(),
                scope: QuotaScope::Cluster,
                resource: resource.clone(),
                hard: quantity(&total.hard, resource).or_else(|| quantity(&spec.hard, resource))?,
                used: quantity(&total.used, resource),
                used_here: quantity(&own.used, resource),
            })
        });
        (!name.is_empty()).then(|| quotas.collect())
    }
}

impl WireLimitRange {
    /// The limits of images and image streams. `None` without a name.
    pub(in crate::openshift) fn into_limits(self) -> Option<Vec<ImageLimit>> {
        let range = self.metadata.name;
        let limits = self.spec.limits.iter().flat_map(|limit| {
            ImageLimitKind::ALL
                .into_iter()
                .filter(|kind| kind.limit_type() == limit.kind)
                .filter_map(|kind| Some((kind, quantity(&limit.max, kind.resource())?)))
        });
        let limits = limits.map(|(kind, max)| ImageLimit {
            range: range.clone(),
            kind,
            max,
        });
        (!range.is_empty()).then(|| limits.collect())
    }
}

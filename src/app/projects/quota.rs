//! The quotas and limits of a project and how much of them is used.

mod expected;

pub use expected::{ExpectedRefusal, PushLimits};

use std::cmp::Reverse;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::failure::Upstream;
use crate::app::section::{OPTIONAL_TIMEOUT, Section, Unavailable, with_timeout};
use crate::openshift::{ApiError, ImageLimit, ImageLimitKind, Quota};
use registry_model::{ImageStreamName, ProjectName, StreamUsage};

/// How many image streams are compared with the limits, those closest to a limit first.
const MAX_STREAMS: usize = 10;

/// The quotas and limits of a project that concern image streams and images.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectQuota {
    /// Of its ResourceQuotas.
    pub quotas: Section<Vec<Quota>>,
    /// Of the ClusterResourceQuotas that count it.
    pub cluster_quotas: Section<Vec<Quota>>,
    /// Of its LimitRanges.
    pub limits: Section<Vec<ImageLimit>>,
}

/// The image streams of a project that are closest to a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamsByUsage {
    #[serde(skip)]
    pub project: ProjectName,
    /// At most 10, those closest to a limit first.
    pub streams: Vec<StreamAtLimits>,
    /// How many more image streams there are.
    pub others: usize,
}

/// How much of the limits an image stream uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamAtLimits {
    pub name: ImageStreamName,
    #[serde(flatten)]
    pub usage: StreamUsage,
    /// The largest share of a limit that it uses, in percent. 100 and more: the limit is reached.
    pub percent: u64,
}

impl ProjectQuota {
    /// The quotas that could be read, those on image streams first.
    pub fn all_quotas(&self) -> Vec<&Quota> {
        let sections = [&self.quotas, &self.cluster_quotas];
        let mut quotas: Vec<&Quota> = sections
            .into_iter()
            .filter_map(Section::ready)
            .flatten()
            .collect();
        quotas.sort_by_key(|quota| !quota.counts_streams());
        quotas
    }

    /// The limit of each kind that counts: the smallest one.
    pub fn effective_limits(&self) -> Vec<&ImageLimit> {
        let limits = self.limits.ready().map_or(&[][..], Vec::as_slice);
        let kinds = ImageLimitKind::ALL.into_iter();
        kinds.filter_map(|kind| smallest(limits, kind)).collect()
    }

    /// Whether there are neither quotas nor limits, as far as they could be read.
    #[must_use]
    pub fn has_none(&self) -> bool {
        self.all_quotas().is_empty() && self.effective_limits().is_empty()
    }

    /// Why some quotas or limits could not be read, each reason once.
    pub fn unavailable(&self) -> Vec<&Unavailable> {
        let reasons = [
            self.quotas.missing(),
            self.cluster_quotas.missing(),
            self.limits.missing(),
        ];
        let mut distinct: Vec<&Unavailable> = Vec::new();
        for reason in reasons.into_iter().flatten() {
            if !distinct.contains(&reason) {
                distinct.push(reason);
            }
        }
        distinct
    }

    /// The quota that would prevent a new image stream.
    #[must_use]
    pub fn refusal_of_stream(&self) -> Option<ExpectedRefusal> {
        let mut quotas = self.all_quotas().into_iter();
        quotas
            .find(|quota| quota.counts_streams() && quota.is_used_up())
            .cloned()
            .map(ExpectedRefusal::Quota)
    }

    /// Whether a limit for image streams exists, so that their use matters.
    fn limits_streams(&self) -> bool {
        let mut limits = self.effective_limits().into_iter();
        limits.any(|limit| limit.kind.is_per_stream())
    }
}

impl StreamsByUsage {
    fn new(
        project: &ProjectName,
        usage: Vec<(ImageStreamName, StreamUsage)>,
        limits: &[ImageLimit],
    ) -> Self {
        let all = usage.len();
        let mut streams: Vec<StreamAtLimits> = usage
            .into_iter()
            .map(|(name, usage)| StreamAtLimits {
                name,
                usage,
                percent: largest_share(usage, limits),
            })
            .collect();
        streams.sort_by_key(|stream| Reverse(stream.percent));
        streams.truncate(MAX_STREAMS);
        Self {
            project: project.clone(),
            others: all - streams.len(),
            streams,
        }
    }
}

fn smallest(limits: &[ImageLimit], kind: ImageLimitKind) -> Option<&ImageLimit> {
    let of_kind = limits.iter().filter(|limit| limit.kind == kind);
    of_kind.min_by_key(|limit| limit.max)
}

/// The share of a limit in percent, rounded down. 100 if nothing is allowed.
fn share(used: u64, max: u64) -> u64 {
    used.saturating_mul(100).checked_div(max).unwrap_or(100)
}

fn largest_share(usage: StreamUsage, limits: &[ImageLimit]) -> u64 {
    let used = [
        (ImageLimitKind::StreamTags, usage.tags),
        (ImageLimitKind::StreamImages, usage.images),
    ];
    let shares = used
        .into_iter()
        .filter_map(|(kind, used)| smallest(limits, kind).map(|limit| share(used, limit.max)));
    shares.max().unwrap_or_default()
}

impl AppForUser<'_> {
    /// The quotas and limits of a project.
    pub async fn project_quota(&self, project: &ProjectName) -> ProjectQuota {
        let (quotas, cluster_quotas, limits) = tokio::join!(
            self.resource_quotas(project),
            self.cluster_quotas(project),
            Box::pin(self.image_limits(project))
        );
        ProjectQuota {
            quotas,
            cluster_quotas,
            limits,
        }
    }

    async fn resource_quotas(&self, project: &ProjectName) -> Section<Vec<Quota>> {
        let load = self.api_server.list_resource_quotas(project);
        with_timeout(OPTIONAL_TIMEOUT, Upstream::ApiServer, load).await
    }

    async fn cluster_quotas(&self, project: &ProjectName) -> Section<Vec<Quota>> {
        let load = async {
            match self.api_server.list_applied_cluster_quotas(project).await {
                // Clusters without ClusterResourceQuotas are ordinary.
                Err(ApiError::NotServed | ApiError::NotFound) => Ok(Vec::new()),
                quotas => quotas,
            }
        };
        with_timeout(OPTIONAL_TIMEOUT, Upstream::ApiServer, load).await
    }

    /// The limits of a project for images and image streams.
    pub(in crate::app) async fn image_limits(
        &self,
        project: &ProjectName,
    ) -> Section<Vec<ImageLimit>> {
        let load = self.api_server.list_image_limits(project);
        with_timeout(OPTIONAL_TIMEOUT, Upstream::ApiServer, load).await
    }

    /// The same, as read within the last half minute.
    pub(in crate::app) async fn recent_image_limits(
        &self,
        project: &ProjectName,
    ) -> Section<Vec<ImageLimit>> {
        let cached = self.app.user_caches.limits.get_or_default(self.token);
        if let Some(limits) = cached.get(project) {
            return limits;
        }
        let limits = self.image_limits(project).await;
        if limits.is_answered() {
            cached.insert(project.clone(), limits.clone());
        }
        limits
    }

    /// The image streams that are closest to the limits of `quota`. `None` without such limits.
    pub async fn streams_by_usage(
        &self,
        project: &ProjectName,
        quota: &ProjectQuota,
    ) -> Option<Section<StreamsByUsage>> {
        let limits = quota.limits.ready().filter(|_| quota.limits_streams())?;
        let keep = |kept: &mut Vec<_>, stream: registry_model::ImageStream| {
            kept.push((stream.name.clone(), stream.usage()));
        };
        let load = self.api_server.list_streams_into(Some(project), keep);
        let usage = with_timeout(OPTIONAL_TIMEOUT, Upstream::ApiServer, load).await;
        Some(usage.map(|list| StreamsByUsage::new(project, list.streams, limits)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::section::UnavailableReason;
    use crate::openshift::QuotaScope;

    pub(super) fn limit(kind: ImageLimitKind, max: u64) -> ImageLimit {
        ImageLimit {
            range: format!("range-{max}"),
            kind,
            max,
        }
    }

    fn quota(resource: &str, used: Option<u64>, hard: u64) -> Quota {
        Quota {
            name: "streams".to_owned(),
            scope: QuotaScope::Project,
            resource: resource.to_owned(),
            hard,
            used,
            used_here: None,
        }
    }

    fn of_quotas(quotas: Vec<Quota>) -> ProjectQuota {
        ProjectQuota {
            quotas: Section::Ready(quotas),
            cluster_quotas: Section::unavailable(
                Upstream::ApiServer,
                UnavailableReason::NotAllowed,
            ),
            limits: Section::unavailable(Upstream::ApiServer, UnavailableReason::NotAllowed),
        }
    }

    #[test]
    fn only_a_quota_of_streams_that_is_used_up_prevents_a_stream() {
        let refusal = |quotas| of_quotas(quotas).refusal_of_stream();
        assert_eq!(refusal(vec![quota(Quota::STREAMS, Some(2), 3)]), None);
        assert_eq!(refusal(vec![quota(Quota::STREAMS, None, 3)]), None);
        assert_eq!(
            refusal(vec![quota("openshift.io/images", Some(3), 3)]),
            None
        );
        let used_up = quota(Quota::STREAM_OBJECTS, Some(3), 3);
        assert_eq!(
            refusal(vec![
                quota("openshift.io/images", Some(3), 3),
                used_up.clone()
            ]),
            Some(ExpectedRefusal::Quota(used_up))
        );
        assert_eq!(
            of_quotas(Vec::new()).unavailable().len(),
            1,
            "one reason, once"
        );
    }

    #[test]
    fn streams_are_ordered_by_the_limit_that_they_are_closest_to() {
        let limits = [
            limit(ImageLimitKind::StreamTags, 10),
            limit(ImageLimitKind::StreamTags, 4),
            limit(ImageLimitKind::StreamImages, 100),
        ];
        let usage = |name: &str, tags, images| {
            let name: ImageStreamName = name.parse().unwrap();
            (name, StreamUsage { tags, images })
        };
        let mut all = vec![usage("a", 1, 50), usage("b", 4, 0), usage("c", 0, 120)];
        all.extend((0..9).map(|n| usage(&format!("other{n}"), 0, n)));
        let table = StreamsByUsage::new(&"shop".parse().unwrap(), all, &limits);
        let first: Vec<_> = table
            .streams
            .iter()
            .take(3)
            .map(|stream| (stream.name.as_str(), stream.percent))
            .collect();
        assert_eq!(first, [("c", 120), ("b", 100), ("a", 50)]);
        assert_eq!((table.streams.len(), table.others), (MAX_STREAMS, 2));
        assert_eq!(share(0, 0), 100);
    }
}

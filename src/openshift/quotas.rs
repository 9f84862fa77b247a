//! The quotas and limits of a project that concern image streams and images.

use serde::Serialize;
use utoipa::ToSchema;

use super::requests::quotas as requests;
use super::{ApiError, UserApi, log_unreadable_objects, wire};
use registry_model::ProjectName;

/// One resource of a ResourceQuota or of a ClusterResourceQuota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quota {
    /// The name of the object.
    pub name: String,
    pub scope: QuotaScope,
    /// The resource that is counted, as in `openshift.io/imagestreams`.
    pub resource: String,
    /// How much is allowed.
    pub hard: u64,
    /// How much is used, of all projects that the quota counts. Absent: not computed yet.
    pub used: Option<u64>,
    /// How much of a ClusterResourceQuota this project uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub used_here: Option<u64>,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum QuotaScope {
    /// One project: a ResourceQuota.
    Project,
    /// All projects that it selects: a ClusterResourceQuota.
    Cluster,
}

/// One limit of a LimitRange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageLimit {
    /// The name of the LimitRange.
    pub range: String,
    pub kind: ImageLimitKind,
    /// The largest allowed value: bytes or a number.
    pub max: u64,
}

/// What a limit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImageLimitKind {
    /// The size of an image in bytes: `storage` of `openshift.io/Image`.
    ImageSize,
    /// The tags of an image stream: `openshift.io/image-tags` of `openshift.io/ImageStream`.
    StreamTags,
    /// The images of an image stream: `openshift.io/images` of `openshift.io/ImageStream`.
    StreamImages,
}

impl Quota {
    /// The resource that OpenShift counts image streams as.
    pub const STREAMS: &'static str = "openshift.io/imagestreams";
    /// The same as a Kubernetes object count.
    pub const STREAM_OBJECTS: &'static str = "count/imagestreams.image.openshift.io";

    /// Whether the quota counts image streams.
    #[must_use]
    pub fn counts_streams(&self) -> bool {
        [Self::STREAMS, Self::STREAM_OBJECTS].contains(&self.resource.as_str())
    }

    /// Whether nothing more is allowed.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.used.is_some_and(|used| used >= self.hard)
    }
}

impl ImageLimitKind {
    pub const ALL: [Self; 3] = [Self::ImageSize, Self::StreamTags, Self::StreamImages];

    /// `type` of the limit.
    #[must_use]
    pub fn limit_type(self) -> &'static str {
        match self {
            Self::ImageSize => "openshift.io/Image",
            Self::StreamTags | Self::StreamImages => "openshift.io/ImageStream",
        }
    }

    /// Whether it is a limit for each image stream.
    #[must_use]
    pub fn is_per_stream(self) -> bool {
        self != Self::ImageSize
    }

    /// The resource in `max` of the limit.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            Self::ImageSize => "storage",
            Self::StreamTags => "openshift.io/image-tags",
            Self::StreamImages => "openshift.io/images",
        }
    }
}

impl UserApi<'_> {
    /// The quotas of a project on image streams and images. Those on other resources are left out.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] is common: the roles of the registry do not include reading quotas.
    pub async fn list_resource_quotas(
        &self,
        project: &ProjectName,
    ) -> Result<Vec<Quota>, ApiError> {
        let list: wire::List<wire::WireResourceQuota> = self
            .request(requests::list_resource_quotas(project))
            .await?;
        let (quotas, unreadable) = list.into_models(wire::WireResourceQuota::into_quotas);
        log_unreadable_objects("resourcequotas", unreadable);
        Ok(quotas.concat())
    }

    /// The quotas of the cluster that count the image streams and images of a project.
    ///
    /// # Errors
    /// As for [`Self::list_resource_quotas`]; [`ApiError::NotServed`] where the API server does not
    /// serve `quota.openshift.io/v1`.
    pub async fn list_applied_cluster_quotas(
        &self,
        project: &ProjectName,
    ) -> Result<Vec<Quota>, ApiError> {
        let list: wire::List<wire::WireAppliedClusterQuota> = self
            .request(requests::list_applied_cluster_quotas(project))
            .await?;
        let (quotas, unreadable) = list.into_models(|quota| quota.into_quotas(project));
        log_unreadable_objects("appliedclusterresourcequotas", unreadable);
        Ok(quotas.concat())
    }

    /// The limits of a project for images and image streams. Those for other types are left out.
    ///
    /// # Errors
    /// As for [`Self::list_resource_quotas`].
    pub async fn list_image_limits(
        &self,
        project: &ProjectName,
    ) -> Result<Vec<ImageLimit>, ApiError> {
        let list: wire::List<wire::WireLimitRange> =
            self.request(requests::list_limit_ranges(project)).await?;
        let (limits, unreadable) = list.into_models(wire::WireLimitRange::into_limits);
        log_unreadable_objects("limitranges", unreadable);
        Ok(limits.concat())
    }
}

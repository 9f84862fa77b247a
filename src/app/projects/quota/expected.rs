//! The changes and pushes that the quotas and limits of a project would prevent.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ProjectQuota, smallest};
use crate::app::AppForUser;
use crate::app::failure::Upstream;
use crate::app::section::{OPTIONAL_TIMEOUT, Section, UnavailableReason, with_timeout};
use crate::openshift::{ImageLimit, ImageLimitKind, Quota};
use registry_model::{Digest, ImageStreamName, ProjectName, StreamUsage};

/// A quota or limit that would prevent a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedRefusal {
    /// A new image stream: the quota is used up.
    Quota(Quota),
    /// Another tag or image: the image stream has as many as the limit allows.
    Limit {
        #[serde(flatten)]
        limit: ImageLimit,
        /// How many the image stream has.
        used: u64,
    },
}

/// What the limits of a project mean for a push.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PushLimits {
    /// What would prevent the push of a new image, whatever its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub would_refuse: Option<ExpectedRefusal>,
    /// The largest size of an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_image_size: Option<ImageLimit>,
}

impl PushLimits {
    /// For a push to a stream that has used `usage`.
    pub(in crate::app) fn for_stream(limits: &[ImageLimit], usage: StreamUsage) -> Self {
        Self {
            would_refuse: reached(limits, ImageLimitKind::StreamImages, usage.images),
            max_image_size: smallest(limits, ImageLimitKind::ImageSize).cloned(),
        }
    }

    /// Whether the limits mean nothing for a push.
    #[must_use]
    pub fn has_none(&self) -> bool {
        *self == Self::default()
    }
}

/// The limit of `kind`, if `used` has reached it.
fn reached(limits: &[ImageLimit], kind: ImageLimitKind, used: u64) -> Option<ExpectedRefusal> {
    let limit = smallest(limits, kind).filter(|limit| used >= limit.max)?;
    Some(ExpectedRefusal::Limit {
        limit: limit.clone(),
        used,
    })
}

impl AppForUser<'_> {
    /// The quota that would prevent a new image stream in the project, if it is known.
    pub async fn expected_refusal_of_stream(
        &self,
        project: &ProjectName,
    ) -> Option<ExpectedRefusal> {
        let (quotas, cluster_quotas) =
            tokio::join!(self.resource_quotas(project), self.cluster_quotas(project));
        let quota = ProjectQuota {
            quotas,
            cluster_quotas,
            limits: Section::Ready(Vec::new()),
        };
        quota.refusal_of_stream()
    }

    /// The limit or quota that would prevent a tag with another source in an image stream, if it is
    /// known. `image`: what the tag is to point to, where that is decided.
    pub async fn expected_refusal_of_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        image: Option<&Digest>,
    ) -> Option<ExpectedRefusal> {
        let found = with_timeout(
            OPTIONAL_TIMEOUT,
            Upstream::ApiServer,
            self.api_server.get_stream(project, stream),
        );
        let (found, limits) = tokio::join!(found, Box::pin(self.image_limits(project)));
        let found = match found {
            Section::Ready(found) => found,
            // The tag would create the image stream.
            Section::Missing { missing } if missing.why == UnavailableReason::NotThere => {
                return self.expected_refusal_of_stream(project).await;
            }
            Section::Missing { .. } => return None,
        };
        let limits = limits.ready()?;
        let usage = found.usage();
        let is_new =
            |image: &&Digest| !found.tags.iter().any(|tag| tag.has_image_in_history(image));
        reached(limits, ImageLimitKind::StreamTags, usage.tags).or_else(|| {
            image
                .filter(is_new)
                .and_then(|_| reached(limits, ImageLimitKind::StreamImages, usage.images))
        })
    }

    /// What the quotas and limits mean for a push to `stream`. Without one, or if it does not exist,
    /// for a push that creates an image stream.
    pub async fn push_limits(
        &self,
        project: &ProjectName,
        stream: Option<&ImageStreamName>,
    ) -> PushLimits {
        let found = async {
            let load = self.api_server.get_stream(project, stream?);
            Some(with_timeout(OPTIONAL_TIMEOUT, Upstream::ApiServer, load).await)
        };
        let (found, quota) = tokio::join!(found, Box::pin(self.project_quota(project)));
        let limits = quota.limits.ready().map_or(&[][..], Vec::as_slice);
        let first_push = || PushLimits {
            would_refuse: quota.refusal_of_stream(),
            max_image_size: smallest(limits, ImageLimitKind::ImageSize).cloned(),
        };
        match found {
            Some(Section::Ready(stream)) => PushLimits::for_stream(limits, stream.usage()),
            Some(Section::Missing { missing }) if missing.why != UnavailableReason::NotThere => {
                PushLimits::default()
            }
            Some(Section::Missing { .. }) | None => first_push(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::limit;
    use super::*;

    #[test]
    fn a_push_is_limited_by_size_and_by_the_images_of_the_stream() {
        let limits = [
            limit(ImageLimitKind::ImageSize, 500),
            limit(ImageLimitKind::StreamTags, 0),
            limit(ImageLimitKind::StreamImages, 2),
        ];
        let usage = |images| StreamUsage { tags: 9, images };
        let push = PushLimits::for_stream(&limits, usage(1));
        assert_eq!(
            (push.would_refuse, push.max_image_size),
            (None, Some(limits[0].clone()))
        );
        let push = PushLimits::for_stream(&limits, usage(2));
        let expected = ExpectedRefusal::Limit {
            limit: limits[2].clone(),
            used: 2,
        };
        assert_eq!(push.would_refuse, Some(expected));
        assert!(PushLimits::for_stream(&[], usage(2)).has_none());
    }
}

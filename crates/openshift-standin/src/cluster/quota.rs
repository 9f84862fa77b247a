//! Quotas on image streams and limits on their tags, as `ResourceQuota` and `LimitRange` set them.
//!
//! Recorded in `openshift-3.9/imagestream-create-over-quota.json` and
//! `imagestreamtag-create-over-limit.json`.

use super::{
    Cluster, ClusterError, ClusterErrorReason, ClusterState, ImageStreamObject, NamedResource,
};

/// The quotas and limits of a project.
#[derive(Clone, Debug, Default)]
pub(super) struct ProjectLimits {
    /// The name of the ResourceQuota, the most image streams, and whether their number has been
    /// computed yet.
    quota: Option<(String, usize, bool)>,
    /// The most tags of one image stream, by a LimitRange.
    tags: Option<usize>,
}

impl Cluster {
    /// Sets a ResourceQuota of `openshift.io/imagestreams` in a project.
    pub fn set_stream_quota(&self, project: &str, name: &str, most: usize) {
        self.write(|state| {
            state
                .project_limits
                .entry(project.to_owned())
                .or_default()
                .quota = Some((name.to_owned(), most, true))
        });
    }

    /// The same while the API server has not computed the use: everything that the quota counts is
    /// refused.
    pub fn set_uncounted_stream_quota(&self, project: &str, name: &str) {
        self.write(|state| {
            state
                .project_limits
                .entry(project.to_owned())
                .or_default()
                .quota = Some((name.to_owned(), 0, false))
        });
    }

    /// Sets a LimitRange with so many `openshift.io/image-tags` for each image stream of a project.
    pub fn set_tag_limit(&self, project: &str, most: usize) {
        self.write(|state| {
            state
                .project_limits
                .entry(project.to_owned())
                .or_default()
                .tags = Some(most)
        });
    }
}

impl ClusterState {
    /// Refuses another image stream if the project's quota is used up.
    pub(crate) fn refuse_over_quota(&self, project: &str, name: &str) -> Result<(), ClusterError> {
        let Some((quota, most, counted)) = self
            .project_limits
            .get(project)
            .and_then(|allowance| allowance.quota.as_ref())
        else {
            return Ok(());
        };
        let message = if *counted {
            let used = self.streams_of(project).count();
            if used < *most {
                return Ok(());
            }
            let resource = "openshift.io/imagestreams";
            format!(
                "exceeded quota: {quota}, requested: {resource}=1, used: {resource}={used}, limited: {resource}={most}"
            )
        } else {
            format!("status unknown for quota: {quota}, resources: openshift.io/imagestreams")
        };
        Err(ClusterErrorReason::Forbidden {
            object: NamedResource::stream(name),
            message,
        }
        .into())
    }

    /// Refuses an image stream with more tags in its spec than the project's limit.
    pub(crate) fn refuse_over_tag_limit(
        &self,
        project: &str,
        name: &str,
        known: Option<&ImageStreamObject>,
        tags: &[&str],
    ) -> Result<(), ClusterError> {
        let Some(most) = self
            .project_limits
            .get(project)
            .and_then(|allowance| allowance.tags)
        else {
            return Ok(());
        };
        let old = known
            .map(|stream| {
                stream
                    .spec_tags
                    .keys()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default();
        let wanted = tags.iter().filter(|tag| !old.contains(tag)).count() + old.len();
        if wanted <= most || wanted == old.len() {
            return Ok(());
        }
        let message = format!(
            "Internal error: ImageStream.image.openshift.io {name:?} is forbidden: requested usage of openshift.io/image-tags exceeds the \
             maximum limit per openshift.io/ImageStream ({wanted} > {most})"
        );
        let (kind, group, field) = ("ImageStream", "", "[]".to_owned());
        Err(ClusterErrorReason::Invalid {
            kind,
            group,
            name: name.to_owned(),
            field,
            cause: "InternalError",
            message,
        }
        .into())
    }
}

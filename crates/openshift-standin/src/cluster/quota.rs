//! Quotas on image streams and limits on their tags and images: `ResourceQuota`, `LimitRange` and
//! `ClusterResourceQuota`.
//!
//! Recorded in `resourcequotas`, `limitranges`, `appliedclusterresourcequotas`,
//! `openshift-3.9/imagestream-create-over-quota.json` and `imagestreamtag-create-over-limit.json`.

use super::{
    Cluster, ClusterError, ClusterErrorReason, ClusterState, ImageStreamObject, NamedResource,
    ObjectMetadata,
};

/// The quotas and limits of a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProjectLimits {
    pub(crate) quota: Option<StreamQuota>,
    pub(crate) limits: Option<(ObjectMetadata, ImageLimits)>,
}

/// A ResourceQuota of `openshift.io/imagestreams`.
#[derive(Clone, Debug)]
pub(crate) struct StreamQuota {
    pub(crate) meta: ObjectMetadata,
    /// The most image streams.
    pub(crate) most: usize,
    /// Whether their number has been computed yet.
    pub(crate) is_counted: bool,
}

/// A ClusterResourceQuota of `openshift.io/imagestreams`.
#[derive(Clone, Debug)]
pub(crate) struct ClusterStreamQuota {
    pub(crate) meta: ObjectMetadata,
    /// The names of the projects whose image streams it counts.
    pub(crate) projects: Vec<String>,
    pub(crate) most: usize,
}

/// The limits of a LimitRange on images and image streams; `None`: not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageLimits {
    /// `storage` of `openshift.io/Image`, a quantity such as `1Gi`.
    pub image_size: Option<String>,
    /// `openshift.io/image-tags` of `openshift.io/ImageStream`.
    pub tags: Option<usize>,
    /// `openshift.io/images` of `openshift.io/ImageStream`.
    pub images: Option<usize>,
}

impl Cluster {
    /// Sets a ResourceQuota of `openshift.io/imagestreams` in a project.
    pub fn set_stream_quota(&self, project: &str, name: &str, most: usize) {
        self.write(|state| state.set_stream_quota(project, name, most, true));
    }

    /// The same while the API server has not computed the use: everything that the quota counts is
    /// refused.
    pub fn set_uncounted_stream_quota(&self, project: &str, name: &str) {
        self.write(|state| state.set_stream_quota(project, name, 0, false));
    }

    /// Sets a LimitRange with so many `openshift.io/image-tags` for each image stream of a project.
    pub fn set_tag_limit(&self, project: &str, most: usize) {
        let limits = ImageLimits {
            tags: Some(most),
            ..ImageLimits::default()
        };
        self.set_image_limits(project, "images", limits);
    }

    /// Sets the LimitRange of a project.
    pub fn set_image_limits(&self, project: &str, name: &str, limits: ImageLimits) {
        self.write(|state| {
            let meta = state.new_meta(Some(project), name);
            let project = state.project_limits.entry(project.to_owned());
            project.or_default().limits = Some((meta, limits));
        });
    }

    /// Sets a ClusterResourceQuota of `openshift.io/imagestreams` over these projects together.
    pub fn set_cluster_stream_quota(&self, name: &str, projects: &[&str], most: usize) {
        self.write(|state| {
            let meta = state.new_meta(None, name);
            let projects = projects.iter().map(|&project| project.to_owned()).collect();
            let quota = ClusterStreamQuota {
                meta,
                projects,
                most,
            };
            state.cluster_quotas.insert(name.to_owned(), quota);
        });
    }
}

impl ClusterState {
    fn set_stream_quota(&mut self, project: &str, name: &str, most: usize, is_counted: bool) {
        let meta = self.new_meta(Some(project), name);
        let limits = self.project_limits.entry(project.to_owned()).or_default();
        limits.quota = Some(StreamQuota {
            meta,
            most,
            is_counted,
        });
    }

    /// The quotas and limits of the projects that have any, by project.
    pub(crate) fn limited_projects(&self) -> impl Iterator<Item = (&str, &ProjectLimits)> {
        self.project_limits
            .iter()
            .map(|(project, limits)| (project.as_str(), limits))
    }

    pub(crate) fn cluster_quotas(&self) -> impl Iterator<Item = &ClusterStreamQuota> {
        self.cluster_quotas.values()
    }

    /// The number of image streams of a project.
    pub(crate) fn stream_count(&self, project: &str) -> usize {
        self.streams_of(project).count()
    }

    /// Refuses another image stream if a quota of the project is used up.
    pub(crate) fn refuse_over_quota(&self, project: &str, name: &str) -> Result<(), ClusterError> {
        let own = self
            .project_limits
            .get(project)
            .and_then(|limits| limits.quota.as_ref());
        let own = own.map(|quota| {
            let used = quota.is_counted.then(|| self.stream_count(project));
            (&quota.meta.name, used, quota.most)
        });
        let of_cluster = self
            .cluster_quotas()
            .filter(|quota| quota.projects.iter().any(|of| of == project))
            .map(|quota| {
                let counts = quota.projects.iter().map(|of| self.stream_count(of));
                (&quota.meta.name, Some(counts.sum()), quota.most)
            });
        let resource = "openshift.io/imagestreams";
        let refusal = own.into_iter().chain(of_cluster).find_map(|(quota, used, most)| match used {
            None => Some(format!("status unknown for quota: {quota}, resources: {resource}")),
            Some(used) if used >= most => Some(format!(
                "exceeded quota: {quota}, requested: {resource}=1, used: {resource}={used}, limited: {resource}={most}"
            )),
            Some(_) => None,
        });
        match refusal {
            None => Ok(()),
            Some(message) => Err(ClusterErrorReason::Forbidden {
                object: NamedResource::stream(name),
                message,
            }
            .into()),
        }
    }

    /// Refuses an image stream with more tags in its spec than the project's limit.
    pub(crate) fn refuse_over_tag_limit(
        &self,
        project: &str,
        name: &str,
        known: Option<&ImageStreamObject>,
        tags: &[&str],
    ) -> Result<(), ClusterError> {
        let limits = self
            .project_limits
            .get(project)
            .and_then(|project| project.limits.as_ref());
        let Some(most) = limits.and_then(|(_, limits)| limits.tags) else {
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

//! Which image streams, tags and images are in use, for lists.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use super::load::FoundWorkloads;
use super::{RecordedImage, UsageScope, UseKind};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::visible_streams::VisibleStreams;
use registry_model::{
    Digest, ImageStreamName, ProjectName, ReferencedImage, RegistryHosts, StreamReference, TagName,
    WorkloadImageReference,
};

/// Whether something is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UsageState {
    Used,
    /// No workload uses it in the projects that the user sees, all of which were searched.
    Unused,
    /// No workload that was found uses it, but not all projects could be searched.
    Unknown,
}

/// The image streams, tags and images that workloads use.
///
/// A BuildConfig that only pushes to a tag does not use it.
#[derive(Clone, Debug, Default)]
pub struct UsageSummary {
    streams: HashMap<(ProjectName, ImageStreamName), StreamUse>,
    /// Images that are used by a digest without a repository.
    digests: HashSet<Digest>,
    /// The projects of which the user may list workloads.
    searched: HashSet<ProjectName>,
    pub scope: UsageScope,
}

/// What is used of an image stream.
#[derive(Clone, Debug, Default)]
struct StreamUse {
    tags: HashSet<TagName>,
    digests: HashSet<Digest>,
}

impl UsageSummary {
    /// Whether any image of an image stream is in use.
    #[must_use]
    pub fn stream_state(&self, project: &ProjectName, stream: &ImageStreamName) -> UsageState {
        let key = (project.clone(), stream.clone());
        self.state(self.streams.contains_key(&key))
    }

    /// Whether a tag is in use: by its name, or by the image that it points to.
    #[must_use]
    pub fn tag_state(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        image: Option<&Digest>,
    ) -> UsageState {
        let key = (project.clone(), stream.clone());
        let used = self.streams.get(&key);
        let is_named = used.is_some_and(|used| used.tags.contains(tag));
        let is_image_used = image.is_some_and(|image| {
            self.digests.contains(image) || used.is_some_and(|used| used.digests.contains(image))
        });
        self.state(is_named || is_image_used)
    }

    /// Whether it says something that no use of the images of a project was found: not before the
    /// workloads have arrived, and not where the user may not list the workloads of the project
    /// itself, which are the most likely ones.
    #[must_use]
    pub fn is_meaningful_for(&self, project: &ProjectName) -> bool {
        let is_searched = self.scope.whole_cluster || self.searched.contains(project);
        is_searched && !self.scope.is_loading()
    }

    /// Whether the user may list workloads in any project, or that is not known yet.
    #[must_use]
    pub fn is_any_searched(&self) -> bool {
        self.scope.whole_cluster || !self.searched.is_empty() || self.scope.is_loading()
    }

    fn state(&self, is_used: bool) -> UsageState {
        if is_used {
            UsageState::Used
        } else if self.scope.is_complete() {
            UsageState::Unused
        } else {
            UsageState::Unknown
        }
    }

    fn new(found: &FoundWorkloads, hosts: &RegistryHosts) -> Self {
        let projects = found.projects.iter();
        let searched = projects.filter(|workloads| !workloads.is_forbidden());
        let mut summary = Self {
            scope: found.scope.clone(),
            searched: searched.map(|one| one.project.clone()).collect(),
            ..Self::default()
        };
        for workloads in &found.projects {
            let images = workloads.workloads.iter().flat_map(|record| &record.images);
            for image in images.filter(|image| image.kind != UseKind::Pushes) {
                summary.add(&workloads.project, image, hosts);
            }
        }
        summary
    }

    fn add(&mut self, project: &ProjectName, image: &RecordedImage, hosts: &RegistryHosts) {
        self.add_reference(project, &image.reference, hosts);
        // Of what runs, the digest counts. What the pod names may have moved since, but is needed
        // when the pod starts again.
        if let Some(named) = &image.named {
            self.add_reference(project, named, hosts);
        }
    }

    fn add_reference(
        &mut self,
        project: &ProjectName,
        reference: &WorkloadImageReference,
        hosts: &RegistryHosts,
    ) {
        let (key, reference) = match reference.resolve(hosts) {
            ReferencedImage::Stream(project, stream, reference) => ((project, stream), reference),
            // Whether the name is looked up is not known here: rather used than unused.
            ReferencedImage::Local(stream, reference) => ((project.clone(), stream), reference),
            ReferencedImage::Digest(digest) => {
                self.digests.insert(digest);
                return;
            }
            ReferencedImage::OtherRegistry(_) => return,
        };
        let used = self.streams.entry(key).or_default();
        match reference {
            StreamReference::Tag(tag) => used.tags.insert(tag),
            StreamReference::Digest(digest) => used.digests.insert(digest),
        };
    }

    /// Adds the images that used tags point to: other tags of the same image are in use too.
    fn add_images_of_tags(&mut self, visible: &VisibleStreams) {
        for ((project, stream), used) in &mut self.streams {
            let Some(stream) = visible.streams.stream(project, stream) else {
                continue;
            };
            let tags = stream.tags().filter(|tag| used.tags.contains(tag.name()));
            let images: Vec<Digest> = tags
                .filter_map(|tag| tag.current()?.image.clone())
                .collect();
            used.digests.extend(images);
        }
    }
}

impl AppForUser<'_> {
    /// What is in use in all projects that the user sees, as far as it is known within `time_limit`.
    ///
    /// # Errors
    ///
    /// The user's projects cannot be listed.
    pub async fn usage_summary(&self, time_limit: Duration) -> Result<UsageSummary, Failure> {
        let deadline = Instant::now() + time_limit;
        let (found, visible) = tokio::join!(
            self.visible_workloads(None, deadline),
            timeout_at(deadline, self.visible_streams()),
        );
        let found = found?;
        let visible = visible.ok().and_then(Result::ok);
        let any = visible
            .as_ref()
            .and_then(|visible| visible.streams.streams().next())
            .map(|entry| (&entry.stream.project, &entry.stream.name));
        let hosts = self.known_registry_hosts(any).await;
        let mut summary = UsageSummary::new(&found, &hosts);
        if let Some(visible) = &visible {
            summary.add_images_of_tags(visible);
        }
        Ok(summary)
    }
}

#[cfg(test)]
mod tests;

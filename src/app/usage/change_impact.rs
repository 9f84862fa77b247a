//! What a change of tags would do to the workloads that use them.

mod assessment;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::matching::Wanted;
use super::{TrackingTag, UsageScope};
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::Failure;
use assessment::Assessment;
use registry_model::{Digest, ImageStream, ImageStreamName, ProjectName, Tag, TagName, WorkloadId};

/// How many workloads of a group, and how many tags, are shown. Further ones are counted.
const MAX_GROUP_WORKLOADS: usize = 100;

/// How many of the tags that keep an image are named.
const MAX_KEEPING_TAGS: usize = 4;

/// A change of tags that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagChange {
    /// The image stream is deleted.
    DeleteStream,
    /// These tags are removed.
    Remove(Vec<TagName>),
    /// These tags are pointed to other images: rolled back, set, or imported.
    Move(Vec<TagName>),
}

/// What a change would do, as far as the user may see it.
///
/// Each workload is in one group: the first of these that it belongs to. What else concerns it is in
/// [`AffectedWorkload::also`].
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChangeImpact {
    /// Workloads whose pods cannot pull their image afterwards, builds that cannot start, and
    /// workloads whose trigger loses its tag. Only for a removal.
    pub broken: ImpactGroup,
    /// Workloads that a trigger starts anew when the tags move. Empty for a removal.
    pub redeploys: ImpactGroup,
    /// Build configurations that a trigger starts when the tags move. Empty for a removal.
    pub rebuilds: ImpactGroup,
    /// Workloads without a trigger that name one of the tags: pods that start later run another
    /// image. Empty for a removal.
    pub at_next_start: ImpactGroup,
    /// Workloads with a trigger for the tags that does nothing at present, because the trigger or
    /// the workload is paused. Empty for a removal.
    pub paused: ImpactGroup,
    /// Workloads of which an earlier revision names the image, so that a rollback fails afterwards.
    /// Only for a removal.
    pub earlier_revisions: ImpactGroup,
    /// Workloads that use an image of the tags which can still be pulled afterwards: by its digest, or
    /// by another tag. Only for a removal.
    pub kept: ImpactGroup,
    /// The tags that keep the images of `kept` in their history. The first few.
    pub kept_by: Vec<TagName>,
    /// Workloads whose pods run an image that one of the tags points to now.
    pub running: ImpactGroup,
    /// Build configurations that push to one of the tags, and so would make it again.
    pub pushing: ImpactGroup,
    /// Tags that track one of the tags; when tags move, also through others: triggers for them are
    /// included. At most 100.
    pub tracking_tags: Vec<TrackingTag>,
    pub more_tracking_tags: usize,
    /// Whether the image streams of all projects could be read, so that `tracking_tags` is complete.
    pub is_tracking_known: bool,
    pub scope: UsageScope,
}

/// Workloads that a change affects in the same way. At most 100.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImpactGroup {
    /// By project, kind and name. The project of the image stream comes first.
    pub workloads: Vec<AffectedWorkload>,
    /// How many more there are.
    pub more: usize,
}

/// A workload that a change affects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AffectedWorkload {
    pub project: ProjectName,
    pub workload: WorkloadId,
    /// The tags through which it belongs to its group, of any image stream. Empty: by a digest. In
    /// [`ChangeImpact::kept`], tags that stay.
    pub tags: Vec<TagName>,
    /// The number of pods that run an image that one of the tags points to now, in any group.
    pub pods: usize,
    /// What else concerns it. That its pods run the image is said by `pods`.
    pub also: Vec<AlsoAffected>,
}

/// What concerns a workload besides the group that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlsoAffected {
    /// As in [`ChangeImpact::paused`].
    Paused,
    /// As in [`ChangeImpact::earlier_revisions`]. In [`ChangeImpact::kept`]: an earlier revision names
    /// an image that is kept.
    EarlierRevision,
    /// As in [`ChangeImpact::pushing`].
    Pushes,
}

impl ImpactGroup {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.workloads.is_empty()
    }

    /// The number of workloads in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.workloads.len() + self.more
    }
}

impl ChangeImpact {
    /// Whether nothing that the user may see is affected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let groups = [
            &self.broken,
            &self.redeploys,
            &self.rebuilds,
            &self.at_next_start,
            &self.paused,
            &self.earlier_revisions,
            &self.kept,
            &self.running,
            &self.pushing,
        ];
        groups.into_iter().all(ImpactGroup::is_empty) && self.tracking_tags.is_empty()
    }

    /// Whether everything was read that could be affected, as far as the user may see it.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.scope.is_complete() && self.is_tracking_known
    }
}

impl AppForUser<'_> {
    /// What `change` of an image stream would do to workloads, as far as it is known within
    /// `time_limit`.
    ///
    /// # Errors
    ///
    /// The image stream cannot be read, or the user's projects cannot be listed.
    pub async fn change_impact(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        change: &TagChange,
        time_limit: Duration,
    ) -> Result<ChangeImpact, Failure> {
        let deadline = Instant::now() + time_limit;
        let target = async {
            let stream = self.stream_of_registry(project, stream).await?;
            let wanted = match change {
                TagChange::DeleteStream => Wanted::Stream,
                TagChange::Remove(tags) | TagChange::Move(tags) => {
                    Wanted::Tags(tags.iter().cloned().collect())
                }
            };
            let (current, lost) = (change.current_images(&stream), change.lost_images(&stream));
            let (running, lost) = tokio::join!(
                self.matcher(&stream, wanted.clone(), current, deadline),
                self.matcher(&stream, wanted, lost, deadline),
            );
            Ok::<_, Failure>((stream, running, lost))
        };
        let (target, found, visible) = tokio::join!(
            target,
            self.visible_workloads(Some(project), deadline),
            timeout_at(deadline, self.visible_streams()),
        );
        let ((stream, running, lost), found) = (target?, found?);
        let visible = visible.ok().and_then(Result::ok);
        let mut assessment = Assessment::new(change, &stream, [running, lost], visible.as_deref());
        for workloads in &found.projects {
            for record in &workloads.workloads {
                assessment.add(&workloads.project, record);
            }
        }
        let mut impact = assessment.into_impact(project);
        impact.is_tracking_known = visible.is_some_and(|visible| visible.missing.is_empty());
        impact.scope = found.scope;
        Ok(impact)
    }
}

/// Images, each with a tag that points to it.
type TaggedImages = Vec<(Digest, Option<TagName>)>;

impl TagChange {
    /// The images that the tags point to.
    fn current_images(&self, stream: &ImageStream) -> TaggedImages {
        let (Self::Remove(names) | Self::Move(names)) = self else {
            // All references to the image stream count, whatever they name.
            return Vec::new();
        };
        let tags = stream.tags.iter().filter(|tag| names.contains(&tag.name));
        let images: BTreeMap<Digest, Option<TagName>> = tags
            .filter_map(|tag| Some((tag.current()?.image.clone()?, Some(tag.name.clone()))))
            .collect();
        images.into_iter().collect()
    }

    /// The images that the image stream no longer has afterwards, so that they cannot be pulled from
    /// it: those that occur in the history of no other tag.
    fn lost_images(&self, stream: &ImageStream) -> TaggedImages {
        let Self::Remove(names) = self else {
            return Vec::new();
        };
        let (removed, kept): (Vec<&Tag>, Vec<&Tag>) = stream
            .tags
            .iter()
            .partition(|tag| names.contains(&tag.name));
        let is_kept = |digest: &Digest| kept.iter().any(|tag| tag.has_image_in_history(digest));
        let mut images = self.current_images(stream);
        let current: BTreeSet<Digest> = images.iter().map(|(digest, _)| digest.clone()).collect();
        let earlier: BTreeSet<Digest> = removed
            .iter()
            .flat_map(|tag| tag.history.iter().filter_map(|event| event.image.clone()))
            .collect();
        images.extend(
            earlier
                .difference(&current)
                .map(|digest| (digest.clone(), None)),
        );
        images.retain(|(digest, _)| !is_kept(digest));
        images
    }

    /// The tags that stay and have an image in their history that the removed tags point to.
    fn keeping_tags<'s>(&self, stream: &'s ImageStream) -> Vec<&'s Tag> {
        let Self::Remove(names) = self else {
            return Vec::new();
        };
        let images = self.current_images(stream);
        let keeps = |tag: &&Tag| {
            let mut digests = images.iter().map(|(digest, _)| digest);
            !names.contains(&tag.name) && digests.any(|digest| tag.has_image_in_history(digest))
        };
        stream.tags.iter().filter(keeps).collect()
    }

    /// Whether one of the changed tags points to this image now.
    fn is_current_image(&self, stream: &ImageStream, digest: &Digest) -> bool {
        let images = self.current_images(stream);
        images.iter().any(|(image, _)| image == digest)
    }
}

impl ImpactGroup {
    fn new(mut workloads: Vec<AffectedWorkload>, first: &ProjectName) -> Self {
        workloads.sort_by(|a, b| {
            (a.project != *first)
                .cmp(&(b.project != *first))
                .then_with(|| a.cmp(b))
        });
        let more = truncate_counting(&mut workloads, MAX_GROUP_WORKLOADS);
        Self { workloads, more }
    }
}

#[cfg(test)]
mod tests;

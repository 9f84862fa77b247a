//! How a change affects each workload. Pure.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    AffectedWorkload, AlsoAffected, ChangeImpact, ImpactGroup, MAX_GROUP_WORKLOADS,
    MAX_KEEPING_TAGS, TagChange,
};
use crate::app::bounds::truncate_counting;
use crate::app::lists::visible_streams::VisibleStreams;
use crate::app::usage::matching::{Match, Matcher, Wanted};
use crate::app::usage::tracking::tracking_tags;
use crate::app::usage::{RecordedImage, TrackingTag, UsageScope, UseKind, WorkloadRecord};
use registry_model::{
    ImagePart, ImageStream, ImageStreamName, ProjectName, ReferencedImage, Tag, TagName,
    WorkloadKind,
};

/// A tag of any image stream.
type AnyTag = (ProjectName, ImageStreamName, TagName);

/// What is known about a change while the workloads are looked at.
pub(super) struct Assessment {
    /// Whether the tags point to other images afterwards. Otherwise they are gone.
    is_move: bool,
    /// What finds the images that the tags point to.
    running: Matcher,
    /// What finds the images that are lost, and all references to an image stream that is deleted.
    lost: Matcher,
    /// The tags that change, and those that track them.
    tags: HashSet<AnyTag>,
    /// The tags that stay and point to an image of the removed tags.
    same_image_tags: HashSet<AnyTag>,
    kept_by: Vec<TagName>,
    tracking_tags: Vec<TrackingTag>,
    groups: [Vec<AffectedWorkload>; GROUPS],
}

/// The groups of [`ChangeImpact`], by position: the most severe first. `KeptRevisions` are in the group
/// `kept` too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum GroupKind {
    Broken,
    Redeploys,
    Rebuilds,
    AtNextStart,
    Paused,
    EarlierRevisions,
    Kept,
    KeptRevisions,
    Running,
    Pushing,
}

const GROUPS: usize = 10;

impl GroupKind {
    /// What a workload of the group `first` says about this one. `None`: nothing new, or as its
    /// number of pods.
    fn as_addition(self, first: Self) -> Option<AlsoAffected> {
        match self {
            Self::Paused => Some(AlsoAffected::Paused),
            Self::EarlierRevisions if first != self => Some(AlsoAffected::EarlierRevision),
            // What is kept is of no interest where another image is lost.
            Self::KeptRevisions if first >= Self::Kept => Some(AlsoAffected::EarlierRevision),
            Self::Pushing => Some(AlsoAffected::Pushes),
            _ => None,
        }
    }
}

impl Assessment {
    pub(super) fn new(
        change: &TagChange,
        stream: &ImageStream,
        [running, lost]: [Matcher; 2],
        visible: Option<&VisibleStreams>,
    ) -> Self {
        let is_move = matches!(change, TagChange::Move(_));
        let keeping_tags = change.keeping_tags(stream);
        let has_same_image = |tag: &&&Tag| {
            let image = tag.current().and_then(|event| event.image.as_ref());
            image.is_some_and(|image| change.is_current_image(stream, image))
        };
        let same_image_tags = keeping_tags.iter().filter(has_same_image);
        let same_image_tags = same_image_tags
            .map(|tag| {
                (
                    stream.project.clone(),
                    stream.name.clone(),
                    tag.name.clone(),
                )
            })
            .collect();
        let keeping_tags = keeping_tags.into_iter().take(MAX_KEEPING_TAGS);
        let names: Vec<TagName> = match change {
            TagChange::DeleteStream => stream.tags.iter().map(|tag| tag.name.clone()).collect(),
            TagChange::Remove(tags) | TagChange::Move(tags) => tags.clone(),
        };
        let mut tags: HashSet<AnyTag> = names
            .into_iter()
            .map(|tag| (stream.project.clone(), stream.name.clone(), tag))
            .collect();
        let mut tracking: BTreeSet<TrackingTag> = BTreeSet::new();
        loop {
            let is_tracked =
                |(project, stream, tag): (&ProjectName, &ImageStreamName, &TagName)| {
                    tags.contains(&(project.clone(), stream.clone(), tag.clone()))
                };
            let found = tracking_tags(visible, stream, is_tracked);
            let added: Vec<TrackingTag> = found
                .into_iter()
                .filter(|tracking_tag| !tags.contains(&tracking_tag.as_any()))
                .collect();
            if added.is_empty() {
                break;
            }
            if is_move {
                tags.extend(added.iter().map(TrackingTag::as_any));
            }
            tracking.extend(added);
            if !is_move {
                // What tracks a tag that is removed keeps its image.
                break;
            }
        }
        Self {
            is_move,
            running,
            lost,
            tags,
            same_image_tags,
            kept_by: keeping_tags.map(|tag| tag.name.clone()).collect(),
            tracking_tags: tracking.into_iter().collect(),
            groups: std::array::from_fn(|_| Vec::new()),
        }
    }

    pub(super) fn add(&mut self, project: &ProjectName, record: &WorkloadRecord) {
        // The running pods of each container.
        let mut pods: BTreeMap<&ImagePart, usize> = BTreeMap::new();
        let mut found: BTreeMap<GroupKind, BTreeSet<TagName>> = BTreeMap::new();
        let triggered: HashSet<&ImagePart> = record
            .images
            .iter()
            .filter(|image| {
                image.kind == UseKind::Trigger && self.is_named(project, image).is_some()
            })
            .map(|image| &image.part)
            .collect();
        for image in &record.images {
            let Some((group, tag)) = self.classify(project, record, image, &triggered) else {
                continue;
            };
            found.entry(group).or_default().extend(tag);
            if image.kind == UseKind::Running {
                *pods.entry(&image.part).or_default() += image.pods;
            }
        }
        let Some((group, tags)) = found.pop_first() else {
            return;
        };
        // A rollout starts all containers anew, also those whose trigger is paused.
        let starts_anew = matches!(group, GroupKind::Redeploys | GroupKind::Rebuilds);
        let is_revision = group == GroupKind::KeptRevisions;
        let also = is_revision
            .then_some(group)
            .into_iter()
            .chain(found.into_keys());
        let also = also
            .filter_map(|other| other.as_addition(group))
            .filter(|also| !(starts_anew && *also == AlsoAffected::Paused));
        self.groups[group as usize].push(AffectedWorkload {
            project: project.clone(),
            workload: record.workload.clone(),
            tags: tags.into_iter().collect(),
            pods: pods.into_values().max().unwrap_or(0),
            also: also.collect(),
        });
    }

    /// How a reference is affected, and through which tag.
    fn classify(
        &self,
        project: &ProjectName,
        record: &WorkloadRecord,
        image: &RecordedImage,
        triggered: &HashSet<&ImagePart>,
    ) -> Option<(GroupKind, Option<TagName>)> {
        let tag = self.is_named(project, image);
        let is_used_by =
            |matcher: &Matcher| matches!(matcher.find(project, image), Some(Match::Use(_)));
        match image.kind {
            UseKind::Running => is_used_by(&self.running).then_some((GroupKind::Running, None)),
            UseKind::Pushes => Some((GroupKind::Pushing, Some(tag?))),
            _ if !self.is_move => {
                let is_revision = image.kind == UseKind::EarlierRevision;
                if tag.is_some() || is_used_by(&self.lost) {
                    let group = if is_revision {
                        GroupKind::EarlierRevisions
                    } else {
                        GroupKind::Broken
                    };
                    return Some((group, tag));
                }
                let other_tag = self
                    .named_tag(project, image)
                    .filter(|named| self.same_image_tags.contains(named))
                    .map(|(_, _, tag)| tag);
                let group = if is_revision {
                    GroupKind::KeptRevisions
                } else {
                    GroupKind::Kept
                };
                (other_tag.is_some() || is_used_by(&self.running)).then_some((group, other_tag))
            }
            UseKind::Trigger => {
                let tag = Some(tag?);
                Some(match record.workload.kind {
                    _ if image.is_trigger_paused || record.is_paused => (GroupKind::Paused, tag),
                    WorkloadKind::BuildConfig => (GroupKind::Rebuilds, tag),
                    // A change does not start a job on a schedule.
                    WorkloadKind::CronJob => (GroupKind::AtNextStart, tag),
                    _ => (GroupKind::Redeploys, tag),
                })
            }
            UseKind::Starts | UseKind::Builds => {
                let is_triggered = triggered.contains(&image.part);
                Some((GroupKind::AtNextStart, Some(tag.filter(|_| !is_triggered)?)))
            }
            // A build has resolved its images, and an earlier revision is not started.
            UseKind::Building | UseKind::EarlierRevision => None,
        }
    }

    /// The tag by which the image is named, if it is one of those that change.
    fn is_named(&self, project: &ProjectName, image: &RecordedImage) -> Option<TagName> {
        let named = self.named_tag(project, image)?;
        let is_any = self.running.wanted == Wanted::Stream
            && named.0 == self.running.project
            && named.1 == self.running.stream;
        (is_any || self.tags.contains(&named)).then_some(named.2)
    }

    /// The tag by which the image is named, of any image stream.
    fn named_tag(&self, project: &ProjectName, image: &RecordedImage) -> Option<AnyTag> {
        let (project, stream, reference) = match image.reference.resolve(&self.running.hosts) {
            ReferencedImage::Stream(project, stream, reference) => (project, stream, reference),
            ReferencedImage::Local(stream, reference) if self.running.local_lookup => {
                (project.clone(), stream, reference)
            }
            _ => return None,
        };
        let tag = reference.tag()?.clone();
        Some((project, stream, tag))
    }

    pub(super) fn into_impact(mut self, first: &ProjectName) -> ChangeImpact {
        let revisions = std::mem::take(&mut self.groups[GroupKind::KeptRevisions as usize]);
        self.groups[GroupKind::Kept as usize].extend(revisions);
        let [
            broken,
            redeploys,
            rebuilds,
            at_next_start,
            paused,
            earlier_revisions,
            kept,
            _,
            running,
            pushing,
        ] = self
            .groups
            .map(|workloads| ImpactGroup::new(workloads, first));
        let mut tracking_tags = self.tracking_tags;
        let more_tracking_tags = truncate_counting(&mut tracking_tags, MAX_GROUP_WORKLOADS);
        ChangeImpact {
            broken,
            redeploys,
            rebuilds,
            at_next_start,
            paused,
            earlier_revisions,
            kept_by: if kept.is_empty() {
                Vec::new()
            } else {
                self.kept_by
            },
            kept,
            running,
            pushing,
            tracking_tags,
            more_tracking_tags,
            is_tracking_known: false,
            scope: UsageScope::default(),
        }
    }
}

impl TrackingTag {
    fn as_any(&self) -> AnyTag {
        (self.project.clone(), self.stream.clone(), self.tag.clone())
    }
}

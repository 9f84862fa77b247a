//! How a change affects each workload. Pure.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    AffectedWorkload, AlsoAffected, ChangeImpact, ImpactGroup, MAX_GROUP_WORKLOADS, TagChange,
};
use crate::app::bounds::truncate_counting;
use crate::app::lists::visible_streams::VisibleStreams;
use crate::app::usage::matching::{Match, Matcher, Wanted};
use crate::app::usage::tracking::tracking_tags;
use crate::app::usage::{RecordedImage, TrackingTag, UsageScope, UseKind, WorkloadRecord};
use registry_model::{
    ImagePart, ImageStream, ImageStreamName, ProjectName, ReferencedImage, TagName, WorkloadKind,
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
    tracking_tags: Vec<TrackingTag>,
    groups: [Vec<AffectedWorkload>; GROUPS],
}

/// The groups of [`ChangeImpact`], by position: the most severe first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum GroupKind {
    Broken,
    Redeploys,
    Rebuilds,
    AtNextStart,
    Paused,
    EarlierRevisions,
    Running,
    Pushing,
}

const GROUPS: usize = 8;

impl GroupKind {
    /// What a workload of a more severe group says about this one. `None`: nothing new, or as its
    /// number of pods.
    fn as_addition(self) -> Option<AlsoAffected> {
        match self {
            Self::Paused => Some(AlsoAffected::Paused),
            Self::EarlierRevisions => Some(AlsoAffected::EarlierRevision),
            Self::Pushing => Some(AlsoAffected::Pushes),
            Self::Broken | Self::Redeploys | Self::Rebuilds | Self::AtNextStart | Self::Running => {
                None
            }
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
        let mut found = found.into_iter();
        let Some((group, tags)) = found.next() else {
            return;
        };
        // A rollout starts all containers anew, also those whose trigger is paused.
        let starts_anew = matches!(group, GroupKind::Redeploys | GroupKind::Rebuilds);
        let also = found
            .filter_map(|(other, _)| other.as_addition())
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
                let group = match image.kind {
                    UseKind::EarlierRevision => GroupKind::EarlierRevisions,
                    _ => GroupKind::Broken,
                };
                (tag.is_some() || is_used_by(&self.lost)).then_some((group, tag))
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
        let (project, stream, reference) = match image.reference.resolve(&self.running.hosts) {
            ReferencedImage::Stream(project, stream, reference) => (project, stream, reference),
            ReferencedImage::Local(stream, reference) if self.running.local_lookup => {
                (project.clone(), stream, reference)
            }
            _ => return None,
        };
        let tag = reference.tag()?.clone();
        let named = (project, stream, tag);
        let is_any = self.running.wanted == Wanted::Stream
            && named.0 == self.running.project
            && named.1 == self.running.stream;
        (is_any || self.tags.contains(&named)).then_some(named.2)
    }

    pub(super) fn into_impact(self, first: &ProjectName) -> ChangeImpact {
        let [
            broken,
            redeploys,
            rebuilds,
            at_next_start,
            paused,
            earlier_revisions,
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

//! The plan, by names.

use std::ops::Range;

use crate::space::SpaceSize;
use crate::space::index::NO_IMAGE;
use crate::space::marks::Marks;
use crate::{Digest, ImageStreamName, ProjectName, TagName, Workload};

use super::decision::{Decision, Facts, Fate, Keep, Place};
use super::in_use::Users;
use super::parameters::{PruneInput, PruneParameters};
use super::pruner_version::PrunerVersion;

/// What `oc adm prune images` would remove and keep.
#[derive(Debug)]
pub struct PrunePlan<'a> {
    facts: Facts<'a>,
    decision: Decision,
    freed: SpaceSize,
}

/// The part of a plan that a question is about.
#[derive(Clone, Copy, Debug)]
pub enum PruneScope<'a> {
    /// All visible image streams, and images without one.
    Everything,
    Project(&'a ProjectName),
    Stream(&'a ProjectName, &'a ImageStreamName),
}

/// What becomes of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageOutcome<'a> {
    Removed,
    /// It stays by this rule. Others can keep it too.
    Kept(KeepReason<'a>),
}

/// The rule that keeps an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepReason<'a> {
    /// An image stream that has the image is young (`--keep-younger-than`).
    YoungStream(&'a ProjectName, &'a ImageStreamName),
    /// A tag points to the image only since a short time (`--keep-younger-than`).
    YoungTagEvent(TagRevision<'a>),
    /// It is among the newest images of a tag (`--keep-tag-revisions`).
    TagRevision(TagRevision<'a>),
    /// It does not exceed the limit of the project (`--prune-over-size-limit`).
    WithinSizeLimit(TagRevision<'a>),
    /// A workload uses the tag that points to it.
    UsedTag(TagRevision<'a>, ImageUsers<'a>),
    /// A workload uses the image by its digest. Without a tag revision, where the image is makes no
    /// difference.
    UsedImage(Option<TagRevision<'a>>, ImageUsers<'a>),
    /// It is part of an index that stays.
    PartOfIndex(Digest),
    /// It was imported, and `--all=false` excludes such images.
    NotManaged,
    /// The image object is young (`--keep-younger-than`).
    YoungImage,
}

/// An item of the history of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagRevision<'a> {
    pub project: &'a ProjectName,
    pub stream: &'a ImageStreamName,
    pub tag: &'a TagName,
    /// 1 is what the tag points to now, as `oc` counts.
    pub revision: u32,
}

/// Who uses an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageUsers<'a> {
    pub first: &'a Workload,
    /// How many other workloads do.
    pub more: usize,
}

impl<'a> PrunePlan<'a> {
    /// The plan of an `oc` of this version.
    #[must_use]
    pub fn new(
        input: PruneInput<'a>,
        version: PrunerVersion,
        parameters: &PruneParameters,
    ) -> Self {
        let facts = Facts::new(input, version.rules());
        let decision = facts.decide(parameters);
        let freed = facts.freed(&decision, &mut blob_marks(input), |_| true);
        // Images of which it is not known whether they are managed are taken to be managed.
        let images = &input.view.index().images;
        let mut outcomes = images.iter().zip(&decision.fates);
        let is_uncertain = !parameters.all
            && outcomes.any(|(image, fate)| *fate == Fate::Removed && image.is_managed.is_none());
        Self {
            facts,
            decision,
            freed: SpaceSize {
                at_most: freed.at_most || is_uncertain,
                ..freed
            },
        }
    }

    /// The bytes that would be freed.
    #[must_use]
    pub fn freed(&self) -> SpaceSize {
        self.freed
    }

    /// The part of the freed bytes that is in images of the scope. What image streams have in
    /// common is freed for each of them.
    #[must_use]
    pub fn freed_in(&self, scope: PruneScope<'_>) -> SpaceSize {
        let Some(images) = self.images_of(scope) else {
            return self.freed;
        };
        let is_counted = |image| images.contains(image);
        let marks = &mut blob_marks(self.facts.input);
        SpaceSize {
            at_most: self.freed.at_most,
            ..self.facts.freed(&self.decision, marks, is_counted)
        }
    }

    /// The images that would be removed, and those that stay, in no particular order.
    pub fn images(
        &self,
        scope: PruneScope<'_>,
    ) -> impl Iterator<Item = (Digest, ImageOutcome<'a>)> {
        let index = self.facts.input.view.index();
        let images = self.images_of(scope);
        (0..)
            .zip(&self.decision.fates)
            .filter(move |(image, _)| images.as_ref().is_none_or(|marks| marks.contains(*image)))
            .filter_map(|(image, fate)| Some((index.image_digest(image), self.outcome(*fate)?)))
    }

    /// The number of images that would be removed.
    #[must_use]
    pub fn removed_images(&self) -> usize {
        let fates = self.decision.fates.iter();
        fates.filter(|fate| **fate == Fate::Removed).count()
    }

    /// What becomes of an image. `None` if no visible image stream has it.
    #[must_use]
    pub fn image(&self, digest: &Digest) -> Option<ImageOutcome<'a>> {
        let image = self.facts.input.view.index().image_number(digest)?;
        self.outcome(self.decision.fates[image as usize])
    }

    /// The items of histories that would be removed, by project, image stream and tag, the newest
    /// first.
    pub fn removed_tag_events(
        &self,
        scope: PruneScope<'_>,
    ) -> impl Iterator<Item = TagRevision<'a>> {
        let streams = self.streams(scope);
        let places = self.decision.removed_events.iter();
        places
            .filter(move |place| streams.contains(&place.stream))
            .map(|place| self.revision(*place))
    }

    /// The images of a scope. `None`: all.
    fn images_of(&self, scope: PruneScope<'_>) -> Option<Marks> {
        if matches!(scope, PruneScope::Everything) {
            return None;
        }
        let view = self.facts.input.view;
        let index = view.index();
        let mut images = Marks::new(index.images.len());
        let streams = self
            .streams(scope)
            .filter(|stream| view.is_visible(*stream));
        let events = streams.flat_map(|stream| index.events_of(stream));
        for event in events.filter(|event| event.image != NO_IMAGE) {
            for image in index.with_children(event.image) {
                images.insert(image);
            }
        }
        Some(images)
    }

    fn streams(&self, scope: PruneScope<'_>) -> Range<u32> {
        let index = self.facts.input.view.index();
        match scope {
            PruneScope::Everything => 0..u32::MAX,
            PruneScope::Project(project) => index.streams_of(project),
            PruneScope::Stream(project, stream) => index
                .stream_number(project, stream)
                .map_or(0..0, |number| number..number + 1),
        }
    }

    fn outcome(&self, fate: Fate) -> Option<ImageOutcome<'a>> {
        match fate {
            Fate::NotSeen => None,
            Fate::Removed => Some(ImageOutcome::Removed),
            Fate::Kept(keep) => Some(ImageOutcome::Kept(self.reason(keep))),
        }
    }

    fn reason(&self, keep: Keep) -> KeepReason<'a> {
        match keep {
            Keep::YoungStream(stream) => {
                let index = self.facts.input.view.index();
                let stream = &index.streams[stream as usize];
                KeepReason::YoungStream(index.project_of(stream), &stream.name)
            }
            Keep::YoungEvent(place) => KeepReason::YoungTagEvent(self.revision(place)),
            Keep::Revision(place) => KeepReason::TagRevision(self.revision(place)),
            Keep::WithinSizeLimit(place) => KeepReason::WithinSizeLimit(self.revision(place)),
            Keep::UsedTag(place, users) => {
                KeepReason::UsedTag(self.revision(place), self.workload_use(users))
            }
            Keep::UsedImage(place, users) => {
                let revision = place.map(|place| self.revision(place));
                KeepReason::UsedImage(revision, self.workload_use(users))
            }
            Keep::PartOfIndex(index) => {
                KeepReason::PartOfIndex(self.facts.input.view.index().image_digest(index))
            }
            Keep::NotManaged => KeepReason::NotManaged,
            Keep::YoungImage => KeepReason::YoungImage,
        }
    }

    fn revision(&self, place: Place) -> TagRevision<'a> {
        let index = self.facts.input.view.index();
        let stream = &index.streams[place.stream as usize];
        TagRevision {
            project: index.project_of(stream),
            stream: &stream.name,
            tag: &index.tags[place.tag as usize].name,
            revision: place.position + 1,
        }
    }

    fn workload_use(&self, users: Users) -> ImageUsers<'a> {
        ImageUsers {
            first: &self.facts.input.workloads[users.first as usize],
            more: users.more as usize,
        }
    }
}

fn blob_marks(input: PruneInput<'_>) -> [Marks; 2] {
    let blobs = input.view.index().blob_count();
    [Marks::new(blobs), Marks::new(blobs)]
}

//! Which tag events and images go.

use super::PruneInput;
use super::in_use::{InUse, Users};
use super::parameters::{PruneParameters, PruneRule};
use super::pruner_version::{PrunerRules, RemovalUnit};
use crate::space::SpaceSize;
use crate::space::index::{EventEntry, NO_IMAGE, NO_TIME, SpaceIndex, indexes};
use crate::space::marks::Marks;

/// A tag event: the numbers of its image stream and tag, and its position in the history, where 0
/// is the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) stream: u32,
    pub(super) tag: u32,
    pub(super) position: u32,
}

/// Why an image stays, by numbers of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    YoungStream(u32),
    YoungEvent(Place),
    Revision(Place),
    WithinSizeLimit(Place),
    UsedTag(Place, Users),
    UsedImage(Option<Place>, Users),
    PartOfIndex(u32),
    NotManaged,
    YoungImage,
}

/// What becomes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// No visible image stream has it, or the image object is missing.
    NotSeen,
    /// It is in the history of an image stream, and no rule has kept it yet.
    Removed,
    Kept(Keep),
}

#[derive(Debug)]
pub(super) struct Decision {
    /// By the number of the image.
    pub(super) fates: Vec<Fate>,
    /// In the order of image streams, tags and events.
    pub(super) removed_events: Vec<Place>,
}

/// What all decisions about one input have in common.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) input: PruneInput<'a>,
    rules: PrunerRules,
    in_use: InUse,
    /// When images were created, by their numbers. Where that is not known, it is when the first
    /// tag event pointed to the image.
    created: Vec<i64>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(input: PruneInput<'a>, rules: PrunerRules) -> Self {
        let index = input.view.index();
        let mut first_event = vec![i64::MAX; index.images.len()];
        let events = input
            .view
            .streams()
            .flat_map(|stream| index.events_of(stream));
        for event in events.filter(|event| event.image != NO_IMAGE) {
            let first = &mut first_event[event.image as usize];
            *first = event.created.min(*first);
        }
        let created = index.images.iter().zip(first_event).map(|(image, first)| {
            if image.created == NO_TIME && first != i64::MAX {
                first
            } else {
                image.created
            }
        });
        Self {
            created: created.collect(),
            in_use: InUse::new(&input, &rules),
            input,
            rules,
        }
    }

    fn index(&self) -> &'a SpaceIndex {
        self.input.view.index()
    }

    pub(super) fn decide(&self, parameters: &PruneParameters) -> Decision {
        let mut pass = Pass {
            facts: self,
            parameters,
            cutoff: parameters.rule.cutoff(self.input.now),
            is_over_size: parameters.rule == PruneRule::OverSizeLimit,
            fates: vec![Fate::NotSeen; self.index().images.len()],
            removed_events: Vec::new(),
        };
        pass.see_images();
        match self.rules.unit {
            RemovalUnit::TagEvent => {
                pass.decide_events();
                pass.decide_images();
            }
            RemovalUnit::Image => {
                pass.add_strong_references();
                pass.decide_images();
                pass.remove_events_of_images();
            }
        }
        Decision {
            fates: pass.fates,
            removed_events: pass.removed_events,
        }
    }

    /// The bytes of the blobs that images have that go, and no others. Of the images that go, those
    /// that `is_counted` refuses are left out.
    ///
    /// Sources: `getPrunableComponents` (3.9), `pruneImage` and `getGlobalReferenceCounts` (4.6 and
    /// later).
    pub(super) fn freed(
        &self,
        decision: &Decision,
        marks: &mut [Marks; 2],
        is_counted: impl Fn(u32) -> bool,
    ) -> SpaceSize {
        let [kept, freed] = marks;
        kept.clear();
        freed.clear();
        let index = self.index();
        let mut size = SpaceSize {
            at_most: !self.input.has_all_workloads || !self.input.view.sees_all(),
            ..SpaceSize::default()
        };
        for (image, fate) in (0..).zip(&decision.fates) {
            if matches!(fate, Fate::Kept(_)) {
                match index.blobs(image) {
                    Some(blobs) => blobs.iter().for_each(|blob| {
                        kept.insert(*blob);
                    }),
                    None => size.at_most = true,
                }
            }
        }
        for is_imported in [false, true] {
            for (image, fate) in (0..).zip(&decision.fates) {
                let is_managed = index.images[image as usize].is_managed;
                let is_in_turn = (is_managed == Some(false)) == is_imported;
                if *fate != Fate::Removed || !is_in_turn || !is_counted(image) {
                    continue;
                }
                let Some(blobs) = index.blobs(image) else {
                    size.at_least = true;
                    continue;
                };
                for &blob in blobs {
                    if !kept.contains(blob) && freed.insert(blob) {
                        size.add(index.size(blob), is_imported);
                    }
                }
            }
        }
        size
    }
}

struct Pass<'a> {
    facts: &'a Facts<'a>,
    parameters: &'a PruneParameters,
    cutoff: i64,
    is_over_size: bool,
    fates: Vec<Fate>,
    removed_events: Vec<Place>,
}

impl Pass<'_> {
    /// Calls `visit` with each tag event of the visible image streams.
    fn for_each_event(&mut self, mut visit: impl FnMut(&mut Self, Place, EventEntry)) {
        let facts = self.facts;
        for stream in facts.input.view.streams() {
            for tag in facts.index().streams[stream as usize].tags.clone() {
                let events = &facts.index().tags[tag as usize].events;
                for (position, event) in (0..).zip(&facts.index().events[indexes(events)]) {
                    let place = Place {
                        stream,
                        tag,
                        position,
                    };
                    visit(self, place, *event);
                }
            }
        }
    }

    /// Images of visible image streams go, unless a rule keeps them. If everything is visible, also
    /// those without an image stream.
    fn see_images(&mut self) {
        if self.facts.input.view.sees_all() {
            self.fates.fill(Fate::Removed);
        }
        self.for_each_event(|pass, _, event| {
            if event.image != NO_IMAGE {
                for image in pass.facts.index().with_children(event.image) {
                    pass.fates[image as usize] = Fate::Removed;
                }
            }
        });
        for (fate, image) in self.fates.iter_mut().zip(&self.facts.index().images) {
            if image.is_missing {
                *fate = Fate::NotSeen;
            }
        }
    }

    fn keep(&mut self, image: u32, reason: Keep) {
        if let Some(fate) = self.fates.get_mut(image as usize)
            && *fate == Fate::Removed
        {
            *fate = Fate::Kept(reason);
        }
    }

    /// `pruneImageStream` and `pruneImageStreamTag`, 4.6 and later.
    fn decide_events(&mut self) {
        self.for_each_event(|pass, place, event| {
            match pass.reason_for_event(place, event) {
                Some(reason) => pass.keep(event.image, reason),
                None => pass.removed_events.push(place),
            };
        });
    }

    fn reason_for_event(&self, place: Place, event: EventEntry) -> Option<Keep> {
        let Facts { in_use, rules, .. } = self.facts;
        let stream = &self.facts.index().streams[place.stream as usize];
        if !self.is_over_size && stream.created > self.cutoff {
            return Some(Keep::YoungStream(place.stream));
        }
        let has_age = !self.is_over_size || !rules.over_size_limit_has_effect;
        if has_age && event.created > self.cutoff {
            return Some(Keep::YoungEvent(place));
        }
        if place.position == 0
            && let Some(users) = in_use.tag(place.tag, self.cutoff)
        {
            return Some(Keep::UsedTag(place, users));
        }
        if self.is_missing(event.image) {
            return None;
        }
        self.reason_of_rule(place, event).or_else(|| {
            let users = in_use.stream_image(place.stream, event.image, self.cutoff)?;
            Some(Keep::UsedImage(Some(place), users))
        })
    }

    /// What `--keep-tag-revisions` or `--prune-over-size-limit` keeps.
    fn reason_of_rule(&self, place: Place, event: EventEntry) -> Option<Keep> {
        match self.parameters.rule {
            PruneRule::Revisions {
                keep_tag_revisions, ..
            } => (place.position < keep_tag_revisions).then_some(Keep::Revision(place)),
            PruneRule::OverSizeLimit => (!self.exceeds_limit(place.stream, event.image))
                .then_some(Keep::WithinSizeLimit(place)),
        }
    }

    /// `addImageStreamsToGraph`, `addPodSpecToGraph` and `addBuildStrategyImageReferencesToGraph`
    /// through 4.5.
    fn add_strong_references(&mut self) {
        self.for_each_event(|pass, place, event| {
            if pass.is_missing(event.image) {
                return;
            }
            let stream = &pass.facts.index().streams[place.stream as usize];
            let is_young = !pass.is_over_size && stream.created > pass.cutoff;
            let reason = pass
                .reason_of_rule(place, event)
                .or_else(|| is_young.then_some(Keep::YoungStream(place.stream)))
                .or_else(|| {
                    let users = pass.facts.in_use.tag(place.tag, pass.cutoff)?;
                    (place.position == 0).then_some(Keep::UsedTag(place, users))
                });
            if let Some(reason) = reason {
                pass.keep(event.image, reason);
            }
        });
        for (image, users) in self.facts.in_use.images(self.cutoff) {
            self.keep(image, Keep::UsedImage(None, users));
        }
    }

    /// `pruneImages` and `pruneImage` (4.6 and later), `imageIsPrunable` (before).
    fn decide_images(&mut self) {
        if self.facts.rules.keeps_images_of_index {
            // Only of an index that a tag event keeps, not of one in another index.
            let children = self.facts.index().children.iter();
            let kept: Vec<(u32, &Vec<u32>)> = children
                .map(|(index, children)| (*index, children))
                .filter(|(index, _)| matches!(self.fates[*index as usize], Fate::Kept(_)))
                .collect();
            for (index, children) in kept {
                for &child in children {
                    self.keep(child, Keep::PartOfIndex(index));
                }
            }
        }
        for (image, entry) in (0..).zip(&self.facts.index().images) {
            if !self.parameters.all && entry.is_managed == Some(false) {
                self.keep(image, Keep::NotManaged);
            }
            if !self.is_over_size && self.facts.created[image as usize] > self.cutoff {
                self.keep(image, Keep::YoungImage);
            }
        }
    }

    /// `tagEventIsPrunable`, through 4.5.
    fn remove_events_of_images(&mut self) {
        self.for_each_event(|pass, place, event| {
            let is_removed = if pass.is_missing(event.image) {
                // 3.6 looks only for events of images that go (`pruneStreams`).
                pass.facts.rules.references_by_tag && event.created <= pass.cutoff
            } else {
                pass.fates[event.image as usize] == Fate::Removed
            };
            if is_removed {
                pass.removed_events.push(place);
            }
        });
    }

    fn is_missing(&self, image: u32) -> bool {
        image == NO_IMAGE || self.facts.index().images[image as usize].is_missing
    }

    /// Whether an image exceeds the limit of a project (`exceedsLimits`), as far as its size is
    /// known.
    fn exceeds_limit(&self, stream: u32, image: u32) -> bool {
        let index = self.facts.index();
        let project = index.project_of(&index.streams[stream as usize]);
        let Some(limit) = self.facts.input.image_size_limits.get(project) else {
            return false;
        };
        // The size of an image object is that of its layers and config, without the manifest.
        let blobs = index.blobs(image).unwrap_or_default();
        let mut size = SpaceSize::default();
        for &blob in blobs.iter().skip(1) {
            size.add(index.size(blob), false);
        }
        size.bytes > *limit
    }
}

//! The images of a plan.

use std::cmp::Reverse;

use super::{KeptBy, PlanRow, PlannedImages};
use crate::app::space::MAX_PLAN_ROWS;
use crate::app::space::untagged::layers_size;
use registry_model::prune::{ImageOutcome, PrunePlan, PruneScope};
use registry_model::space::{ImagePlace, SpaceView, StreamSelection};
use registry_model::{Digest, TotalSize};

/// The images of a plan, those first that would be removed, and of these the biggest.
pub(super) struct PlanRows {
    /// How many images would be removed, and how many stay.
    pub(super) removed: usize,
    pub(super) kept: usize,
    /// Which of them are listed.
    pub(super) shown: PlannedImages,
    /// At most 80 of these.
    pub(super) rows: Vec<PlanRow>,
    pub(super) more: usize,
}

/// An image of the plan, before it is known whether it is shown: there can be hundreds of thousands.
struct PlannedImage<'a> {
    digest: Digest,
    outcome: ImageOutcome<'a>,
    place: ImagePlace<'a>,
    size: Option<TotalSize>,
}

impl PlannedImage<'_> {
    fn is_removed(&self) -> bool {
        self.outcome == ImageOutcome::Removed
    }

    fn order(&self) -> impl Ord {
        let place = &self.place;
        (
            !self.is_removed(),
            Reverse(self.size.map(|size| size.bytes)),
            (place.project, place.stream, place.tag),
            place.revision,
        )
    }

    fn into_row(self) -> PlanRow {
        PlanRow {
            digest: self.digest,
            project: self.place.project.clone(),
            stream: self.place.stream.clone(),
            tag: self.place.tag.clone(),
            revision: self.place.revision,
            size: self.size,
            kept_by: match self.outcome {
                ImageOutcome::Removed => None,
                ImageOutcome::Kept(reason) => Some(KeptBy::from(reason)),
            },
        }
    }
}

impl PlanRows {
    pub(super) fn new(
        view: &SpaceView<'_>,
        plan: &PrunePlan<'_>,
        (scope, selection): (PruneScope<'_>, StreamSelection<'_>),
        asked_for: PlannedImages,
    ) -> Self {
        let places = view.image_places(selection);
        let mut images: Vec<PlannedImage<'_>> = plan
            .images(scope)
            .filter_map(|(digest, outcome)| {
                let place = places.get(&digest)?;
                let size = view.image_size(&digest).map(layers_size);
                Some(PlannedImage {
                    digest,
                    outcome,
                    place,
                    size,
                })
            })
            .collect();
        let removed = images.iter().filter(|image| image.is_removed()).count();
        let kept = images.len() - removed;
        let shown = asked_for.resolve(removed);
        match shown {
            PlannedImages::All | PlannedImages::RemovedIfAny => {}
            PlannedImages::Removed => images.retain(PlannedImage::is_removed),
            PlannedImages::Kept => images.retain(|image| !image.is_removed()),
        }
        let more = images.len().saturating_sub(MAX_PLAN_ROWS);
        if more > 0 {
            images.select_nth_unstable_by(MAX_PLAN_ROWS, |a, b| a.order().cmp(&b.order()));
            images.truncate(MAX_PLAN_ROWS);
        }
        images.sort_by(|a, b| a.order().cmp(&b.order()));
        Self {
            shown,
            removed,
            kept,
            rows: images.into_iter().map(PlannedImage::into_row).collect(),
            more,
        }
    }
}

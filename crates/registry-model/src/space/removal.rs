//! What the removal of tags frees.

use std::collections::BTreeSet;

use super::index::EventEntry;
use super::marks::Marks;
use super::space_size::SpaceSize;
use super::view::SpaceView;
use crate::{ImageStreamName, ProjectName, TagName};

impl SpaceView<'_> {
    /// What nothing visible has but these tags of an image stream: their removal frees it, once the
    /// registry has been pruned. `None` if the image stream is not visible.
    #[must_use]
    pub fn removal(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tags: &BTreeSet<&TagName>,
    ) -> Option<SpaceSize> {
        let stream = self.visible_stream(project, stream)?;
        let names = &self.index().tags;
        let is_going = |tag: u32| tags.contains(&names[tag as usize].name);
        let mut seen = Marks::new(self.index().blob_count());
        let (_, own) = self.measure_tags(stream, is_going, &mut seen);
        Some(own)
    }

    /// The space of those tags of an image stream that are counted: in total, and what nothing else
    /// that is visible has.
    pub(super) fn measure_tags(
        &self,
        stream: u32,
        is_counted: impl Fn(u32) -> bool,
        seen: &mut Marks,
    ) -> (SpaceSize, SpaceSize) {
        let index = self.index();
        let mut elsewhere = Marks::new(index.blob_count());
        let mut unknown_elsewhere = 0;
        let mut events: Vec<EventEntry> = Vec::new();
        for tag in index.streams[stream as usize].tags.clone() {
            if is_counted(tag) {
                events.extend(self.tag_events(tag));
            } else {
                unknown_elsewhere += self.for_each_blob(self.tag_events(tag), |blob, _| {
                    elsewhere.insert(blob);
                });
            }
        }
        let (mut total, mut own) = (SpaceSize::default(), SpaceSize::default());
        let streams = stream..stream + 1;
        seen.clear();
        let unknown = self.for_each_blob(&events, |blob, is_imported| {
            let size = index.size(blob);
            if seen.insert(blob) {
                total.add(size, is_imported);
                if !elsewhere.contains(blob) && self.is_only_in(blob, &streams) {
                    own.add(size, is_imported);
                }
            }
        });
        total.at_least |= unknown > 0;
        own.at_least |= unknown > 0;
        own.at_most = unknown_elsewhere > 0 || self.can_be_elsewhere(&streams);
        (total, own)
    }
}

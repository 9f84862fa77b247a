//! How an image came to a tag, as far as the history of the image stream shows it.
//!
//! The API server records which image a tag pointed to and when, not by which change. What the tag
//! is set to in `spec` tells it for the current image; for earlier ones, an image that the image
//! stream already had was not pushed then.

use crate::index::{IndexedStream, IndexedTag, IndexedTagEvent, TagOrigin};

/// How far back the history of a tag is searched for the same image.
const MAX_EVENTS_COMPARED: usize = 200;

/// How an image came to a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    Pushed,
    Imported,
    /// The tag was set to an image that the cluster already had.
    Moved,
}

impl Arrival {
    /// How the image of the item at `position` of the history of `tag` came to it.
    pub(super) fn of_event(stream: &IndexedStream, tag: &IndexedTag<'_>, position: usize) -> Self {
        if position == 0 && tag.is_overridden_by_push() {
            return Self::Pushed;
        }
        match tag.origin() {
            TagOrigin::Imported => Self::Imported,
            TagOrigin::Tracking => Self::Moved,
            TagOrigin::Set if position == 0 => Self::Moved,
            TagOrigin::Set if had_image_before(stream, &tag.history[position]) => Self::Moved,
            TagOrigin::Pushed if is_return(tag.history, position) => Self::Moved,
            TagOrigin::Set | TagOrigin::Pushed => Self::Pushed,
        }
    }
}

/// Whether the tag pointed to the same image earlier.
fn is_return(history: &[IndexedTagEvent], position: usize) -> bool {
    let image = &history[position].image;
    image.is_some()
        && history
            .iter()
            .skip(position + 1)
            .take(MAX_EVENTS_COMPARED)
            .any(|earlier| earlier.image == *image)
}

/// Whether any tag of the image stream pointed to the image of `event` earlier.
fn had_image_before(stream: &IndexedStream, event: &IndexedTagEvent) -> bool {
    event.image.is_some()
        && stream
            .tags()
            .flat_map(|tag| tag.history)
            .any(|other| other.image == event.image && other.when_micros() < event.when_micros())
}

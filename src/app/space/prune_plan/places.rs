//! Where the images of image streams are in the histories of tags.

use std::collections::HashMap;

use crate::app::space::load::StreamImages;
use registry_model::{Digest, ImageStreamName, TagName, TotalSize};

/// An item of the history of a tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct ImagePlace<'a> {
    pub(super) stream: &'a ImageStreamName,
    pub(super) tag: &'a TagName,
    /// From 1: what the tag points to now.
    pub(super) revision: usize,
}

/// The newest place of each image, and its size.
#[derive(Debug)]
pub(super) struct Places<'a>(HashMap<&'a Digest, (ImagePlace<'a>, Option<TotalSize>)>);

impl<'a> Places<'a> {
    /// Images of an index have its place.
    pub(super) fn of(own: &'a [StreamImages]) -> Self {
        let mut places: HashMap<&Digest, (ImagePlace<'a>, Option<TotalSize>)> = HashMap::new();
        for images in own {
            for tag in &images.stream.tags {
                for (revision, event) in (1..).zip(&tag.history) {
                    let Some(digest) = &event.image else { continue };
                    let place = ImagePlace {
                        stream: &images.stream.name,
                        tag: &tag.name,
                        revision,
                    };
                    let record = images.images.get(digest);
                    let children = record.map(|record| record.blobs.children.as_slice());
                    for image in std::iter::once(digest).chain(children.unwrap_or_default()) {
                        let size = images.images.get(image).and_then(|record| record.size);
                        let known = places.entry(image).or_insert((place, size));
                        if revision < known.0.revision {
                            known.0 = place;
                        }
                    }
                }
            }
        }
        Self(places)
    }

    pub(super) fn get(&self, image: &Digest) -> Option<(ImagePlace<'a>, Option<TotalSize>)> {
        self.0.get(image).copied()
    }
}

//! Images that no tag points to any more.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::MAX_ROWS;
use super::load::StreamImages;
use crate::app::bounds::truncate_counting;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName, TotalSize};

/// The images in histories that no tag of their image stream points to now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UntaggedImages {
    /// The biggest first. At most 200.
    pub images: Vec<UntaggedImage>,
    pub more: usize,
}

/// An image in the history of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UntaggedImage {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub digest: Digest,
    /// The tag that pointed to it last, of several the first one.
    pub tag: TagName,
    /// The size of its layers, which other images can have too.
    pub size: Option<TotalSize>,
}

impl UntaggedImages {
    pub(super) fn of<'a>(streams: impl IntoIterator<Item = &'a StreamImages>) -> Self {
        let mut images: Vec<UntaggedImage> =
            streams.into_iter().flat_map(untagged_in_stream).collect();
        images.sort_by_key(|image| Reverse(image.size.map(|size| size.bytes)));
        let more = truncate_counting(&mut images, MAX_ROWS);
        Self { images, more }
    }
}

fn untagged_in_stream(images: &StreamImages) -> Vec<UntaggedImage> {
    let stream = &images.stream;
    let current = stream.tags.iter().filter_map(|tag| tag.current());
    let current: HashSet<&Digest> = current.filter_map(|event| event.image.as_ref()).collect();
    let mut found: BTreeMap<&Digest, &TagName> = BTreeMap::new();
    for tag in &stream.tags {
        for digest in tag.history.iter().filter_map(|event| event.image.as_ref()) {
            if !current.contains(digest) && !images.deleted.contains(digest) {
                found.entry(digest).or_insert(&tag.name);
            }
        }
    }
    let found = found.into_iter();
    found
        .map(|(digest, tag)| UntaggedImage {
            project: stream.project.clone(),
            stream: stream.name.clone(),
            digest: digest.clone(),
            tag: tag.clone(),
            size: images.images.get(digest).and_then(|record| record.size),
        })
        .collect()
}

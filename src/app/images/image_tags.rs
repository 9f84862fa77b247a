//! The tags of an image: which of them point to it, or have pointed to it.

use chrono::{DateTime, Utc};

use super::{ImageReference, ImageTag};
use crate::app::section::Section;
use crate::index::Snapshot;
use registry_model::{Digest, ImageStream, Tag, TagName};

/// Every tag that points to the digest, or has pointed to it, in all image streams that could be
/// listed; at least those of the image stream itself.
pub(super) fn tags_of_digest(
    digest: &Digest,
    all_streams: Section<Snapshot>,
    own_stream: Option<&ImageStream>,
) -> Section<Vec<ImageTag>> {
    let streams = match (all_streams, own_stream) {
        (Section::Ready(streams), _) => streams,
        (Section::Missing { .. }, Some(own_stream)) => {
            Snapshot::from_streams(vec![own_stream.clone()])
        }
        (Section::Missing { missing }, None) => return Section::Missing { missing },
    };
    let mut names: Vec<ImageTag> = Vec::new();
    for entry in streams.streams() {
        let stream = &entry.stream;
        for tag in stream.tags() {
            let found = tag
                .history
                .iter()
                .enumerate()
                .find(|(_, event)| event.image.as_ref() == Some(digest));
            names.extend(found.map(|(at, event)| {
                ImageTag::new(
                    &stream.project,
                    &stream.name,
                    tag.name(),
                    at == 0,
                    event.when(),
                )
            }));
        }
    }
    names.sort_by(|a, b| {
        b.current
            .cmp(&a.current)
            .then_with(|| (&a.project, &a.stream, &a.tag).cmp(&(&b.project, &b.stream, &b.tag)))
    });
    Section::Ready(names)
}

/// Since when the tag, or for a digest the image stream, has the image. The image object may be
/// older, or come from another image stream.
pub(super) fn pushed_at(
    stream: &ImageStream,
    reference: &ImageReference,
    digest: &Digest,
) -> Option<DateTime<Utc>> {
    let events = |tag: &Tag| {
        tag.history
            .iter()
            .filter(|event| event.image.as_ref() == Some(digest))
            .filter_map(|e| e.created)
            .min()
    };
    match reference {
        ImageReference::Tag(name) => {
            let current = stream.tag(name)?.current()?;
            (current.image.as_ref() == Some(digest))
                .then_some(current.created)
                .flatten()
        }
        ImageReference::Digest(_) => stream.tags.iter().filter_map(events).min(),
    }
}

/// A tag of the image stream that points to the image now.
pub(super) fn tag_pointing_at<'s>(stream: &'s ImageStream, digest: &Digest) -> Option<&'s Tag> {
    stream.tags.iter().find(|tag| tag.points_to(digest))
}

/// The image that the tag pointed to before it pointed to `digest`.
pub(super) fn previous_image(
    stream: &ImageStream,
    tag: &TagName,
    digest: &Digest,
) -> Option<Digest> {
    let tag = stream.tag(tag)?;
    let mut images = tag.history.iter().filter_map(|event| event.image.as_ref());
    images.find(|image| *image != digest).cloned()
}

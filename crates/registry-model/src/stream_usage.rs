//! What of an image stream counts toward the limits that a LimitRange sets for image streams.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::{ImageStream, Tag, TagSource};

/// How much an image stream contains, as the API server counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamUsage {
    /// `openshift.io/image-tags`: the different sources of its tags. Tags that were only pushed
    /// have none.
    pub tags: u64,
    /// `openshift.io/images`: the different images in the history of its tags.
    pub images: u64,
}

impl ImageStream {
    /// What counts toward the limits of image streams.
    #[must_use]
    pub fn usage(&self) -> StreamUsage {
        let sources: BTreeSet<String> = self
            .tags
            .iter()
            .filter_map(|tag| self.counted_source(tag))
            .collect();
        let images: BTreeSet<_> = self
            .tags
            .iter()
            .flat_map(|tag| &tag.history)
            .filter_map(|event| event.image.as_ref())
            .collect();
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        StreamUsage {
            tags: count(sources.len()),
            images: count(images.len()),
        }
    }

    /// The source of a tag in a form in which equal sources are equal texts.
    fn counted_source(&self, tag: &Tag) -> Option<String> {
        match &tag.source {
            TagSource::Pushed | TagSource::Unknown(_) => None,
            TagSource::External(name) => Some(format!("external {name}")),
            TagSource::StreamTag(name) => {
                let tracked = tag.tracked_tag(&self.project, &self.name);
                Some(tracked.map_or_else(
                    || format!("tag {name}"),
                    |(project, stream, tag)| format!("tag {project}/{stream}:{tag}"),
                ))
            }
            TagSource::StreamImage(name) if name.contains('/') => Some(format!("image {name}")),
            TagSource::StreamImage(name) => Some(format!("image {}/{name}", self.project)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, TagEvent};

    fn tag(name: &str, source: TagSource, images: &[&str]) -> Tag {
        let history = images.iter().map(|image| TagEvent {
            created: None,
            image: Some(Digest::sha256(image.as_bytes())),
            pull_spec: String::new(),
            generation: None,
        });
        Tag {
            source,
            history: history.collect(),
            ..Tag::new_pushed(name.parse().unwrap())
        }
    }

    #[test]
    fn sources_and_images_count_once() {
        let stream = ImageStream {
            tags: vec![
                tag("pushed", TagSource::Pushed, &["a", "b"]),
                tag(
                    "1.0",
                    TagSource::External("r.example/x:1".to_owned()),
                    &["c"],
                ),
                tag(
                    "one",
                    TagSource::External("r.example/x:1".to_owned()),
                    &["c"],
                ),
                tag("follows", TagSource::StreamTag("1.0".to_owned()), &["c"]),
                tag(
                    "same",
                    TagSource::StreamTag("shop/api:1.0".to_owned()),
                    &["c"],
                ),
                tag(
                    "set",
                    TagSource::StreamImage("api@sha256:0".to_owned()),
                    &["a"],
                ),
                tag(
                    "set-too",
                    TagSource::StreamImage("shop/api@sha256:0".to_owned()),
                    &[],
                ),
                tag("broken", TagSource::Unknown(String::new()), &[]),
            ],
            ..ImageStream::new("shop".parse().unwrap(), "api".parse().unwrap())
        };
        assert_eq!(stream.usage(), StreamUsage { tags: 3, images: 3 });
    }
}

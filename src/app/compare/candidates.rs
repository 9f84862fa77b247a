//! Which images and tags of an image stream there are to compare.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ImageName;
use crate::app::bounds::truncate_counting;
use crate::app::images::ImageReference;
use registry_model::{Digest, ImageStream, TagName, version_order};

/// How many tags are suggested.
const MAX_SUGGESTIONS: usize = 300;

/// A tag to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagSuggestion {
    pub tag: TagName,
    pub digest: Option<Digest>,
}

/// Every image that a tag points to, or has pointed to, once, the newest first: by when a tag pointed
/// to it for the first time. Signatures and the like are left out.
pub(super) fn images_newest_first(stream: &ImageStream) -> Vec<Digest> {
    let events = stream
        .tags
        .iter()
        .filter(|tag| tag.name.attachment().is_none())
        .flat_map(|tag| &tag.history);
    let mut first_seen: BTreeMap<&Digest, Option<DateTime<Utc>>> = BTreeMap::new();
    for event in events {
        let Some(image) = &event.image else { continue };
        let first = first_seen.entry(image).or_insert(event.created);
        *first = event.created.min(*first);
    }
    let mut images: Vec<_> = first_seen.into_iter().collect();
    images.sort_by(|(a, first_of_a), (b, first_of_b)| {
        first_of_b.cmp(first_of_a).then_with(|| a.cmp(b))
    });
    images.into_iter().map(|(image, _)| image.clone()).collect()
}

/// The two newest images, the older one first. By tag where a tag points to the image.
pub(super) fn newest_pair(
    stream: &ImageStream,
    images: &[Digest],
) -> Option<(ImageName, ImageName)> {
    let name = |digest: &Digest| {
        let mut tags: Vec<&TagName> = stream
            .tags
            .iter()
            .filter(|tag| tag.points_to(digest))
            .map(|tag| &tag.name)
            .collect();
        tags.sort_by(|a, b| version_order::compare(b.as_str(), a.as_str()));
        let reference = tags.first().map_or_else(
            || ImageReference::Digest(digest.clone()),
            |tag| ImageReference::Tag((*tag).clone()),
        );
        ImageName {
            project: stream.project.clone(),
            stream: stream.name.clone(),
            reference,
        }
    };
    match images {
        [newest, second, ..] => Some((name(second), name(newest))),
        _ => None,
    }
}

/// A tag by which users know an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagOfImage {
    pub tag: TagName,
    /// Since when the tag points, or pointed, to the image.
    pub since: Option<DateTime<Utc>>,
    /// Whether the tag points to the image now.
    pub is_current: bool,
}

/// The tag of an image of `stream` that is named by digest: the highest version that points to it,
/// or else the tag that pointed to it last.
pub(super) fn tag_of_image(stream: &ImageStream, name: &ImageName) -> Option<TagOfImage> {
    let ImageReference::Digest(digest) = &name.reference else {
        return None;
    };
    if (&name.project, &name.stream) != (&stream.project, &stream.name) {
        return None;
    }
    let events = stream.tags.iter().flat_map(|tag| {
        let of_image = tag
            .history
            .iter()
            .enumerate()
            .filter(|(_, event)| event.image.as_ref() == Some(digest));
        of_image.map(|(index, event)| TagOfImage {
            tag: tag.name.clone(),
            since: event.created,
            is_current: index == 0,
        })
    });
    events.max_by(|a, b| {
        let by_version = || version_order::compare(a.tag.as_str(), b.tag.as_str());
        a.is_current.cmp(&b.is_current).then_with(|| {
            if a.is_current {
                by_version()
            } else {
                a.since.cmp(&b.since).then_with(by_version)
            }
        })
    })
}

/// Two tags, the one that got its image first before the other.
pub(super) fn older_first(
    stream: &ImageStream,
    one: TagName,
    other: TagName,
) -> (ImageName, ImageName) {
    let since = |name: &TagName| {
        stream
            .tag(name)
            .and_then(|tag| tag.current())
            .and_then(|event| event.created)
    };
    let (from, to) = if since(&one) > since(&other) {
        (other, one)
    } else {
        (one, other)
    };
    let name = |tag| ImageName {
        project: stream.project.clone(),
        stream: stream.name.clone(),
        reference: ImageReference::Tag(tag),
    };
    (name(from), name(to))
}

/// The tags of an image stream to choose from, the highest version first, without signatures and
/// the like.
pub(in crate::app) fn tag_suggestions(stream: &ImageStream) -> Vec<TagSuggestion> {
    let mut tags: Vec<TagSuggestion> = stream
        .tags
        .iter()
        .filter(|tag| tag.name.attachment().is_none())
        .map(|tag| TagSuggestion {
            tag: tag.name.clone(),
            digest: tag.current().and_then(|event| event.image.clone()),
        })
        .collect();
    tags.sort_by(|a, b| version_order::compare(b.tag.as_str(), a.tag.as_str()));
    truncate_counting(&mut tags, MAX_SUGGESTIONS);
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::{InternalRepository, Tag, TagEvent};

    fn tag(name: &str, events: &[(i64, &[u8])]) -> Tag {
        let event = |(at, image): &(i64, &[u8])| TagEvent {
            created: DateTime::<Utc>::from_timestamp(*at, 0),
            image: Some(Digest::sha256(image)),
            pull_spec: String::new(),
            generation: None,
        };
        Tag {
            history: events.iter().map(event).collect(),
            ..Tag::new_pushed(name.parse().unwrap())
        }
    }

    fn stream(tags: Vec<Tag>) -> ImageStream {
        ImageStream {
            project: "shop".parse().unwrap(),
            name: "cart".parse().unwrap(),
            resource_version: None,
            created: None,
            annotations: Default::default(),
            labels: Default::default(),
            internal_repository: InternalRepository::default(),
            public_repository: None,
            follows: None,
            local_lookup: false,
            tags,
            unreadable_tags: 0,
        }
    }

    fn newest(stream: &ImageStream) -> Option<(String, String)> {
        newest_pair(stream, &images_newest_first(stream))
            .map(|(from, to)| (from.to_string(), to.to_string()))
    }

    #[test]
    fn two_newest_images_are_compared_by_their_highest_tags() {
        let stream = stream(vec![
            tag("1.9", &[(10, b"old")]),
            tag("1.10", &[(20, b"new")]),
            tag("latest", &[(21, b"new"), (11, b"old")]),
        ]);
        let (from, to) = newest(&stream).unwrap();
        assert_eq!(from, "shop/cart:1.9");
        assert!(to == "shop/cart:1.10" || to == "shop/cart:latest", "{to}");
    }

    #[test]
    fn earlier_image_of_a_tag_is_named_by_digest() {
        let stream = stream(vec![tag("latest", &[(2, b"new"), (1, b"old")])]);
        let (from, to) = newest(&stream).unwrap();
        assert_eq!(from, format!("shop/cart@{}", Digest::sha256(b"old")));
        assert_eq!(to, "shop/cart:latest");
    }

    #[test]
    fn one_image_cannot_be_compared() {
        assert_eq!(
            newest(&stream(vec![
                tag("a", &[(2, b"x")]),
                tag("b", &[(1, b"x")])
            ])),
            None
        );
    }

    #[test]
    fn selected_tags_are_ordered_by_age() {
        let stream = stream(vec![tag("new", &[(2, b"new")]), tag("old", &[(1, b"old")])]);
        let (from, to) = older_first(&stream, "new".parse().unwrap(), "old".parse().unwrap());
        assert_eq!(
            (from.to_string(), to.to_string()),
            ("shop/cart:old".to_owned(), "shop/cart:new".to_owned())
        );
    }
}

//! Small registries for tests.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use crate::space::{ImageLayers, ImageObjectFacts, SpaceIndex, SpaceIndexBuilder, StoredBlob};
use crate::{ByteSize, Digest, ImageStream, Tag, TagEvent};

/// Image streams and what is known of their images.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpaceWorld {
    pub(crate) streams: Vec<ImageStream>,
    pub(crate) layers: Vec<ImageLayers>,
    pub(crate) objects: BTreeMap<Digest, ImageObjectFacts>,
}

impl SpaceWorld {
    pub(crate) fn index(&self) -> SpaceIndex {
        let mut builder = SpaceIndexBuilder::default();
        for (digest, object) in &self.objects {
            builder.add_image_object(digest, object);
        }
        self.streams
            .iter()
            .for_each(|stream| builder.add_stream(stream));
        self.layers
            .iter()
            .for_each(|layers| builder.add_layers(layers));
        builder.build()
    }
}

pub(crate) fn image(name: &str) -> Digest {
    Digest::sha256(format!("image {name}").as_bytes())
}

pub(crate) fn blob(name: &str) -> Digest {
    Digest::sha256(format!("blob {name}").as_bytes())
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// An image of layers without a config, whose manifest has no bytes.
pub(crate) fn layers(name: &str, layers: &[(&str, Option<u64>)]) -> ImageLayers {
    let layers = layers.iter().map(|(name, size)| StoredBlob {
        digest: blob(name),
        size: size.map(ByteSize),
    });
    ImageLayers {
        digest: image(name),
        manifest_size: Some(ByteSize(0)),
        config: None,
        layers: layers.collect(),
        children: Vec::new(),
    }
}

/// A tag event: the image, and when it was made.
pub(crate) fn event(image: Option<Digest>, created: Option<i64>) -> TagEvent {
    TagEvent {
        created: created.map(at),
        image,
        pull_spec: String::new(),
        generation: None,
    }
}

/// An image stream that was created at the second 0.
pub(crate) fn stream(project: &str, name: &str, tags: &[(&str, Vec<TagEvent>)]) -> ImageStream {
    let tags = tags.iter().map(|(tag, history)| Tag {
        history: history.clone(),
        ..Tag::new_pushed(tag.parse().unwrap())
    });
    ImageStream {
        created: Some(at(0)),
        tags: tags.collect(),
        ..ImageStream::new(project.parse().unwrap(), name.parse().unwrap())
    }
}

/// Registries with up to six image streams in three projects, eight images and six layers, at the
/// seconds 0 to 9.
pub(crate) fn worlds() -> impl Strategy<Value = SpaceWorld> {
    let sizes = prop::collection::vec(prop::option::weighted(0.9, 1_u64..1_000), 6);
    let children = prop::collection::vec(0_usize..8, 0..2);
    let blobs = prop::collection::vec(0_usize..6, 0..4);
    let known = prop::option::weighted(0.9, (blobs, children));
    let object = (
        prop::option::of(0_i64..10),
        prop::option::of(any::<bool>()),
        prop::bool::weighted(0.1),
    );
    let images = prop::collection::vec((known, prop::option::of(object)), 8);
    let events = (
        prop::option::weighted(0.95, 0_usize..8),
        prop::option::weighted(0.95, 0_i64..10),
    );
    let tag = prop::collection::vec(events, 0..4);
    let tags = (0_i64..10, prop::collection::vec(tag, 0..3));
    let streams = prop::collection::vec(prop::option::of(tags), 6);
    (sizes, images, streams).prop_map(|(sizes, images, streams)| {
        let mut world = SpaceWorld::default();
        for (number, (known, object)) in images.into_iter().enumerate() {
            let name = number.to_string();
            if let Some((blobs, children)) = known {
                let names: Vec<(String, Option<u64>)> = blobs
                    .iter()
                    .map(|blob| (blob.to_string(), sizes[*blob]))
                    .collect();
                let named: Vec<(&str, Option<u64>)> = names
                    .iter()
                    .map(|(name, size)| (name.as_str(), *size))
                    .collect();
                let children = children.iter().filter(|child| **child != number);
                world.layers.push(ImageLayers {
                    manifest_size: Some(ByteSize(1)),
                    children: children.map(|child| image(&child.to_string())).collect(),
                    ..layers(&name, &named)
                });
            }
            if let Some((created, is_managed, is_missing)) = object {
                let object = ImageObjectFacts {
                    created: created.map(at),
                    is_managed,
                    is_missing,
                };
                world.objects.insert(image(&name), object);
            }
        }
        for (number, found) in streams.into_iter().enumerate() {
            let Some((created, tags)) = found else {
                continue;
            };
            let (project, name) = (format!("p{}", number / 2), format!("s{}", number % 2));
            let tags: Vec<(String, Vec<TagEvent>)> = (0..)
                .zip(tags)
                .map(|(tag, events): (usize, Vec<_>)| {
                    let history = events.into_iter().map(|(number, created)| {
                        event(number.map(|number| image(&number.to_string())), created)
                    });
                    (format!("t{tag}"), history.collect())
                })
                .collect();
            let named: Vec<(&str, Vec<TagEvent>)> = tags
                .iter()
                .map(|(tag, history)| (tag.as_str(), history.clone()))
                .collect();
            world.streams.push(ImageStream {
                created: Some(at(created)),
                ..stream(&project, &name, &named)
            });
        }
        // The index sorts them itself.
        world.streams.reverse();
        world
    })
}

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{ByteSize, Digest, ImageStream, ProjectName, TagName};

mod history;
pub(crate) mod world;

use world::{SpaceWorld, blob, event, image, layers, stream, worlds};

/// What a stored blob is known to take, as the world has it.
fn sizes(world: &SpaceWorld) -> BTreeMap<Digest, Option<u64>> {
    let images = world.layers.iter().flat_map(|image| {
        let manifest = (image.digest.clone(), Some(1));
        let layers = image
            .layers
            .iter()
            .map(|layer| (layer.digest.clone(), layer.size.map(|size| size.0)));
        std::iter::once(manifest).chain(layers)
    });
    images.collect()
}

/// The images of tag events and, of an index, those that it lists.
fn images_of(
    world: &SpaceWorld,
    streams: &[&ImageStream],
    is_counted: impl Fn(usize) -> bool,
) -> BTreeSet<Digest> {
    let mut images = BTreeSet::new();
    for tag in streams.iter().flat_map(|stream| &stream.tags) {
        let events = tag.history.iter().enumerate();
        for (_, event) in events.filter(|(position, _)| is_counted(*position)) {
            images.extend(event.image.clone());
        }
    }
    let indexes = world.layers.iter();
    let children = indexes.filter(|layers| images.contains(&layers.digest));
    let children: Vec<Digest> = children
        .flat_map(|layers| layers.children.clone())
        .collect();
    images.extend(children);
    images
}

fn blobs_of<'a>(
    world: &SpaceWorld,
    images: impl IntoIterator<Item = &'a Digest>,
) -> BTreeSet<Digest> {
    let known: BTreeMap<&Digest, &ImageLayers> = world
        .layers
        .iter()
        .map(|layers| (&layers.digest, layers))
        .collect();
    let mut blobs = BTreeSet::new();
    for layers in images.into_iter().filter_map(|image| known.get(image)) {
        blobs.insert(layers.digest.clone());
        blobs.extend(layers.layers.iter().map(|layer| layer.digest.clone()));
    }
    blobs
}

/// Adds up blobs, of which those of `pushed` are stored in any case.
fn size_of(
    sizes: &BTreeMap<Digest, Option<u64>>,
    blobs: &BTreeSet<Digest>,
    pushed: &BTreeSet<Digest>,
) -> SpaceSize {
    let sum = |blobs: BTreeSet<&Digest>| {
        ByteSize(blobs.iter().filter_map(|blob| sizes[*blob]).sum::<u64>())
    };
    SpaceSize {
        bytes: sum(blobs.intersection(pushed).collect()),
        imported: sum(blobs.difference(pushed).collect()),
        at_least: blobs.iter().any(|blob| sizes[blob].is_none()),
        at_most: false,
    }
}

/// The space of some of the visible image streams, by sets of digests.
fn model(world: &SpaceWorld, streams: &[&ImageStream], others: &[&ImageStream]) -> SpaceUse {
    let sizes = sizes(world);
    let images = images_of(world, streams, |_| true);
    let is_pushed = |image: &&Digest| {
        let object = world.objects.get(*image);
        object.is_none_or(|object| object.is_managed != Some(false))
    };
    let pushed = blobs_of(world, images.iter().filter(is_pushed));
    let total = blobs_of(world, &images);
    let elsewhere = blobs_of(world, &images_of(world, others, |_| true));
    let own: BTreeSet<Digest> = total.difference(&elsewhere).cloned().collect();
    let current = blobs_of(world, &images_of(world, streams, |position| position == 0));
    let own_history: BTreeSet<Digest> = own.difference(&current).cloned().collect();
    let unknown_images = count_unknown(world, &images);
    let at_most = count_unknown(world, &images_of(world, others, |_| true)) > 0;
    let size = |blobs: &BTreeSet<Digest>| {
        let size = size_of(&sizes, blobs, &pushed);
        SpaceSize {
            at_least: size.at_least || unknown_images > 0,
            ..size
        }
    };
    let mut space = SpaceUse {
        total: size(&total),
        own: size(&own),
        own_history: size(&own_history),
        images: images.len(),
        unknown_images,
    };
    space.own.at_most = at_most;
    space.own_history.at_most = at_most;
    space
}

fn count_unknown(world: &SpaceWorld, images: &BTreeSet<Digest>) -> usize {
    let is_known = |image: &Digest| world.layers.iter().any(|known| known.digest == *image);
    images.iter().filter(|image| !is_known(image)).count()
}

fn with_upper_bounds(mut space: SpaceUse, at_most: bool) -> SpaceUse {
    space.own.at_most |= at_most;
    space.own_history.at_most |= at_most;
    space
}

proptest! {
    #[test]
    fn space_is_that_of_sets_of_digests(
        world in worlds(),
        sees_all in any::<bool>(),
        visible in prop::collection::btree_set(0..3_usize, 0..=3),
    ) {
        let names: BTreeSet<ProjectName> = visible
            .iter()
            .map(|number| format!("p{number}").parse().unwrap())
            .collect();
        let index = world.index();
        let view = index.view(if sees_all {
            VisibleProjects::All
        } else {
            VisibleProjects::Only(&names)
        });
        let is_visible = |stream: &&ImageStream| sees_all || names.contains(&stream.project);
        let all: Vec<&ImageStream> = world.streams.iter().filter(is_visible).collect();
        prop_assert_eq!(
            view.total(),
            with_upper_bounds(model(&world, &all, &[]), !sees_all)
        );
        for number in 0..3 {
            let project: ProjectName = format!("p{number}").parse().unwrap();
            let (own, others): (Vec<&ImageStream>, Vec<&ImageStream>) =
                all.iter().partition(|stream| stream.project == project);
            let expected = (!own.is_empty())
                .then(|| with_upper_bounds(model(&world, &own, &others), !sees_all));
            prop_assert_eq!(view.project(&project), expected, "{}", project);
        }
        for stream in &world.streams {
            let (own, others): (Vec<&ImageStream>, Vec<&ImageStream>) =
                all.iter().partition(|other| *other == &stream);
            let expected = (!own.is_empty())
                .then(|| with_upper_bounds(model(&world, &own, &others), !sees_all));
            prop_assert_eq!(view.stream(&stream.project, &stream.name), expected);
            for other in &others {
                let shared = view.stream_shares_with(&stream.project, &stream.name, usize::MAX);
                let with = (other.project.clone(), other.name.clone());
                let found = shared.iter().find(|shared| shared.with == with);
                let common: BTreeSet<Digest> = blobs_of(&world, &images_of(&world, &own, |_| true))
                    .intersection(&blobs_of(&world, &images_of(&world, &[*other], |_| true)))
                    .cloned()
                    .collect();
                prop_assert_eq!(found.is_some(), !common.is_empty());
                let bytes = size_of(&sizes(&world), &common, &BTreeSet::new()).sum();
                prop_assert_eq!(found.map_or(ByteSize(0), |found| found.size.sum()), bytes);
            }
        }
    }

    #[test]
    fn removal_of_tags_frees_what_nothing_else_has(world in worlds(), going in 0_u8..8) {
        let (index, visible) = (world.index(), ["p0".parse().unwrap()].into());
        let is_going = |number: usize| going & (1 << number) != 0;
        for sees_all in [true, false] {
            let view = index.view(if sees_all {
                VisibleProjects::All
            } else {
                VisibleProjects::Only(&visible)
            });
            for stream in &world.streams {
                let (mut gone, mut left) = (stream.clone(), stream.clone());
                let (tags, staying): (Vec<_>, Vec<_>) = (0..)
                    .zip(stream.tags.clone())
                    .partition(|(number, _)| is_going(*number));
                gone.tags = tags.into_iter().map(|(_, tag)| tag).collect();
                left.tags = staying.into_iter().map(|(_, tag)| tag).collect();
                let names: BTreeSet<&TagName> = gone.tags.iter().map(|tag| &tag.name).collect();
                let found = view.removal(&stream.project, &stream.name, &names);
                let is_visible = |other: &&ImageStream| sees_all || visible.contains(&other.project);
                prop_assert_eq!(found.is_some(), is_visible(&stream));
                let Some(found) = found else { continue };
                let others = world.streams.iter().filter(is_visible);
                let mut others: Vec<&ImageStream> = others.filter(|other| *other != stream).collect();
                others.push(&left);
                let mut expected = model(&world, &[&gone], &others).own;
                expected.at_most |= !sees_all;
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn a_tag_owns_what_no_other_tag_has(world in worlds()) {
        let (index, sizes) = (world.index(), sizes(&world));
        let view = index.view(VisibleProjects::All);
        for stream in &world.streams {
            for tag in &stream.tags {
                let only = ImageStream { tags: vec![tag.clone()], ..stream.clone() };
                let without: Vec<ImageStream> = world
                    .streams
                    .iter()
                    .map(|other| {
                        let mut other = other.clone();
                        if (&other.project, &other.name) == (&stream.project, &stream.name) {
                            other.tags.retain(|other| other.name != tag.name);
                        }
                        other
                    })
                    .collect();
                let others: Vec<&ImageStream> = without.iter().collect();
                let expected = model(&world, &[&only], &others);
                let found = view.tag(&stream.project, &stream.name, &tag.name);
                prop_assert_eq!(found.is_some(), !tag.history.is_empty());
                let Some(found) = found else { continue };
                prop_assert_eq!(found.total, expected.total);
                prop_assert_eq!(found.own, expected.own);
                let current = images_of(&world, &[&only], |position| position == 0);
                let blobs = blobs_of(&world, &current);
                prop_assert_eq!(
                    found.current.sum(),
                    size_of(&sizes, &blobs, &BTreeSet::new()).sum()
                );
            }
        }
    }
}

/// Two image streams with a layer in common, and a third one in another project.
fn shop() -> SpaceWorld {
    SpaceWorld {
        streams: vec![
            stream(
                "shop",
                "web",
                &[
                    (
                        "1",
                        vec![
                            event(Some(image("web2")), None),
                            event(Some(image("web1")), None),
                        ],
                    ),
                    ("2", vec![event(Some(image("web2")), None)]),
                ],
            ),
            stream(
                "shop",
                "api",
                &[("1", vec![event(Some(image("api")), None)])],
            ),
            stream(
                "tools",
                "cli",
                &[("1", vec![event(Some(image("cli")), None)])],
            ),
        ],
        layers: vec![
            layers("web1", &[("base", Some(100)), ("web1", Some(7))]),
            layers("web2", &[("base", Some(100)), ("web2", Some(5))]),
            layers("api", &[("base", Some(100)), ("api", Some(3))]),
            layers("cli", &[("api", Some(3)), ("cli", None)]),
            layers("left", &[("left", Some(1))]),
        ],
        ..SpaceWorld::default()
    }
}

#[test]
fn rankings_begin_with_the_most_bytes() {
    let index = shop().index();
    let view = index.view(VisibleProjects::All);
    let streams: Vec<String> = view
        .biggest_streams(StreamSelection::All, 2)
        .iter()
        .map(|found| {
            format!(
                "{}/{} {}",
                found.project, found.stream, found.space.own.bytes.0
            )
        })
        .collect();
    assert_eq!(streams, ["shop/web 12", "shop/api 0"]);
    let tag = view.biggest_tags(StreamSelection::All, 1).remove(0);
    assert_eq!((tag.stream.as_str(), tag.size.bytes.0), ("web", 105));
    let layer = |name: &str, size, streams| LayerSpace {
        digest: blob(name),
        size: ByteSize(size),
        streams,
    };
    assert_eq!(
        view.biggest_layers(2),
        [layer("base", 100, 2), layer("web1", 7, 1)]
    );
    assert_eq!(
        view.most_shared_layers(9),
        [layer("base", 100, 2), layer("api", 3, 2)]
    );
    assert_eq!(view.images_without_tag(), [image("left")]);
}

#[test]
fn other_projects_are_neither_counted_nor_named() {
    let index = shop().index();
    let shop: BTreeSet<ProjectName> = ["shop".parse().unwrap()].into();
    let view = index.view(VisibleProjects::Only(&shop));
    let (project, api) = ("shop".parse().unwrap(), "api".parse().unwrap());
    let found = view.stream(&project, &api).unwrap();
    assert_eq!((found.own.bytes.0, found.own.at_most), (3, true));
    let everything = index.view(VisibleProjects::All);
    let found = everything.stream(&project, &api).unwrap();
    assert_eq!((found.own.bytes.0, found.own.at_most), (0, false));
    assert_eq!(
        everything.project_shares_with(&project, 9)[0].with.as_str(),
        "tools"
    );
    assert_eq!(view.project_shares_with(&project, 9), []);
    assert_eq!(view.stream_shares_with(&project, &api, 9).len(), 1);
    assert!(
        view.most_shared_layers(9)
            .iter()
            .all(|layer| layer.size == ByteSize(100))
    );
    assert_eq!(view.project(&"tools".parse().unwrap()), None);
    assert_eq!(view.images_without_tag(), []);
}

#[test]
fn layers_of_imported_images_are_counted_apart() {
    let mut world = shop();
    for name in ["api", "cli"] {
        let object = ImageObjectFacts {
            is_managed: Some(false),
            ..ImageObjectFacts::default()
        };
        world.objects.insert(image(name), object);
    }
    let index = world.index();
    let total = index.view(VisibleProjects::All).total().total;
    assert_eq!((total.bytes.0, total.imported.0), (112, 3));
    assert!(total.at_least, "the size of a layer is not known");
}

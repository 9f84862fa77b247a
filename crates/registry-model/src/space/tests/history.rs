//! Where images are, what they take, and where they came from.

use std::collections::BTreeSet;

use super::shop;
use super::world::{blob, image};
use crate::ProjectName;
use crate::space::{SpaceIndexBuilder, StreamSelection, VisibleProjects};

#[test]
fn histories_say_where_images_are_and_which_have_no_tag() {
    let index = shop().index();
    let view = index.view(VisibleProjects::All);
    let project = "shop".parse().unwrap();
    let places = view.image_places(StreamSelection::Project(&project));
    let place = places.get(&image("web2")).unwrap();
    let place = (place.stream.as_str(), place.tag.as_str(), place.revision);
    assert_eq!(place, ("web", "1", 1));
    assert_eq!(places.get(&image("web1")).unwrap().revision, 2);
    assert_eq!(places.get(&image("cli")), None, "of another project");
    let untagged = |selection| {
        let found = view.untagged_images(selection).into_iter();
        let found = found.map(|image| (image.digest, image.size.unwrap().bytes.0));
        found.collect::<Vec<_>>()
    };
    assert_eq!(untagged(StreamSelection::All), [(image("web1"), 107)]);
    let api = "api".parse().unwrap();
    assert_eq!(untagged(StreamSelection::Stream(&project, &api)), []);
    let (named, more) = view.layer_streams(&blob("api"), 1);
    assert_eq!((named[0].1.as_str(), more), ("api", 1));
    let shop: BTreeSet<ProjectName> = [project].into();
    let limited = index.view(VisibleProjects::Only(&shop));
    assert_eq!(limited.layer_streams(&blob("api"), 9).0.len(), 1);
    assert_eq!(limited.image_size(&image("cli")), None);
    let size = limited.image_size(&image("api")).unwrap();
    assert_eq!((size.bytes.0, size.at_least), (103, false));
    let projects = limited.projects();
    assert_eq!(projects.len(), 1);
    assert_eq!(projects[0].space.total.bytes.0, 115);
    assert!(index.memory_bytes() > 11 * 32);
}

#[test]
fn image_owns_what_no_other_image_has() {
    let index = shop().index();
    let view = index.view(VisibleProjects::All);
    let (project, web, api) = (
        "shop".parse().unwrap(),
        "web".parse().unwrap(),
        "api".parse().unwrap(),
    );
    let space = view.image(&project, &web, &image("web2")).unwrap();
    assert_eq!((space.total.bytes.0, space.own.bytes.0), (105, 5));
    let with: Vec<String> = view
        .image_shares_with(&project, &api, &image("api"), 9)
        .iter()
        .map(|shared| format!("{} {}", shared.with.1, shared.size.bytes.0))
        .collect();
    assert_eq!(with, ["web 100", "cli 3"]);
    let api = view.image(&project, &api, &image("api")).unwrap();
    assert_eq!((api.own.bytes.0, api.own.at_most), (0, false));
    assert_eq!(
        view.image(&project, &web, &image("api")),
        None,
        "of another stream"
    );
}

#[test]
fn images_that_were_pushed_anywhere_count_as_pushed() {
    let total = |pushed_first: bool| {
        let world = shop();
        let mut builder = SpaceIndexBuilder::default();
        world.layers.iter().for_each(|one| builder.add_layers(one));
        world.streams.iter().for_each(|one| builder.add_stream(one));
        if pushed_first {
            builder.mark_pushed(&image("cli"));
        }
        for name in ["api", "cli"] {
            builder.mark_imported(&image(name));
        }
        builder.mark_pushed(&image("cli"));
        let index = builder.build();
        let total = index.view(VisibleProjects::All).total().total;
        (total.bytes.0, total.imported.0)
    };
    assert_eq!((total(true), total(false)), ((115, 0), (115, 0)));
    let world = shop();
    let mut builder = SpaceIndexBuilder::default();
    world.streams.iter().for_each(|one| builder.add_stream(one));
    world.layers.iter().for_each(|one| builder.add_layers(one));
    assert!(builder.has_stream(&"shop".parse().unwrap(), &"api".parse().unwrap()));
    builder.mark_imported(&image("api"));
    builder.mark_imported(&image("cli"));
    let index = builder.build();
    let total = index.view(VisibleProjects::All).total().total;
    assert_eq!((total.bytes.0, total.imported.0), (112, 3));
}

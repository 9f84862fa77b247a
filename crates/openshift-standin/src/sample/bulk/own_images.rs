//! Images of their own for the image streams of a large cluster, for measurements of space.

use registry_model::Digest;
use serde_json::{Map, json};

use crate::cluster::{Cluster, ClusterState, ImageLayer, ImageObject, ImageStreamObject};

/// How many layers each image has: of one of the bases, of its image stream, and of its own.
const BASE_LAYERS: usize = 8;
const STREAM_LAYERS: usize = 2;
const OWN_LAYERS: usize = 2;

/// How many different bases there are.
const BASES: usize = 50;

/// Gives each tag of the image streams of [`super::add_streams`] an image of its own, of twelve layers.
/// Eight of them are shared by many image streams, two by the image stream. The registry does not have
/// them: only the API server knows them.
pub fn add_own_images(cluster: &Cluster, projects: usize, streams: usize) {
    for index in 0..streams {
        let (project, name) = (
            format!("bench-{}", index % projects),
            format!("stream-{index}"),
        );
        cluster.write(|state| {
            let mut images = Vec::new();
            let _stream = state.change_stream(&project, &name, |stream: &mut ImageStreamObject| {
                for (tag, history) in &mut stream.tags {
                    let Some(event) = history.items.first_mut() else {
                        continue;
                    };
                    let image = digest(&["image", &name, tag]);
                    let (repository, _) = event.reference.split_once('@').unwrap_or_default();
                    event.reference = format!("{repository}@{image}");
                    event.image.clone_from(&image);
                    images.push((image, event.reference.clone(), tag.clone()));
                }
            });
            for (image, reference, tag) in images {
                add_image(state, &image, reference, layers(index, &name, &tag));
            }
        });
    }
}

fn digest(parts: &[&str]) -> String {
    Digest::sha256(parts.join(" ").as_bytes()).to_string()
}

fn layers(index: usize, stream: &str, tag: &str) -> Vec<ImageLayer> {
    let base = (index % BASES).to_string();
    let of = |scope: &str, names: &[&str], count: usize, size: u64| -> Vec<ImageLayer> {
        let numbers = (0..count).map(|number| number.to_string());
        let layer = |number: String| {
            let mut parts = vec![scope, &number];
            parts.extend(names);
            ImageLayer {
                digest: digest(&parts),
                size,
                media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
            }
        };
        numbers.map(layer).collect()
    };
    [
        of("base", &[&base], BASE_LAYERS, 40_000_000),
        of("stream", &[stream], STREAM_LAYERS, 10_000_000),
        of("own", &[stream, tag], OWN_LAYERS, 1_000_000),
    ]
    .concat()
}

fn add_image(state: &mut ClusterState, image: &str, reference: String, layers: Vec<ImageLayer>) {
    let mut metadata = Map::new();
    let size: u64 = layers.iter().map(|layer| layer.size).sum();
    metadata.insert("Size".to_owned(), json!(size));
    let object = ImageObject {
        meta: state.new_meta(None, image),
        reference,
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        metadata,
        layers,
        platforms: Vec::new(),
        signatures: Vec::new(),
        config: Some(digest(&["config", image])),
    };
    state.put_image(object);
}

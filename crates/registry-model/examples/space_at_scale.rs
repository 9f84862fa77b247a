//! Prints how long questions about the space of a large registry take, and how much memory the
//! index of its layers needs: `cargo run --release -p registry-model --example space_at_scale`.
//!
//! The registry has 10,000 image streams of 20 tags with one earlier image each. An image has 12
//! layers: five of one of 200 base images, four of its image stream, and three of its own.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use registry_model::prune::{PruneInput, PruneParameters, PrunePlan, PrunerVersion, freed_matrix};
use registry_model::space::{
    ImageLayers, SpaceIndexBuilder, StoredBlob, StreamSelection, VisibleProjects,
};
use registry_model::{ByteSize, Digest, ImageStream, ProjectName, Tag, TagEvent};

const STREAMS: u32 = 10_000;
const STREAMS_OF_PROJECT: u32 = 50;
const TAGS: u32 = 20;
const BASE_IMAGES: u32 = 200;
/// Of the base image, of the image stream, and of the image itself.
const LAYERS: [u32; 3] = [5, 4, 3];

fn main() {
    let before = resident_bytes();
    let mut builder = SpaceIndexBuilder::default();
    let began = Instant::now();
    for stream in 0..STREAMS {
        add_stream(&mut builder, stream);
    }
    let index = builder.build();
    print("build", began);
    let used = resident_bytes().saturating_sub(before) / 1_000_000;
    println!("memory with names: {used} MB");

    let view = index.view(VisibleProjects::All);
    let project = project_name(77);
    let began = Instant::now();
    let space = view.project(&project);
    print("space of a project", began);
    println!("  {space:?}");
    let began = Instant::now();
    let shared = view.project_shares_with(&project, 10);
    print("projects that share with it", began);
    println!("  {}", shared.len());
    let began = Instant::now();
    let total = view.total();
    print("space of everything", began);
    println!("  {total:?}");
    let began = Instant::now();
    let streams = view.biggest_streams(StreamSelection::All, 20);
    print("biggest image streams", began);
    println!("  {}", streams.len());
    let began = Instant::now();
    let layers = view.most_shared_layers(20);
    print("most shared layers", began);
    println!("  {}", layers.len());

    let input = PruneInput {
        view: &view,
        workloads: &[],
        image_size_limits: &BTreeMap::new(),
        now: time(1_000_000),
        has_all_workloads: true,
    };
    for version in [PrunerVersion::V3_7, PrunerVersion::V4_12] {
        let began = Instant::now();
        let plan = PrunePlan::new(input, version, &PruneParameters::default());
        print("plan", began);
        println!("  {version:?} {:?}", plan.freed());
        let began = Instant::now();
        let ages = [1, 24, 168].map(TimeDelta::hours);
        let matrix = freed_matrix(input, version, true, &[1, 3, 5], &ages);
        print("matrix", began);
        println!("  {}", matrix.len());
    }
}

fn print(name: &str, began: Instant) {
    println!("{name}: {:.1} ms", began.elapsed().as_secs_f64() * 1_000.0);
}

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn project_name(number: u32) -> ProjectName {
    format!("project-{number}")
        .parse()
        .expect("a valid project name")
}

fn add_stream(builder: &mut SpaceIndexBuilder, stream: u32) {
    let tags = (0..TAGS).map(|tag| {
        let history = (0..2_u32).map(|age| {
            let image = image_layers(builder, stream, tag, age);
            TagEvent {
                created: Some(time(i64::from(900_000 - age * 100_000))),
                image: Some(image),
                pull_spec: String::new(),
                generation: None,
            }
        });
        let history = history.collect();
        Tag {
            history,
            ..Tag::new_pushed(format!("v{tag}").parse().expect("a valid tag name"))
        }
    });
    let tags = tags.collect();
    builder.add_stream(&ImageStream {
        created: Some(time(0)),
        tags,
        ..ImageStream::new(
            project_name(stream / STREAMS_OF_PROJECT),
            format!("stream-{stream}")
                .parse()
                .expect("a valid image stream name"),
        )
    });
}

/// Adds an image and gives its digest. The earlier image of a tag is the one that the tag before
/// points to, as after a release.
fn image_layers(builder: &mut SpaceIndexBuilder, stream: u32, tag: u32, age: u32) -> Digest {
    let image = (tag + TAGS - age) % TAGS;
    let digest = digest(&[0, stream, image]);
    let [of_base, of_stream, of_image] = LAYERS;
    let base = (0..of_base).map(|layer| [1, stream % BASE_IMAGES, layer].to_vec());
    let middle = (0..of_stream).map(|layer| [2, stream, layer].to_vec());
    let own = (0..of_image).map(|layer| [3, stream, image, layer].to_vec());
    let layers = base.chain(middle).chain(own).map(|parts| StoredBlob {
        digest: self::digest(&parts),
        size: Some(ByteSize(u64::from(parts[1] % 50 + 1) * 1_000_000)),
    });
    builder.add_layers(&ImageLayers {
        digest: digest.clone(),
        manifest_size: None,
        config: Some(StoredBlob {
            digest: self::digest(&[4, stream, image]),
            size: None,
        }),
        layers: layers.collect(),
        children: Vec::new(),
    });
    digest
}

fn digest(parts: &[u32]) -> Digest {
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_be_bytes()).collect();
    Digest::sha256(&bytes)
}

/// The memory of this process, by `/proc/self/statm` in pages of 4 KiB. 0 where there is none.
fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0_u64) * 4_096
}

//! One image: what the master and the registry know of it, whichever of the two answers.

mod bounds;
mod load;
mod raw;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

pub use raw::Raw;

use super::commands::PullCommands;
use super::live::Mark;
use super::section::{Missing, Section};
use super::storage_trouble::StorageTrouble;
use crate::model::config::{Created, ImageConfig};
use crate::model::manifest::{Artifact, Index, Manifest};
use crate::model::recipe::Recipe;
use crate::model::{ByteSize, Digest, ImagePlatform, ImageStreamName, KeptTexts, Layer, ProjectName, TagName};

/// By what an image is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownReference {
    /// By tag: another image tomorrow, perhaps.
    Tag(TagName),
    /// By digest: the same for ever.
    Digest(Digest),
}

impl fmt::Display for ShownReference {
    /// As it follows the stream's name: `:tag` or `@digest`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, ":{tag}"),
            Self::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

impl Serialize for ShownReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An image as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ImageView {
    /// The project.
    pub project: ProjectName,
    /// The stream.
    pub stream: ImageStreamName,
    /// By what it was asked for.
    pub reference: ShownReference,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The digest that the registry has under the same tag, where it is another one: stream and registry disagree.
    pub registry_disagrees: Option<Digest>,
    /// Everything that is known of the image itself.
    pub facts: Facts,
    /// Names of the same digest that the person can see: current ones first.
    pub names: Section<Vec<Name>>,
    /// How many more names there are.
    pub more_names: usize,
    /// Why the master's image object is missing.
    pub master_missing: Option<Missing>,
    /// Why the registry's manifest is missing.
    pub registry_missing: Option<Missing>,
    /// Why the config is missing, where there should be one.
    pub config_missing: Option<Missing>,
    /// Where the registry redirects for the config, and why it could not be had there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_trouble: Option<StorageTrouble>,
    /// The manifest as the registry keeps it.
    pub raw_manifest: Option<Raw>,
    /// The config as the registry keeps it.
    pub raw_config: Option<Raw>,
    /// Commands to copy.
    pub commands: PullCommands,
    /// Whether the person may give it other tags: here, or as somebody who may pull it, in whatever project lets them.
    pub can_tag: bool,
    /// Whether the person may remove tags here.
    pub can_untag: bool,
    /// What has changed since can be told, where there is an index.
    #[serde(skip)]
    pub mark: Option<Mark>,
}

/// What an image is made of.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// What kind of thing it is.
    pub kind: Kind,
    /// The media type of its manifest. Untrusted.
    pub media_type: Option<String>,
    /// When it was built, as it says itself.
    pub created: Created,
    /// When it came here, as the master says.
    pub pushed: Option<DateTime<Utc>>,
    /// Who built it. Untrusted.
    pub author: Option<String>,
    /// The compressed layers together.
    pub size: Option<ByteSize>,
    /// How it runs. From the registry's config, or else what the master took down of it.
    pub config: Option<ImageConfig>,
    /// Annotations of the manifest. Untrusted.
    pub annotations: KeptTexts,
    /// The layers in the order in which they are applied. A schema 1 manifest does not say their sizes.
    pub layers: Vec<LayerRow>,
    /// How many more layers there are.
    pub more_layers: usize,
    /// How it was built.
    pub recipe: Option<Recipe>,
    /// The images of an index.
    pub platforms: Vec<PlatformRow>,
    /// How many more images there are.
    pub more_platforms: usize,
    /// What an artifact is and holds.
    pub artifact: Option<Artifact>,
}

/// What kind of thing a manifest describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An image of one platform.
    Image,
    /// An image in Docker's first format.
    Schema1,
    /// Several images, one per platform.
    Index,
    /// No image.
    Artifact,
}

/// A layer on the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerRow {
    /// The digest of the compressed bytes; absent where the manifest's cannot be read.
    pub digest: Option<Digest>,
    /// How large they are, where that is known.
    pub size: Option<ByteSize>,
    /// What they are. Untrusted.
    pub media_type: Option<String>,
}

/// An image of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlatformRow {
    /// Where it is.
    pub digest: Digest,
    /// Such as `linux/arm/v7`; untrusted. Absent where the index does not say.
    pub platform: Option<String>,
    /// The size of its manifest.
    pub manifest_size: ByteSize,
    /// Whether it is not an image but a statement about one (BuildKit's provenance or SBOM).
    pub attestation: bool,
}

/// Another name of the same image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Name {
    /// The project.
    pub project: ProjectName,
    /// The stream.
    pub stream: ImageStreamName,
    /// The tag.
    pub tag: TagName,
    /// Whether the tag points here now; else it once did.
    pub current: bool,
    /// When it came to point here.
    pub since: Option<DateTime<Utc>>,
}

impl Name {
    fn of(project: &ProjectName, stream: &ImageStreamName, tag: &TagName, current: bool, since: Option<DateTime<Utc>>) -> Self {
        Self { project: project.clone(), stream: stream.clone(), tag: tag.clone(), current, since }
    }
}

impl Facts {
    /// From the registry's manifest and config, with what the master knows filling the gaps.
    fn new(known: Option<&crate::model::Image>, manifest: Option<&Manifest>, config: Option<ImageConfig>) -> Self {
        let config = match (config, manifest) {
            (Some(config), _) => Some(config),
            (None, Some(Manifest::Schema1(schema1))) => Some(ImageConfig::from_schema1(schema1)),
            (None, Some(Manifest::Index(_) | Manifest::Artifact(_))) => None,
            (None, _) => known.and_then(|image| image.config_taken_down.clone()),
        };
        let known_layers = known.map_or(&[][..], |image| &image.layers);
        let layers = layers_of(manifest, known_layers);
        let sizes: Vec<Option<ByteSize>> = layers.iter().map(|layer| layer.size).collect();
        let total =
            sizes.iter().copied().collect::<Option<Vec<_>>>().filter(|sizes| !sizes.is_empty()).map(|sizes| sizes.into_iter().sum());
        Self {
            kind: kind_of(manifest, known),
            media_type: manifest
                .and_then(|m| m.media_type().map(str::to_owned))
                .or_else(|| known.and_then(|image| image.media_type.clone())),
            created: created_of(config.as_ref(), known),
            pushed: known.and_then(|image| image.registered),
            author: config.as_ref().and_then(|config| config.author.clone()).or_else(|| known.and_then(|image| image.author.clone())),
            size: total.or_else(|| known.and_then(crate::model::Image::size)),
            annotations: annotations_of(manifest),
            more_layers: more_layers_of(manifest),
            recipe: recipe_of(config.as_ref(), manifest, known_layers),
            platforms: platforms_of(manifest, known),
            more_platforms: if let Some(Manifest::Index(index)) = manifest { index.entries.more + index.unreadable_entries } else { 0 },
            artifact: manifest.and_then(|manifest| if let Manifest::Artifact(artifact) = manifest { Some(artifact.clone()) } else { None }),
            layers,
            config,
        }
    }
}

fn kind_of(manifest: Option<&Manifest>, known: Option<&crate::model::Image>) -> Kind {
    match (manifest, known) {
        (Some(Manifest::Image(_)), _) => Kind::Image,
        (Some(Manifest::Schema1(_)), _) => Kind::Schema1,
        (Some(Manifest::Index(_)), _) => Kind::Index,
        (Some(Manifest::Artifact(_)), _) => Kind::Artifact,
        (None, Some(image)) if !image.platforms.is_empty() => Kind::Index,
        (None, _) => Kind::Image,
    }
}

/// The config's own date. What the master gives an index is the time of the push, not of any build.
fn created_of(config: Option<&ImageConfig>, known: Option<&crate::model::Image>) -> Created {
    match (config, known) {
        (Some(config), _) => config.created,
        (None, Some(image)) if image.platforms.is_empty() => image.created.map(Created::from).unwrap_or_default(),
        _ => Created::NotSet,
    }
}

fn layers_of(manifest: Option<&Manifest>, known: &[Layer]) -> Vec<LayerRow> {
    let row = |layer: &Layer| LayerRow { digest: Some(layer.digest.clone()), size: Some(layer.size), media_type: layer.media_type.clone() };
    match manifest {
        Some(Manifest::Image(image)) => image.layers.items.iter().map(row).collect(),
        Some(Manifest::Schema1(schema1)) => {
            let size = |digest: &Digest| known.iter().find(|layer| layer.digest == *digest).map(|layer| layer.size);
            let newest_last = schema1.layers.items.iter().rev();
            newest_last.map(|digest| LayerRow { size: digest.as_ref().and_then(size), digest: digest.clone(), media_type: None }).collect()
        }
        Some(Manifest::Index(_) | Manifest::Artifact(_)) => Vec::new(),
        None => known.iter().map(row).collect(),
    }
}

fn more_layers_of(manifest: Option<&Manifest>) -> usize {
    match manifest {
        Some(Manifest::Image(image)) => image.layers.more + image.unreadable_layers,
        Some(Manifest::Schema1(schema1)) => schema1.layers.more,
        _ => 0,
    }
}

fn annotations_of(manifest: Option<&Manifest>) -> KeptTexts {
    match manifest {
        Some(Manifest::Image(image)) => image.annotations.clone(),
        Some(Manifest::Index(index)) => index.annotations.clone(),
        Some(Manifest::Artifact(artifact)) => artifact.annotations.clone(),
        Some(Manifest::Schema1(_)) | None => KeptTexts::default(),
    }
}

fn recipe_of(config: Option<&ImageConfig>, manifest: Option<&Manifest>, known: &[Layer]) -> Option<Recipe> {
    let recipe = match (manifest, config) {
        (Some(Manifest::Schema1(schema1)), _) => Recipe::of_schema1(schema1, known),
        (Some(Manifest::Image(image)), Some(config)) => Recipe::of_image(config, image),
        (None, Some(config)) => Recipe::of_layers(config, known),
        _ => return None,
    };
    (!recipe.steps.items.is_empty()).then_some(recipe)
}

fn platforms_of(manifest: Option<&Manifest>, known: Option<&crate::model::Image>) -> Vec<PlatformRow> {
    match (manifest, known) {
        (Some(Manifest::Index(index)), _) => rows_of_index(index),
        (None, Some(image)) => image.platforms.iter().map(PlatformRow::from).collect(),
        _ => Vec::new(),
    }
}

fn rows_of_index(index: &Index) -> Vec<PlatformRow> {
    let rows = index.entries.items.iter().map(|entry| {
        let platform = entry.platform.as_ref();
        let part = |read: fn(&crate::model::manifest::Platform) -> &Option<String>| platform.and_then(|platform| read(platform).as_deref());
        PlatformRow {
            digest: entry.descriptor.digest.clone(),
            platform: joined([part(|p| &p.os), part(|p| &p.architecture), part(|p| &p.variant)]),
            manifest_size: entry.descriptor.size,
            attestation: matches!(entry.kind(), crate::model::manifest::EntryKind::Attestation { .. }),
        }
    });
    rows.collect()
}

impl From<&ImagePlatform> for PlatformRow {
    fn from(image: &ImagePlatform) -> Self {
        let unknown = image.os.as_deref() == Some("unknown");
        Self {
            digest: image.digest.clone(),
            platform: joined([image.os.as_deref(), image.architecture.as_deref(), image.variant.as_deref()]),
            manifest_size: image.manifest_size,
            attestation: unknown,
        }
    }
}

fn joined(parts: [Option<&str>; 3]) -> Option<String> {
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

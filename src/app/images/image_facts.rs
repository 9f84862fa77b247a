//! The content of an image, from the registry's manifest and config and the API server's image
//! object.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::platforms::{self, PlatformKind, PlatformRow};
use crate::app::images::child_manifests::ChildManifests;
use registry_model::build_history::BuildHistory;
use registry_model::helm_chart::HelmChart;
use registry_model::image_config::{CreationTime, ImageConfig};
use registry_model::manifest::{Artifact, IndexContent, Manifest};
use registry_model::{
    ByteSize, Digest, Image, ImageKind, Layer, LayerFormat, TotalSize, Truncated, TruncatedMap,
};

/// The annotation in which an artifact or an index says when it was created (OCI image
/// specification, "Annotations").
const CREATED_ANNOTATION: &str = "org.opencontainers.image.created";

/// The content of an image.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImageFacts {
    /// The kind of content.
    pub kind: ContentKind,
    /// The media type of its manifest. Untrusted.
    pub media_type: Option<String>,
    /// The artifact type of an image or an index, if it has one. Untrusted.
    pub artifact_type: Option<String>,
    /// When it was built, according to the image itself.
    pub created: CreationTime,
    /// Since when the tag, or for a digest the image stream, has the image; if that is not known,
    /// when the image object was created.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub pushed: Option<DateTime<Utc>>,
    /// Who built it. Untrusted.
    pub author: Option<String>,
    /// What the registry stores of it: the total of the compressed layers of an image, or of the
    /// files of an artifact.
    pub size: Option<ByteSize>,
    /// Whether `size` does not include parts whose size is not known.
    pub size_at_least: bool,
    /// The image configuration: from the registry's config, otherwise the API server's copy of it.
    pub config: Option<ImageConfig>,
    /// Annotations of the manifest. Untrusted.
    #[schema(value_type = Truncated<BTreeMap<String, String>>)]
    pub annotations: TruncatedMap,
    /// The layers in the order in which they are applied. A schema 1 manifest does not contain
    /// their sizes.
    pub layers: Vec<LayerRow>,
    /// How many more layers there are.
    pub more_layers: usize,
    /// How it was built.
    pub recipe: Option<BuildHistory>,
    /// The manifests that an index lists.
    pub platforms: Vec<PlatformRow>,
    /// How many more there are.
    pub more_platforms: usize,
    /// How many manifests of the index were not read, because there are too many of them.
    pub unread_platforms: usize,
    /// The content of an artifact.
    pub artifact: Option<Artifact>,
    /// What a Helm chart says of itself.
    pub chart: Option<HelmChart>,
    /// The manifest that an image or index is attached to.
    pub subject: Option<Digest>,
}

/// The kind of content that a manifest describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContentKind {
    /// An image of one platform.
    Image,
    /// An image in Docker's first format.
    Schema1,
    /// Several images, one for each platform.
    Index,
    /// An index that contains no image.
    ArtifactIndex,
    /// The cache of a build by BuildKit: an index of layers.
    BuildCache,
    /// An index that lists no manifest.
    EmptyIndex,
    Artifact,
}

impl ContentKind {
    /// Whether a container can be run from it.
    #[must_use]
    pub fn is_runnable(self) -> bool {
        matches!(self, Self::Image | Self::Schema1 | Self::Index)
    }
}

/// A layer on the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LayerRow {
    /// The digest of the compressed bytes; absent if the one in the manifest is invalid.
    pub digest: Option<Digest>,
    /// The size of the compressed bytes, where it is known.
    pub size: Option<ByteSize>,
    /// The media type. Untrusted.
    pub media_type: Option<String>,
    /// The format according to the media type: how it is compressed, and whether it is stored here.
    pub format: LayerFormat,
}

impl From<&Layer> for LayerRow {
    fn from(layer: &Layer) -> Self {
        Self {
            digest: Some(layer.digest.clone()),
            size: layer.size,
            media_type: layer.media_type.clone(),
            format: layer.format,
        }
    }
}

impl ImageFacts {
    /// Combines the registry's manifest and config with the API server's image object, which fills
    /// the gaps.
    pub(super) fn new(
        known: Option<&Image>,
        manifest: Option<&Manifest>,
        config: Option<ImageConfig>,
        children: &ChildManifests,
    ) -> Self {
        let config = match (config, manifest) {
            (Some(config), _) => Some(config),
            (None, Some(Manifest::Schema1(schema1))) => Some(ImageConfig::from_schema1(schema1)),
            (None, Some(Manifest::Index(_) | Manifest::Artifact(_))) => None,
            (None, _) => known.and_then(|image| image.config_taken_down.clone()),
        };
        let known_layers = known.map_or(&[][..], |image| &image.layers);
        let layers = layer_rows(manifest, known_layers);
        let size = content_size(manifest, &layers).or_else(|| known.and_then(Image::size));
        let platforms = platform_rows(manifest, known, children);
        Self {
            kind: content_kind(manifest, known, &platforms),
            media_type: manifest
                .and_then(|m| m.media_type().map(str::to_owned))
                .or_else(|| known.and_then(|image| image.media_type.clone())),
            artifact_type: artifact_type(manifest),
            created: creation_time(config.as_ref(), manifest, known),
            pushed: known.and_then(|image| image.registered),
            author: config
                .as_ref()
                .and_then(|config| config.author.clone())
                .or_else(|| known.and_then(|image| image.author.clone())),
            size: size.map(|size| size.bytes),
            size_at_least: size.is_some_and(|size| size.at_least),
            annotations: annotations(manifest),
            more_layers: omitted_layers(manifest),
            recipe: build_history(config.as_ref(), manifest, known_layers),
            platforms,
            more_platforms: if let Some(Manifest::Index(index)) = manifest {
                index.entries.more + index.unreadable_entries
            } else {
                0
            },
            unread_platforms: children.not_loaded_count,
            artifact: manifest.and_then(|manifest| {
                if let Manifest::Artifact(artifact) = manifest {
                    Some(artifact.clone())
                } else {
                    None
                }
            }),
            chart: None,
            subject: manifest_subject(manifest),
            layers,
            config,
        }
    }

    /// Whether a container can be run from it.
    #[must_use]
    pub fn is_runnable(&self) -> bool {
        self.kind.is_runnable()
    }

    /// The position of a layer among all layers, from 1.
    #[must_use]
    pub fn layer_number(&self, layer: &Digest) -> Option<usize> {
        let at = self
            .layers
            .iter()
            .position(|row| row.digest.as_ref() == Some(layer));
        at.map(|at| at + 1)
    }

    /// How many images for platforms an index has.
    #[must_use]
    pub fn platform_count(&self) -> usize {
        let images = self
            .platforms
            .iter()
            .filter(|row| row.kind == PlatformKind::Image);
        images.count() + self.more_platforms
    }
}

fn content_kind(
    manifest: Option<&Manifest>,
    known: Option<&Image>,
    rows: &[PlatformRow],
) -> ContentKind {
    match (manifest, known.map(Image::kind)) {
        (Some(Manifest::Image(_)), _) => ContentKind::Image,
        (Some(Manifest::Schema1(_)), _) => ContentKind::Schema1,
        (Some(Manifest::Artifact(_)), _) => ContentKind::Artifact,
        (Some(Manifest::Index(index)), _) => match index.content() {
            IndexContent::Nothing => ContentKind::EmptyIndex,
            IndexContent::BuildCache => ContentKind::BuildCache,
            IndexContent::Artifacts if index.artifact_type.is_some() => ContentKind::ArtifactIndex,
            // The manifests themselves take precedence over what the index says about them.
            IndexContent::Artifacts | IndexContent::Images => {
                let has_images = rows
                    .iter()
                    .any(|row| matches!(row.kind, PlatformKind::Image | PlatformKind::Index));
                if has_images {
                    ContentKind::Index
                } else {
                    ContentKind::ArtifactIndex
                }
            }
        },
        (None, Some(ImageKind::Index)) => ContentKind::Index,
        (None, Some(ImageKind::ArtifactIndex)) => ContentKind::ArtifactIndex,
        (None, Some(ImageKind::EmptyIndex)) => ContentKind::EmptyIndex,
        (None, Some(ImageKind::Artifact)) => ContentKind::Artifact,
        (None, Some(ImageKind::Image) | None) => ContentKind::Image,
    }
}

/// The date in the config, or in the annotations if there is no config. What the API server says of
/// an index is the time of the push, not of a build.
pub(super) fn creation_time(
    config: Option<&ImageConfig>,
    manifest: Option<&Manifest>,
    known: Option<&Image>,
) -> CreationTime {
    match (config, manifest, known) {
        (Some(config), ..) => config.created,
        (None, Some(manifest @ (Manifest::Artifact(_) | Manifest::Index(_))), _) => {
            CreationTime::parse(
                annotations(Some(manifest))
                    .items
                    .get(CREATED_ANNOTATION)
                    .map(String::as_str),
            )
        }
        (None, _, Some(image)) if image.platforms.is_empty() => {
            image.created.map(CreationTime::from).unwrap_or_default()
        }
        _ => CreationTime::NotSet,
    }
}

fn artifact_type(manifest: Option<&Manifest>) -> Option<String> {
    match manifest {
        Some(Manifest::Image(image)) => image.artifact_type.clone(),
        Some(Manifest::Index(index)) => index.artifact_type.clone(),
        _ => None,
    }
}

/// The page of an artifact shows it with its files.
fn manifest_subject(manifest: Option<&Manifest>) -> Option<Digest> {
    let manifest = manifest.filter(|manifest| !matches!(manifest, Manifest::Artifact(_)))?;
    manifest.subject().map(|subject| subject.digest.clone())
}

fn content_size(manifest: Option<&Manifest>, rows: &[LayerRow]) -> Option<TotalSize> {
    match manifest? {
        Manifest::Image(image) => image.size(),
        // A schema 1 manifest may list a layer twice, and does not contain the sizes of layers.
        Manifest::Schema1(_) => {
            TotalSize::from_sizes(rows.iter().map(|row| row.size)).filter(|_| !rows.is_empty())
        }
        Manifest::Artifact(artifact) => artifact.size(),
        Manifest::Index(_) => None,
    }
}

fn layer_rows(manifest: Option<&Manifest>, known: &[Layer]) -> Vec<LayerRow> {
    match manifest {
        Some(Manifest::Image(image)) => image.layers.items.iter().map(LayerRow::from).collect(),
        Some(Manifest::Schema1(schema1)) => {
            let row = |digest: &Digest| {
                let size = known
                    .iter()
                    .find(|layer| layer.digest == *digest)
                    .and_then(|layer| layer.size);
                LayerRow::from(&Layer::new(digest.clone(), size, None))
            };
            let unreadable = LayerRow {
                digest: None,
                size: None,
                media_type: None,
                format: LayerFormat::default(),
            };
            let newest_last = schema1.layers.items.iter().rev();
            newest_last
                .map(|digest| digest.as_ref().map_or_else(|| unreadable.clone(), row))
                .collect()
        }
        Some(Manifest::Index(_) | Manifest::Artifact(_)) => Vec::new(),
        None => known.iter().map(LayerRow::from).collect(),
    }
}

fn omitted_layers(manifest: Option<&Manifest>) -> usize {
    match manifest {
        Some(Manifest::Image(image)) => image.layers.more + image.unreadable_layers,
        Some(Manifest::Schema1(schema1)) => schema1.layers.more,
        _ => 0,
    }
}

fn annotations(manifest: Option<&Manifest>) -> TruncatedMap {
    match manifest {
        Some(Manifest::Image(image)) => image.annotations.clone(),
        Some(Manifest::Index(index)) => index.annotations.clone(),
        Some(Manifest::Artifact(artifact)) => artifact.annotations.clone(),
        Some(Manifest::Schema1(_)) | None => TruncatedMap::default(),
    }
}

fn build_history(
    config: Option<&ImageConfig>,
    manifest: Option<&Manifest>,
    known: &[Layer],
) -> Option<BuildHistory> {
    let recipe = match (manifest, config) {
        (Some(Manifest::Schema1(schema1)), _) => BuildHistory::from_schema1(schema1, known),
        (Some(Manifest::Image(image)), Some(config)) => BuildHistory::from_manifest(config, image),
        (None, Some(config)) => BuildHistory::from_layers(config, known),
        _ => return None,
    };
    (!recipe.steps.items.is_empty()).then_some(recipe)
}

fn platform_rows(
    manifest: Option<&Manifest>,
    known: Option<&Image>,
    children: &ChildManifests,
) -> Vec<PlatformRow> {
    match (manifest, known) {
        (Some(Manifest::Index(index)), _) => platforms::index_rows(index, children),
        (None, Some(image)) => image.platforms.iter().map(PlatformRow::from).collect(),
        _ => Vec::new(),
    }
}

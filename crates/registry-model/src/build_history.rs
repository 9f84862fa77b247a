//! The build history of an image: the instructions of the Dockerfile, as far as they are recorded,
//! and the layers that they made.

mod recorded_command;

pub use recorded_command::RecordedCommand;

use serde::Serialize;
use utoipa::ToSchema;

use super::manifest::{ImageManifest, Schema1};
use super::{ByteSize, Digest, Layer, Truncated, lenient};
use crate::image_config::{CreationTime, HistoryEntry, ImageConfig};
use crate::lenient::object;

/// The layer of an instruction that changed no file: a compressed empty tar archive, as old
/// versions of Docker wrote it.
const EMPTY_LAYER_DIGEST: &str =
    "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

/// How an image was built, oldest step first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct BuildHistory {
    /// The steps, and the number of those that were left out.
    pub steps: Truncated<Vec<BuildStep>>,
    /// Whether the layer of each step is known.
    pub pairing: LayerPairing,
}

/// One step of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct BuildStep {
    /// Such as `RUN` or `COPY`. Absent if the builder recorded text that is no instruction.
    pub instruction: Option<String>,
    /// The arguments of the instruction, or the whole text. Untrusted.
    pub text: String,
    /// Build arguments (`ARG`) that the step ran with, as recorded. Untrusted.
    pub build_args: Option<String>,
    pub created: CreationTime,
    /// The comment that the builder recorded. Untrusted.
    pub comment: Option<String>,
    /// The layer that the step made, if `pairing` is complete.
    pub layer: Option<StepLayer>,
    /// Whether the step made no layer.
    pub empty: bool,
}

/// The layer of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StepLayer {
    /// The digest of the compressed bytes.
    pub digest: Digest,
    /// The size in bytes. Absent for a schema 1 manifest.
    pub size: Option<ByteSize>,
    /// The media type. Untrusted.
    pub media_type: Option<String>,
}

/// Whether steps and layers match. A history with a layer at the wrong step would be worse than one
/// without layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum LayerPairing {
    /// Every step that made a layer has one, and every layer belongs to a step.
    #[default]
    Complete,
    /// The counts differ. No step has a layer.
    Mismatch {
        /// The number of steps that made a layer, according to the history.
        steps: usize,
        layers: usize,
    },
    /// The counts agree, but the digest of a layer cannot be read. No step has a layer.
    Unreadable,
    /// There are too many steps or layers to match (S37). No step has a layer.
    TooMany,
}

impl BuildHistory {
    /// The history of an image from its config, with the layers of its manifest.
    #[must_use]
    pub fn from_manifest(config: &ImageConfig, manifest: &ImageManifest) -> Self {
        let layers = manifest
            .layers
            .items
            .iter()
            .cloned()
            .map(StepLayer::from)
            .map(Some);
        let unreadable = std::iter::repeat_n(None, manifest.unreadable_layers);
        Self::with_layers(
            &config.history,
            layers.chain(unreadable).collect(),
            manifest.layers.more,
        )
    }

    /// The history of an image from its config, with the layers of its image object. If the object
    /// has no layers, the history is complete without them.
    #[must_use]
    pub fn from_layers(config: &ImageConfig, layers: &[Layer]) -> Self {
        Self::with_layers(
            &config.history,
            layers
                .iter()
                .cloned()
                .map(StepLayer::from)
                .map(Some)
                .collect(),
            0,
        )
    }

    /// The history of a schema 1 image. `known_layers` contains the sizes, which a schema 1
    /// manifest does not have.
    #[must_use]
    pub fn from_schema1(manifest: &Schema1, known_layers: &[Layer]) -> Self {
        let history = schema1_history(manifest);
        if manifest.layers.total() != manifest.history.total() {
            let pairing = LayerPairing::Mismatch {
                steps: manifest.history.total(),
                layers: manifest.layers.total(),
            };
            return Self {
                steps: steps(&history, std::iter::empty()),
                pairing,
            };
        }
        // Schema 1 has a layer for each step, including empty ones. Only layers that are not empty
        // are matched.
        let digests = history
            .items
            .iter()
            .zip(manifest.layers.items.iter().rev())
            .filter(|(step, _)| !step.empty_layer);
        let layers = digests.map(|(_, digest)| {
            digest
                .as_ref()
                .map(|digest| StepLayer::with_known_size(digest, known_layers))
        });
        Self::with_layers(&history, layers.collect(), manifest.layers.more)
    }

    /// `None` stands for a layer that cannot be read.
    fn with_layers(
        history: &Truncated<Vec<HistoryEntry>>,
        layers: Vec<Option<StepLayer>>,
        more_layers: usize,
    ) -> Self {
        let layered_steps = history
            .items
            .iter()
            .filter(|entry| !entry.empty_layer)
            .count();
        if history.more > 0 || more_layers > 0 {
            return Self {
                steps: steps(history, std::iter::empty()),
                pairing: LayerPairing::TooMany,
            };
        }
        if layered_steps != layers.len() {
            let pairing = LayerPairing::Mismatch {
                steps: layered_steps,
                layers: layers.len(),
            };
            return Self {
                steps: steps(history, std::iter::empty()),
                pairing,
            };
        }
        match layers.into_iter().collect::<Option<Vec<_>>>() {
            Some(layers) => Self {
                steps: steps(history, layers.into_iter()),
                pairing: LayerPairing::Complete,
            },
            None => Self {
                steps: steps(history, std::iter::empty()),
                pairing: LayerPairing::Unreadable,
            },
        }
    }
}

/// The steps of a history. Each step that is not empty takes the next layer.
fn steps(
    history: &Truncated<Vec<HistoryEntry>>,
    mut layers: impl Iterator<Item = StepLayer>,
) -> Truncated<Vec<BuildStep>> {
    let steps = history.items.iter().map(|entry| BuildStep {
        layer: if entry.empty_layer {
            None
        } else {
            layers.next()
        },
        ..BuildStep::from(entry)
    });
    Truncated {
        items: steps.collect(),
        more: history.more,
        cut: history.cut,
    }
}

impl From<&HistoryEntry> for BuildStep {
    fn from(entry: &HistoryEntry) -> Self {
        let command = RecordedCommand::parse(entry.created_by.as_deref().unwrap_or_default());
        Self {
            instruction: command.instruction,
            text: command.text,
            build_args: command.build_args,
            created: entry.created,
            comment: entry.comment.clone(),
            layer: None,
            empty: entry.empty_layer,
        }
    }
}

impl From<Layer> for StepLayer {
    fn from(layer: Layer) -> Self {
        Self {
            digest: layer.digest,
            size: layer.size,
            media_type: layer.media_type,
        }
    }
}

impl StepLayer {
    fn with_known_size(digest: &Digest, known_layers: &[Layer]) -> Self {
        let layer = known_layers.iter().find(|layer| layer.digest == *digest);
        layer.cloned().map_or_else(
            || Self {
                digest: digest.clone(),
                size: None,
                media_type: None,
            },
            Self::from,
        )
    }
}

object! {
    /// The fields of `v1Compatibility`, which Docker records for each layer in schema 1.
    struct WireV1Compatibility {
        "created" => created: Option<String>,
        "author" => author: Option<String>,
        "comment" => comment: Option<String>,
        "throwaway" => throwaway: Option<bool>,
        "container_config" => container_config: WireContainerConfig,
    }
}

object! {
    /// The configuration of the container in which the step ran.
    struct WireContainerConfig {
        "Cmd" => cmd: Truncated<Vec<String>>,
    }
}

/// The history of a schema 1 manifest in the form of a config's: oldest step first. A step is empty
/// if the manifest says so, or if its layer is the empty archive.
pub(super) fn schema1_history(manifest: &Schema1) -> Truncated<Vec<HistoryEntry>> {
    let paired = manifest.layers.total() == manifest.history.total();
    let entries = manifest
        .history
        .items
        .iter()
        .enumerate()
        .map(|(place, text)| {
            let wire: WireV1Compatibility =
                lenient::from_slice(text.as_deref().unwrap_or_default().as_bytes())
                    .unwrap_or_default();
            let layer = manifest
                .layers
                .items
                .get(place)
                .filter(|_| paired)
                .and_then(Option::as_ref);
            HistoryEntry {
                created: CreationTime::parse(wire.created.as_deref()),
                created_by: Some(wire.container_config.cmd.items.join(" "))
                    .filter(|text| !text.is_empty()),
                comment: wire.comment.filter(|text| !text.is_empty()),
                author: wire.author.filter(|text| !text.is_empty()),
                empty_layer: wire.throwaway == Some(true)
                    || layer.is_some_and(|digest| digest.to_string() == EMPTY_LAYER_DIGEST),
            }
        });
    Truncated {
        items: entries.rev().collect(),
        more: manifest.history.more,
        cut: 0,
    }
}

#[cfg(test)]
mod tests;

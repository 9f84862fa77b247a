//! Comparing two images, of one image stream or of two: their layers, settings and build steps.
//!
//! What can be read is decided by the user's token, for each image on its own: an image that cannot
//! be read does not hide the other one.

mod alignment;
mod candidates;
mod layers;
mod load;
mod name;
mod platform;
mod settings;
mod steps;

use serde::Serialize;
use utoipa::ToSchema;

pub(in crate::app) use candidates::tag_suggestions;
pub use candidates::{TagOfImage, TagSuggestion};
pub use layers::{ComparedLayer, LayerComparison, LayerGroup, LayerOwner};
pub use load::{CompareRequest, CompareView};
pub use name::ImageName;
pub use platform::PlatformComparison;
pub use settings::{DifferingProperty, ImageDifference, SettingsComparison};
pub use steps::{StepComparison, StepDifference};

use crate::app::images::ContentKind;
use crate::app::section::{Section, Unavailable, UnavailableReason};
use registry_model::image_config::CreationTime;
use registry_model::{ByteSize, Digest};

/// Which of two compared images something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    From,
    To,
}

/// Two images, and what differs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImagePair {
    pub from: ComparedSide,
    pub to: ComparedSide,
    /// The platforms, if one of the images is an index.
    pub platforms: Option<PlatformComparison>,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// One of the two images.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComparedSide {
    #[serde(flatten)]
    pub name: ImageName,
    pub image: Section<ComparedImage>,
}

impl ComparedSide {
    /// Whether there is no image of this name.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        let missing = self.image.missing();
        missing.is_some_and(|missing| missing.why == UnavailableReason::NotThere)
    }
}

/// The facts of a compared image. Those of an index are the facts of its image for one platform.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComparedImage {
    /// The digest that the name refers to.
    pub digest: Digest,
    pub kind: ContentKind,
    /// The digest of the image within an index that is compared.
    pub platform_digest: Option<Digest>,
    /// Why that image is missing.
    pub platform_missing: Option<Unavailable>,
    /// When it was built, according to the image itself.
    pub created: CreationTime,
    /// What the registry stores of it.
    pub size: Option<ByteSize>,
    /// Whether `size` does not include parts whose size is not known.
    pub size_at_least: bool,
    /// Such as `linux/arm/v7`. Untrusted.
    pub platform: Option<String>,
    pub layer_count: usize,
    /// Why the registry's manifest is missing.
    pub registry_missing: Option<Unavailable>,
    /// Why the registry's config is missing, if there should be one.
    pub config_missing: Option<Unavailable>,
}

/// What the comparison of two images yields.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "result", content = "comparison", rename_all = "kebab-case")]
pub enum Outcome {
    /// One of the images could not be read.
    Incomplete,
    /// Both names refer to the same image.
    Same,
    /// At least one of them is an artifact, which has neither layers nor a config to compare.
    NotImages,
    /// There is no image for the same platform in both, and none was chosen.
    NoCommonPlatform,
    Compared(Box<Comparison>),
}

/// The differences between two images.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Comparison {
    /// By how many bytes the second image is larger. Absent unless both sizes are known exactly.
    pub size_change: Option<i64>,
    pub layers: LayerComparison,
    /// Absent if the config of one of them is missing.
    pub settings: Option<SettingsComparison>,
    /// Absent if one of them has no build history.
    pub steps: Option<StepComparison>,
}

impl Comparison {
    /// Whether the settings of both images are known, and none differs.
    #[must_use]
    pub fn has_same_settings(&self) -> bool {
        self.settings
            .as_ref()
            .is_some_and(|settings| settings.differences.total() == 0)
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_without_differences(&self) -> bool {
        self.layers.is_equal()
            && self.has_same_settings()
            && self.steps.as_ref().is_none_or(|steps| steps.count() == 0)
    }
}

impl ImagePair {
    /// The differences, if both images could be compared.
    #[must_use]
    pub fn comparison(&self) -> Option<&Comparison> {
        match &self.outcome {
            Outcome::Compared(comparison) => Some(comparison),
            _ => None,
        }
    }
}

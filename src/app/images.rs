//! The page of an image: what the API server and the registry know of it. Either suffices.

mod absent;
mod api_server_image;
mod attachments;
mod bounds;
mod child_manifests;
mod content;
mod image_facts;
mod image_tags;
mod load;
mod platforms;
mod raw_document;
mod registry_image;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub use absent::{AbsenceReason, AbsentImage};
pub use attachments::AttachedToImage;
pub(in crate::app) use content::ImageContent;
pub use image_facts::{ContentKind, ImageFacts, LayerRow};
pub use platforms::{PlatformKind, PlatformPull, PlatformRow};
pub use raw_document::RawDocument;

use super::live::PageRevision;
use super::section::{Section, Unavailable};
use crate::app::connect::commands::PullCommands;
use crate::app::storage_failure::StorageFailure;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// How an image is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageReference {
    /// By tag, which may point to another image later.
    Tag(TagName),
    /// By digest, which always names the same image.
    Digest(Digest),
}

impl ImageReference {
    /// The same as [`Display`](fmt::Display), with the digest cut to its first digits.
    #[must_use]
    pub fn short(&self) -> String {
        match self {
            Self::Tag(tag) => format!(":{tag}"),
            Self::Digest(digest) => format!("@{}", digest.short()),
        }
    }
}

impl fmt::Display for ImageReference {
    /// As it follows the image stream's name: `:tag` or `@digest`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, ":{tag}"),
            Self::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

impl Serialize for ImageReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialSchema for ImageReference {
    fn schema() -> RefOr<Schema> {
        String::schema()
    }
}

impl ToSchema for ImageReference {}

/// The result for a tag or a digest.
#[derive(Clone, Debug)]
pub enum ImageLookup {
    Found(Box<ImageView>),
    /// The image stream has the tag or the digest, but there is no image for it.
    Absent(Box<AbsentImage>),
}

/// An image as a page shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImageView {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// How it was requested.
    pub reference: ImageReference,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The digest that the registry has under the same tag, if it is another one: the image stream
    /// and the registry disagree.
    pub registry_disagrees: Option<Digest>,
    /// Everything that is known of the image itself.
    pub facts: ImageFacts,
    /// Tags of the same digest that the user can see, current ones first.
    pub names: Section<Vec<ImageTag>>,
    /// How many more tags there are.
    pub more_names: usize,
    /// The image that the tag pointed to before, if it was requested by tag.
    pub previous: Option<Digest>,
    /// The signatures, attestations and SBOMs of the same image stream that are attached to it.
    pub attachments: AttachedToImage,
    /// The image that it is attached to by the name of its tag.
    pub attached_to: Option<Digest>,
    /// Why the API server's image object is missing.
    #[serde(rename = "master_missing")]
    pub api_server_missing: Option<Unavailable>,
    /// Why the registry's manifest is missing.
    pub registry_missing: Option<Unavailable>,
    /// Why the config is missing, if there should be one.
    pub config_missing: Option<Unavailable>,
    /// Where the registry redirects for the config, and why it could not be read there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[serde(rename = "storage_trouble")]
    pub storage_failure: Option<StorageFailure>,
    /// The manifest as the registry stores it.
    pub raw_manifest: Option<RawDocument>,
    /// The config as the registry stores it.
    pub raw_config: Option<RawDocument>,
    pub commands: PullCommands,
    /// Whether the user may add tags to the image: in this project, or, as a user who may pull it,
    /// in another project.
    pub can_tag: bool,
    /// Whether the user may add tags to the image in this project.
    #[serde(skip)]
    pub can_tag_in_project: bool,
    /// Whether the user may roll the tag back, and there is an earlier image.
    pub can_roll_back: bool,
    /// Whether the user may remove tags in this project.
    pub can_untag: bool,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
}

/// A tag of the same image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageTag {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
    /// Whether the tag points to the image now. Otherwise it did earlier.
    pub current: bool,
    /// Since when it points to the image.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<DateTime<Utc>>,
}

impl ImageTag {
    fn new(
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        current: bool,
        since: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            project: project.clone(),
            stream: stream.clone(),
            tag: tag.clone(),
            current,
            since,
        }
    }
}

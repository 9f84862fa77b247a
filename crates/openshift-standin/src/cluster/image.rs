//! Images: what the cluster stores of a pushed or imported manifest.

use serde_json::{Map, Value};

use super::ObjectMetadata;

/// An image, named by its manifest's digest.
#[derive(Clone, Debug)]
pub(crate) struct ImageObject {
    pub(crate) meta: ObjectMetadata,
    /// The pull spec by digest.
    pub(crate) reference: String,
    pub(crate) media_type: String,
    /// `dockerImageMetadata` without its kind and version, which the API adds.
    pub(crate) metadata: Map<String, Value>,
    pub(crate) layers: Vec<ImageLayer>,
    /// The platforms' images of an index.
    pub(crate) platforms: Vec<PlatformManifest>,
    /// The signatures of the image.
    pub(crate) signatures: Vec<ImageSignature>,
    /// The config's digest: not shown in the image object, but in `imagestreams/layers`.
    pub(crate) config: Option<String>,
}

/// A signature of an image (`ImageSignature`), named `digest@name`.
#[derive(Clone, Debug)]
pub(crate) struct ImageSignature {
    pub(crate) meta: ObjectMetadata,
    /// `type`, such as `atomic`.
    pub(crate) kind: String,
    /// `content`, in Base64.
    pub(crate) content: String,
}

/// A layer of an image.
#[derive(Clone, Debug)]
pub(crate) struct ImageLayer {
    pub(crate) digest: String,
    pub(crate) size: u64,
    pub(crate) media_type: String,
}

/// An entry of an index (`dockerImageManifests[]`).
#[derive(Clone, Debug)]
pub(crate) struct PlatformManifest {
    pub(crate) digest: String,
    pub(crate) media_type: String,
    pub(crate) size: u64,
    pub(crate) architecture: String,
    pub(crate) os: String,
    pub(crate) variant: Option<String>,
}

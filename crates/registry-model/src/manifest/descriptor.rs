//! Descriptors: pointers from one document to another.

use serde::Serialize;

use super::super::{ByteSize, Digest, Layer, LayerFormat, Truncated};
use super::wire::WireDescriptor;
use crate::truncated::TruncatedMap;

/// What a manifest says of a blob or of another manifest (OCI image specification, "Content
/// Descriptors").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Descriptor {
    /// The digest of the bytes.
    pub digest: Digest,
    /// How many there are said to be. Absent where that is not said, or as no number of bytes that
    /// Go reads (negative, text, above 2^63 - 1).
    pub size: Option<ByteSize>,
    /// What they are. Untrusted.
    pub media_type: Option<String>,
    /// What kind of artifact they are. Untrusted.
    pub artifact_type: Option<String>,
    /// Annotations, such as a file name (`org.opencontainers.image.title`).
    pub annotations: TruncatedMap,
    /// Where else the bytes are said to be. Text to show, never to follow (S34).
    pub urls: Truncated<Vec<String>>,
    /// The bytes themselves in Base64, as text; neither decoded nor believed (S34).
    pub data: Option<String>,
}

impl Descriptor {
    /// A descriptor without a digest that can be checked points nowhere.
    pub(super) fn from_wire(wire: WireDescriptor) -> Option<Self> {
        Some(Self {
            digest: wire.digest?.parse().ok()?,
            size: wire
                .size
                .filter(|&size| i64::try_from(size).is_ok())
                .map(ByteSize),
            media_type: wire.media_type,
            artifact_type: wire.artifact_type,
            annotations: wire.annotations.0,
            urls: wire.urls.0,
            data: wire.data,
        })
    }

    /// The name of the file that the bytes were pushed from (annotation
    /// `org.opencontainers.image.title`). Untrusted.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.annotations
            .items
            .get("org.opencontainers.image.title")
            .map(String::as_str)
    }
}

impl From<Descriptor> for Layer {
    fn from(descriptor: Descriptor) -> Self {
        let format = LayerFormat::new(
            &descriptor.digest,
            descriptor.media_type.as_deref(),
            &descriptor.annotations,
        );
        Self {
            digest: descriptor.digest,
            size: descriptor.size,
            media_type: descriptor.media_type,
            format,
        }
    }
}

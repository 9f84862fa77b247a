//! Descriptors: references from one document to another.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::{ByteSize, Digest, Layer, LayerFormat, Truncated};
use super::wire::WireDescriptor;
use crate::truncated::TruncatedMap;

/// A reference to a blob or to another manifest (OCI image specification, "Content Descriptors").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Descriptor {
    /// The digest of the bytes.
    pub digest: Digest,
    /// The claimed size. Absent if it is missing, or is not a number of bytes that Go reads
    /// (negative, text, above 2^63 - 1).
    pub size: Option<ByteSize>,
    /// The media type. Untrusted.
    pub media_type: Option<String>,
    /// The `artifactType`. Untrusted.
    pub artifact_type: Option<String>,
    /// Annotations, such as a file name (`org.opencontainers.image.title`).
    #[schema(value_type = Truncated<BTreeMap<String, String>>)]
    pub annotations: TruncatedMap,
    /// Other locations of the bytes. For display only, never fetched (S34).
    pub urls: Truncated<Vec<String>>,
    /// The bytes in Base64, as text; neither decoded nor trusted (S34).
    pub data: Option<String>,
}

impl Descriptor {
    /// A descriptor without a digest that can be verified is unusable.
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

    /// The name of the file that was pushed (annotation `org.opencontainers.image.title`).
    /// Untrusted.
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

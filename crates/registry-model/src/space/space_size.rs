//! Bytes, and how much is known about them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::ByteSize;

/// How many bytes some blobs take in the registry, each stored once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpaceSize {
    /// The bytes of images that were pushed, or of which that is not known.
    pub bytes: ByteSize,
    /// The further bytes of images that were imported only. The registry stores them once a client
    /// has pulled them through it, so that 0 to all of them take space.
    pub imported: ByteSize,
    /// Whether the layers of an image, or the size of a layer, are not known: it can be more. The
    /// sizes of manifests and configs, some KiB each, are often not known and make no difference
    /// here.
    pub at_least: bool,
    /// Whether projects that are not visible, or images whose layers are not known, can have the
    /// same blobs: of what belongs to nothing else, or would be freed, it can be less.
    pub at_most: bool,
}

/// The size of a layer that is not known.
pub(super) const UNKNOWN_LAYER: u64 = u64::MAX;
/// The size of a manifest or config that is not known.
pub(super) const UNKNOWN_DOCUMENT: u64 = u64::MAX - 1;

impl SpaceSize {
    /// The bytes of pushed and of imported images.
    #[must_use]
    pub fn sum(&self) -> ByteSize {
        [self.bytes, self.imported].into_iter().sum()
    }

    /// Adds a blob.
    pub(crate) fn add(&mut self, size: u64, is_imported: bool) {
        match size {
            UNKNOWN_LAYER => self.at_least = true,
            UNKNOWN_DOCUMENT => {}
            size => {
                let sum = if is_imported {
                    &mut self.imported
                } else {
                    &mut self.bytes
                };
                sum.0 = sum.0.saturating_add(size);
            }
        }
    }
}

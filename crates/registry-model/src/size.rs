//! Sizes in bytes.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::Layer;

/// A number of bytes. Pages show it in binary units (KiB, MiB).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// The share of `whole` in percent, from 0 to 100. 0 if `whole` is 0.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> u64 {
        let percent = u128::from(self.0) * 100 / u128::from(whole.0.max(1));
        u64::try_from(percent).map_or(100, |percent| percent.min(100))
    }
}

impl std::iter::Sum for ByteSize {
    /// Saturates, because sizes in a malicious manifest can overflow.
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        Self(sizes.fold(0, |sum, size| sum.saturating_add(size.0)))
    }
}

/// The sizes of several blobs together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TotalSize {
    /// The sum of the known sizes.
    pub bytes: ByteSize,
    /// Whether the size of one of the blobs is not known: the total is at least `bytes`.
    pub at_least: bool,
}

impl TotalSize {
    /// Adds the sizes of the layers that the registry stores, each digest once. Foreign layers are
    /// stored elsewhere. `None` if no size is known. A missing size counts as unknown, even if
    /// another entry of the same layer has one.
    #[must_use]
    pub fn from_layers(layers: &[Layer]) -> Option<Self> {
        let mut seen = HashSet::new();
        let stored = layers.iter().filter(|layer| {
            !layer.format.foreign && (layer.size.is_none() || seen.insert(&layer.digest))
        });
        Self::from_sizes(stored.map(|layer| layer.size))
    }

    /// Adds the sizes. `None` if there are sizes, but none is known.
    #[must_use]
    pub fn from_sizes(sizes: impl IntoIterator<Item = Option<ByteSize>>) -> Option<Self> {
        let sizes: Vec<Option<ByteSize>> = sizes.into_iter().collect();
        let at_least = sizes.iter().any(Option::is_none);
        if at_least && sizes.iter().all(Option::is_none) {
            return None;
        }
        Some(Self {
            bytes: sizes.into_iter().flatten().sum(),
            at_least,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;

    #[test]
    fn a_percentage_is_between_0_and_100() {
        assert_eq!(ByteSize(1).percent_of(ByteSize(3)), 33);
        assert_eq!(ByteSize(0).percent_of(ByteSize(0)), 0);
        assert_eq!(ByteSize(u64::MAX).percent_of(ByteSize(0)), 100);
        assert_eq!(ByteSize(u64::MAX).percent_of(ByteSize(u64::MAX)), 100);
    }
    #[test]
    fn a_total_is_a_lower_bound_or_unknown() {
        let total = |bytes, at_least| {
            Some(TotalSize {
                bytes: ByteSize(bytes),
                at_least,
            })
        };
        assert_eq!(
            TotalSize::from_sizes([]),
            total(0, false),
            "no blobs are 0 bytes"
        );
        assert_eq!(
            TotalSize::from_sizes([Some(ByteSize(1)), Some(ByteSize(2))]),
            total(3, false)
        );
        assert_eq!(
            TotalSize::from_sizes([Some(ByteSize(1)), None]),
            total(1, true)
        );
        assert_eq!(TotalSize::from_sizes([None, None]), None);
        assert_eq!(
            TotalSize::from_sizes([Some(ByteSize(u64::MAX)), Some(ByteSize(1))]),
            total(u64::MAX, false)
        );
    }

    #[test]
    fn repeated_layer_counts_once_and_foreign_layer_never() {
        let layer = |n: u8, media_type: &str| {
            Layer::new(
                Digest::sha256(&[n]),
                Some(ByteSize(n.into())),
                Some(media_type.to_owned()),
            )
        };
        let gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
        let layers = [
            layer(1, gzip),
            layer(2, gzip),
            layer(1, gzip),
            layer(
                9,
                "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            ),
        ];
        assert_eq!(TotalSize::from_layers(&layers).unwrap().bytes, ByteSize(3));
    }
}

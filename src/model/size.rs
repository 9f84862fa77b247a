//! Sizes in bytes.

use serde::Serialize;

/// A number of bytes. Shown in binary units (KiB, MiB), localised by `i18n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

impl std::iter::Sum for ByteSize {
    /// Adds up; a lying manifest can make a sum overflow, which then stays at the largest number.
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        Self(sizes.fold(0, |sum, size| sum.saturating_add(size.0)))
    }
}

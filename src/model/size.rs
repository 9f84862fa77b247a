//! Sizes in bytes.

use serde::Serialize;

/// A number of bytes. Shown in binary units (KiB, MiB), localised by `i18n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// How much of `whole` this is, in percent from 0 to 100. Of nothing it is nothing.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> u64 {
        let percent = u128::from(self.0) * 100 / u128::from(whole.0.max(1));
        u64::try_from(percent).map_or(100, |percent| percent.min(100))
    }
}

impl std::iter::Sum for ByteSize {
    /// Adds up; a lying manifest can make a sum overflow, which then stays at the largest number.
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        Self(sizes.fold(0, |sum, size| sum.saturating_add(size.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_stays_between_nothing_and_all_whatever_a_manifest_says() {
        assert_eq!(ByteSize(1).percent_of(ByteSize(3)), 33);
        assert_eq!(ByteSize(0).percent_of(ByteSize(0)), 0);
        assert_eq!(ByteSize(u64::MAX).percent_of(ByteSize(0)), 100);
        assert_eq!(ByteSize(u64::MAX).percent_of(ByteSize(u64::MAX)), 100);
    }
}

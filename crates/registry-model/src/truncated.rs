//! Lists and maps with a limited number of items.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// The items of a list that are kept (S37), and the number of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Truncated<C> {
    pub items: C,
    /// The number of items that were read and not kept.
    pub more: usize,
    /// The number of items with a text that was truncated: it ends in `…`.
    #[serde(skip_serializing_if = "is_zero")]
    pub cut: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A bounded map of texts, such as labels or annotations. Untrusted.
pub type TruncatedMap = Truncated<BTreeMap<String, String>>;

impl<T> Truncated<Vec<T>> {
    /// The number of all entries.
    #[must_use]
    pub fn total(&self) -> usize {
        self.items.len().saturating_add(self.more)
    }

    /// Converts every item. Items that cannot be converted are omitted and counted.
    pub(super) fn filter_map<U>(
        self,
        convert: impl FnMut(T) -> Option<U>,
    ) -> (Truncated<Vec<U>>, usize) {
        let before = self.items.len();
        let items: Vec<U> = self.items.into_iter().filter_map(convert).collect();
        let unreadable = before - items.len();
        (
            Truncated {
                items,
                more: self.more,
                cut: self.cut,
            },
            unreadable,
        )
    }
}

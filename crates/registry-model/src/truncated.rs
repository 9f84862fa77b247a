//! Lists of which only so much is kept.

use std::collections::BTreeMap;

use serde::Serialize;

/// As many items of a list as are kept (S37), and how many there were beyond them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Truncated<C> {
    pub items: C,
    /// How many more there were: read past, not kept.
    pub more: usize,
    /// How many of the items hold a text that was cut: it ends in `…`.
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
    /// How many there were altogether.
    #[must_use]
    pub fn total(&self) -> usize {
        self.items.len().saturating_add(self.more)
    }

    /// The same list with every item turned into something else; items that cannot be are left out
    /// and counted.
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

//! How well a word matches a name.

use memchr::memmem::Finder;
use rapidfuzz::distance::osa::{Args, BatchComparator};

use crate::index::{LetterSignature, name_parts};

/// A word of a query.
pub(super) struct SearchWord {
    text: String,
    finder: Finder<'static>,
    shape: LetterSignature,
    typo_comparator: BatchComparator<char>,
    /// How many letters may be wrong.
    max_typos: u16,
}

impl SearchWord {
    /// With `typos`, one letter may be wrong, missing, superfluous or swapped with the next in a
    /// word of four, two in a word of eight.
    pub(super) fn new(text: &str, typos: bool) -> Self {
        let typos = match text.chars().count() {
            _ if !typos => 0,
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        };
        let (finder, slips) = (
            Finder::new(text).into_owned(),
            BatchComparator::new(text.chars()),
        );
        Self {
            text: text.to_owned(),
            finder,
            shape: LetterSignature::from_text(text),
            typo_comparator: slips,
            max_typos: typos,
        }
    }

    /// The signature of its letters, and how many may be wrong, if any.
    pub(super) fn typo_tolerance(&self) -> Option<(LetterSignature, u16)> {
        (self.max_typos > 0).then_some((self.shape, self.max_typos))
    }

    /// Finds the word literally.
    pub(super) fn finder(&self) -> &Finder<'static> {
        &self.finder
    }

    /// The rank of the match with `name`, in lower case: 0 is best. `None`: no match.
    pub(super) fn rank(&self, name: &str) -> Option<u32> {
        if name == self.text {
            return Some(0);
        }
        if name.starts_with(&self.text) {
            return Some(1);
        }
        if self.finder.find(name.as_bytes()).is_some() {
            return Some(
                if name_parts(name).any(|part| part.starts_with(&self.text)) {
                    2
                } else {
                    3
                },
            );
        }
        let (shape, typos) = self.typo_tolerance()?;
        if !LetterSignature::from_text(name).may_contain(shape, typos) {
            return None;
        }
        // Most names are too different to match, which can be seen without computing a distance.
        let near = name_parts(name)
            .chain([name])
            .filter(|part| shape.may_equal_text(part, typos));
        near.filter_map(|part| self.typo_rank(part)).min()
    }

    /// The rank of a whole name, or of a part of one, with wrong letters.
    pub(super) fn typo_rank(&self, part: &str) -> Option<u32> {
        let most = Args::default().score_cutoff(self.max_typos.into());
        let wrong = self
            .typo_comparator
            .distance_with_args(part.chars(), &most)?;
        Some(3 + u32::try_from(wrong).unwrap_or(u32::MAX - 3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_match_ranks_above_prefix_word_infix_and_typo() {
        let names = ["store", "storefront", "big-store", "restore", "stora"];
        let word = SearchWord::new("store", true);
        let ranks: Vec<Option<u32>> = names.iter().map(|name| word.rank(name)).collect();
        assert_eq!(ranks, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
    }

    #[test]
    fn typos_match_only_without_exact_hits_and_by_length() {
        assert_eq!(
            SearchWord::new("storefrnot", false).rank("storefront"),
            None
        );
        assert_eq!(
            SearchWord::new("storefrnot", true).rank("storefront"),
            Some(4),
            "two letters swapped are one slip"
        );
        assert_eq!(
            SearchWord::new("stoerfrnot", true).rank("storefront"),
            Some(5)
        );
        assert_eq!(
            SearchWord::new("apo", true).rank("api"),
            None,
            "three letters are too few to guess"
        );
        assert_eq!(
            SearchWord::new("paymants", true).rank("payments-api"),
            Some(4),
            "a part counts as a name"
        );
    }
}

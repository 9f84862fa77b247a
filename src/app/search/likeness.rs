//! How well a word fits a name.

use memchr::memmem::Finder;
use rapidfuzz::distance::osa::{Args, BatchComparator};

use crate::index::{Shape, name_parts};

/// A word that is looked for.
pub(super) struct Word {
    text: String,
    finder: Finder<'static>,
    shape: Shape,
    slips: BatchComparator<char>,
    /// How many letters may be wrong.
    typos: u16,
}

impl Word {
    /// With `typos`, a letter of a word of four may be wrong, missing, too many or swapped with the
    /// next, and two of a word of eight.
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
            shape: Shape::of(text),
            slips,
            typos,
        }
    }

    /// Its shape and how many letters may be wrong, if any.
    pub(super) fn forgives(&self) -> Option<(Shape, u16)> {
        (self.typos > 0).then_some((self.shape, self.typos))
    }

    /// Finds it as it is.
    pub(super) fn finder(&self) -> &Finder<'static> {
        &self.finder
    }

    /// How well `name`, in small letters, fits: 0 is best. Nothing: not at all.
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
        let (shape, typos) = self.forgives()?;
        if !Shape::of(name).may_have(shape, typos) {
            return None;
        }
        // Most names are too different to be meant, which takes no counting.
        let near = name_parts(name)
            .chain([name])
            .filter(|part| shape.may_be_text(part, typos));
        near.filter_map(|part| self.rank_of_slip(part)).min()
    }

    /// How well a whole name, or a part of one, fits with letters that are wrong.
    pub(super) fn rank_of_slip(&self, part: &str) -> Option<u32> {
        let most = Args::default().score_cutoff(self.typos.into());
        let wrong = self.slips.distance_with_args(part.chars(), &most)?;
        Some(3 + u32::try_from(wrong).unwrap_or(u32::MAX - 3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_name_beats_its_beginning_beats_a_part_beats_anywhere_beats_a_slip() {
        let names = ["store", "storefront", "big-store", "restore", "stora"];
        let word = Word::new("store", true);
        let ranks: Vec<Option<u32>> = names.iter().map(|name| word.rank(name)).collect();
        assert_eq!(ranks, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
    }

    #[test]
    fn slips_are_forgiven_only_where_nothing_fits_and_in_proportion() {
        assert_eq!(Word::new("storefrnot", false).rank("storefront"), None);
        assert_eq!(
            Word::new("storefrnot", true).rank("storefront"),
            Some(4),
            "two letters swapped are one slip"
        );
        assert_eq!(Word::new("stoerfrnot", true).rank("storefront"), Some(5));
        assert_eq!(
            Word::new("apo", true).rank("api"),
            None,
            "three letters are too few to guess"
        );
        assert_eq!(
            Word::new("paymants", true).rank("payments-api"),
            Some(4),
            "a part counts as a name"
        );
    }
}

//! How well a word fits a name.

use std::collections::HashMap;

use memchr::memmem::Finder;
use rapidfuzz::distance::osa::{Args, BatchComparator};

/// A word that is looked for.
pub(super) struct Word {
    text: String,
    finder: Finder<'static>,
    /// How many letters it has.
    length: usize,
    slips: BatchComparator<char>,
    /// How many letters may be wrong.
    typos: usize,
    /// Names of tags come again and again: what was found of each.
    known: HashMap<String, Option<u32>>,
}

impl Word {
    /// With `typos`, a letter of a word of four may be wrong, missing, too many or swapped with the next, and two of a word of eight.
    pub(super) fn new(text: &str, typos: bool) -> Self {
        let length = text.chars().count();
        let typos = match length {
            _ if !typos => 0,
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        };
        let (finder, slips) = (Finder::new(text).into_owned(), BatchComparator::new(text.chars()));
        Self { text: text.to_owned(), finder, length, slips, typos, known: HashMap::new() }
    }

    /// Whether letters may be wrong.
    pub(super) fn forgives(&self) -> bool {
        self.typos > 0
    }

    /// Finds it as it is.
    pub(super) fn finder(&self) -> Finder<'static> {
        self.finder.clone()
    }

    /// How well `name` fits: 0 is best. Nothing: not at all.
    pub(super) fn rank(&self, name: &str) -> Option<u32> {
        if name == self.text {
            return Some(0);
        }
        if name.starts_with(&self.text) {
            return Some(1);
        }
        let parts = || name.split(|c: char| !c.is_alphanumeric());
        if name.contains(&self.text) {
            return Some(if parts().any(|part| part.starts_with(&self.text)) { 2 } else { 3 });
        }
        if self.typos == 0 {
            return None;
        }
        // Most names are too long or too short to be meant, which takes no counting.
        let near = parts().chain([name]).filter(|part| !part.is_ascii() || part.len().abs_diff(self.length) <= self.typos);
        let most = Args::default().score_cutoff(self.typos);
        let wrong = near.filter_map(|part| self.slips.distance_with_args(part.chars(), &most)).min()?;
        Some(3 + u32::try_from(wrong).unwrap_or(u32::MAX - 3))
    }

    /// The same for the name of a tag, which may have capital letters.
    pub(super) fn rank_of_tag(&mut self, name: &str) -> Option<u32> {
        if let Some(rank) = self.known.get(name) {
            return *rank;
        }
        let rank = self.rank(&name.to_lowercase());
        self.known.insert(name.to_owned(), rank);
        rank
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
        assert_eq!(Word::new("storefrnot", true).rank("storefront"), Some(4), "two letters swapped are one slip");
        assert_eq!(Word::new("stoerfrnot", true).rank("storefront"), Some(5));
        assert_eq!(Word::new("apo", true).rank("api"), None, "three letters are too few to guess");
        assert_eq!(Word::new("paymants", true).rank("payments-api"), Some(4), "a part counts as a name");
    }

    #[test]
    fn capital_letters_of_a_tag_do_not_matter() {
        let mut word = Word::new("rc1", false);
        assert_eq!((word.rank_of_tag("RC1"), word.rank_of_tag("RC1"), word.rank_of_tag("GA")), (Some(0), Some(0), None));
    }
}

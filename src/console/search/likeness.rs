//! How well a word fits a name.

use std::collections::HashMap;

use memchr::memmem::Finder;

/// A word that is looked for.
pub(super) struct Word {
    text: String,
    finder: Finder<'static>,
    letters: Letters,
    /// How many letters may be wrong.
    typos: usize,
    /// Names of tags come again and again: what was found of each.
    known: HashMap<String, Option<u32>>,
}

impl Word {
    /// With `typos`, a letter of a word of four may be wrong, missing, too many or swapped with the next, and two of a word of eight.
    pub(super) fn new(text: &str, typos: bool) -> Self {
        let typos = match text.chars().count() {
            _ if !typos => 0,
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        };
        let (finder, letters) = (Finder::new(text).into_owned(), Letters::of(text));
        Self { text: text.to_owned(), finder, letters, typos, known: HashMap::new() }
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
        if self.letters.not_in(Letters::of(name)) > self.typos {
            return None;
        }
        let near = parts().chain([name]).filter(|part| self.may_be(part));
        let wrong = near.map(|part| strsim::osa_distance(part, &self.text)).min()?;
        (wrong <= self.typos).then(|| 3 + u32::try_from(wrong).unwrap_or(u32::MAX - 3))
    }

    /// Far cheaper than to count the slips: what is too long, too short or of too many other letters has too many.
    fn may_be(&self, part: &str) -> bool {
        if part.is_ascii() && self.text.is_ascii() && part.len().abs_diff(self.text.len()) > self.typos {
            return false;
        }
        let letters = Letters::of(part);
        letters.count.abs_diff(self.letters.count) <= self.typos
            && letters.not_in(self.letters) <= self.typos
            && self.letters.not_in(letters) <= self.typos
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

/// How many letters a text has, and roughly which: some share a bit.
#[derive(Clone, Copy)]
struct Letters {
    count: usize,
    which: u64,
}

impl Letters {
    fn of(text: &str) -> Self {
        let which = |which, letter: u32| which | 1 << (letter % 64);
        if text.is_ascii() {
            return Self { count: text.len(), which: text.bytes().map(u32::from).fold(0, which) };
        }
        Self { count: text.chars().count(), which: text.chars().map(u32::from).fold(0, which) }
    }

    /// At least so many of its letters are not among the `others`: each is a slip of its own.
    fn not_in(self, others: Self) -> usize {
        (self.which & !others.which).count_ones() as usize
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

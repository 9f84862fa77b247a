//! A quick test that excludes most pairs of texts that cannot match with a few wrong letters,
//! before their distance is computed.

use std::ops::Range;

/// Which letters a text contains, and how many letters it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LetterSignature {
    /// A bit for each letter that occurs, and one for each that occurs twice.
    letters: u64,
    length: u16,
}

/// The signatures of names and of their parts, the shortest first.
#[derive(Debug)]
pub(in crate::index::name_index) struct LetterSignatures {
    parts: Box<[NamePart]>,
    /// How many signatures are shorter than 0, 1, 2 letters, and so on up to the longest.
    counts_by_length: Box<[u32]>,
}

/// The signature of a name or of a part of one.
#[derive(Debug)]
struct NamePart {
    shape: LetterSignature,
    /// Where it begins in the name, in bytes.
    start: u16,
    name: u32,
}

impl NamePart {
    fn name_and_range(&self) -> (usize, Range<usize>) {
        let start = usize::from(self.start);
        // Names of image streams and tags contain only ASCII letters.
        (
            self.name as usize,
            start..start + usize::from(self.shape.length),
        )
    }
}

/// The parts of a name between characters that are neither letters nor digits.
pub fn name_parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|letter: char| !letter.is_alphanumeric())
}

impl LetterSignature {
    /// The signature of `text`, in lower case.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let (mut letters, mut length) = (0_u64, 0_u16);
        for letter in text.chars() {
            let (once, twice) = letter_bits(letter);
            letters |= if letters & once == 0 { once } else { twice };
            length = length.saturating_add(1);
        }
        Self { letters, length }
    }

    /// Whether this may be `text`, in lower case, with so many wrong letters; see
    /// [`Self::may_equal`].
    #[must_use]
    pub fn may_equal_text(self, text: &str, wrong: u16) -> bool {
        // Most names have another length, which excludes them without comparing letters.
        let length = usize::from(self.length);
        let near = !text.is_ascii() || text.len().abs_diff(length) <= wrong.into();
        near && Self::from_text(text).may_equal(self, wrong)
    }

    /// Whether `self` may be `other` with so many letters wrong, missing, superfluous or swapped
    /// with the next. `false` is certain, `true` is not.
    ///
    /// Each of these adds at most one bit that `other` does not have, and removes at most one that
    /// it has. If `self` is longer by some letters, so many letters are superfluous and remove no
    /// bit; if it is shorter, so many are missing and add none. Swapped letters do neither.
    #[must_use]
    pub fn may_equal(self, other: Self, wrong: u16) -> bool {
        let (longer, shorter) = (
            self.length.saturating_sub(other.length),
            other.length.saturating_sub(self.length),
        );
        let (Some(takes), Some(leaves)) = (wrong.checked_sub(longer), wrong.checked_sub(shorter))
        else {
            return false;
        };
        let (taken, left) = (other.letters & !self.letters, self.letters & !other.letters);
        has_at_most_bits(takes, taken) && has_at_most_bits(leaves, left)
    }

    /// Whether a part of `self` may be `word` with so many wrong letters. `false` is certain: a
    /// part contains no letter that the whole does not contain.
    #[must_use]
    pub fn may_contain(self, word: Self, wrong: u16) -> bool {
        has_at_most_bits(wrong, word.letters & !self.letters)
    }
}

/// Whether at most `count` bits are set. Faster than counting all of them on a processor without an
/// instruction for it.
fn has_at_most_bits(count: u16, mut bits: u64) -> bool {
    for _ in 0..count {
        bits &= bits.wrapping_sub(1);
    }
    bits == 0
}

/// The bit for the first occurrence of a letter, and the one for the second. Letters may share
/// bits, which makes texts look more alike than they are, never less.
fn letter_bits(letter: char) -> (u64, u64) {
    let (once, twice) = match letter {
        'a'..='z' => (
            u32::from(letter) - u32::from('a'),
            50 + u32::from(letter) % 14,
        ),
        '0'..='9' => (
            26 + u32::from(letter) - u32::from('0'),
            40 + u32::from(letter) - u32::from('0'),
        ),
        '-' => (36, 36),
        '.' => (37, 37),
        '_' => (38, 38),
        _ => (39, 39),
    };
    (1 << once, 1 << twice)
}

impl LetterSignatures {
    /// The signatures of `names`, in lower case.
    pub(in crate::index::name_index) fn from_names<'a>(
        names: impl Iterator<Item = &'a str>,
    ) -> Self {
        let shapes = (0..).zip(names).flat_map(|(at, name)| {
            let parts = name_parts(name).filter(move |part| !part.is_empty() && *part != name);
            std::iter::once(name)
                .chain(parts)
                .map(move |text| NamePart {
                    shape: LetterSignature::from_text(text),
                    start: u16::try_from(text.as_ptr().addr() - name.as_ptr().addr())
                        .unwrap_or(u16::MAX),
                    name: at,
                })
        });
        let mut parts: Box<[NamePart]> = shapes.collect();
        parts.sort_by_key(|part| part.shape.length);
        let longest = parts.last().map_or(0, |part| part.shape.length);
        let shorter = |than: u16| {
            u32::try_from(parts.partition_point(|part| part.shape.length < than))
                .unwrap_or(u32::MAX)
        };
        Self {
            counts_by_length: (0..=longest).map(shorter).collect(),
            parts,
        }
    }

    /// The numbers of the names that `word` may match, as a whole or in a part, with the start of
    /// the match. A name is repeated for each part that may match.
    pub(in crate::index::name_index) fn candidates(
        &self,
        word: LetterSignature,
        wrong: u16,
    ) -> impl Iterator<Item = (usize, Range<usize>)> {
        let shorter = |than: u16| {
            self.counts_by_length
                .get(usize::from(than))
                .map_or(self.parts.len(), |count| *count as usize)
        };
        let (from, to) = (
            shorter(word.length.saturating_sub(wrong)),
            shorter(word.length.saturating_add(wrong).saturating_add(1)),
        );
        self.parts[from..to]
            .iter()
            .filter(move |part| part.shape.may_equal(word, wrong))
            .map(NamePart::name_and_range)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rapidfuzz::distance::osa;

    use super::*;

    #[test]
    fn names_and_their_parts_match() {
        let names = ["storefront", "store-front", "big_store.1", "", "api"];
        let shapes = LetterSignatures::from_names(names.into_iter());
        let like = |word: &str, wrong| {
            shapes
                .candidates(LetterSignature::from_text(word), wrong)
                .map(|(name, place)| &names[name][place])
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (like("store", 0), like("stroe", 1), like("stor", 1)),
            (vec!["store"; 2], vec!["store"; 2], vec!["store"; 2])
        );
        assert_eq!(
            (like("storefornt", 1), like("front", 1)),
            (vec!["storefront", "store-front"], vec!["front"])
        );
        assert_eq!(
            (like("x", 0), like("a", 0), like("1", 0)),
            (vec![], vec![], vec!["1"])
        );
        assert!(
            !LetterSignature::from_text("bench-77")
                .may_contain(LetterSignature::from_text("strema"), 2)
        );
    }

    proptest! {
        #[test]
        fn similar_name_is_never_excluded(one in "[a-dA-C0-2é日_.-]{0,8}", other in "[a-dA-C0-2é日_.-]{0,8}") {
            let (one, other) = (one.to_lowercase(), other.to_lowercase());
            let wrong = u16::try_from(osa::distance(one.chars(), other.chars())).unwrap();
            prop_assert!(LetterSignature::from_text(&one).may_equal(LetterSignature::from_text(&other), wrong));
            prop_assert!(LetterSignature::from_text(&other).may_equal(LetterSignature::from_text(&one), wrong));
        }

        #[test]
        fn name_matches_if_a_part_may_match(name in "[a-dA-C0-2é日_.-]{0,12}", word in "[a-d0-2é日]{0,6}") {
            let name = name.to_lowercase();
            for part in name_parts(&name).chain([name.as_str()]) {
                let wrong = u16::try_from(osa::distance(part.chars(), word.chars())).unwrap();
                prop_assert!(LetterSignature::from_text(&name).may_contain(LetterSignature::from_text(&word), wrong));
            }
        }
    }
}

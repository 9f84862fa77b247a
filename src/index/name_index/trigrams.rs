//! Which three letters stand beside each other somewhere in a text: a word with three that nowhere
//! do is not in it.

/// A bit for each three bytes that follow one another; several may share one.
#[derive(Debug, Default)]
pub(in crate::index::name_index) struct TrigramFilter {
    bits: Box<[u64]>,
}

/// The fewest words of bits.
const MIN_FILTER_WORDS: usize = 8;

impl TrigramFilter {
    /// Those of `text`: an eighth of its size.
    pub(in crate::index::name_index) fn from_text(text: &str) -> Self {
        let mut grams = Self {
            bits: vec![0; (text.len() / 64).next_power_of_two().max(MIN_FILTER_WORDS)].into(),
        };
        for gram in text.as_bytes().windows(3) {
            let (at, bit) = grams.bit_position(gram);
            grams.bits[at] |= bit;
        }
        grams
    }

    /// Whether `word` may be in the text. Where it says no, it is not.
    pub(in crate::index::name_index) fn may_contain(&self, word: &[u8]) -> bool {
        word.windows(3).all(|gram| {
            let (at, bit) = self.bit_position(gram);
            self.bits.get(at).is_some_and(|bits| bits & bit != 0)
        })
    }

    fn bit_position(&self, gram: &[u8]) -> (usize, u64) {
        let number = gram
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        // Fibonacci hashing (Knuth, TAOCP 6.4): the upper bits of the product are the best mixed.
        let mixed = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = (mixed >> 32) as usize & self.bits.len().wrapping_sub(1);
        (at, 1 << (mixed >> 58))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn contained_text_is_never_excluded(text in "[a-c0-2.\\n\u{e9}-]{0,40}", from in 0_usize..40, length in 0_usize..12) {
            let bytes = text.as_bytes();
            let (from, to) = (from.min(bytes.len()), (from + length).min(bytes.len()));
            prop_assert!(TrigramFilter::from_text(&text).may_contain(&bytes[from..to]));
        }
    }

    #[test]
    fn most_absent_texts_are_excluded() {
        let grams = TrigramFilter::from_text(
            &(0..50)
                .map(|number| format!("bench-7/stream-{number}\n"))
                .collect::<String>(),
        );
        let missing = |words: &[&str]| {
            words
                .iter()
                .filter(|word| !grams.may_contain(word.as_bytes()))
                .count()
        };
        assert_eq!(missing(&["stream-49", "bench", "7/s", "st", ""]), 0);
        assert!(
            missing(&[
                "strema-77",
                "storefront",
                "latest",
                "kafka",
                "1.7",
                "stream-77",
                "bench-8",
                "streams"
            ]) >= 7
        );
    }
}

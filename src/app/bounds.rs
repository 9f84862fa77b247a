//! Bounds of what a load returns (S37).
//!
//! What users push may be megabytes long and hold a hundred thousand entries of any kind. A load
//! keeps a part of it and counts the rest, so that the page and its JSON agree, and neither is
//! larger than 1 MiB. A text counts with the bytes that it takes where it is shown: escaped markup
//! and hidden characters take more there than in memory.

use std::collections::BTreeMap;

use registry_model::safe_text::{self, Character};
use registry_model::{Truncated, TruncatedMap};

/// How many rows of a table about one image are returned.
pub(super) const MAX_TABLE_ROWS: usize = 200;

/// Keeps the first `most` of `items` and returns how many were removed.
pub(super) fn truncate_counting<T>(items: &mut Vec<T>, most: usize) -> usize {
    let more = items.len().saturating_sub(most);
    items.truncate(most);
    items.shrink_to_fit();
    more
}

/// The most that a single text may take.
const MAX_TEXT_BYTES: usize = 16 << 10;

/// The most that a text may take of which many are kept before a page is rendered.
const MAX_BRIEF_BYTES: usize = 1 << 10;

/// What an item of a list, or a row of a table, takes besides its texts.
const ITEM_OVERHEAD_BYTES: usize = 128;
const ROW_OVERHEAD_BYTES: usize = 1 << 10;

/// A page shows a longer text twice: its first characters, and the whole text.
const PREVIEW_CHARS: usize = 240;
/// What the second copy takes besides these characters.
const PREVIEW_OVERHEAD_BYTES: usize = 256;

/// Appended to a text that was cut.
const TRUNCATION_MARK: char = '…';

/// The text, cut to what 1 KiB of a page can show: for texts of many documents, and for those that
/// are kept once for each row.
pub(super) fn truncate_brief(mut text: String) -> String {
    TextBudget::new(MAX_BRIEF_BYTES).truncate(&mut text);
    text
}

/// How many bytes remain for the texts of one section of a response.
#[derive(Debug)]
pub(super) struct TextBudget {
    remaining_bytes: usize,
    item_bytes: usize,
}

impl TextBudget {
    /// A budget for single texts, and for lists.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            remaining_bytes: bytes,
            item_bytes: ITEM_OVERHEAD_BYTES,
        }
    }

    /// A budget for the rows of a table, whose markup takes 1 KiB each.
    pub(super) fn for_table(bytes: usize) -> Self {
        Self {
            remaining_bytes: bytes,
            item_bytes: ROW_OVERHEAD_BYTES,
        }
    }

    /// Cuts `text` to the remaining bytes, and to 16 KiB. Returns whether it was cut.
    pub(super) fn truncate(&mut self, text: &mut String) -> bool {
        let (end, bytes) = truncation_point(text, self.remaining_bytes.min(MAX_TEXT_BYTES));
        self.remaining_bytes -= bytes;
        let cut = end < text.len();
        if cut {
            text.truncate(end);
            text.push(TRUNCATION_MARK);
            text.shrink_to_fit();
        }
        cut
    }

    /// Cuts each of `texts`.
    pub(super) fn truncate_each<'a>(
        &mut self,
        texts: impl IntoIterator<Item = &'a mut Option<String>>,
    ) {
        for text in texts.into_iter().flatten() {
            self.truncate(text);
        }
    }

    /// Keeps the first `most` items of `list`, while bytes remain, with `texts` of each cut; counts
    /// the others.
    pub(super) fn truncate_list<T>(
        &mut self,
        list: &mut Truncated<Vec<T>>,
        most: usize,
        texts: impl for<'a> Fn(&'a mut T) -> Vec<&'a mut String>,
    ) {
        let mut kept = 0;
        for item in list.items.iter_mut().take(most) {
            if !self.reserve_item() {
                break;
            }
            kept += 1;
            let mut cut = false;
            for text in texts(item) {
                cut |= self.truncate(text);
            }
            list.cut += usize::from(cut);
        }
        list.more += list.items.len() - kept;
        list.items.truncate(kept);
        list.items.shrink_to_fit();
    }

    /// Like [`Self::truncate_list`], for a list of texts.
    pub(super) fn truncate_texts(&mut self, texts: &mut Truncated<Vec<String>>, most: usize) {
        self.truncate_list(texts, most, |text| vec![text]);
    }

    /// Like [`Self::truncate_list`], for names and their values.
    pub(super) fn truncate_pairs(&mut self, pairs: &mut TruncatedMap, most: usize) {
        let mut kept = BTreeMap::new();
        for (mut name, mut value) in std::mem::take(&mut pairs.items) {
            if kept.len() >= most || !self.reserve_item() {
                pairs.more += 1;
                continue;
            }
            let cut = [self.truncate(&mut name), self.truncate(&mut value)].contains(&true);
            pairs.cut += usize::from(cut);
            // Names that begin alike may be equal once they are cut.
            pairs.more += usize::from(kept.insert(name, value).is_some());
        }
        pairs.items = kept;
    }

    fn reserve_item(&mut self) -> bool {
        let takes = self.remaining_bytes >= self.item_bytes;
        self.remaining_bytes = self.remaining_bytes.saturating_sub(self.item_bytes);
        takes
    }
}

/// Where a text has to be cut so that it takes no more than `most` bytes where it is shown, and how
/// many bytes it then takes.
fn truncation_point(text: &str, most: usize) -> (usize, usize) {
    let (mut bytes, mut opening) = (0, 0);
    for (count, (at, character)) in text.char_indices().enumerate() {
        let takes = display_bytes(character);
        let folded = if count < PREVIEW_CHARS {
            opening += takes;
            0
        } else {
            opening + PREVIEW_OVERHEAD_BYTES
        };
        if bytes + takes + folded > most {
            return (at, (bytes + folded).min(most));
        }
        bytes += takes;
    }
    (
        text.len(),
        if text.len() > PREVIEW_CHARS {
            (bytes + opening + PREVIEW_OVERHEAD_BYTES).min(most)
        } else {
            bytes
        },
    )
}

/// Where a text that is shown once, whatever its length, has to be cut so that it takes no more
/// than `most` bytes.
pub(super) fn display_truncation_point(text: &str, most: usize) -> usize {
    let mut bytes = 0;
    let over = text.char_indices().find(|(_, character)| {
        bytes += display_bytes(*character);
        bytes > most
    });
    over.map_or(text.len(), |(at, _)| at)
}

/// The number of bytes that a character takes in HTML or JSON, whichever is larger.
fn display_bytes(character: char) -> usize {
    match character {
        '"' => "&quot;".len(),
        '&' | '\'' => "&amp;".len(),
        '<' | '>' => "&lt;".len(),
        '\n' | '\t' | '\\' => 2,
        ' '..='~' => 1,
        _ => {
            let mut buffer = [0; 4];
            let hidden = matches!(
                safe_text::characters(character.encode_utf8(&mut buffer)).next(),
                Some(Character::Hidden(_))
            );
            if hidden {
                "<span class=\"rc-code-point\">U+10FFFF</span>".len()
            } else {
                character.len_utf8()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(texts: &[String]) -> Truncated<Vec<String>> {
        Truncated {
            items: texts.to_vec(),
            ..Truncated::default()
        }
    }

    #[test]
    fn long_text_is_truncated_with_an_ellipsis() {
        let mut budget = TextBudget::new(100_000);
        let mut short = "abc".to_owned();
        assert!(!budget.truncate(&mut short) && short == "abc");
        let mut long = "x".repeat(7 << 20);
        assert!(budget.truncate(&mut long));
        assert!(
            long.ends_with("x…")
                && long.len() <= MAX_TEXT_BYTES + 3
                && long.len() > MAX_TEXT_BYTES / 2,
            "{}",
            long.len()
        );
        let mut wide = "é\u{202e}".repeat(50_000);
        assert!(
            budget.truncate(&mut wide) && wide.len() < MAX_TEXT_BYTES / 10,
            "{} bytes that show as twenty times as many",
            wide.len()
        );
    }

    #[test]
    fn truncated_list_counts_dropped_and_shortened_items() {
        let mut list = kept(&["a".repeat(20_000), "b".to_owned(), "c".to_owned()]);
        TextBudget::new(64 << 10).truncate_texts(&mut list, 2);
        assert_eq!((list.items.len(), list.more, list.cut), (2, 1, 1));
        let mut list = kept(&vec!["b".repeat(900); 1_000]);
        TextBudget::new(64 << 10).truncate_texts(&mut list, 1_000);
        assert!((30..70).contains(&list.items.len()), "{}", list.items.len());
        assert_eq!(list.total(), 1_000);
    }

    #[test]
    fn truncated_pairs_with_equal_names_are_all_counted() {
        let long = "n".repeat(20_000);
        let items = [
            ("a".to_owned(), "1".to_owned()),
            (format!("{long}1"), String::new()),
            (format!("{long}2"), String::new()),
        ];
        let mut pairs = TruncatedMap {
            items: BTreeMap::from(items),
            ..TruncatedMap::default()
        };
        TextBudget::new(64 << 10).truncate_pairs(&mut pairs, 500);
        assert_eq!((pairs.items.len(), pairs.more, pairs.cut), (2, 1, 2));
        assert_eq!(pairs.items["a"], "1");
    }

    #[test]
    fn exhausted_byte_budget_drops_every_item() {
        let mut budget = TextBudget::new(0);
        let mut list = kept(&["a".to_owned()]);
        budget.truncate_texts(&mut list, 10);
        assert_eq!((list.items.len(), list.more), (0, 1));
        let mut text = "abc".to_owned();
        assert!(budget.truncate(&mut text) && text == "…");
    }
}

//! The version order of tags.

use std::cmp::Ordering;

/// Compares two tag names as versions; oldest first. A total order: equal only where the names are
/// the same.
///
/// - Numbers compare as numbers: `1.9` < `1.10`, `2024-02-01` < `2024-10-01`; of any length.
/// - A `v` before a number does not count: `v1.9` < `1.10` < `v1.11`.
/// - A pre-release comes before its release, a later part after it: `1.0-alpha` < `1.0-rc.1` <
///   `1.0-rc.2` < `1.0` < `1.0-alpine` < `1.0.1`.
/// - Words come before versions (`main` < `stable` < `0.1`), without regard to case.
/// - `latest` comes after everything, so that it is the first where the newest is shown first.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (rest_of_a, rest_of_b, first) = strip_common_prefix(a, b);
    let by_parts = || match (number(rest_of_a), number(rest_of_b)) {
        // Most names in a list differ only in their last number.
        (Some(a), Some(b)) => a.cmp(&b),
        _ => parts(rest_of_a, first).cmp(parts(rest_of_b, first)),
    };
    (a == "latest")
        .cmp(&(b == "latest"))
        .then_with(by_parts)
        .then_with(|| a.cmp(b))
}

/// The remainders after the last punctuation mark up to which both names are equal, and whether
/// their first part is included: names in a list often differ only near the end.
fn strip_common_prefix<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str, bool) {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let shared = a.as_bytes()[..same]
        .iter()
        .rposition(u8::is_ascii_punctuation)
        .map_or(0, |last| last + 1);
    if shared == 0 {
        return (without_v(a), without_v(b), true);
    }
    (
        &a[shared..],
        &b[shared..],
        !a[..shared].contains(char::is_alphanumeric),
    )
}

/// A part of a name. Parts of different kinds compare in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum VersionPart<'a> {
    /// A word that marks what precedes it as unfinished, with its rank.
    PreRelease(u8),
    End,
    Word(TextPart<'a>),
    Number(NumberPart<'a>),
}

/// Letters, compared without regard to case.
#[derive(Clone, Copy)]
struct TextPart<'a>(&'a str);

/// Digits without leading zeros, compared by value.
#[derive(Clone, Copy, PartialEq, Eq)]
struct NumberPart<'a>(&'a str);

impl Ord for TextPart<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .bytes()
            .map(|b| b.to_ascii_lowercase())
            .cmp(other.0.bytes().map(|b| b.to_ascii_lowercase()))
    }
}

impl PartialOrd for TextPart<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for TextPart<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for TextPart<'_> {}

impl Ord for NumberPart<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .len()
            .cmp(&other.0.len())
            .then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for NumberPart<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The parts of a name without its `v`, or of the rest of it after the `first` parts, and the end.
/// Punctuation only separates parts.
fn parts(name: &str, first: bool) -> impl Iterator<Item = VersionPart<'_>> {
    VersionParts {
        rest: name,
        first,
        ended: false,
    }
}

struct VersionParts<'a> {
    rest: &'a str,
    first: bool,
    ended: bool,
}

impl<'a> Iterator for VersionParts<'a> {
    type Item = VersionPart<'a>;

    fn next(&mut self) -> Option<VersionPart<'a>> {
        let start = next_index_of(self.rest, 0, |kind| kind != CharClass::Punctuation);
        let kind = char_class_at(self.rest, start);
        let end = next_index_of(self.rest, start, |other| other != kind);
        let part = &self.rest[start..end];
        self.rest = &self.rest[end..];
        let leading = std::mem::replace(&mut self.first, false);
        match kind {
            _ if part.is_empty() => {
                (!std::mem::replace(&mut self.ended, true)).then_some(VersionPart::End)
            }
            CharClass::Digit => number(part).map(VersionPart::Number),
            _ if leading => Some(VersionPart::Word(TextPart(part))),
            _ => Some(
                pre_release_rank(part)
                    .map_or(VersionPart::Word(TextPart(part)), VersionPart::PreRelease),
            ),
        }
    }
}

/// The class of a character for the order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CharClass {
    Digit,
    Letter,
    Punctuation,
}

/// The first position from `at` on where a character of this class begins, or the end.
fn next_index_of(name: &str, mut at: usize, wanted: impl Fn(CharClass) -> bool) -> usize {
    while at < name.len() && !wanted(char_class_at(name, at)) {
        at += name[at..].chars().next().map_or(1, char::len_utf8);
    }
    at
}

/// The class of the character at `at`.
fn char_class_at(name: &str, at: usize) -> CharClass {
    // Names are nearly always ASCII, and sorting a long list calls this often.
    match name.as_bytes().get(at) {
        Some(byte) if byte.is_ascii_digit() => CharClass::Digit,
        Some(byte) if byte.is_ascii_alphabetic() => CharClass::Letter,
        Some(byte) if !byte.is_ascii() && name[at..].starts_with(char::is_alphanumeric) => {
            CharClass::Letter
        }
        _ => CharClass::Punctuation,
    }
}

/// The value of a text that is a number.
fn number(text: &str) -> Option<NumberPart<'_>> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| NumberPart(text.trim_start_matches('0')))
}

fn without_v(name: &str) -> &str {
    name.strip_prefix(['v', 'V'])
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(name)
}

/// The rank of a word that marks a version as unfinished; 0 is the least finished.
fn pre_release_rank(word: &str) -> Option<u8> {
    const PRE_RELEASE_WORDS: [(&str, u8); 12] = [
        ("dev", 0),
        ("snapshot", 0),
        ("nightly", 0),
        ("canary", 0),
        ("alpha", 1),
        ("beta", 2),
        ("m", 3),
        ("milestone", 3),
        ("pre", 4),
        ("preview", 4),
        ("cr", 5),
        ("rc", 5),
    ];
    PRE_RELEASE_WORDS
        .iter()
        .find(|(known, _)| word.eq_ignore_ascii_case(known))
        .map(|&(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn assert_ascending(names: &[&str]) {
        for (place, a) in names.iter().enumerate() {
            for b in &names[place + 1..] {
                assert_eq!(
                    (compare(a, b), compare(b, a)),
                    (Ordering::Less, Ordering::Greater),
                    "{a} before {b}"
                );
            }
        }
    }

    #[test]
    fn tags_sort_by_version() {
        assert_ascending(&[
            "dev", "main", "stable", "0.1", "1.9", "1.10", "v1.11", "1.12", "2.0", "10.0", "latest",
        ]);
        assert_ascending(&[
            "1.0-SNAPSHOT",
            "1.0-alpha",
            "1.0-alpha.2",
            "1.0-beta",
            "1.0-m1",
            "1.0-rc.1",
            "1.0rc2",
            "1.0-rc10",
            "1.0",
        ]);
        assert_ascending(&[
            "1.0",
            "1.0-alpine",
            "1.0-alpine3.9",
            "1.0-alpine3.10",
            "1.0.1",
            "1.1-rc1",
            "1.1",
        ]);
        assert_ascending(&["2024-02-01", "2024-10-01", "20240101", "20241001"]);
        assert_ascending(&[
            "build-99999999999999999999999999999998",
            "build-99999999999999999999999999999999",
        ]);
        assert_ascending(&["01.0", "1.0", "v1.0"]);
    }

    proptest! {
        #[test]
        fn a_common_prefix_does_not_change_the_order(a in name(), b in name()) {
            if a != b && a != "latest" && b != "latest" {
                prop_assert_eq!(compare(&a, &b), parts(without_v(&a), true).cmp(parts(without_v(&b), true)).then_with(|| a.cmp(&b)));
            }
        }

        #[test]
        fn version_order_is_total(a in name(), b in name(), c in name()) {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
        }
    }

    proptest! {
        #[test]
        fn name_splits_into_digit_and_letter_runs(name in prop_oneof![name(), "[0-9a-zA-Zäλ٣ⅷ中._ -]{0,12}"]) {
            let (mut runs, mut last) = (Vec::<String>::new(), None);
            for c in name.chars() {
                let kind = c.is_alphanumeric().then_some(c.is_ascii_digit());
                match kind {
                    Some(_) if kind == last => runs.last_mut().unwrap().push(c),
                    Some(_) => runs.push(c.into()),
                    None => {}
                }
                last = kind;
            }
            let text = |part| match part {
                VersionPart::Number(NumberPart(digits)) => Some(digits.to_owned()),
                VersionPart::Word(TextPart(word)) => Some(word.to_owned()),
                VersionPart::PreRelease(_) | VersionPart::End => None,
            };
            let found: Vec<_> = parts(&name, true).collect();
            prop_assert_eq!(found.len(), runs.len() + 1, "and the end");
            for (part, run) in found.into_iter().zip(&runs) {
                let expected = if run.starts_with(|c: char| c.is_ascii_digit()) { run.trim_start_matches('0') } else { run };
                prop_assert!(text(part).is_none_or(|found| found == expected), "{run}");
            }
        }
    }

    /// Names of few kinds of parts, so that they often have parts in common; and any text.
    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[_/]?v?(0{0,2}[0-3]|rc|RC|alpha|a|latest|dev|M){0,1}([.+_-]?(0?[0-2]|rc|Rc|beta|x|X)){0,3}",
            1 => "\\PC{0,6}",
        ]
    }
}

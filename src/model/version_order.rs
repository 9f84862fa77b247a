//! The order in which people expect tags.

use std::cmp::Ordering;

/// Compares two tag names as versions; oldest first. A total order: equal only where the names are the same.
///
/// - Numbers compare as numbers: `1.9` < `1.10`, `2024-02-01` < `2024-10-01`; of any length.
/// - A `v` before a number does not count: `v1.9` < `1.10` < `v1.11`.
/// - A pre-release comes before its release, a later part after it: `1.0-alpha` < `1.0-rc.1` < `1.0-rc.2` < `1.0` < `1.0-alpine` < `1.0.1`.
/// - Words come before versions (`main` < `stable` < `0.1`), without regard to case.
/// - `latest` comes after everything, so that it is the first where the newest is shown first.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (rest_of_a, rest_of_b, first) = after_what_is_shared(a, b);
    let by_parts = || parts(rest_of_a, first).cmp(parts(rest_of_b, first));
    (a == "latest").cmp(&(b == "latest")).then_with(by_parts).then_with(|| a.cmp(b))
}

/// What follows the last punctuation up to which both are the same, and whether their first part is still in it: names in one list often differ by
/// little, and at the end.
fn after_what_is_shared<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str, bool) {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let shared = a.as_bytes()[..same].iter().rposition(u8::is_ascii_punctuation).map_or(0, |last| last + 1);
    if shared == 0 {
        return (without_v(a), without_v(b), true);
    }
    (&a[shared..], &b[shared..], !a[..shared].contains(char::is_alphanumeric))
}

/// A part of a name, in the order in which parts compare where they differ in kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    /// A word that makes what stands before it unfinished; by how far from finished.
    PreRelease(u8),
    /// No more parts.
    End,
    Word(Word<'a>),
    Number(Number<'a>),
}

/// Letters, compared without regard to case.
#[derive(Clone, Copy)]
struct Word<'a>(&'a str);

/// Digits without leading zeros, compared by value.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Number<'a>(&'a str);

impl Ord for Word<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.bytes().map(|b| b.to_ascii_lowercase()).cmp(other.0.bytes().map(|b| b.to_ascii_lowercase()))
    }
}

impl PartialOrd for Word<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Word<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Word<'_> {}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The parts of a name without its `v`, or of what is left of it after the `first` of them, and the end. Punctuation only parts them.
fn parts(name: &str, mut first: bool) -> impl Iterator<Item = Part<'_>> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let number = rest.starts_with(|c: char| c.is_ascii_digit());
        let length = rest.find(|c: char| !c.is_alphanumeric() || c.is_ascii_digit() != number).unwrap_or(rest.len());
        let (part, after) = rest.split_at(length);
        rest = after;
        let leading = std::mem::replace(&mut first, false);
        match part {
            "" => None,
            _ if number => Some(Part::Number(Number(part.trim_start_matches('0')))),
            _ if leading => Some(Part::Word(Word(part))),
            _ => Some(pre_release(part).map_or(Part::Word(Word(part)), Part::PreRelease)),
        }
    })
    .chain(std::iter::once(Part::End))
}

fn without_v(name: &str) -> &str {
    name.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(name)
}

/// How unfinished a word says that something is; 0 is the least finished.
fn pre_release(word: &str) -> Option<u8> {
    const WORDS: [(&str, u8); 12] = [
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
    WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|&(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn assert_ascending(names: &[&str]) {
        for (place, a) in names.iter().enumerate() {
            for b in &names[place + 1..] {
                assert_eq!((compare(a, b), compare(b, a)), (Ordering::Less, Ordering::Greater), "{a} before {b}");
            }
        }
    }

    #[test]
    fn tags_sort_as_people_expect() {
        assert_ascending(&["dev", "main", "stable", "0.1", "1.9", "1.10", "v1.11", "1.12", "2.0", "10.0", "latest"]);
        assert_ascending(&["1.0-SNAPSHOT", "1.0-alpha", "1.0-alpha.2", "1.0-beta", "1.0-m1", "1.0-rc.1", "1.0rc2", "1.0-rc10", "1.0"]);
        assert_ascending(&["1.0", "1.0-alpine", "1.0-alpine3.9", "1.0-alpine3.10", "1.0.1", "1.1-rc1", "1.1"]);
        assert_ascending(&["2024-02-01", "2024-10-01", "20240101", "20241001"]);
        assert_ascending(&["build-99999999999999999999999999999998", "build-99999999999999999999999999999999"]);
        assert_ascending(&["01.0", "1.0", "v1.0"]);
    }

    proptest! {
        #[test]
        fn what_two_names_share_makes_no_difference(a in name(), b in name()) {
            if a != b && a != "latest" && b != "latest" {
                prop_assert_eq!(compare(&a, &b), parts(without_v(&a), true).cmp(parts(without_v(&b), true)).then_with(|| a.cmp(&b)));
            }
        }

        #[test]
        fn the_order_is_total(a in name(), b in name(), c in name()) {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
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

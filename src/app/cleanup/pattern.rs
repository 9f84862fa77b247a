//! Patterns of tag names.

use serde::Serialize;
use utoipa::ToSchema;

/// A pattern of tag names: `*` stands for any number of characters, `?` for one. Upper and lower
/// case differ, as in tag names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
pub struct TagPattern(String);

impl TagPattern {
    /// The pattern, or `None` if `text` is empty.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Whether the whole name matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let (pattern, name): (Vec<char>, Vec<char>) =
            (self.0.chars().collect(), name.chars().collect());
        let (mut at, mut read) = (0, 0);
        // The position after the last `*`, and how much of the name it stands for.
        let mut star: Option<(usize, usize)> = None;
        while read < name.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at + 1, read));
                    at += 1;
                }
                Some(expected) if *expected == '?' || *expected == name[read] => {
                    at += 1;
                    read += 1;
                }
                _ => {
                    // Only the last `*` has to stand for more: an earlier one would not help.
                    let Some((after, until)) = star else {
                        return false;
                    };
                    star = Some((after, until + 1));
                    (at, read) = (after, until + 1);
                }
            }
        }
        pattern[at..].iter().all(|rest| *rest == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, name: &str) -> bool {
        TagPattern::new(pattern).unwrap().matches(name)
    }

    #[test]
    fn star_stands_for_any_text_and_question_mark_for_one_character() {
        for (pattern, name, expected) in [
            ("pr-*", "pr-12", true),
            ("pr-*", "pr-", true),
            ("pr-*", "pr", false),
            ("pr-*", "my-pr-1", false),
            ("PR-*", "pr-1", false),
            ("*-rc.?", "1.0-rc.1", true),
            ("*-rc.?", "1.0-rc.10", false),
            ("v?.*", "v1.10.2", true),
            ("v?.*", "v10.2", false),
            ("*", "latest", true),
            ("**", "x", true),
            ("?", "", false),
            ("*", "", true),
            ("1.0", "1.0", true),
            ("1.0", "100", false),
            ("a*b*c", "aXbXbc", true),
            ("a*b*c", "aXbXcb", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        assert!(TagPattern::new("").is_none());
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        assert!(!matches(&format!("{}b", "a*".repeat(60)), &"a".repeat(128)));
    }

    /// The definition, which takes exponential time.
    fn matches_slowly(pattern: &[char], name: &[char]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => {
                matches_slowly(rest, name)
                    || name
                        .split_first()
                        .is_some_and(|(_, shorter)| matches_slowly(pattern, shorter))
            }
            (Some((expected, rest)), Some((first, shorter))) => {
                (*expected == '?' || expected == first) && matches_slowly(rest, shorter)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matching_equals_its_definition(pattern in "[ab?*]{1,8}", name in "[ab]{0,8}") {
            let (letters, read): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
            prop_assert_eq!(matches(&pattern, &name), matches_slowly(&letters, &read));
        }
    }
}

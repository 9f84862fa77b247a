//! Display of untrusted text.

use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

/// A character of an untrusted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Character {
    Plain(char),
    /// Would be invisible, or change how others are displayed: shown by its code point (S32).
    Hidden(char),
}

/// The characters of a text, with deceptive ones marked: control characters, direction overrides,
/// zero-width characters, tags and stray variation selectors. Letters of all scripts, combining
/// marks and emoji are plain, and so are tabs and line breaks (`\r\n` is one `\n`).
///
/// Does not escape HTML; templates do.
pub fn characters(text: &str) -> impl Iterator<Item = Character> {
    let mut chars = text.chars().peekable();
    let mut before = None;
    std::iter::from_fn(move || {
        let mut c = chars.next()?;
        if c == '\r' && chars.peek() == Some(&'\n') {
            c = chars.next()?;
        }
        let plain = match c {
            '\n' | '\t' => true,
            // Joins the parts of an emoji.
            '\u{200d}' => {
                before.is_some_and(is_pictogram)
                    && chars
                        .peek()
                        .is_some_and(|&c| c != '\u{fe0f}' && is_pictogram(c))
            }
            // Selects the colored form of an emoji.
            '\u{fe0f}' => before.is_some_and(is_pictogram) || chars.peek() == Some(&'\u{20e3}'),
            _ => !is_hidden(c),
        };
        before = plain.then_some(c);
        Some(if plain {
            Character::Plain(c)
        } else {
            Character::Hidden(c)
        })
    })
}

/// Whether a character is invisible, or changes how others are displayed.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0f}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}'
        )
}

/// Whether the character is an emoji, or part of one.
fn is_pictogram(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{a9}' | '\u{ae}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// The first characters of a text, at most `most`, and whether it was truncated. Does not split a
/// grapheme cluster, except for one that is longer than `most`, so the bound always holds.
#[must_use]
pub fn truncate(text: &str, most: usize) -> (&str, bool) {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return (text, false);
    };
    // The cluster at the bound has to be complete, but not the text after it, which can have a
    // mebibyte.
    let (window, _) = text
        .char_indices()
        .nth(most.saturating_add(MAX_GRAPHEME_OVERRUN_CHARS))
        .unwrap_or((text.len(), ' '));
    let clusters = text[..window]
        .grapheme_indices(true)
        .map(|(start, _)| start)
        .take_while(|&start| start <= end);
    let boundary = clusters.last().filter(|&start| start > 0).unwrap_or(end);
    (&text[..boundary], true)
}

/// The number of characters that a grapheme cluster may extend beyond the bound.
const MAX_GRAPHEME_OVERRUN_CHARS: usize = 64;

const MAX_LINK_BYTES: usize = 2_048;

/// A text that may be rendered as a link (S31): an absolute `http` or `https` URL without
/// credentials, control or hidden characters, spaces, or backslashes, which browsers read as
/// slashes. Other text is rendered as text.
#[must_use]
pub fn safe_link(text: &str) -> Option<&str> {
    let suspicious =
        |c: char| is_hidden(c) || c.is_whitespace() || matches!(c, '\\' | '"' | '<' | '>' | '`');
    if text.len() > MAX_LINK_BYTES || text.contains(suspicious) {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let lawful = (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && !rest.starts_with('/');
    let url = Url::parse(text).ok().filter(|_| lawful)?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && !rest.split(['/', '?', '#']).next()?.contains('@');
    (bare && url.has_host()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str) -> String {
        characters(text)
            .filter_map(|character| {
                if let Character::Plain(c) = character {
                    Some(c)
                } else {
                    None
                }
            })
            .collect()
    }

    /// S32: no character is hidden or changes the direction of text.
    #[test]
    fn hidden_and_reordering_characters_are_shown() {
        for hidden in [
            '\0',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{200e}',
            '\u{200f}',
            '\u{61c}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{feff}',
            '\u{ad}',
            '\u{e0041}',
            '\u{2028}',
            '\u{2029}',
            '\u{2060}',
            '\r',
            '\u{3164}',
            '\u{2800}',
            '\u{fe0f}',
        ] {
            let text = format!("a{hidden}b");
            let shown: Vec<Character> = characters(&text).collect();
            assert_eq!(
                shown,
                [
                    Character::Plain('a'),
                    Character::Hidden(hidden),
                    Character::Plain('b')
                ]
            );
        }
    }

    #[test]
    fn line_breaks_become_line_feeds() {
        assert_eq!(plain("a\r\n\tb"), "a\n\tb");
        assert_eq!(
            characters("\r").collect::<Vec<_>>(),
            [Character::Hidden('\r')]
        );
    }

    #[test]
    fn text_of_all_scripts_is_unchanged() {
        for text in [
            "naïve",
            "e\u{301}",
            "镜像仓库",
            "صورة",
            "תמונה",
            "हिन्दी",
            "👩‍🚀 🇩🇪 ❤️ 👍🏽 1️⃣ ©️",
            "a<b>&\"'",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn truncation_never_splits_a_grapheme_cluster() {
        assert_eq!(truncate("abc", 3), ("abc", false));
        assert_eq!(truncate("abcd", 3), ("abc", true));
        assert_eq!(truncate("abe\u{301}d", 3), ("ab", true));
        assert_eq!(truncate("a👩‍🚀b", 3), ("a", true));
        assert_eq!(truncate("🇩🇪🇫🇷", 3), ("🇩🇪", true));
        assert_eq!(truncate("e\u{301}\u{301}\u{301}", 2), ("e\u{301}", true));
        assert_eq!(truncate("abc", 0), ("", true));
        assert_eq!(truncate("", 0), ("", false));
        assert_eq!(truncate("x", usize::MAX), ("x", false));
    }

    /// S31
    #[test]
    fn only_http_urls_become_links() {
        for good in [
            "https://git.example.com/api-3",
            "http://a.example:8080/?q=1#x",
            "HTTPS://A.EXAMPLE",
            "https://例え.jp/",
            "https://a.example/@user",
        ] {
            assert_eq!(safe_link(good), Some(good));
        }
        for bad in [
            "",
            "javascript:alert(1)",
            "javascript://a.example/%0aalert(1)",
            "data:text/html,x",
            "ftp://a.example",
            "//a.example",
            "/a",
            "https:a.example",
            "https:/a.example",
            "https:///a.example",
            "https://",
            "https://user@a.example",
            "https://user:pass@a.example",
            "https://@a.example",
            "https://a.example\\@evil.example",
            " https://a.example",
            "https://a.example/\n",
            "https://a.example/\u{202e}gpj",
            "java\tscript://a.example",
            "https://a.example/\"onclick=",
        ] {
            assert_eq!(safe_link(bad), None, "{bad:?}");
        }
        assert_eq!(
            safe_link(&format!("https://a.example/{}", "x".repeat(3_000))),
            None
        );
    }

    proptest! {
        #[test]
        fn visible_text_has_no_hidden_character(text in any::<String>()) {
            let plain = plain(&text);
            let hidden = plain.chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\t' | '\u{200d}' | '\u{fe0f}'));
            prop_assert!(!hidden, "{plain:?}");
            let breaks = text.matches("\r\n").count();
            prop_assert_eq!(characters(&text).count() + breaks, text.chars().count());
        }

        #[test]
        fn truncation_returns_a_bounded_prefix(text in "(\\PC|e\u{301}|\u{200d}|🇩🇪|👩‍🚀){0,30}", most in 0_usize..40) {
            let (head, more) = truncate(&text, most);
            prop_assert!(text.starts_with(head) && head.chars().count() <= most);
            prop_assert_eq!(more, head.len() < text.len());
        }

        #[test]
        fn safe_link_equals_the_browsers_url(text in "(https?:|[/\\\\@:?#]|[a-z.]{1,6}|\\PC){0,12}") {
            if let Some(link) = safe_link(&text) {
                let url = Url::parse(link).unwrap();
                prop_assert!(matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none());
            }
        }
    }
}

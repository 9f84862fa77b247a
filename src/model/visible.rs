//! Texts that somebody else wrote, made safe to look at.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

/// Shows a text with every character visible that would hide or reorder something: controls, direction overrides, characters of no
/// width and tags read `\u{202e}` (S32). Letters of all scripts, combining marks and emoji stay as they are.
///
/// Escapes nothing for HTML: that is the template's.
#[derive(Clone, Copy, Debug)]
pub struct Visible<'a> {
    text: &'a str,
    lines: bool,
}

impl<'a> Visible<'a> {
    /// A text of one line: a line break is visible as well.
    #[must_use]
    pub fn line(text: &'a str) -> Self {
        Self { text, lines: false }
    }

    /// A text that may have lines and tabs. A carriage return is visible unless it is part of a line break.
    #[must_use]
    pub fn lines(text: &'a str) -> Self {
        Self { text, lines: true }
    }
}

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.text.chars().peekable();
        let mut before = None;
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            let allowed = match c {
                '\n' | '\t' => self.lines,
                '\r' => self.lines && next == Some('\n'),
                // Joins the parts of one emoji, and letters of Indic and Arabic scripts.
                '\u{200d}' => before.is_some_and(is_joined) && next.is_some_and(is_joined),
                _ => !is_hidden(c),
            };
            if allowed {
                fmt::Write::write_char(f, c)?
            } else {
                write!(f, "{}", c.escape_unicode())?
            }
            before = Some(c);
        }
        Ok(())
    }
}

/// Whether a character shows nothing, or changes how others show.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0e}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}'
        )
}

/// Whether a zero-width joiner next to this character does what it is for: parts of an emoji.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// The head of a text, at most `most` characters, and whether anything was cut off. Never cuts inside what a reader takes for one
/// character (a grapheme cluster); a single cluster longer than `most` is cut where it must be, so the bound always holds.
#[must_use]
pub fn cut(text: &str, most: usize) -> (&str, bool) {
    let Some((end, _)) = text.char_indices().nth(most) else { return (text, false) };
    // The cluster that holds the bound must be seen whole, but not what comes after: text may be a mebibyte long.
    let (window, _) = text.char_indices().nth(most.saturating_add(LONGEST_CLUSTER)).unwrap_or((text.len(), ' '));
    let clusters = text[..window].grapheme_indices(true).map(|(start, _)| start).take_while(|&start| start <= end);
    let boundary = clusters.last().filter(|&start| start > 0).unwrap_or(end);
    (&text[..boundary], true)
}

/// How many characters a grapheme cluster may reach beyond the bound before it counts as abuse.
const LONGEST_CLUSTER: usize = 64;

/// The longest link.
const LONGEST_LINK: usize = 2_048;

/// A text that may be shown as a link (S31): an absolute `http` or `https` URL without credentials, control or hidden characters, spaces, or
/// backslashes, which browsers read as slashes. Anything else is shown as text.
#[must_use]
pub fn safe_link(text: &str) -> Option<&str> {
    let suspicious = |c: char| is_hidden(c) || c.is_whitespace() || matches!(c, '\\' | '"' | '<' | '>' | '`');
    if text.len() > LONGEST_LINK || text.contains(suspicious) {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let lawful = (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) && !rest.starts_with('/');
    let url = Url::parse(text).ok().filter(|_| lawful)?;
    let bare = url.username().is_empty() && url.password().is_none() && !rest.split(['/', '?', '#']).next()?.contains('@');
    (bare && url.has_host()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// S32: nothing hides and nothing turns round.
    #[test]
    fn what_hides_or_reorders_is_visible() {
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
        ] {
            let shown = Visible::lines(&format!("a{hidden}b")).to_string();
            assert_eq!(shown, format!("a\\u{{{:x}}}b", u32::from(hidden)));
        }
    }

    #[test]
    fn lines_and_tabs_are_shown_only_where_asked_for() {
        assert_eq!(Visible::line("a\n\tb").to_string(), "a\\u{a}\\u{9}b");
        assert_eq!(Visible::lines("a\r\n\tb\rc").to_string(), "a\r\n\tb\\u{d}c");
    }

    #[test]
    fn writing_of_all_peoples_stays_as_it_is() {
        for text in ["naïve", "e\u{301}", "镜像仓库", "صورة", "תמונה", "हिन्दी", "👩‍🚀 🇩🇪 ❤️ 👍🏽", "a<b>&\"'"]
        {
            assert_eq!(Visible::line(text).to_string(), text);
        }
    }

    #[test]
    fn a_cut_never_splits_what_a_reader_takes_for_one_character() {
        assert_eq!(cut("abc", 3), ("abc", false));
        assert_eq!(cut("abcd", 3), ("abc", true));
        assert_eq!(cut("abe\u{301}d", 3), ("ab", true));
        assert_eq!(cut("a👩‍🚀b", 3), ("a", true));
        assert_eq!(cut("🇩🇪🇫🇷", 3), ("🇩🇪", true));
        assert_eq!(cut("e\u{301}\u{301}\u{301}", 2), ("e\u{301}", true));
        assert_eq!(cut("abc", 0), ("", true));
        assert_eq!(cut("", 0), ("", false));
        assert_eq!(cut("x", usize::MAX), ("x", false));
    }

    /// S31
    #[test]
    fn only_plain_web_addresses_become_links() {
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
        assert_eq!(safe_link(&format!("https://a.example/{}", "x".repeat(3_000))), None);
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_in_any_text(text in any::<String>()) {
            let shown = Visible::line(&text).to_string();
            let hidden = shown.chars().any(|c| c != '\u{200d}' && is_hidden(c));
            prop_assert!(!hidden);
            prop_assert_eq!(Visible::line(&shown).to_string(), shown);
        }

        #[test]
        fn a_cut_is_a_head_of_the_text_and_holds_its_bound(text in "(\\PC|e\u{301}|\u{200d}|🇩🇪|👩‍🚀){0,30}", most in 0_usize..40) {
            let (head, more) = cut(&text, most);
            prop_assert!(text.starts_with(head) && head.chars().count() <= most);
            prop_assert_eq!(more, head.len() < text.len());
        }

        #[test]
        fn a_safe_link_is_what_a_browser_would_follow(text in "(https?:|[/\\\\@:?#]|[a-z.]{1,6}|\\PC){0,12}") {
            if let Some(link) = safe_link(&text) {
                let url = Url::parse(link).unwrap();
                prop_assert!(matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none());
            }
        }
    }
}

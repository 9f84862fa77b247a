//! Filters of the templates: how untrusted text is shown.
//!
//! A label, a tag's source or an error text can contain anything. Pages show control, bidirectional
//! and invisible characters as codes (S32), so that no text can look like another one;
//! `components/untrusted.html` isolates and cuts it.

use std::fmt::{self, Display, Write as _};

use askama::filters::Safe;

use registry_model::safe_text::{self, Character};

/// How many digits of a digest are shown.
const SHOWN_DIGITS: usize = 12;

/// Escapes text for HTML, with every deceptive character as a code, as in `U+202E`. Line feeds and
/// tabs stay.
#[askama::filter_fn]
pub fn visible(text: impl Display, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    let text = text.to_string();
    let mut html = String::with_capacity(text.len());
    write_visible(&text, &mut html)?;
    Ok(Safe(html))
}

/// The same without markup, for the title of a page.
#[askama::filter_fn]
pub fn visible_plain(text: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
    let text = text.to_string();
    let mut plain = String::with_capacity(text.len());
    for character in safe_text::characters(&text) {
        match character {
            Character::Plain(character) => plain.push(character),
            Character::Hidden(hidden) => write!(plain, "U+{:04X}", u32::from(hidden))?,
        }
    }
    Ok(plain)
}

/// The first `most` characters of a longer text.
#[askama::filter_fn]
pub fn first_characters(
    text: impl Display,
    _: &dyn askama::Values,
    most: usize,
) -> askama::Result<Option<String>> {
    let text = text.to_string();
    let (head, more) = safe_text::truncate(&text, most);
    Ok(more.then(|| head.to_owned()))
}

/// The number of characters of a text.
#[askama::filter_fn]
pub fn character_count(text: impl Display, _: &dyn askama::Values) -> askama::Result<usize> {
    Ok(text.to_string().chars().count())
}

/// The source of a tag of `stream` without the name of that image stream: `1.0` for `app:1.0`, and
/// `sha256:…` for `app@sha256:…`.
pub(crate) fn own_source<'t>(source: &'t str, stream: &impl Display) -> &'t str {
    let own = source.strip_prefix(&*stream.to_string());
    own.and_then(|rest| rest.strip_prefix([':', '@']))
        .unwrap_or(source)
}

/// The tag of a signature or another attachment, `sha256-<digest>.<kind>`, with its digest cut to
/// the digits that are shown elsewhere.
#[askama::filter_fn]
pub fn short_attachment(text: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
    let text = text.to_string();
    let digits = text
        .strip_prefix("sha256-")
        .and_then(|rest| rest.split_once('.'))
        .filter(|(digits, _)| digits.len() == 64 && digits.is_ascii());
    Ok(match digits {
        Some((digits, kind)) => format!("sha256-{}….{kind}", &digits[..SHOWN_DIGITS]),
        None => text,
    })
}

/// The longest part of [`breakable`] text that no column breaks, in characters.
const MAX_UNBROKEN: usize = 32;

/// Text of code, such as a pull spec or a media type, that a narrow column breaks after a separator
/// instead of within a word. Parts without a separator that are longer than [`MAX_UNBROKEN`] are
/// broken too, so that no text makes its column wider than the page.
#[askama::filter_fn]
pub fn breakable(text: impl Display, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    let mut html = String::new();
    write_breakable_parts(&text.to_string(), &mut html)?;
    Ok(Safe(html))
}

fn write_breakable_parts(text: &str, html: &mut String) -> fmt::Result {
    let mut unbroken = 0;
    let mut start = 0;
    for (at, character) in text.char_indices() {
        if unbroken == MAX_UNBROKEN {
            write_breakable(&text[start..at], html)?;
            html.push_str("<wbr>");
            (start, unbroken) = (at, 0);
        }
        unbroken = if matches!(character, '/' | ':' | '@') {
            0
        } else {
            unbroken + 1
        };
    }
    write_breakable(&text[start..], html)
}

/// A command of one line, which is broken between its arguments. Only an argument that is longer
/// than the line is broken itself, after a separator. The text is the command, to be selected and
/// copied.
#[askama::filter_fn]
pub fn command_line(text: impl Display, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    let mut html = String::new();
    write_command_line(&text.to_string(), &mut html)?;
    Ok(Safe(html))
}

fn write_command_line(line: &str, html: &mut String) -> fmt::Result {
    for (position, argument) in arguments(line).into_iter().enumerate() {
        if position > 0 {
            html.push(' ');
        }
        // A browser breaks lines at no other character that commands have.
        if argument.contains(['-', '/', ':', '@', '?', ' ']) {
            html.push_str("<span>");
            write_breakable(argument, html)?;
            html.push_str("</span>");
        } else {
            write_visible(argument, html)?;
        }
    }
    Ok(())
}

/// The arguments of a command as they are written, with their quotes.
fn arguments(line: &str) -> Vec<&str> {
    let mut arguments = Vec::new();
    let (mut start, mut quote, mut is_escaped) = (0, None, false);
    for (at, character) in line.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if quote != Some('\'') => is_escaped = true,
            '\'' | '"' if quote == Some(character) => quote = None,
            '\'' | '"' if quote.is_none() => quote = Some(character),
            ' ' if quote.is_none() => {
                arguments.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    arguments.push(&line[start..]);
    arguments
}

fn write_breakable(text: &str, html: &mut String) -> fmt::Result {
    for part in text.split_inclusive(['/', ':', '@']) {
        write_visible(part, html)?;
        if part.ends_with(['/', ':', '@']) {
            html.push_str("<wbr>");
        }
    }
    Ok(())
}

/// A text with its digests cut to their first twelve hexadecimal digits, as elsewhere on pages.
#[askama::filter_fn]
pub fn short_digests(text: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(shorten_digests(&text.to_string()))
}

fn shorten_digests(text: &str) -> String {
    const ALGORITHM: &str = "sha256:";
    let mut pieces = text.split(ALGORITHM);
    let mut short = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits == 64 {
            short.push_str(&piece[..SHOWN_DIGITS]);
            short.push_str(&piece[digits..]);
        } else {
            short.push_str(ALGORITHM);
            short.push_str(piece);
        }
    }
    short
}

fn write_visible(text: &str, html: &mut String) -> fmt::Result {
    for character in safe_text::characters(text) {
        match character {
            Character::Plain('&') => html.push_str("&amp;"),
            Character::Plain('<') => html.push_str("&lt;"),
            Character::Plain('>') => html.push_str("&gt;"),
            Character::Plain('"') => html.push_str("&quot;"),
            Character::Plain('\'') => html.push_str("&#39;"),
            Character::Plain(plain) => html.push(plain),
            Character::Hidden(hidden) => write!(
                html,
                "<span class=\"rc-code-point\">U+{:04X}</span>",
                u32::from(hidden)
            )?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn html(text: &str) -> String {
        let mut html = String::new();
        write_visible(text, &mut html).unwrap();
        html
    }

    // S30
    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            html(r#""><img src='x'>&amp;"#),
            "&quot;&gt;&lt;img src=&#39;x&#39;&gt;&amp;amp;"
        );
    }

    // S32
    #[test]
    fn deceptive_characters_become_code_points() {
        assert_eq!(
            html("a\u{202e}b"),
            "a<span class=\"rc-code-point\">U+202E</span>b"
        );
        assert_eq!(
            html("\u{200b}\u{7}\r"),
            ["U+200B", "U+0007", "U+000D"]
                .map(|code| format!("<span class=\"rc-code-point\">{code}</span>"))
                .concat()
        );
        assert_eq!(html("two\r\nlines\tand 中文 é"), "two\nlines\tand 中文 é");
    }

    #[test]
    fn commands_are_broken_between_their_arguments() {
        for line in [
            r#"oc patch is/app -p '{"spec": {}}' --type=merge"#,
            r"oc annotate is app 'note=it'\''s here' --overwrite",
            r#"echo "a \" b" && oc get is"#,
            "oc  get",
        ] {
            assert_eq!(arguments(line).join(" "), line);
        }
        let patch = r#"oc patch is/app -p '{"spec": {}}' --type=merge"#;
        assert_eq!(
            arguments(patch),
            [
                "oc",
                "patch",
                "is/app",
                "-p",
                r#"'{"spec": {}}'"#,
                "--type=merge"
            ]
        );
        let mut html = String::new();
        write_command_line(
            "oc adm prune images --keep-tag-revisions=3 is/app",
            &mut html,
        )
        .unwrap();
        assert_eq!(
            html,
            "oc adm prune images <span>--keep-tag-revisions=3</span> <span>is/<wbr>app</span>"
        );
    }

    #[test]
    fn pull_specs_are_broken_after_separators_and_in_long_parts() {
        let broken = |text: &str| {
            let mut html = String::new();
            write_breakable_parts(text, &mut html).unwrap();
            html
        };
        assert_eq!(
            broken("quay.io:443/team/app@sha256:0123"),
            "quay.io:<wbr>443/<wbr>team/<wbr>app@<wbr>sha256:<wbr>0123"
        );
        assert_eq!(
            broken("<b>/\u{202e}"),
            format!("{}<wbr>{}", html("<b>/"), html("\u{202e}"))
        );
        let long = "é".repeat(2 * MAX_UNBROKEN + 1);
        assert_eq!(broken(&long).matches("<wbr>").count(), 2);
        assert_eq!(broken(&long).replace("<wbr>", ""), long);
    }

    #[test]
    fn only_whole_digests_are_shortened() {
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(
            shorten_digests(&format!("storefront@sha256:{digest}")),
            "storefront@0123456789ab"
        );
        for text in ["storefront:latest", "a@sha256:0123", "sha256:", ""] {
            assert_eq!(shorten_digests(text), text);
        }
    }

    #[test]
    fn own_image_stream_is_left_out_of_a_source() {
        for (source, shown) in [
            ("app:1.0", "1.0"),
            ("app@sha256:00", "sha256:00"),
            ("app-2:1.0", "app-2:1.0"),
            ("team/app:1.0", "team/app:1.0"),
            ("1.0", "1.0"),
            ("quay.io/app:1.0", "quay.io/app:1.0"),
        ] {
            assert_eq!(own_source(source, &"app"), shown, "{source}");
        }
    }

    proptest! {
        #[test]
        fn filtered_text_has_no_element_or_control_character(text in any::<String>()) {
            let html = html(&text);
            prop_assert_eq!(html.matches('<').count(), 2 * html.matches("<span class=\"rc-code-point\">").count());
            prop_assert!(safe_text::characters(&html).all(|character| matches!(character, Character::Plain(_))));
        }
    }
}

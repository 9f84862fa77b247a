//! A document as it is kept, laid out for reading.

use serde::Serialize;

use crate::app::bounds::shown_head;
use crate::app::shell_command::ShellCommand;

/// What is longer than this is cut: a page is for reading. [`Raw::command`] prints the whole.
const LONGEST: usize = 64 * 1024;

/// The bytes that the text may take where it is shown: quotes and hidden characters take several.
const LONGEST_SHOWN: usize = 80 * 1024;

/// What is nested deeper is not moved further to the right: else a document of nothing but brackets
/// would take the square of its size (S37).
const DEEPEST: usize = 64;

/// A JSON document of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Raw {
    /// Its text, indented, with its keys in their own order. Untrusted.
    pub text: String,
    /// How many bytes the registry keeps.
    pub bytes: usize,
    /// Whether the text was cut.
    pub cut: bool,
    /// The command that prints the whole document.
    pub command: ShellCommand,
}

impl Raw {
    /// Lays out `content`, which `command` prints whole; what is no JSON is shown as it is, where
    /// it is text.
    pub(super) fn of(content: &[u8], command: ShellCommand) -> Self {
        let whole = String::from_utf8_lossy(content);
        let pretty = serde_json::from_str::<&serde_json::value::RawValue>(&whole)
            .ok()
            .map(|json| indented(json.get()));
        let mut text =
            pretty.unwrap_or_else(|| whole[..whole.floor_char_boundary(LONGEST + 4)].to_owned());
        let end = shown_head(&text[..text.floor_char_boundary(LONGEST)], LONGEST_SHOWN);
        let cut = end < text.len();
        text.truncate(end);
        text.shrink_to_fit();
        Self {
            text,
            bytes: content.len(),
            cut,
            command,
        }
    }
}

/// Indents without reading: the order of keys, doubled keys and numbers stay as they are. `json` is
/// known to be well-formed. Stops soon after the part that is shown.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len().min(LONGEST) * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if out.len() > LONGEST {
            break;
        }
        if in_string {
            out.push(c);
            (in_string, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.peek().is_some_and(|c| c.is_ascii_whitespace()) {
                    chars.next();
                }
                if let Some(close) = chars.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw_of(content: &[u8]) -> Raw {
        Raw::of(content, ShellCommand::new("skopeo inspect --raw"))
    }

    #[test]
    fn a_document_is_indented_with_its_keys_in_their_own_order() {
        let raw = raw_of(br#"{"b":[1,{ }],"a":"x, {y}: \"z\"","n":1.0e5}"#);
        assert_eq!(
            raw.text,
            "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": \"x, {y}: \\\"z\\\"\",\n  \"n\": 1.0e5\n}"
        );
        assert!(!raw.cut);
    }

    #[test]
    fn what_is_no_json_is_shown_as_it_is_and_what_is_long_is_cut() {
        assert_eq!(raw_of(b"404 page not found").text, "404 page not found");
        let long = raw_of("é".repeat(LONGEST).as_bytes());
        assert!(long.cut && long.text.len() <= LONGEST);
        assert_eq!(long.bytes, 2 * LONGEST);
        let quotes = raw_of("\"".repeat(LONGEST).as_bytes());
        assert!(
            quotes.cut && quotes.text.len() * "&quot;".len() <= LONGEST_SHOWN,
            "{} quotes",
            quotes.text.len()
        );
    }

    // S37
    #[test]
    fn a_document_of_brackets_alone_costs_no_more_than_what_is_shown_of_it() {
        let depth = 1 << 20;
        let raw = raw_of(["[".repeat(depth), "]".repeat(depth)].concat().as_bytes());
        assert!(raw.cut && raw.text.len() <= LONGEST);
        assert_eq!(raw.bytes, 2 * depth);
    }
}

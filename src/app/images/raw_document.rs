//! A document as the registry stores it, indented for reading.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::bounds::display_truncation_point;
use crate::app::shell_command::ShellCommand;

/// Longer documents are cut: a page is for reading. [`RawDocument::command`] prints the whole
/// document.
const MAX_DOCUMENT_BYTES: usize = 64 * 1024;

/// The bytes that the text may take where it is shown: quotes and hidden characters take several.
const MAX_DISPLAY_BYTES: usize = 80 * 1024;

/// Deeper levels are not indented further: otherwise a document of nothing but brackets would take
/// the square of its size (S37).
const MAX_INDENT_DEPTH: usize = 64;

/// A JSON document of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RawDocument {
    /// Its text, indented, with its keys in the original order. Untrusted.
    pub text: String,
    /// The size of the document in the registry.
    pub bytes: usize,
    /// Whether the text was cut.
    pub cut: bool,
    /// The command that prints the whole document.
    pub command: ShellCommand,
}

impl RawDocument {
    /// Indents `content`, which `command` prints unchanged. Text that is not JSON is shown as it
    /// is.
    pub(super) fn from_bytes(content: &[u8], command: ShellCommand) -> Self {
        let whole = String::from_utf8_lossy(content);
        let pretty = serde_json::from_str::<&serde_json::value::RawValue>(&whole)
            .ok()
            .map(|json| indent_json(json.get()));
        let mut text = pretty.unwrap_or_else(|| {
            whole[..whole.floor_char_boundary(MAX_DOCUMENT_BYTES + 4)].to_owned()
        });
        let end = display_truncation_point(
            &text[..text.floor_char_boundary(MAX_DOCUMENT_BYTES)],
            MAX_DISPLAY_BYTES,
        );
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

/// Indents without parsing: the order of keys, duplicate keys and numbers stay as they are. `json`
/// is known to be well-formed. Stops soon after the part that is shown.
fn indent_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len().min(MAX_DOCUMENT_BYTES) * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if out.len() > MAX_DOCUMENT_BYTES {
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
                    push_line_break(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                push_line_break(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                push_line_break(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn push_line_break(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(MAX_INDENT_DEPTH)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw_of(content: &[u8]) -> RawDocument {
        RawDocument::from_bytes(content, ShellCommand::new("skopeo inspect --raw"))
    }

    #[test]
    fn indented_document_keeps_key_order() {
        let raw = raw_of(br#"{"b":[1,{ }],"a":"x, {y}: \"z\"","n":1.0e5}"#);
        assert_eq!(
            raw.text,
            "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": \"x, {y}: \\\"z\\\"\",\n  \"n\": 1.0e5\n}"
        );
        assert!(!raw.cut);
    }

    #[test]
    fn non_json_is_shown_verbatim_and_long_text_is_truncated() {
        assert_eq!(raw_of(b"404 page not found").text, "404 page not found");
        let long = raw_of("é".repeat(MAX_DOCUMENT_BYTES).as_bytes());
        assert!(long.cut && long.text.len() <= MAX_DOCUMENT_BYTES);
        assert_eq!(long.bytes, 2 * MAX_DOCUMENT_BYTES);
        let quotes = raw_of("\"".repeat(MAX_DOCUMENT_BYTES).as_bytes());
        assert!(
            quotes.cut && quotes.text.len() * "&quot;".len() <= MAX_DISPLAY_BYTES,
            "{} quotes",
            quotes.text.len()
        );
    }

    // S37
    #[test]
    fn deeply_nested_document_uses_bounded_memory() {
        let depth = 1 << 20;
        let raw = raw_of(["[".repeat(depth), "]".repeat(depth)].concat().as_bytes());
        assert!(raw.cut && raw.text.len() <= MAX_DOCUMENT_BYTES);
        assert_eq!(raw.bytes, 2 * depth);
    }
}

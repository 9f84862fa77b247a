//! A value of a log event, cut and escaped.

use std::fmt::{self, Write};

/// The most characters of one value.
const MAX_VALUE_CHARS: usize = 1024;

/// Collects text up to a limit, so that a megabyte is never formatted in full.
#[derive(Default)]
pub(super) struct LogValue {
    text: String,
    chars: usize,
}

impl LogValue {
    pub(super) fn from_display(text: impl fmt::Display) -> Self {
        let mut value = Self::default();
        // Fails only if it was cut, which the text shows.
        let _ = write!(value, "{text}");
        value
    }

    /// The form in a line of text.
    pub(super) fn to_escaped(&self) -> String {
        escape_line(&self.text)
    }

    /// The form after `key=`: in quotes if its end would not be visible otherwise.
    pub(super) fn to_quoted(&self) -> String {
        let plain =
            |character: char| character.is_alphanumeric() || "-_.:/@%+,;~…".contains(character);
        if !self.text.is_empty() && self.text.chars().all(plain) {
            return self.text.clone();
        }
        format!(
            "\"{}\"",
            escape_line(&self.text.replace('\\', "\\\\").replace('"', "\\\""))
        )
    }

    /// As a JSON string.
    pub(super) fn to_json(&self) -> String {
        let json = serde_json::to_string(&self.text).expect("text is always JSON");
        json.chars()
            .fold(String::with_capacity(json.len()), |mut line, character| {
                if is_printable(character) {
                    line.push(character);
                } else {
                    // All of them are in the basic plane, where one \u is enough. Writing to a
                    // `String` cannot fail.
                    let _ = write!(line, "\\u{:04x}", u32::from(character));
                }
                line
            })
    }
}

impl Write for LogValue {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.chars == MAX_VALUE_CHARS {
                self.text.push('…');
                return Err(fmt::Error);
            }
            self.text.push(character);
            self.chars += 1;
        }
        Ok(())
    }
}

fn escape_line(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut line, character| {
            match character {
                '\n' => line.push_str("\\n"),
                '\r' => line.push_str("\\r"),
                harmless if is_printable(harmless) => line.push(harmless),
                other => line.extend(other.escape_unicode()),
            }
            line
        })
}

/// No control character, no line break, and no character that is invisible or changes the direction
/// of text.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

//! One value, made harmless.

use std::fmt::{self, Write};

/// The most characters of one value.
const MAX_VALUE_CHARS: usize = 1024;

/// Collects text up to a limit, so that a megabyte is never written down in full.
#[derive(Default)]
pub(super) struct LogValue {
    text: String,
    chars: usize,
}

impl LogValue {
    pub(super) fn from_display(text: impl fmt::Display) -> Self {
        let mut value = Self::default();
        // Fails only where it was cut, which the text shows.
        let _ = write!(value, "{text}");
        value
    }

    /// As it stands in a line for people.
    pub(super) fn to_escaped(&self) -> String {
        escape_line(&self.text)
    }

    /// As it stands behind `key=`: in quotes where its end would not be seen.
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
                    // All of them are in the basic plane, where one \u is enough; a String takes
                    // everything.
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

/// No control character, no end of line, nothing that turns the direction of writing or is not
/// seen.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

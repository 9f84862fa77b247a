//! What is wrong with a typed name, in a sentence.

use crate::i18n::{Lang, Message};

/// The most characters of a tag, an image stream and a project (`registry_model::name`).
const MAX_TAG_CHARS: usize = 128;
const MAX_STREAM_CHARS: usize = 253;
const MAX_PROJECT_CHARS: usize = 63;

/// What is wrong with the name of a tag that could not be parsed.
pub(in crate::web) fn tag_name_error(typed: &str, lang: Lang) -> Message {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if typed.is_empty() {
        lang.msg("tag-name-missing")
    } else if typed.starts_with('-') {
        lang.msg("tag-name-hyphen")
    } else if typed.starts_with('.') {
        lang.msg("tag-name-period")
    } else if let Some(wrong) = typed.chars().find(|c| !is_allowed(*c)) {
        character_error(wrong, lang)
    } else {
        length_error(typed, MAX_TAG_CHARS, lang)
    }
}

/// The same for the name of an image stream.
pub(in crate::web) fn stream_name_error(typed: &str, lang: Lang) -> Message {
    let is_allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-');
    if typed.is_empty() {
        lang.msg("stream-name-missing")
    } else if let Some(error) = lowercase_error(typed, is_allowed, lang) {
        error
    } else if typed.chars().count() > MAX_STREAM_CHARS {
        length_error(typed, MAX_STREAM_CHARS, lang)
    } else {
        lang.msg("stream-name-separators")
    }
}

/// The same for the name of a project.
pub(in crate::web) fn project_name_error(typed: &str, lang: Lang) -> Message {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if typed.is_empty() {
        lang.msg("project-name-missing")
    } else if let Some(error) = lowercase_error(typed, is_allowed, lang) {
        error
    } else {
        length_error(typed, MAX_PROJECT_CHARS, lang)
    }
}

/// What is wrong with the characters of a name of lower-case letters, digits and separators.
fn lowercase_error(typed: &str, is_allowed: impl Fn(char) -> bool, lang: Lang) -> Option<Message> {
    let is_separator = |c: char| !c.is_ascii_alphanumeric();
    if typed.contains(|c: char| c.is_ascii_uppercase()) {
        Some(lang.msg("name-uppercase"))
    } else if let Some(wrong) = typed.chars().find(|c| !is_allowed(*c)) {
        Some(character_error(wrong, lang))
    } else if typed.starts_with(is_separator) || typed.ends_with(is_separator) {
        Some(lang.msg("name-ends"))
    } else {
        None
    }
}

fn character_error(wrong: char, lang: Lang) -> Message {
    if wrong.is_whitespace() {
        lang.msg("name-space")
    } else {
        lang.msg("name-character")
            .arg("character", wrong.to_string())
    }
}

fn length_error(typed: &str, most: usize, lang: Lang) -> Message {
    lang.msg("name-length")
        .arg("most", most)
        .arg("count", typed.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::{ImageStreamName, ProjectName, TagName};

    #[test]
    fn error_is_the_fault_of_the_name() {
        let long = "x".repeat(129);
        for (typed, fault) in [
            ("", "Enter a tag."),
            ("-bad", "The tag can't start with a hyphen."),
            (".bad", "The tag can't start with a period."),
            ("a b", "The name can't contain spaces."),
            ("a/b", "The name can't contain “/”."),
            (
                long.as_str(),
                "The name has 129 characters. It can have no more than 128.",
            ),
        ] {
            assert!(typed.parse::<TagName>().is_err());
            assert_eq!(tag_name_error(typed, Lang::English).to_string(), fault);
        }
        for (typed, fault) in [
            ("", "Enter an image stream."),
            ("App", "The name can't contain uppercase letters."),
            ("a/b", "The name can't contain “/”."),
            (
                "app-",
                "The name must start and end with a lowercase letter or a digit.",
            ),
            (
                "a..b",
                "Separate letters and digits by a single period, hyphen, or underscore.",
            ),
        ] {
            assert!(typed.parse::<ImageStreamName>().is_err());
            assert_eq!(stream_name_error(typed, Lang::English).to_string(), fault);
        }
        for (typed, fault) in [
            ("", "Enter a project."),
            ("a.b", "The name can't contain “.”."),
            (
                "-a",
                "The name must start and end with a lowercase letter or a digit.",
            ),
        ] {
            assert!(typed.parse::<ProjectName>().is_err());
            assert_eq!(project_name_error(typed, Lang::English).to_string(), fault);
        }
    }
}

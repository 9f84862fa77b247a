//! What is wrong with a typed name, in a sentence.

use crate::i18n::{Lang, Message};

/// The most characters of a tag, an image stream and a project (`registry_model::name`).
const MAX_TAG_CHARS: usize = 128;
const MAX_STREAM_CHARS: usize = 253;
const MAX_PROJECT_CHARS: usize = 63;
/// The least that the API server accepts for a new project.
const MIN_PROJECT_CHARS: usize = 2;
/// The most characters of the name of a service account: names that are derived from it must be
/// valid as well.
pub(in crate::web) const MAX_SERVICE_ACCOUNT_CHARS: usize = 63;
/// The most bytes of the name of a user or a group (`is_valid_new_name`).
const MAX_USER_BYTES: usize = 253;

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
    } else if typed.chars().count() < MIN_PROJECT_CHARS {
        lang.msg("name-short").arg("least", MIN_PROJECT_CHARS)
    } else {
        length_error(typed, MAX_PROJECT_CHARS, lang)
    }
}

/// The same for the name of a service account.
pub(in crate::web) fn service_account_name_error(typed: &str, lang: Lang) -> Message {
    let is_allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    if typed.is_empty() {
        lang.msg("name-missing")
    } else if let Some(error) = lowercase_error(typed, is_allowed, lang) {
        error
    } else if typed.chars().count() > MAX_SERVICE_ACCOUNT_CHARS {
        length_error(typed, MAX_SERVICE_ACCOUNT_CHARS, lang)
    } else {
        lang.msg("name-parts")
    }
}

/// The same for the name of a new user or group.
pub(in crate::web) fn user_name_error(typed: &str, lang: Lang) -> Message {
    let is_allowed = |c: char| c.is_alphanumeric() || "- ,=@._:".contains(c);
    if typed.is_empty() {
        lang.msg("name-missing")
    } else if let Some(wrong) = typed.chars().find(|c| !is_allowed(*c)) {
        character_error(wrong, lang)
    } else if typed.len() > MAX_USER_BYTES {
        length_error(typed, MAX_USER_BYTES, lang)
    } else {
        lang.msg("user-name-ends")
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
    use crate::app::users::is_valid_new_name;
    use registry_model::{ImageStreamName, ProjectName, ServiceAccountName, TagName};

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
        let short = project_name_error("a", Lang::English).to_string();
        assert_eq!(short, "The name must have at least 2 characters.");
        for (typed, fault) in [
            ("", "Enter a name."),
            ("CI", "The name can't contain uppercase letters."),
            ("a_b", "The name can't contain “_”."),
            (
                "a.-b",
                "Each part between periods must start and end with a lowercase letter or a digit.",
            ),
        ] {
            assert!(typed.parse::<ServiceAccountName>().is_err());
            let error = service_account_name_error(typed, Lang::English);
            assert_eq!(error.to_string(), fault);
        }
        for (typed, fault) in [
            ("", "Enter a name."),
            ("a/b", "The name can't contain “/”."),
            (
                "-a",
                "The name must start with a letter, a digit, a period, or an underscore, and can't end with a space or “-,=@”.",
            ),
        ] {
            assert!(!is_valid_new_name(typed));
            assert_eq!(user_name_error(typed, Lang::English).to_string(), fault);
        }
    }
}

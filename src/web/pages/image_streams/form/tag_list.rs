//! A pasted list of tracking tags: names of tags of one repository, separated by spaces or commas,
//! on lines of their own or after the repository; or lines that contain a tag and its own source.

use std::collections::BTreeSet;

use crate::app::image_streams::TrackingTag;
use crate::i18n::{Lang, Message};
use crate::web::pages::image_streams::form::rows::{SEPARATORS, invalid_tag_in_list};
use registry_model::pull_spec::PullSpec;
use registry_model::{ImportMode, TagName};

/// How many errors the form displays.
const MAX_ERRORS_SHOWN: usize = 5;

const IMPORT_MODES: [ImportMode; 2] = [ImportMode::Legacy, ImportMode::PreserveOriginal];

/// An error in a list of tags. The texts are as typed: untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TagListError {
    Empty,
    /// Not a valid tag name.
    InvalidName(String),
    /// Not a valid pull spec.
    InvalidSource(String),
    /// An unknown word after the source of a line.
    UnknownOption(String),
    Duplicate(String),
    /// The tag has no source of its own, and the form has no repository.
    MissingSource(String),
}

impl TagListError {
    fn message(&self, lang: Lang) -> Message {
        match self {
            Self::Empty => lang.msg("stream-tags-none"),
            Self::InvalidName(text) => invalid_tag_in_list(text, lang),
            Self::InvalidSource(text) => lang.msg("stream-tags-source").arg("text", text),
            Self::UnknownOption(text) => lang.msg("stream-tags-word").arg("text", text),
            Self::Duplicate(text) => lang.msg("stream-tags-twice").arg("text", text),
            Self::MissingSource(text) => lang.msg("stream-tags-no-source").arg("text", text),
        }
    }
}

/// The errors as text, one a line.
pub(super) fn error_text(field_errors: &[TagListError], lang: Lang) -> String {
    let mut distinct: Vec<&TagListError> = field_errors.iter().collect();
    distinct.dedup();
    distinct.truncate(MAX_ERRORS_SHOWN);
    distinct
        .into_iter()
        .map(|error| error.message(lang).to_string())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Parses a list. Tags without a source of their own are tags of `repository`, and `insecure`
/// applies to these. `import_mode` is the mode of tags without a mode of their own; `None` if the
/// API server does not support modes.
///
/// # Errors
///
/// All errors, in the order of the list.
pub(super) fn parse(
    text: &str,
    repository: Option<&PullSpec>,
    insecure: bool,
    import_mode: Option<ImportMode>,
) -> Result<Vec<TrackingTag>, Vec<TagListError>> {
    let (mut tags, mut field_errors) = (Vec::<TrackingTag>::new(), Vec::new());
    let mut names = BTreeSet::new();
    for line in text.lines() {
        for followed in parse_line(line, repository, insecure, import_mode) {
            match followed {
                Ok(new) if !names.insert(new.tag.clone()) => {
                    field_errors.push(TagListError::Duplicate(new.tag.to_string()))
                }
                Ok(new) => tags.push(new),
                Err(error) => field_errors.push(error),
            }
        }
    }
    if tags.is_empty() && field_errors.is_empty() {
        field_errors.push(TagListError::Empty);
    }
    if field_errors.is_empty() {
        Ok(tags)
    } else {
        Err(field_errors)
    }
}

/// A second word with a slash is a source, because names of tags contain no slash.
fn parse_line(
    line: &str,
    repository: Option<&PullSpec>,
    insecure: bool,
    import_mode: Option<ImportMode>,
) -> Vec<Result<TrackingTag, TagListError>> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || SEPARATORS.contains(&c))
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [tag, source, words @ ..] if source.contains('/') && !tag.contains('/') => {
            vec![parse_tag_with_source(tag, source, words, import_mode)]
        }
        [repository, tags @ ..] if repository.contains('/') && !tags.is_empty() => {
            match repository.parse::<PullSpec>() {
                Ok(spec) if spec.tag().is_none() && spec.digest().is_none() => tags
                    .iter()
                    .map(|tag| parse_repository_tag(tag, Some(&spec), insecure, import_mode))
                    .collect(),
                _ => vec![Err(TagListError::InvalidSource((*repository).to_owned()))],
            }
        }
        words => words
            .iter()
            .map(|tag| parse_repository_tag(tag, repository, insecure, import_mode))
            .collect(),
    }
}

fn parse_tag_with_source(
    tag: &str,
    source: &str,
    words: &[&str],
    import_mode: Option<ImportMode>,
) -> Result<TrackingTag, TagListError> {
    let tag: TagName = tag
        .parse()
        .map_err(|_| TagListError::InvalidName(tag.to_owned()))?;
    let from: PullSpec = source
        .parse()
        .map_err(|_| TagListError::InvalidSource(source.to_owned()))?;
    let mut followed = TrackingTag {
        tag,
        from: from.to_string(),
        insecure: false,
        scheduled: false,
        local: false,
        reference: false,
        import_mode,
    };
    for word in words {
        match *word {
            "insecure" => followed.insecure = true,
            "scheduled" => followed.scheduled = true,
            "local" => followed.local = true,
            "reference" => followed.reference = true,
            other => {
                let mode = IMPORT_MODES.into_iter().find(|known| {
                    import_mode.is_some() && other.eq_ignore_ascii_case(known.as_str())
                });
                followed.import_mode =
                    Some(mode.ok_or_else(|| TagListError::UnknownOption(other.to_owned()))?);
            }
        }
    }
    Ok(followed)
}

fn parse_repository_tag(
    name: &str,
    repository: Option<&PullSpec>,
    insecure: bool,
    import_mode: Option<ImportMode>,
) -> Result<TrackingTag, TagListError> {
    if name.contains('/') {
        // A source without a tag before it.
        return Err(TagListError::InvalidName(name.to_owned()));
    }
    let tag: TagName = name
        .parse()
        .map_err(|_| TagListError::InvalidName(name.to_owned()))?;
    let repository = repository.ok_or_else(|| TagListError::MissingSource(name.to_owned()))?;
    Ok(TrackingTag {
        from: repository.with_tag(tag.clone()).to_string(),
        tag,
        insecure,
        scheduled: false,
        local: false,
        reference: false,
        import_mode,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> PullSpec {
        "registry.example.com/team/app".parse().unwrap()
    }

    fn lines(text: &str) -> Vec<String> {
        let tags = parse(text, Some(&repository()), false, None)
            .unwrap_or_else(|field_errors| panic!("{text}: {field_errors:?}"));
        tags.into_iter()
            .map(|tag| format!("{} {}", tag.tag, tag.from))
            .collect()
    }

    fn mistakes(text: &str) -> Vec<TagListError> {
        parse(text, Some(&repository()), false, None).unwrap_err()
    }

    #[test]
    fn tags_are_separated_by_blank_comma_or_line() {
        let expected = [
            "1.0 registry.example.com/team/app:1.0",
            "2.0 registry.example.com/team/app:2.0",
        ];
        for text in [
            "1.0 2.0",
            "1.0,2.0",
            " 1.0 ,\t2.0, ",
            "1.0\n2.0",
            "1.0，2.0",
            "1.0\r\n\r\n2.0",
        ] {
            assert_eq!(lines(text), expected, "{text:?}");
        }
        assert!(parse("1.0", Some(&repository()), true, None).unwrap()[0].insecure);
    }

    #[test]
    fn line_with_its_own_source_keeps_it() {
        assert_eq!(
            lines("1.0\nedge quay.io/x/y:9 scheduled local"),
            [
                "1.0 registry.example.com/team/app:1.0",
                "edge quay.io/x/y:9"
            ]
        );
        let tags = parse(
            "edge docker://quay.io/x/y:9 scheduled, insecure",
            None,
            false,
            None,
        )
        .unwrap();
        assert!(
            tags[0].scheduled && tags[0].insecure && !tags[0].local,
            "{tags:?}"
        );
        assert_eq!(tags[0].from, "quay.io/x/y:9");
        assert!(
            !parse("edge quay.io/x/y:9", Some(&repository()), true, None).unwrap()[0].insecure,
            "the box is about the repository"
        );
    }

    #[test]
    fn line_may_name_an_import_mode_if_supported() {
        let usual = Some(ImportMode::PreserveOriginal);
        let tags = parse(
            "1.0\nedge quay.io/x/y:9 legacy",
            Some(&repository()),
            false,
            usual,
        )
        .unwrap();
        assert_eq!(
            [tags[0].import_mode, tags[1].import_mode],
            [usual, Some(ImportMode::Legacy)]
        );
        assert_eq!(
            mistakes("edge quay.io/x/y:9 Legacy"),
            [TagListError::UnknownOption("Legacy".to_owned())]
        );
    }

    #[test]
    fn line_may_begin_with_the_repository_of_its_tags() {
        assert_eq!(
            lines("quay.io/x/y 1.0, 2.0 latest"),
            [
                "1.0 quay.io/x/y:1.0",
                "2.0 quay.io/x/y:2.0",
                "latest quay.io/x/y:latest"
            ]
        );
        for bad in ["quay.io/x/y:9 1.0", "https://quay.io/x 1.0"] {
            let source = bad.split(' ').next().unwrap().to_owned();
            assert_eq!(mistakes(bad), [TagListError::InvalidSource(source)]);
        }
    }

    #[test]
    fn each_field_error_is_distinct() {
        assert_eq!(mistakes(" ,\n"), [TagListError::Empty]);
        assert_eq!(mistakes("-x"), [TagListError::InvalidName("-x".to_owned())]);
        assert_eq!(
            mistakes("quay.io/x/y:9"),
            [TagListError::InvalidName("quay.io/x/y:9".to_owned())]
        );
        assert_eq!(
            mistakes("1.0 https://quay.io/x"),
            [TagListError::InvalidSource("https://quay.io/x".to_owned())]
        );
        assert_eq!(
            mistakes("1.0 quay.io/x/y:9 often"),
            [TagListError::UnknownOption("often".to_owned())]
        );
        assert_eq!(
            mistakes("1.0 2.0 1.0"),
            [TagListError::Duplicate("1.0".to_owned())]
        );
        assert_eq!(
            parse("1.0", None, false, None).unwrap_err(),
            [TagListError::MissingSource("1.0".to_owned())]
        );
        assert_eq!(mistakes("-x 1.0 -y").len(), 2, "all of them");
    }

    #[test]
    fn long_list_of_field_errors_is_truncated() {
        let said = error_text(&mistakes("-1 -2 -3 -4 -5 -6 -7"), Lang::English);
        assert_eq!(said.lines().count(), MAX_ERRORS_SHOWN);
        assert!(
            said.starts_with("“-1”: The tag can't start with a hyphen."),
            "{said}"
        );
        assert_eq!(
            error_text(
                &parse("1.0 1.0", None, false, None).unwrap_err(),
                Lang::English
            )
            .lines()
            .count(),
            1,
            "each once"
        );
    }
}

//! The list of tags to follow: names of tags of one repository, by blank or comma, or lines of a
//! tag with a source of its own.

use std::collections::BTreeSet;

use crate::app::image_streams::FollowedTag;
use crate::i18n::{Lang, Message};
use registry_model::reference::PullSpec;
use registry_model::{ImportMode, TagName};

/// More mistakes than this are not worth reading at once.
const MOST_MISTAKES: usize = 5;

const MODES: [ImportMode; 2] = [ImportMode::Legacy, ImportMode::PreserveOriginal];

/// What is wrong with a list of tags. The texts are as they were typed: untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TagMistake {
    /// The list is empty.
    NoTag,
    /// No tag can have this name.
    Name(String),
    /// This is not the name of an image.
    Source(String),
    /// A line holds this word after its source.
    Word(String),
    /// The tag is listed twice.
    Twice(String),
    /// The tag has neither a source of its own nor a repository.
    NoSource(String),
}

impl TagMistake {
    fn message(&self, lang: Lang) -> Message {
        match self {
            Self::NoTag => lang.msg("stream-tags-none"),
            Self::Name(text) => lang.msg("stream-tags-name").arg("text", text),
            Self::Source(text) => lang.msg("stream-tags-source").arg("text", text),
            Self::Word(text) => lang.msg("stream-tags-word").arg("text", text),
            Self::Twice(text) => lang.msg("stream-tags-twice").arg("text", text),
            Self::NoSource(text) => lang.msg("stream-tags-no-source").arg("text", text),
        }
    }
}

/// The sentences about several mistakes, one a line.
pub(super) fn sentences(mistakes: &[TagMistake], lang: Lang) -> String {
    let mut distinct: Vec<&TagMistake> = mistakes.iter().collect();
    distinct.dedup();
    distinct.truncate(MOST_MISTAKES);
    distinct
        .into_iter()
        .map(|mistake| mistake.message(lang).to_string())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads a list. Tags without a source of their own are tags of `repository`, and `insecure`
/// applies to these. `import_mode` is the mode of tags that name none; without it, the API server
/// knows no modes.
///
/// # Errors
///
/// All mistakes, in their order.
pub(super) fn parse(
    text: &str,
    repository: Option<&PullSpec>,
    insecure: bool,
    import_mode: Option<ImportMode>,
) -> Result<Vec<FollowedTag>, Vec<TagMistake>> {
    let (mut tags, mut mistakes) = (Vec::<FollowedTag>::new(), Vec::new());
    let mut names = BTreeSet::new();
    for line in text.lines() {
        for followed in line_of(line, repository, insecure, import_mode) {
            match followed {
                Ok(new) if !names.insert(new.tag.clone()) => {
                    mistakes.push(TagMistake::Twice(new.tag.to_string()))
                }
                Ok(new) => tags.push(new),
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }
    if tags.is_empty() && mistakes.is_empty() {
        mistakes.push(TagMistake::NoTag);
    }
    if mistakes.is_empty() {
        Ok(tags)
    } else {
        Err(mistakes)
    }
}

/// A line whose second word has a slash names a source: names of tags have none.
fn line_of(
    line: &str,
    repository: Option<&PullSpec>,
    insecure: bool,
    import_mode: Option<ImportMode>,
) -> Vec<Result<FollowedTag, TagMistake>> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、'))
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [tag, source, words @ ..] if source.contains('/') => {
            vec![with_source(tag, source, words, import_mode)]
        }
        words => words
            .iter()
            .map(|tag| of_repository(tag, repository, insecure, import_mode))
            .collect(),
    }
}

fn with_source(
    tag: &str,
    source: &str,
    words: &[&str],
    import_mode: Option<ImportMode>,
) -> Result<FollowedTag, TagMistake> {
    let tag: TagName = tag.parse().map_err(|_| TagMistake::Name(tag.to_owned()))?;
    let from: PullSpec = source
        .parse()
        .map_err(|_| TagMistake::Source(source.to_owned()))?;
    let mut followed = FollowedTag {
        tag,
        from: from.to_string(),
        insecure: false,
        scheduled: false,
        local: false,
        import_mode,
    };
    for word in words {
        match *word {
            "insecure" => followed.insecure = true,
            "scheduled" => followed.scheduled = true,
            "local" => followed.local = true,
            other => {
                let mode = MODES.into_iter().find(|known| {
                    import_mode.is_some() && other.eq_ignore_ascii_case(known.as_str())
                });
                followed.import_mode =
                    Some(mode.ok_or_else(|| TagMistake::Word(other.to_owned()))?);
            }
        }
    }
    Ok(followed)
}

fn of_repository(
    name: &str,
    repository: Option<&PullSpec>,
    insecure: bool,
    import_mode: Option<ImportMode>,
) -> Result<FollowedTag, TagMistake> {
    if name.contains('/') {
        // A source without a tag in front of it.
        return Err(TagMistake::Name(name.to_owned()));
    }
    let tag: TagName = name
        .parse()
        .map_err(|_| TagMistake::Name(name.to_owned()))?;
    let repository = repository.ok_or_else(|| TagMistake::NoSource(name.to_owned()))?;
    Ok(FollowedTag {
        from: repository.with_tag(tag.clone()).to_string(),
        tag,
        insecure,
        scheduled: false,
        local: false,
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
            .unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"));
        tags.into_iter()
            .map(|tag| format!("{} {}", tag.tag, tag.from))
            .collect()
    }

    fn mistakes(text: &str) -> Vec<TagMistake> {
        parse(text, Some(&repository()), false, None).unwrap_err()
    }

    #[test]
    fn tags_of_one_repository_stand_by_blank_comma_or_line() {
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
    fn a_line_with_a_source_of_its_own_keeps_it() {
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
    fn a_line_can_name_its_import_mode_where_the_api_server_knows_modes() {
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
            [TagMistake::Word("Legacy".to_owned())]
        );
    }

    #[test]
    fn each_mistake_is_told_apart() {
        assert_eq!(mistakes(" ,\n"), [TagMistake::NoTag]);
        assert_eq!(mistakes("-x"), [TagMistake::Name("-x".to_owned())]);
        assert_eq!(
            mistakes("quay.io/x/y:9"),
            [TagMistake::Name("quay.io/x/y:9".to_owned())]
        );
        assert_eq!(
            mistakes("1.0 https://quay.io/x"),
            [TagMistake::Source("https://quay.io/x".to_owned())]
        );
        assert_eq!(
            mistakes("1.0 quay.io/x/y:9 often"),
            [TagMistake::Word("often".to_owned())]
        );
        assert_eq!(
            mistakes("1.0 2.0 1.0"),
            [TagMistake::Twice("1.0".to_owned())]
        );
        assert_eq!(
            parse("1.0", None, false, None).unwrap_err(),
            [TagMistake::NoSource("1.0".to_owned())]
        );
        assert_eq!(mistakes("-x 1.0 -y").len(), 2, "all of them");
    }

    #[test]
    fn a_long_list_of_mistakes_is_cut() {
        let said = sentences(&mistakes("-1 -2 -3 -4 -5 -6 -7"), Lang::English);
        assert_eq!(said.lines().count(), MOST_MISTAKES);
        assert!(
            said.starts_with("“-1” cannot be the name of a tag"),
            "{said}"
        );
        assert_eq!(
            sentences(
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

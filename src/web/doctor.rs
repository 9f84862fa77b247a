//! The doctor's findings in words: for the page, for its JSON, and for the command line.

mod words;

use serde::Serialize;

use crate::app::doctor::{About, Finding, State};
use crate::i18n::Lang;
use words::{about, costs, fact, seen, state, who};

/// All findings, and how bad it is.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// As bad as the worst of them.
    pub state: State,
    /// How many things do not work.
    pub failures: usize,
    /// How many work, but not well or not for long.
    pub warnings: usize,
    /// Each of them, those about the same side together.
    pub findings: Vec<Line>,
}

/// One finding, in words.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    #[serde(flatten)]
    pub finding: Finding,
    /// What came of it: a sentence.
    pub seen: String,
    /// What that costs: a sentence.
    pub price: Option<String>,
    /// How bad it is: a word.
    #[serde(skip)]
    pub state: String,
    /// What was seen, with what it is. The values are untrusted.
    #[serde(skip)]
    pub facts: Vec<(String, String)>,
}

/// The findings about one side.
#[derive(Clone, Debug)]
pub struct Group<'r> {
    /// Its place among the groups, as the id of its heading.
    pub id: String,
    /// Whom they are about.
    pub title: String,
    pub lines: Vec<&'r Line>,
}

impl Report {
    /// These findings in this language.
    #[must_use]
    pub fn new(lang: Lang, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.about);
        let count = |state| {
            findings
                .iter()
                .filter(|finding| finding.state == state)
                .count()
        };
        Self {
            state: findings
                .iter()
                .map(|finding| finding.state)
                .max()
                .unwrap_or(State::Ok),
            failures: count(State::Failure),
            warnings: count(State::Warning),
            findings: findings
                .into_iter()
                .map(|finding| Line::new(lang, finding))
                .collect(),
        }
    }

    /// The findings by whom they are about.
    #[must_use]
    pub fn groups(&self, lang: Lang) -> Vec<Group<'_>> {
        let of = |(number, side): (usize, About)| {
            let lines: Vec<&Line> = self
                .findings
                .iter()
                .filter(|line| line.finding.about == side)
                .collect();
            (!lines.is_empty()).then(|| Group {
                id: format!("about-{number}"),
                title: about(side, lang).to_string(),
                lines,
            })
        };
        About::ALL.into_iter().enumerate().filter_map(of).collect()
    }
}

impl Line {
    fn new(lang: Lang, finding: Finding) -> Self {
        let sentence = seen(finding.what, lang)
            .arg("who", who(finding.about, lang))
            .to_string();
        Self {
            seen: capital(&sentence),
            price: finding.costs.map(|what| costs(what, lang).to_string()),
            state: state(finding.state, lang).to_string(),
            facts: finding
                .facts
                .iter()
                .map(|seen| (fact(seen.name, lang).to_string(), seen.value.clone()))
                .collect(),
            finding,
        }
    }
}

/// A sentence that begins with whom it is about begins with a capital.
fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

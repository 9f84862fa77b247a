//! The doctor's findings in words: for the page, for its JSON, and for the command line.

mod messages;

use serde::Serialize;

use crate::app::doctor::{Component, Finding, Severity};
use crate::i18n::Lang;
use messages::{
    check_result, component_in_sentence, component_title, fact_name, impact, state_name,
};

/// All findings, and how bad it is.
#[derive(Clone, Debug, Serialize)]
pub struct FindingsReport {
    /// As bad as the worst of them.
    pub state: Severity,
    /// How many things do not work.
    pub failures: usize,
    /// How many work, but not well or not for long.
    pub warnings: usize,
    /// Each of them, those about the same side together.
    pub findings: Vec<DescribedFinding>,
}

/// One finding, in words.
#[derive(Clone, Debug, Serialize)]
pub struct DescribedFinding {
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
pub struct FindingGroup<'r> {
    /// Its place among the groups, as the id of its heading.
    pub id: String,
    /// Whom they are about.
    pub title: String,
    pub findings: Vec<&'r DescribedFinding>,
}

impl FindingsReport {
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
                .unwrap_or(Severity::Ok),
            failures: count(Severity::Failure),
            warnings: count(Severity::Warning),
            findings: findings
                .into_iter()
                .map(|finding| DescribedFinding::new(lang, finding))
                .collect(),
        }
    }

    /// The findings by whom they are about.
    #[must_use]
    pub fn groups(&self, lang: Lang) -> Vec<FindingGroup<'_>> {
        let of = |(number, side): (usize, Component)| {
            let lines: Vec<&DescribedFinding> = self
                .findings
                .iter()
                .filter(|line| line.finding.about == side)
                .collect();
            (!lines.is_empty()).then(|| FindingGroup {
                id: format!("about-{number}"),
                title: component_title(side, lang).to_string(),
                findings: lines,
            })
        };
        Component::ALL
            .into_iter()
            .enumerate()
            .filter_map(of)
            .collect()
    }
}

impl DescribedFinding {
    fn new(lang: Lang, finding: Finding) -> Self {
        let sentence = check_result(finding.what, lang)
            .arg("who", component_in_sentence(finding.about, lang))
            .to_string();
        Self {
            seen: capitalize(&sentence),
            price: finding.costs.map(|what| impact(what, lang).to_string()),
            state: state_name(finding.state, lang).to_string(),
            facts: finding
                .facts
                .iter()
                .map(|seen| (fact_name(seen.name, lang).to_string(), seen.value.clone()))
                .collect(),
            finding,
        }
    }
}

/// A sentence that begins with whom it is about begins with a capital.
fn capitalize(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

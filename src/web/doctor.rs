//! The doctor's findings as text: for the page, for its JSON, and for the command line.

mod messages;

use serde::Serialize;

use crate::app::doctor::{Component, Finding, Severity};
use crate::i18n::Lang;
use messages::{
    check_result, component_in_sentence, component_title, fact_name, impact, state_name,
};

/// All findings, with a summary.
#[derive(Clone, Debug, Serialize)]
pub struct FindingsReport {
    /// The worst severity.
    pub state: Severity,
    /// How many checks failed.
    pub failures: usize,
    /// How many have a warning.
    pub warnings: usize,
    /// The findings, grouped by component.
    pub findings: Vec<DescribedFinding>,
}

/// One finding as text.
#[derive(Clone, Debug, Serialize)]
pub struct DescribedFinding {
    #[serde(flatten)]
    pub finding: Finding,
    /// The result: a sentence.
    pub seen: String,
    /// The impact: a sentence.
    pub price: Option<String>,
    /// The severity: a word.
    #[serde(skip)]
    pub state: String,
    /// The facts with their names. The values are untrusted.
    #[serde(skip)]
    pub facts: Vec<(String, String)>,
}

/// The findings about one component.
#[derive(Clone, Debug)]
pub struct FindingGroup<'r> {
    /// The id of the group's heading, by its number.
    pub id: String,
    /// The name of the component.
    pub title: String,
    pub findings: Vec<&'r DescribedFinding>,
}

impl FindingsReport {
    /// The findings as text in this language.
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

    /// The findings grouped by component.
    #[must_use]
    pub fn groups(&self, lang: Lang) -> Vec<FindingGroup<'_>> {
        let group = |(number, side): (usize, Component)| {
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
            .filter_map(group)
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

/// Capitalizes a sentence that begins with the name of a component.
fn capitalize(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

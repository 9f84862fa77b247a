//! The doctor's findings as text: for the page, for its JSON, and for the command line.

mod messages;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::doctor::{Component, Finding, Severity};
use crate::i18n::Lang;
use crate::web::render::Chrome;
use messages::{
    check_result, component_in_sentence, component_title, fact_name, impact, state_name,
};

/// All findings, with a summary.
#[derive(Clone, Debug, Serialize, ToSchema)]
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
#[derive(Clone, Debug, Serialize, ToSchema)]
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

    /// What needs attention: failures, warnings, and checks that could not be made, the worst first.
    #[must_use]
    pub fn problems(&self) -> Vec<&DescribedFinding> {
        let mut problems: Vec<_> = self
            .findings
            .iter()
            .filter(|line| line.is_problem())
            .collect();
        problems.sort_by_key(|line| std::cmp::Reverse(line.finding.state));
        problems
    }

    /// What administrators may want to change, although it works.
    #[must_use]
    pub fn notes(&self) -> Vec<&DescribedFinding> {
        let notes = self.findings.iter().filter(|line| line.is_note());
        notes.collect()
    }

    /// How many checks found nothing.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.findings.len() - self.problems().len() - self.notes().len()
    }

    /// All findings as plain text, to be sent to others. The worst come first. It contains what the
    /// page shows, so no secrets.
    #[must_use]
    pub fn as_text(&self, lang: Lang) -> String {
        let mut lines: Vec<_> = self.findings.iter().collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.finding.state));
        lines
            .into_iter()
            .map(|line| {
                let component = component_title(line.finding.about, lang);
                let facts: String = line
                    .facts
                    .iter()
                    .map(|(name, value)| format!("\n    {name}: {value}"))
                    .collect();
                format!("[{}] {component}: {}{facts}\n", line.state, line.seen)
            })
            .collect()
    }

    /// All findings, grouped by component.
    #[must_use]
    pub fn groups(&self, lang: Lang) -> Vec<FindingGroup<'_>> {
        self.groups_of(lang, |_| true)
    }

    /// The checks that found nothing, grouped by component.
    #[must_use]
    pub fn passed_groups(&self, lang: Lang) -> Vec<FindingGroup<'_>> {
        self.groups_of(lang, |line| !line.is_problem() && !line.is_note())
    }

    fn groups_of(
        &self,
        lang: Lang,
        is_listed: impl Fn(&DescribedFinding) -> bool,
    ) -> Vec<FindingGroup<'_>> {
        let group = |(number, side): (usize, Component)| {
            let lines: Vec<&DescribedFinding> = self
                .findings
                .iter()
                .filter(|line| line.finding.about == side && is_listed(line))
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
    /// Whether it needs attention.
    fn is_problem(&self) -> bool {
        matches!(
            self.finding.state,
            Severity::Failure | Severity::Warning | Severity::Unknown
        )
    }

    fn is_note(&self) -> bool {
        self.finding.state == Severity::Note
    }

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

impl Chrome {
    /// The name of the component that a finding is about.
    pub(crate) fn component_title(&self, line: &DescribedFinding) -> String {
        component_title(line.finding.about, self.lang).to_string()
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

//! `docs/metrics.md`, its translation and the descriptions that Prometheus shows name every metric of
//! the program.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;

use super::documentation::Document;
use super::documents::files;

const KINDS: [&str; 3] = ["counter", "gauge", "histogram"];

/// Kind and labels of each metric, by name.
type Metrics = BTreeMap<String, (String, BTreeSet<String>)>;

/// All sources in one text without white space, in which a call of a macro is in one piece.
fn sources() -> String {
    let all = ["src", "crates"]
        .into_iter()
        .flat_map(|place| files(place, &["rs"]));
    all.flat_map(|(_, text)| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    })
    .collect()
}

/// What is given to the macros `{prefix}counter!`, `{prefix}gauge!` and `{prefix}histogram!`.
fn calls(sources: &str, prefix: &str) -> Metrics {
    let mut found = Metrics::new();
    for kind in KINDS {
        for call in sources.split(&format!("{prefix}{kind}!(\"")).skip(1) {
            let (name, rest) = call.split_once('"').unwrap();
            let ends = [").set(", ").increment(", ").decrement(", ").record("];
            let end = ends.iter().filter_map(|end| rest.find(end)).min();
            // Before each `"=>` stands a label; what comes after the last one is a value.
            let mut parts: Vec<&str> = rest[..end.unwrap_or_default()].split("\"=>").collect();
            parts.pop();
            let labels = parts
                .into_iter()
                .filter_map(|part| part.rsplit_once('"'))
                .map(|(_, label)| label.to_owned());
            let known = found
                .entry(name.to_owned())
                .or_insert_with(|| (kind.to_owned(), BTreeSet::new()));
            known.1.extend(labels);
        }
    }
    found
}

/// The rows of the document's table.
fn documented(document: &Document) -> Metrics {
    let rows = document
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("| `registry_console_"));
    rows.filter_map(|row| {
        let mut cells = row.split('|').map(str::trim);
        let name = cells.next()?.trim_end_matches('`');
        let kind = cells.next().filter(|kind| KINDS.contains(kind))?;
        let labels = cells.next()?.split('`').skip(1).step_by(2);
        Some((
            format!("registry_console_{name}"),
            (kind.to_owned(), labels.map(str::to_owned).collect()),
        ))
    })
    .collect()
}

#[rstest]
fn the_table_of_metrics_has_the_name_type_and_labels_of_each(
    #[values("docs/metrics.md", "docs/metrics.zh-CN.md")] path: &str,
) {
    let sources = sources();
    let used = calls(&sources, "metrics::");
    assert!(used.len() > 20, "the sources were not found");
    assert_eq!(documented(&Document::read(path)), used);
}

#[test]
fn every_metric_is_described() {
    let sources = sources();
    let kinds = |metrics: Metrics| -> BTreeMap<String, String> {
        metrics
            .into_iter()
            .map(|(name, (kind, _))| (name, kind))
            .collect()
    };
    assert_eq!(
        kinds(calls(&sources, "describe_")),
        kinds(calls(&sources, "metrics::"))
    );
}

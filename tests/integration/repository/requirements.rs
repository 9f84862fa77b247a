//! Every requirement number that the code cites is explained in `docs/requirements.md`.

use std::collections::BTreeSet;

use super::documents::{TEXTS, files};

const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/requirements.md"));

/// Directories and files whose comments cite requirements.
const CITING: [&str; 9] = [
    "src",
    "crates",
    "tests",
    "templates",
    "static",
    "fuzz",
    "benches",
    "openshift",
    "openshift-template.yaml",
];

/// Words like `S27` and `R2`. Ranges (`S1-S10`) count with their ends.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| {
            let digits = word.strip_prefix(['S', 'R']).unwrap_or_default();
            (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
        })
}

/// The first column of the tables, in their order.
fn rows() -> Vec<&'static str> {
    DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .filter(|cell| numbers(cell).next() == Some(*cell))
        .collect()
}

#[test]
fn every_number_that_the_code_cites_has_a_row() {
    let rows: BTreeSet<&str> = rows().into_iter().collect();
    let mut cited = 0;
    let mut unknown = Vec::new();
    for (path, text) in CITING.iter().flat_map(|place| files(place, &TEXTS)) {
        for (line, text) in text.lines().enumerate() {
            for number in numbers(text) {
                cited += 1;
                if !rows.contains(number) {
                    unknown.push(format!("{path}:{}: {number}", line + 1));
                }
            }
        }
    }
    assert!(cited > 300, "the sources were not found");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn the_numbers_of_the_rows_have_no_gaps_and_none_is_there_twice() {
    let rows = rows();
    for letter in ["S", "R"] {
        let found: Vec<&str> = rows
            .iter()
            .copied()
            .filter(|row| row.starts_with(letter))
            .collect();
        let expected: Vec<String> = (1..=found.len())
            .map(|number| format!("{letter}{number}"))
            .collect();
        assert_eq!(found, expected);
    }
}

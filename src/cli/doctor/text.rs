//! Findings as text for a terminal: at most 100 columns wide, except for commands, which must not
//! be broken to be copied.

use std::fmt::Write as _;

use crate::app::doctor::Severity;
use crate::i18n::Lang;
use crate::web::doctor::{DescribedFinding, FindingsReport};

const MAX_LINE_CHARS: usize = 100;
/// The column in which sentences begin, after the marker and the severity.
const INDENT_CHARS: usize = 13;

/// The whole report.
pub(super) fn format_report(report: &FindingsReport) -> String {
    let mut text = String::new();
    for group in report.groups(Lang::English) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{}", group.title);
        group
            .findings
            .into_iter()
            .for_each(|found| push_finding(&mut text, found));
        text.push('\n');
    }
    let _ = writeln!(text, "{}", summary(report));
    text
}

fn push_finding(text: &mut String, line: &DescribedFinding) {
    let start = format!(
        "  {} {:<9}",
        state_symbol(line.finding.state),
        line.state.to_lowercase()
    );
    push_wrapped(text, &start, &line.seen);
    let widest = line
        .facts
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    for (name, value) in &line.facts {
        push_wrapped(
            text,
            &format!("{:INDENT_CHARS$}{name:<widest$}  ", ""),
            value,
        );
    }
    if let Some(price) = &line.price {
        push_wrapped(
            text,
            &format!("{:INDENT_CHARS$}", ""),
            &format!("{}: {price}", Lang::English.msg("doctor-impact")),
        );
    }
    for run in &line.finding.run {
        let _ = match run.to_line() {
            Ok(command) => writeln!(text, "{:INDENT_CHARS$}$ {command}", ""),
            Err(hidden) => {
                let why = Lang::English
                    .msg("command-hidden")
                    .arg("characters", hidden.to_string());
                push_wrapped(text, &format!("{:INDENT_CHARS$}", ""), &why.to_string());
                Ok(())
            }
        };
    }
}

fn state_symbol(state: Severity) -> char {
    match state {
        Severity::Ok => '✓',
        Severity::Note => '·',
        Severity::Unknown => '?',
        Severity::Warning => '!',
        Severity::Failure => '✗',
    }
}

fn summary(report: &FindingsReport) -> String {
    let count = |key: &'static str, count| {
        (count > 0).then(|| Lang::English.msg(key).arg("count", count).to_string())
    };
    let parts: Vec<String> = [
        count("doctor-failures", report.failures),
        count("doctor-warnings", report.warnings),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        Lang::English.msg("doctor-all-good").to_string()
    } else {
        parts.join(" ")
    }
}

/// Appends `start`, then the words of `rest`; further lines are indented like the first.
fn push_wrapped(text: &mut String, start: &str, rest: &str) {
    let indent = start.chars().count();
    let mut column = indent;
    text.push_str(start);
    for (number, word) in rest.split(' ').enumerate() {
        let length = word.chars().count();
        if number > 0 && column + 1 + length > MAX_LINE_CHARS {
            let _ = write!(text, "\n{:indent$}", "");
            column = indent;
        } else if number > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_sentence_keeps_its_indent() {
        let mut text = String::new();
        push_wrapped(&mut text, "  ! warning  ", &"word ".repeat(40));
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines.len() > 1
                && lines
                    .iter()
                    .all(|line| line.chars().count() <= MAX_LINE_CHARS),
            "{text}"
        );
        assert!(
            lines[1..]
                .iter()
                .all(|line| line.starts_with(&" ".repeat(13))),
            "{text}"
        );
    }
}

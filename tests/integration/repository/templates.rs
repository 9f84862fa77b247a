//! The form of the templates, which no formatter checks.

use super::documents::files;

const MAX_LINE_COLUMNS: usize = 160;

#[test]
fn no_line_of_a_template_is_wider_than_a_window() {
    let wide: Vec<String> = files("templates", &["html"])
        .iter()
        .flat_map(|(path, text)| text.lines().zip(1..).map(move |line| (path, line)))
        .filter(|(_, (line, _))| line.chars().count() > MAX_LINE_COLUMNS)
        .map(|(path, (_, number))| format!("{path}:{number}"))
        .collect();
    assert!(
        wide.is_empty(),
        "more than {MAX_LINE_COLUMNS} columns: {wide:#?}"
    );
}

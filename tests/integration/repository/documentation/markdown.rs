//! The Markdown files of the repository, and what they hold.

use std::fs;
use std::path::{Path, PathBuf};

/// Files of `docs/` that are for those who develop the console. All others are for operators.
const FOR_DEVELOPERS: [&str; 4] = [
    "docs/glossary.md",
    "docs/releasing.md",
    "docs/requirements.md",
    "docs/testing.md",
];

/// A Markdown file.
pub(crate) struct Document {
    /// Its path from the root of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Document {
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        Self {
            path: path.to_owned(),
            text,
        }
    }

    /// The lines of its code blocks, with continued lines joined.
    pub(crate) fn code_lines(&self) -> Vec<String> {
        let joined = self.text.replace("\\\n", " ");
        lines(&joined)
            .filter(|(is_code, _)| *is_code)
            .map(|(_, line)| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// The lines outside of code blocks.
    pub(crate) fn prose(&self) -> impl Iterator<Item = &str> {
        lines(&self.text)
            .filter(|(is_code, _)| !is_code)
            .map(|(_, line)| line)
    }

    /// The texts between backticks, outside of code blocks.
    pub(crate) fn code_spans(&self) -> impl Iterator<Item = &str> {
        self.prose()
            .flat_map(|line| line.split('`').skip(1).step_by(2))
    }

    /// The targets of its links and pictures.
    pub(super) fn targets(&self) -> Vec<String> {
        let mut targets = Vec::new();
        for line in self.prose() {
            let line: String = line.split('`').step_by(2).collect();
            let inline = line.split("](").skip(1);
            let defined = line
                .strip_prefix('[')
                .and_then(|line| line.split_once("]: "))
                .map(|(_, target)| target);
            targets.extend(
                inline
                    .filter_map(|rest| rest.split([')', ' ']).next())
                    .chain(defined)
                    .map(str::to_owned),
            );
        }
        targets
    }

    /// The anchors of its headings, as GitHub makes them.
    pub(super) fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        for line in self.prose() {
            let title = line.trim_start_matches('#');
            if title.len() == line.len() || !title.starts_with(' ') {
                continue;
            }
            let anchor = anchor(title.trim());
            let same = anchors
                .iter()
                .filter(|known| **known == anchor || known.starts_with(&format!("{anchor}-")))
                .count();
            anchors.push(if same == 0 {
                anchor
            } else {
                format!("{anchor}-{same}")
            });
        }
        anchors
    }
}

fn anchor(title: &str) -> String {
    title
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Each line, and whether it stands in a code block. The fences are left out.
fn lines(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut is_code = false;
    text.lines().filter_map(move |line| {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            return None;
        }
        Some((is_code, line))
    })
}

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown file at the root and in `docs/`.
pub(crate) fn documents() -> Vec<Document> {
    let mut paths = markdown_in(&root(), false);
    paths.extend(markdown_in(&root().join("docs"), true));
    paths.sort();
    paths.iter().map(|path| Document::read(path)).collect()
}

/// Those that an operator reads: both languages of the README, and `docs/` but for what is for
/// developers.
pub(crate) fn operator_documents() -> Vec<Document> {
    let is_for_operators = |path: &str| {
        path.starts_with("README")
            || path
                .strip_prefix("docs/")
                .is_some_and(|rest| !rest.contains('/') && !FOR_DEVELOPERS.contains(&path))
    };
    let mut documents = documents();
    documents.retain(|document| is_for_operators(&document.path));
    documents
}

fn markdown_in(folder: &Path, is_recursive: bool) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && is_recursive {
            found.extend(markdown_in(&path, true));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let relative = path.strip_prefix(root()).unwrap();
            found.push(relative.to_str().unwrap().to_owned());
        }
    }
    found
}

#[test]
fn anchors_are_made_as_on_github() {
    let document = Document {
        path: String::new(),
        text: "# One, `two`: three\n```\n# code\n```\n## 4.x 的安装\n## Same\n## Same\n".to_owned(),
    };
    assert_eq!(
        document.anchors(),
        ["one-two-three", "4x-的安装", "same", "same-1"]
    );
}

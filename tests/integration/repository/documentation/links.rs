//! Links and paths in Markdown files lead to something that exists.

use std::path::{Component, Path, PathBuf};

use super::markdown::{Document, documents, operator_documents, root};

/// A path in backticks that begins with one of these is one of the repository.
const FOLDERS: [&str; 15] = [
    ".ci/",
    ".github/",
    "benches/",
    "crates/",
    "deploy/",
    "docs/",
    "front/",
    "fuzz/",
    "locales/",
    "openshift/",
    "release/",
    "src/",
    "static/",
    "templates/",
    "tests/",
];

/// A history may name files that are gone.
const HISTORY: &str = "CHANGELOG.md";

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let documents = documents();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in &documents {
        for target in document.targets() {
            if ["http://", "https://", "mailto:"]
                .iter()
                .any(|scheme| target.starts_with(scheme))
            {
                continue;
            }
            seen += 1;
            if let Some(problem) = problem(&documents, document, &target) {
                wrong.push(format!("{}: {target}: {problem}", document.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 80, "{seen} links");
}

fn problem(documents: &[Document], from: &Document, target: &str) -> Option<String> {
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let path = if path.is_empty() {
        from.path.clone()
    } else {
        let folder = Path::new(&from.path).parent().unwrap();
        normal(&folder.join(path))
    };
    if !root().join(&path).exists() {
        return Some(format!("there is no {path}"));
    }
    let anchor = anchor?;
    match documents.iter().find(|document| document.path == path) {
        Some(document) if document.anchors().iter().any(|known| known == anchor) => None,
        Some(document) => Some(format!("its headings are {:?}", document.anchors())),
        None => Some("it has no headings".to_owned()),
    }
}

/// Without `..`.
fn normal(path: &Path) -> String {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(normal.pop(), "{} leaves the tree", path.display()),
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal.to_str().unwrap().to_owned()
}

#[test]
fn every_path_in_backticks_exists() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in documents()
        .iter()
        .filter(|document| document.path != HISTORY)
    {
        for span in document.code_spans() {
            let Some(path) = path_of(span) else { continue };
            seen += 1;
            if !root().join(path).exists() {
                wrong.push(format!("{}: {span}", document.path));
            }
        }
    }
    assert!(wrong.is_empty(), "there is no\n{}", wrong.join("\n"));
    assert!(seen >= 5, "{seen} paths");
}

/// The path that `span` names, without a line or item after it. Of one with a placeholder, the
/// folder.
fn path_of(span: &str) -> Option<&str> {
    let is_ours = FOLDERS.iter().any(|folder| span.starts_with(folder));
    if !is_ours || span.contains(char::is_whitespace) {
        return None;
    }
    let path = span.split([':', '#']).next()?;
    match path.find(['*', '{', '<', '…']) {
        None => Some(path),
        Some(at) => path[..at].rfind('/').map(|slash| &path[..slash]),
    }
}

#[test]
fn paths_are_told_from_other_code() {
    for (span, expected) in [
        ("src/web.rs", Some("src/web.rs")),
        ("src/web.rs:12", Some("src/web.rs")),
        ("src/web/limits.rs::PER_USER", Some("src/web/limits.rs")),
        ("docs/adr/*.md", Some("docs/adr")),
        (
            "tests/integration/web_{live,index}.rs",
            Some("tests/integration"),
        ),
        ("docs/", Some("docs/")),
        ("oc create -f openshift/route.yaml", None),
        ("openshift/registry-console:latest is", None),
        ("/api/v1", None),
    ] {
        assert_eq!(path_of(span), expected, "{span}");
    }
}

#[test]
fn the_list_of_documents_has_each_of_those_for_operators() {
    let list = Document::read("docs/README.md");
    let listed = list.targets();
    for document in operator_documents() {
        let Some(name) = document.path.strip_prefix("docs/") else {
            continue;
        };
        assert!(
            name == "README.md" || listed.iter().any(|target| target == name),
            "docs/README.md does not list {name}"
        );
    }
}

/// What is not translated is the same, so that neither language falls behind.
#[test]
fn a_translated_document_has_the_commands_and_the_structure_of_its_original() {
    let mut seen = 0;
    for json in operator_documents() {
        let Some(name) = json.path.strip_suffix(".zh-CN.md") else {
            continue;
        };
        let original = Document::read(&format!("{name}.md"));
        assert_eq!(json.code_lines(), original.code_lines(), "{}", json.path);
        assert_eq!(
            structure(&json),
            structure(&original),
            "headings, table rows and steps of {}",
            json.path
        );
        seen += 1;
    }
    assert_eq!(seen, 20, "documents in Chinese");
}

/// The level of each heading, the code that a table row begins with, and the numbers of the steps.
fn structure(document: &Document) -> Vec<String> {
    document
        .prose()
        .filter_map(|line| {
            let line = line.trim_start();
            if line.starts_with('#') {
                return line.split(' ').next();
            }
            if let Some(row) = line.strip_prefix('|') {
                let cell = row.split('|').next()?.trim();
                let code = cell
                    .strip_prefix('`')
                    .and_then(|cell| cell.split('`').next());
                return Some(code.unwrap_or("|"));
            }
            let (number, _) = line.split_once(". ")?;
            number.parse::<u8>().is_ok().then_some(number)
        })
        .map(str::to_owned)
        .collect()
}

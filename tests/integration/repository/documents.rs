//! What the documents say about files and the version is so.

use std::path::Path;
use std::process::Command;
use std::{fs, iter};

/// Extensions of the files that people write by hand.
pub(crate) const TEXTS: [&str; 8] = ["rs", "html", "js", "mjs", "css", "sh", "yaml", "ftl"];

/// Top-level directories. What else a document has between backticks may be no path at all.
const DIRECTORIES: [&str; 13] = [
    "src/",
    "crates/",
    "tests/",
    "templates/",
    "static/",
    "locales/",
    "docs/",
    "benches/",
    "fuzz/",
    "front/",
    "openshift/",
    ".github/",
    ".ci/",
];

/// The file at `place`, or all files below it, that have one of these extensions: path and text.
pub(crate) fn files(place: &str, extensions: &[&str]) -> Vec<(String, String)> {
    let path = Path::new(place);
    if path.is_dir() {
        return fs::read_dir(path)
            .unwrap()
            .flat_map(|entry| files(entry.unwrap().path().to_str().unwrap(), extensions))
            .collect();
    }
    let is_wanted = path
        .extension()
        .is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted));
    match fs::read_to_string(path) {
        Ok(text) if is_wanted => vec![(place.to_owned(), text)],
        _ => Vec::new(),
    }
}

/// All documents but the change log, which names files of earlier times.
fn documents() -> Vec<(String, String)> {
    let root = fs::read_dir(".").unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        (name.ends_with(".md") && name != "CHANGELOG.md").then_some(name)
    });
    root.chain(iter::once("docs".to_owned()))
        .flat_map(|place| files(&place, &["md"]))
        .collect()
}

/// What stands between backticks and is a path of the repository.
fn paths(document: &str) -> impl Iterator<Item = &str> {
    document
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|code| {
            DIRECTORIES
                .iter()
                .any(|directory| code.starts_with(directory))
                && code
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
        })
}

/// Where links lead within the repository.
fn links(document: &str) -> impl Iterator<Item = &str> {
    document
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|target| !target.is_empty() && !target.contains([':', ' ']))
}

#[test]
fn every_file_that_a_document_names_is_there() {
    let mut missing = Vec::new();
    for (name, text) in documents() {
        let folder = Path::new(&name).parent().unwrap();
        missing.extend(
            paths(&text)
                .filter(|path| !Path::new(path).exists())
                .chain(links(&text).filter(|target| !folder.join(target).exists()))
                .map(|path| format!("{name}: {path}")),
        );
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Whether `text` has `fn name(`, `struct name {`, `impl name` and the like.
fn defines(text: &str, name: &str) -> bool {
    let kinds = [
        "fn ", "struct ", "enum ", "trait ", "type ", "mod ", "impl ",
    ];
    kinds.iter().any(|kind| {
        text.split(kind).skip(1).any(|rest| {
            rest.strip_prefix(name)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    })
}

/// The walks of the architecture name functions and types, each beside its file.
#[test]
fn what_the_architecture_names_is_defined_in_the_files_beside_it() {
    let document = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let mut names = 0;
    let mut missing = Vec::new();
    for row in document.lines().filter(|line| line.starts_with("| ")) {
        let cell = row.trim_end_matches([' ', '|']).rsplit(" | ").next();
        let cell = cell.unwrap_or_default();
        let text: String = paths(cell)
            .filter_map(|path| fs::read_to_string(path).ok())
            .collect();
        let code = cell.split('`').skip(1).step_by(2);
        let words = code
            .filter(|code| {
                code.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_:".contains(&b))
            })
            .flat_map(|code| code.split("::"));
        for name in words {
            names += 1;
            if !defines(&text, name) {
                missing.push(format!("{name}: {cell}"));
            }
        }
    }
    assert!(names > 50, "the walks were not found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_version_is_the_one_of_the_manifest_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    let printed = Command::new(env!("CARGO_BIN_EXE_registry-console"))
        .arg("--version")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(printed.stdout).unwrap(),
        format!("registry-console {version}\n")
    );
    assert!(
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Dockerfile"))
            .contains(&format!("\nARG VERSION={version}\n")),
        "the Dockerfile has another version than Cargo.toml"
    );
    assert!(
        !include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/package.json")).contains("\"version\""),
        "package.json would be a second place for the version"
    );
}

#[test]
fn the_version_of_rust_is_the_one_of_the_manifest_everywhere() {
    let version = env!("CARGO_PKG_RUST_VERSION");
    for (name, text, names_it) in [
        (
            "Dockerfile",
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Dockerfile")),
            format!("rust:{version}-"),
        ),
        (
            ".github/workflows/ci.yml",
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/.github/workflows/ci.yml"
            )),
            format!("rust:{version}-"),
        ),
        (
            ".ci/tools",
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/tools")),
            format!("Rust {version} "),
        ),
        (
            "CONTRIBUTING.md",
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRIBUTING.md")),
            format!("Rust {version} "),
        ),
    ] {
        assert!(
            text.contains(&names_it),
            "{name} names another version of Rust than Cargo.toml"
        );
    }
}

//! What the documents say about files and the version is so.

use std::env::consts::{ARCH, OS};
use std::path::Path;
use std::process::Command;
use std::{fs, iter};

/// Extensions of the files that people write by hand.
pub(crate) const TEXTS: [&str; 8] = ["rs", "html", "js", "mjs", "css", "sh", "yaml", "ftl"];

/// Top-level directories. What else a document has between backticks may be no path at all.
const DIRECTORIES: [&str; 15] = [
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
    "deploy/",
    "openshift/",
    "release/",
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
        text.split(kind)
            .skip(1)
            .any(|rest| starts_with_word(rest, name))
    })
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Whether `text` has `fn method` in an `impl` block of the type `owner`. As rustfmt formats them,
/// a block begins and ends in the first column, and its functions are indented by four spaces.
fn defines_method(text: &str, owner: &str, method: &str) -> bool {
    let mut is_in_block = false;
    for line in text.lines() {
        if let Some(header) = line
            .strip_prefix("impl")
            .filter(|header| header.starts_with([' ', '<']))
        {
            is_in_block = self_type(header) == owner && !line.ends_with('}');
        } else if line.starts_with('}') {
            is_in_block = false;
        } else if is_in_block && declares_function(line, method) {
            return true;
        }
    }
    false
}

fn declares_function(line: &str, name: &str) -> bool {
    line.strip_prefix("    ").is_some_and(|item| {
        !item.starts_with([' ', '/'])
            && item
                .split("fn ")
                .skip(1)
                .any(|rest| starts_with_word(rest, name))
    })
}

/// The name of the type that an `impl` block is for, without its path and generics. `header` is
/// the text after `impl`.
fn self_type(header: &str) -> &str {
    let implemented = without_generics(header);
    let path = implemented.rsplit(" for ").next().unwrap_or_default();
    let path = path
        .trim_start()
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .next()
        .unwrap_or_default();
    path.rsplit("::").next().unwrap_or_default()
}

/// `header` without the generic parameters that it begins with.
fn without_generics(header: &str) -> &str {
    if !header.starts_with('<') {
        return header;
    }
    let mut depth = 0;
    let mut previous = ' ';
    for (at, c) in header.char_indices() {
        match c {
            '<' => depth += 1,
            // The arrow of a function type closes nothing.
            '>' if previous != '-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &header[at + 1..];
        }
        previous = c;
    }
    ""
}

#[test]
fn a_method_counts_only_for_the_type_whose_block_has_it() {
    let text = "\
pub struct Client;

impl Client {
    /// Unlike `fn described`.
    pub(crate) async fn get_stream(&self) {
        fn inner() {}
    }
}

impl<F: Fn() -> u8> From<Client> for model::Stream<'_, F> {
    fn from(client: Client) -> Self {}
}

impl Marker for Empty {}

fn free() {}
";
    for (owner, method, expected) in [
        ("Client", "get_stream", true),
        ("Client", "get", false),
        ("Client", "described", false),
        ("Client", "inner", false),
        ("Client", "from", false),
        ("Client", "free", false),
        ("Stream", "from", true),
        ("Stream", "get_stream", false),
        ("Empty", "free", false),
    ] {
        assert_eq!(
            defines_method(text, owner, method),
            expected,
            "{owner}::{method}"
        );
    }
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
        for name in code.filter(|code| {
            code.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_:".contains(&b))
        }) {
            names += 1;
            let is_defined = match name.split_once("::") {
                Some((owner, method)) => defines_method(&text, owner, method),
                None => defines(&text, name),
            };
            if !is_defined {
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
    let commit = option_env!("REGISTRY_CONSOLE_COMMIT").unwrap_or("unknown");
    let printed = String::from_utf8(printed.stdout).unwrap();
    let target = printed
        .strip_prefix(&format!("registry-console {version} (commit {commit}, "))
        .and_then(|rest| rest.strip_suffix(")\n"))
        .unwrap_or_else(|| panic!("--version prints {printed}"));
    assert!(
        target.contains(ARCH) && target.contains(OS),
        "the target is {target}"
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

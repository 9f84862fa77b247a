//! What is fuzzed, and what must hold for every input.

use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher as _};
use std::path::Path;

use registry_model::build_history::{BuildHistory, RecordedCommand};
use registry_model::challenge::parse_challenges;
use registry_model::image_config::ImageConfig;
use registry_model::link_header::parse_next_page;
use registry_model::manifest::{Manifest, ManifestError, manifest_digest};
use registry_model::pull_spec::PullSpec;
use registry_model::safe_text::{Character, characters, safe_link, truncate};
use registry_model::{Digest, version_order};
use serde_json::Value;

use crate::bytes::body_in_every_style;

/// A parser under test.
pub(crate) struct FuzzTarget {
    pub(crate) name: &'static str,
    /// Words that its format knows.
    pub(crate) words: &'static [&'static str],
    /// Whether its format is JSON.
    pub(crate) json: bool,
    /// Where it starts from.
    pub(crate) corpus: fn() -> Vec<Vec<u8>>,
    /// Reads an input, panics where something does not hold, and tells what kind of outcome it was.
    pub(crate) run: fn(&[u8]) -> u64,
}

pub(crate) const TARGETS: &[FuzzTarget] = &[
    FuzzTarget {
        name: "manifest",
        words: MANIFEST_WORDS,
        json: true,
        corpus: recorded_bodies,
        run: manifest,
    },
    FuzzTarget {
        name: "config",
        words: CONFIG_WORDS,
        json: true,
        corpus: recorded_bodies,
        run: config,
    },
    FuzzTarget {
        name: "command",
        words: COMMAND_WORDS,
        json: false,
        corpus: recorded_commands,
        run: command,
    },
    FuzzTarget {
        name: "version-order",
        words: &["v1", "1.10", "-rc", "latest", "\n", "00"],
        json: false,
        corpus: || seeds(&["1.9\n1.10", "v1-rc1\n1"]),
        run: version_order,
    },
    FuzzTarget {
        name: "reference",
        words: &[
            "docker://",
            "localhost",
            "[::1]",
            ":5000",
            "/",
            "@sha256:",
            "a.b",
        ],
        json: false,
        corpus: reference_seeds,
        run: reference,
    },
    FuzzTarget {
        name: "challenge",
        words: &["Basic ", "Bearer ", "realm=", "\"\\\"", ", ", "=="],
        json: false,
        corpus: || recorded_headers("www-authenticate"),
        run: challenge,
    },
    FuzzTarget {
        name: "link",
        words: &["<", ">; rel=\"next\"", "?last=", "&n=", "%00", ", "],
        json: false,
        corpus: || recorded_headers("link"),
        run: link,
    },
    FuzzTarget {
        name: "visible",
        words: &["https://", "user@", "\\", "\r\n"],
        json: false,
        corpus: || seeds(&["https://a.example/b", "a\u{202e}b", "e\u{301}👩‍🚀"]),
        run: visible_text,
    },
];

const MANIFEST_WORDS: &[&str] = &[
    "layers",
    "manifests",
    "fsLayers",
    "blobs",
    "config",
    "signatures",
    "protected",
    "annotations",
    "artifactType",
    "mediaType",
    "eyJmb3JtYXRMZW5ndGgiOjEsImZvcm1hdFRhaWwiOiJmUSJ9",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.oci.empty.v1+json",
    "application/vnd.in-toto+json",
    "vnd.docker.reference.type",
    "attestation-manifest",
];

const CONFIG_WORDS: &[&str] = &[
    "config",
    "Env",
    "Cmd",
    "Labels",
    "Healthcheck",
    "history",
    "created_by",
    "empty_layer",
    "0001-01-01T00:00:00Z",
    "+262143-12-31T23:59:59Z",
    "A=b",
    "=",
];

const COMMAND_WORDS: &[&str] = &[
    "/bin/sh -c ",
    "#(nop) ",
    "|1 A=b ",
    "RUN ",
    " # buildkit",
    "/bin/bash -o pipefail -c ",
    "COPY ",
];

/// The longest name of a tag.
const MAX_TAG_BYTES: usize = 128;

fn outcome_signature(outcome: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    outcome.hash(&mut hasher);
    hasher.finish()
}

/// Counts tell inputs apart, but only as far as it matters.
fn bucket_of_count(count: usize) -> usize {
    count.min(4)
}

fn manifest(input: &[u8]) -> u64 {
    let manifest = match Manifest::parse(input, None) {
        Ok(manifest) => manifest,
        Err(error) => return outcome_signature(std::mem::discriminant::<ManifestError>(&error)),
    };
    let digest = manifest_digest(input, &manifest);
    match &manifest {
        Manifest::Image(image) => {
            assert!(image.layers.items.len() <= 1_000 && image.foreign_urls.len() <= 1_000);
            assert!(digest.matches(input));
            let recipe = BuildHistory::from_manifest(&ImageConfig::default(), image);
            assert!(recipe.steps.items.is_empty());
            outcome_signature((
                0,
                bucket_of_count(image.layers.items.len()),
                bucket_of_count(image.unreadable_layers),
                image.subject.is_some(),
                image.config.is_some(),
            ))
        }
        Manifest::Index(index) => {
            assert!(index.entries.items.len() <= 1_000);
            let kinds: Vec<_> = index
                .entries
                .items
                .iter()
                .take(4)
                .map(|entry| std::mem::discriminant(&entry.kind()))
                .collect();
            outcome_signature((
                1,
                kinds,
                bucket_of_count(index.unreadable_entries),
                index.subject.is_some(),
            ))
        }
        Manifest::Schema1(schema1) => {
            let config = ImageConfig::from_schema1(schema1);
            let recipe = BuildHistory::from_schema1(schema1, &[]);
            assert_eq!(recipe.steps.items.len(), schema1.history.items.len());
            assert_eq!(digest.matches(input), !schema1.signed);
            outcome_signature((
                2,
                schema1.signed,
                bucket_of_count(schema1.layers.items.len()),
                std::mem::discriminant(&recipe.pairing),
                config.author.is_some(),
            ))
        }
        Manifest::Artifact(artifact) => outcome_signature((
            3,
            std::mem::discriminant(&artifact.kind()),
            bucket_of_count(artifact.blobs.items.len()),
            artifact.subject.is_some(),
        )),
    }
}

fn config(input: &[u8]) -> u64 {
    let Ok(config) = ImageConfig::parse(input) else {
        return 0;
    };
    assert!(config.env.items.len() <= 1_000 && config.labels.items.len() <= 500);
    let recipe = BuildHistory::from_layers(&config, &[]);
    assert_eq!(recipe.steps.items.len(), config.history.items.len());
    serde_json::to_string(&(&config, &recipe)).expect("a config can be shown as JSON");
    let texts = [
        &config.author,
        &config.os,
        &config.architecture,
        &config.user,
        &config.stop_signal,
    ]
    .map(Option::is_some);
    let counts = [
        config.env.items.len(),
        config.cmd.items.len(),
        config.history.items.len(),
        config.labels.items.len(),
    ]
    .map(bucket_of_count);
    outcome_signature((
        texts,
        counts,
        config.healthcheck.is_some(),
        config.created.time().is_some(),
        std::mem::discriminant(&recipe.pairing),
    ))
}

fn command(input: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(input);
    let command = RecordedCommand::parse(&text);
    assert!(text.contains(&command.text), "nothing is made up");
    outcome_signature((
        command.instruction,
        command.build_args.is_some(),
        bucket_of_count(command.text.len()),
    ))
}

fn version_order(input: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(input);
    let mut names: Vec<&str> = text
        .split('\n')
        .take(8)
        .map(|name| truncate(name, MAX_TAG_BYTES).0)
        .collect();
    names.sort_by(|a, b| version_order::compare(a, b));
    for (place, a) in names.iter().enumerate() {
        for b in &names[place..] {
            assert_ne!(version_order::compare(a, b), Ordering::Greater);
            assert_eq!(
                version_order::compare(a, b),
                version_order::compare(b, a).reverse()
            );
        }
    }
    outcome_signature(
        names
            .windows(2)
            .map(|pair| version_order::compare(pair[0], pair[1]))
            .collect::<Vec<_>>(),
    )
}

fn reference(input: &[u8]) -> u64 {
    let Ok(spec) = String::from_utf8_lossy(input).parse::<PullSpec>() else {
        return 0;
    };
    let shown = spec.to_string();
    assert!(
        shown
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".:/@_-[]".contains(&b)),
        "{shown}"
    );
    assert_eq!(shown.parse(), Ok(spec.clone()));
    outcome_signature((
        spec.host().is_some(),
        spec.tag().is_some(),
        spec.digest().is_some(),
        spec.image_stream().is_some(),
    ))
}

fn challenge(input: &[u8]) -> u64 {
    let found = parse_challenges(&String::from_utf8_lossy(input));
    assert!(found.len() <= 16 && found.iter().all(|challenge| challenge.params.len() <= 32));
    outcome_signature(
        found
            .iter()
            .take(4)
            .map(|challenge| {
                (
                    challenge.token.is_some(),
                    bucket_of_count(challenge.params.len()),
                )
            })
            .collect::<Vec<_>>(),
    )
}

fn link(input: &[u8]) -> u64 {
    let page = parse_next_page(&String::from_utf8_lossy(input));
    assert!(
        page.iter()
            .filter_map(|page| page.last.as_deref())
            .all(|last| !last.contains(char::is_control))
    );
    outcome_signature(page.map(|page| {
        (
            page.n.is_some(),
            bucket_of_count(page.last.unwrap_or_default().len()),
        )
    }))
}

fn visible_text(input: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(input);
    let plain: Vec<char> = characters(&text)
        .filter_map(|c| {
            if let Character::Plain(c) = c {
                Some(c)
            } else {
                None
            }
        })
        .collect();
    let turns =
        |c: char| ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    assert!(
        !plain
            .iter()
            .any(|&c| turns(c) || (c.is_control() && !matches!(c, '\n' | '\t')))
    );
    let most = input.first().copied().unwrap_or_default().into();
    let (head, more) = truncate(&text, most);
    assert!(head.chars().count() <= most && more == (head.len() < text.len()));
    let link = safe_link(&text);
    assert!(link.is_none_or(|link| link.to_ascii_lowercase().starts_with("http")));
    outcome_signature((plain.len() == text.chars().count(), more, link.is_some()))
}

fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn reference_seeds() -> Vec<Vec<u8>> {
    let digest = Digest::sha256(b"");
    let long = format!("registry.example.com:5000/team-a/api:v1@{digest}");
    seeds(&[
        "busybox",
        "docker.io/library/busybox:1.36",
        "[::1]:5000/a/b",
        &long,
    ])
}

/// The recordings of the registry, in the same order on every machine, so that a seed means the
/// same.
fn recording_files() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let folders = ["openshift-3.9", "openshift-4"].map(|version| root.join(version));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("the recordings are there"))
        .filter_map(Result::ok);
    let mut paths: Vec<_> = files
        .map(|file| file.path())
        .filter(|path| path.to_string_lossy().contains("/registry-"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("a recording can be read"))
        .collect()
}

fn recorded_exchanges() -> Vec<Value> {
    recording_files()
        .iter()
        .map(|recording| serde_json::from_str(recording).expect("a recording is JSON"))
        .collect()
}

/// The bodies as they were sent, so that signatures still fit.
fn recorded_bodies() -> Vec<Vec<u8>> {
    recording_files()
        .iter()
        .flat_map(|recording| body_in_every_style(recording))
        .map(String::into_bytes)
        .collect()
}

fn recorded_commands() -> Vec<Vec<u8>> {
    let recorded = recorded_exchanges();
    let history = recorded
        .iter()
        .filter_map(|recording| recording["response"]["body"]["history"].as_array())
        .flatten();
    let mut commands: Vec<_> = history
        .filter_map(|entry| entry["created_by"].as_str())
        .map(|text| text.as_bytes().to_vec())
        .collect();
    commands.extend(seeds(&[
        "|1 A=b /bin/sh -c make",
        "RUN /bin/sh -c make # buildkit",
        "COPY a b # buildkit",
    ]));
    commands
}

fn recorded_headers(name: &str) -> Vec<Vec<u8>> {
    let recorded = recorded_exchanges();
    let headers = recorded
        .iter()
        .filter_map(|recording| recording["response"]["headers"].as_array())
        .flatten();
    headers
        .filter(|header| {
            header[0]
                .as_str()
                .is_some_and(|key| key.eq_ignore_ascii_case(name))
        })
        .filter_map(|header| header[1].as_str())
        .map(|value| value.as_bytes().to_vec())
        .collect()
}

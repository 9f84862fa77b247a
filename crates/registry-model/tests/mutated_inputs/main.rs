//! Property tests of the parsers of untrusted input: whatever the input is, the parser returns a
//! value that holds its invariants, or an error, and does not panic.
//!
//! The inputs are the recorded exchanges with registries, changed in a few places. More cases than
//! the default of 1,024 for each property:
//!
//! ```text
//! PROPTEST_CASES=100000 cargo test --package registry-model --test mutated_inputs
//! ```
//!
//! `fuzz/` runs the same properties under libFuzzer, which is guided by coverage.

mod mutation;
mod properties;
mod recorded;

use proptest::prelude::*;

use mutation::{mutated, mutated_json};
use recorded::{bodies, commands, headers};

const MANIFEST_TOKENS: &[&str] = &[
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

const CONFIG_TOKENS: &[&str] = &[
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

const COMMAND_TOKENS: &[&str] = &[
    "/bin/sh -c ",
    "#(nop) ",
    "|1 A=b ",
    "RUN ",
    " # buildkit",
    "/bin/bash -o pipefail -c ",
    "COPY ",
];

const VERSION_TOKENS: &[&str] = &["v1", "1.10", "-rc", "latest", "\n", "00"];

const PULL_SPEC_TOKENS: &[&str] = &[
    "docker://",
    "localhost",
    "[::1]",
    ":5000",
    "/",
    "@sha256:",
    "a.b",
];

const CHALLENGE_TOKENS: &[&str] = &["Basic ", "Bearer ", "realm=", "\"\\\"", ", ", "=="];

const LINK_TOKENS: &[&str] = &["<", ">; rel=\"next\"", "?last=", "&n=", "%00", ", "];

const TEXT_TOKENS: &[&str] = &["https://", "user@", "\\", "\r\n"];

fn versions() -> Vec<Vec<u8>> {
    vec![b"1.9\n1.10".to_vec(), b"v1-rc1\n1".to_vec()]
}

fn pull_specs() -> Vec<Vec<u8>> {
    let digest = registry_model::Digest::sha256(b"");
    let full = format!("registry.example.com:5000/team-a/api:v1@{digest}");
    [
        "busybox",
        "docker.io/library/busybox:1.36",
        "[::1]:5000/a/b",
    ]
    .into_iter()
    .chain([full.as_str()])
    .map(|spec| spec.as_bytes().to_vec())
    .collect()
}

fn texts() -> Vec<Vec<u8>> {
    ["https://a.example/b", "a\u{202e}b", "e\u{301}👩‍🚀"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}

/// Four times as many cases as by default: one takes less than a millisecond.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: default.cases.saturating_mul(4),
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn manifest(input in mutated_json(bodies(), MANIFEST_TOKENS)) {
        properties::manifest(&input);
    }

    #[test]
    fn image_config(input in mutated_json(bodies(), CONFIG_TOKENS)) {
        properties::image_config(&input);
    }

    #[test]
    fn recorded_command(input in mutated(commands(), COMMAND_TOKENS)) {
        properties::recorded_command(&input);
    }

    #[test]
    fn version_order(input in mutated(versions(), VERSION_TOKENS)) {
        properties::version_order(&input);
    }

    #[test]
    fn pull_spec(input in mutated(pull_specs(), PULL_SPEC_TOKENS)) {
        properties::pull_spec(&input);
    }

    #[test]
    fn challenges(input in mutated(headers("www-authenticate"), CHALLENGE_TOKENS)) {
        properties::challenges(&input);
    }

    #[test]
    fn link_header(input in mutated(headers("link"), LINK_TOKENS)) {
        properties::link_header(&input);
    }

    #[test]
    fn safe_text(input in mutated(texts(), TEXT_TOKENS)) {
        properties::safe_text(&input);
    }
}

#[test]
fn unchanged_inputs_hold_every_property() {
    bodies().iter().for_each(|body| {
        properties::manifest(body);
        properties::image_config(body);
    });
    commands()
        .iter()
        .for_each(|command| properties::recorded_command(command));
    headers("www-authenticate")
        .iter()
        .for_each(|header| properties::challenges(header));
    headers("link")
        .iter()
        .for_each(|header| properties::link_header(header));
    versions()
        .iter()
        .for_each(|names| properties::version_order(names));
    pull_specs()
        .iter()
        .for_each(|spec| properties::pull_spec(spec));
    texts().iter().for_each(|text| properties::safe_text(text));
}

//! What holds for every input of a parser. A function panics where it does not hold.

use std::cmp::Ordering;

use registry_model::build_history::{BuildHistory, RecordedCommand};
use registry_model::challenge::parse_challenges;
use registry_model::image_config::ImageConfig;
use registry_model::link_header::parse_next_page;
use registry_model::manifest::{Manifest, manifest_digest};
use registry_model::pull_spec::PullSpec;
use registry_model::safe_text::{Character, characters, safe_link, truncate};
use registry_model::version_order;

/// The longest name of a tag.
const MAX_TAG_BYTES: usize = 128;

pub(crate) fn manifest(input: &[u8]) {
    let Ok(manifest) = Manifest::parse(input, None) else {
        return;
    };
    let digest = manifest_digest(input, &manifest);
    match &manifest {
        Manifest::Image(image) => {
            assert!(image.layers.items.len() <= 1_000 && image.foreign_urls.len() <= 1_000);
            assert!(digest.matches(input));
            let history = BuildHistory::from_manifest(&ImageConfig::default(), image);
            assert!(history.steps.items.is_empty());
        }
        Manifest::Index(index) => {
            assert!(index.entries.items.len() <= 1_000);
            index
                .entries
                .items
                .iter()
                .for_each(|entry| drop(entry.kind()));
        }
        Manifest::Schema1(schema1) => {
            let _ = ImageConfig::from_schema1(schema1);
            let history = BuildHistory::from_schema1(schema1, &[]);
            assert_eq!(history.steps.items.len(), schema1.history.items.len());
            assert_eq!(digest.matches(input), !schema1.signed);
        }
        Manifest::Artifact(artifact) => drop(artifact.kind()),
    }
}

pub(crate) fn image_config(input: &[u8]) {
    let Ok(config) = ImageConfig::parse(input) else {
        return;
    };
    assert!(config.env.items.len() <= 1_000 && config.labels.items.len() <= 500);
    let history = BuildHistory::from_layers(&config, &[]);
    assert_eq!(history.steps.items.len(), config.history.items.len());
    serde_json::to_string(&(&config, &history)).expect("a config can be serialized");
    let _ = config.created.time();
}

pub(crate) fn recorded_command(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let command = RecordedCommand::parse(&text);
    assert!(
        text.contains(&command.text),
        "the command is part of the recorded text"
    );
}

/// Lines are names of tags: of the first eight, the order is total.
pub(crate) fn version_order(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut names: Vec<&str> = text
        .split('\n')
        .take(8)
        .map(|name| truncate(name, MAX_TAG_BYTES).0)
        .collect();
    names.sort_by(|a, b| version_order::compare(a, b));
    for (at, a) in names.iter().enumerate() {
        for b in &names[at..] {
            let order = version_order::compare(a, b);
            assert_ne!(order, Ordering::Greater);
            assert_eq!(order, version_order::compare(b, a).reverse());
        }
    }
}

pub(crate) fn pull_spec(input: &[u8]) {
    let Ok(spec) = String::from_utf8_lossy(input).parse::<PullSpec>() else {
        return;
    };
    let shown = spec.to_string();
    assert!(
        shown
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".:/@_-[]".contains(&b)),
        "{shown}"
    );
    assert_eq!(shown.parse(), Ok(spec));
}

pub(crate) fn challenges(input: &[u8]) {
    let found = parse_challenges(&String::from_utf8_lossy(input));
    assert!(found.len() <= 16);
    assert!(found.iter().all(|challenge| challenge.params.len() <= 32));
}

pub(crate) fn link_header(input: &[u8]) {
    let page = parse_next_page(&String::from_utf8_lossy(input));
    let last = page.and_then(|page| page.last).unwrap_or_default();
    assert!(!last.contains(char::is_control));
}

pub(crate) fn safe_text(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let changes_direction =
        |c: char| ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    for character in characters(&text) {
        if let Character::Plain(c) = character {
            assert!(!changes_direction(c) && (!c.is_control() || matches!(c, '\n' | '\t')));
        }
    }
    let limit = input.first().copied().unwrap_or_default().into();
    let (head, truncated) = truncate(&text, limit);
    assert!(head.chars().count() <= limit && truncated == (head.len() < text.len()));
    let link = safe_link(&text);
    assert!(link.is_none_or(|link| link.to_ascii_lowercase().starts_with("http")));
}

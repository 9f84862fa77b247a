//! What differs between two images, as far as the master took it down.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use registry_model::config::{Created, ImageConfig};
use registry_model::{Digest, Image};

/// One thing that differs. Untrusted values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub part: Part,
    /// Whose: the name of a label or a variable.
    pub name: Option<String>,
    /// As it is now.
    pub now: Option<String>,
    /// As it was then.
    pub then: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// When it was built.
    Built,
    /// The compressed layers together, in bytes.
    Size,
    /// How many layers there are that the other does not have.
    OwnLayers,
    Architecture,
    /// The program and its arguments.
    Command,
    /// As whom it runs.
    User,
    Directory,
    Ports,
    Variable,
    Label,
}

/// What differs between the image `now` and the one `then`.
pub(super) fn between(now: &Image, then: &Image) -> Vec<Difference> {
    let layers = |image: &Image| {
        image
            .layers
            .iter()
            .map(|layer| layer.digest.clone())
            .collect::<BTreeSet<Digest>>()
    };
    let (ours, theirs) = (layers(now), layers(then));
    let own = |one: &BTreeSet<Digest>, other: &BTreeSet<Digest>| {
        Some(one.difference(other).count().to_string())
    };
    let mut found = vec![
        plain(Part::Built, built(now), built(then)),
        plain(Part::Size, bytes(now), bytes(then)),
        plain(
            Part::OwnLayers,
            own(&ours, &theirs).filter(|_| ours != theirs),
            own(&theirs, &ours).filter(|_| ours != theirs),
        ),
        plain(
            Part::Architecture,
            now.architecture.clone(),
            then.architecture.clone(),
        ),
    ];
    let nothing = ImageConfig::default();
    let config = |image: &Image| {
        image
            .config_taken_down
            .clone()
            .unwrap_or_else(|| nothing.clone())
    };
    let (ours, theirs) = (config(now), config(then));
    found.extend([
        plain(Part::Command, command(&ours), command(&theirs)),
        plain(Part::User, ours.user.clone(), theirs.user.clone()),
        plain(
            Part::Directory,
            ours.working_dir.clone(),
            theirs.working_dir.clone(),
        ),
        plain(
            Part::Ports,
            joined(&ours.exposed_ports.items),
            joined(&theirs.exposed_ports.items),
        ),
    ]);
    found.extend(named(
        Part::Variable,
        &variables(&ours),
        &variables(&theirs),
    ));
    found.extend(named(Part::Label, &now.labels, &then.labels));
    found.retain(|difference| {
        difference.now != difference.then
            || difference.part == Part::OwnLayers && difference.now.is_some()
    });
    found
}

/// Only exact sizes can be compared.
fn bytes(image: &Image) -> Option<String> {
    image
        .size()
        .filter(|size| !size.at_least)
        .map(|size| size.bytes.0.to_string())
}

/// When an image was built, where it says so: a zero date says nothing.
fn built(image: &Image) -> Option<String> {
    image
        .created
        .map(Created::from)
        .and_then(Created::at)
        .map(|at| at.to_rfc3339())
}

fn plain(part: Part, now: Option<String>, then: Option<String>) -> Difference {
    Difference {
        part,
        name: None,
        now,
        then,
    }
}

fn joined(texts: &[String]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join(" "))
}

fn command(config: &ImageConfig) -> Option<String> {
    joined(
        &[
            config.entrypoint.items.as_slice(),
            config.cmd.items.as_slice(),
        ]
        .concat(),
    )
}

fn variables(config: &ImageConfig) -> BTreeMap<String, String> {
    config
        .env
        .items
        .iter()
        .map(|variable| {
            (
                variable.name.clone(),
                variable.value.clone().unwrap_or_default(),
            )
        })
        .collect()
}

fn named(
    part: Part,
    now: &BTreeMap<String, String>,
    then: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let names: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
    let difference = |name: &String| Difference {
        part,
        name: Some(name.clone()),
        now: now.get(name).cloned(),
        then: then.get(name).cloned(),
    };
    names.into_iter().map(difference).collect()
}

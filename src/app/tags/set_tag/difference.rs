//! The differences between two images, from the API server's copy of their configs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use registry_model::image_config::{CreationTime, ImageConfig};
use registry_model::{Digest, Image};

/// One difference. Untrusted values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageDifference {
    pub part: DifferingProperty,
    /// The name of the label or variable that differs.
    pub name: Option<String>,
    /// The current value.
    pub now: Option<String>,
    /// The earlier value.
    pub then: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DifferingProperty {
    /// When the image was built.
    Built,
    /// The total of the compressed layers, in bytes.
    Size,
    /// How many layers the other image does not have.
    OwnLayers,
    Architecture,
    /// The program and its arguments.
    Command,
    /// The user as which it runs.
    User,
    Directory,
    Ports,
    Variable,
    Label,
}

/// The differences between the image `now` and the image `then`.
pub(super) fn image_differences(now: &Image, then: &Image) -> Vec<ImageDifference> {
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
        difference_of(DifferingProperty::Built, build_time(now), build_time(then)),
        difference_of(DifferingProperty::Size, exact_size(now), exact_size(then)),
        difference_of(
            DifferingProperty::OwnLayers,
            own(&ours, &theirs).filter(|_| ours != theirs),
            own(&theirs, &ours).filter(|_| ours != theirs),
        ),
        difference_of(
            DifferingProperty::Architecture,
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
        difference_of(
            DifferingProperty::Command,
            full_command(&ours),
            full_command(&theirs),
        ),
        difference_of(
            DifferingProperty::User,
            ours.user.clone(),
            theirs.user.clone(),
        ),
        difference_of(
            DifferingProperty::Directory,
            ours.working_dir.clone(),
            theirs.working_dir.clone(),
        ),
        difference_of(
            DifferingProperty::Ports,
            join_texts(&ours.exposed_ports.items),
            join_texts(&theirs.exposed_ports.items),
        ),
    ]);
    found.extend(named_differences(
        DifferingProperty::Variable,
        &variables(&ours),
        &variables(&theirs),
    ));
    found.extend(named_differences(
        DifferingProperty::Label,
        &now.labels,
        &then.labels,
    ));
    found.retain(|difference| {
        difference.now != difference.then
            || difference.part == DifferingProperty::OwnLayers && difference.now.is_some()
    });
    found
}

/// Only exact sizes can be compared.
fn exact_size(image: &Image) -> Option<String> {
    image
        .size()
        .filter(|size| !size.at_least)
        .map(|size| size.bytes.0.to_string())
}

/// When an image was built, where it says so: a zero date says nothing.
fn build_time(image: &Image) -> Option<String> {
    image
        .created
        .map(CreationTime::from)
        .and_then(CreationTime::time)
        .map(|at| at.to_rfc3339())
}

fn difference_of(
    part: DifferingProperty,
    now: Option<String>,
    then: Option<String>,
) -> ImageDifference {
    ImageDifference {
        part,
        name: None,
        now,
        then,
    }
}

fn join_texts(texts: &[String]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join(" "))
}

fn full_command(config: &ImageConfig) -> Option<String> {
    join_texts(
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

fn named_differences(
    part: DifferingProperty,
    now: &BTreeMap<String, String>,
    then: &BTreeMap<String, String>,
) -> Vec<ImageDifference> {
    let names: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
    let difference = |name: &String| ImageDifference {
        part,
        name: Some(name.clone()),
        now: now.get(name).cloned(),
        then: then.get(name).cloned(),
    };
    names.into_iter().map(difference).collect()
}

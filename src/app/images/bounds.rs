//! What is kept of an image for a page (S37).

use super::{Facts, ImageView, PlatformRow};
use crate::app::bounds::{MOST_ROWS, TextBudget};
use crate::app::section::Section;
use registry_model::config::{EnvVar, HistoryEntry, ImageConfig};
use registry_model::manifest::{Artifact, Descriptor};
use registry_model::recipe::{Recipe, Step};
use registry_model::{Kept, KeptTexts};

/// The bytes of a long list: labels, environment, annotations.
const LONG_LIST: usize = 64 << 10;
/// The bytes of a list that is short as a rule: ports, volumes, a command line.
const SHORT_LIST: usize = 8 << 10;
/// The bytes of all texts that are no part of a list.
const SINGLE_TEXTS: usize = 16 << 10;
/// The bytes of a table of build steps. With the longest texts it has a dozen of them, with usual
/// ones all.
const STEPS: usize = 256 << 10;
/// The bytes of any other table: room for all of its rows, and for their texts.
const TABLE: usize = (MOST_ROWS << 10) + (32 << 10);
/// How many labels, variables or annotations are kept.
const MOST_PAIRS: usize = 500;

impl ImageView {
    /// The same with no more than a page can show.
    pub(super) fn bounded(mut self) -> Self {
        if let Section::Ready(names) = &mut self.names {
            self.more_names = names.len().saturating_sub(MOST_ROWS);
            names.truncate(MOST_ROWS);
            names.shrink_to_fit();
        }
        self.facts.bound();
        self
    }
}

impl Facts {
    fn bound(&mut self) {
        TextBudget::new(SINGLE_TEXTS).fit_each([
            &mut self.media_type,
            &mut self.artifact_type,
            &mut self.author,
        ]);
        if let Some(config) = &mut self.config {
            bound_config(config);
        }
        bound_annotations(&mut self.annotations);
        if let Some(recipe) = &mut self.recipe {
            bound_recipe(recipe);
        }
        if let Some(artifact) = &mut self.artifact {
            bound_artifact(artifact);
        }
        let mut layers = rows(&mut self.layers, self.more_layers);
        TextBudget::of_table(TABLE).list(&mut layers, MOST_ROWS, |layer| {
            layer.media_type.iter_mut().collect()
        });
        (self.layers, self.more_layers) = (layers.items, layers.more);
        let mut platforms = rows(&mut self.platforms, self.more_platforms);
        TextBudget::of_table(TABLE).list(&mut platforms, MOST_ROWS, texts_of_platform);
        (self.platforms, self.more_platforms) = (platforms.items, platforms.more);
    }
}

fn texts_of_platform(row: &mut PlatformRow) -> Vec<&mut String> {
    let single = [
        &mut row.platform,
        &mut row.os_version,
        &mut row.artifact_type,
        &mut row.of_platform,
    ];
    single
        .into_iter()
        .flatten()
        .chain(&mut row.os_features)
        .collect()
}

fn rows<T>(rows: &mut Vec<T>, more: usize) -> Kept<Vec<T>> {
    Kept {
        items: std::mem::take(rows),
        more,
        cut: 0,
    }
}

fn bound_annotations(annotations: &mut KeptTexts) {
    TextBudget::new(LONG_LIST).pairs(annotations, MOST_PAIRS);
}

fn bound_config(config: &mut ImageConfig) {
    let mut single = TextBudget::new(SINGLE_TEXTS);
    single.fit_each([
        &mut config.author,
        &mut config.os,
        &mut config.os_version,
        &mut config.architecture,
        &mut config.variant,
        &mut config.user,
        &mut config.working_dir,
        &mut config.stop_signal,
    ]);
    let short = [
        &mut config.entrypoint,
        &mut config.cmd,
        &mut config.exposed_ports,
        &mut config.volumes,
        &mut config.on_build,
    ];
    for texts in short
        .into_iter()
        .chain([&mut config.shell])
        .chain(config.healthcheck.as_mut().map(|check| &mut check.test))
    {
        TextBudget::new(SHORT_LIST).texts(texts, MOST_ROWS);
    }
    TextBudget::new(LONG_LIST).list(&mut config.env, MOST_PAIRS, texts_of_variable);
    TextBudget::new(LONG_LIST).pairs(&mut config.labels, MOST_PAIRS);
    TextBudget::of_table(STEPS).list(&mut config.history, MOST_ROWS, texts_of_entry);
    let more = config.diff_ids.items.len().saturating_sub(MOST_ROWS);
    config.diff_ids.more += more;
    config.diff_ids.items.truncate(MOST_ROWS);
}

fn texts_of_variable(variable: &mut EnvVar) -> Vec<&mut String> {
    std::iter::once(&mut variable.name)
        .chain(&mut variable.value)
        .collect()
}

fn texts_of_entry(entry: &mut HistoryEntry) -> Vec<&mut String> {
    [&mut entry.created_by, &mut entry.comment, &mut entry.author]
        .into_iter()
        .flatten()
        .collect()
}

fn bound_recipe(recipe: &mut Recipe) {
    TextBudget::of_table(STEPS).list(&mut recipe.steps, MOST_ROWS, texts_of_step);
}

fn texts_of_step(step: &mut Step) -> Vec<&mut String> {
    let layer = step.layer.as_mut().map(|layer| &mut layer.media_type);
    let optional = [Some(&mut step.build_args), Some(&mut step.comment), layer];
    std::iter::once(&mut step.text)
        .chain(optional.into_iter().flatten().flatten())
        .collect()
}

fn bound_artifact(artifact: &mut Artifact) {
    let mut single = TextBudget::new(SINGLE_TEXTS);
    single.fit_each([&mut artifact.media_type, &mut artifact.artifact_type]);
    for descriptor in [&mut artifact.config, &mut artifact.subject]
        .into_iter()
        .flatten()
    {
        bound_descriptor(descriptor, &mut TextBudget::new(SHORT_LIST));
    }
    bound_annotations(&mut artifact.annotations);
    let mut left = TextBudget::new(TABLE);
    let more = artifact.blobs.items.len().saturating_sub(MOST_ROWS);
    artifact.blobs.more += more;
    artifact.blobs.items.truncate(MOST_ROWS);
    artifact
        .blobs
        .items
        .iter_mut()
        .for_each(|blob| bound_descriptor(blob, &mut left));
}

fn bound_descriptor(descriptor: &mut Descriptor, left: &mut TextBudget) {
    left.fit_each([&mut descriptor.media_type, &mut descriptor.artifact_type]);
    left.pairs(&mut descriptor.annotations, MOST_PAIRS);
    left.texts(&mut descriptor.urls, MOST_ROWS);
    left.fit_each([&mut descriptor.data]);
}

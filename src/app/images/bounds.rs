//! How much of an image a page shows (S37).

use super::{ImageFacts, ImageView, PlatformRow};
use crate::app::bounds::{MAX_TABLE_ROWS, TextBudget};
use crate::app::section::Section;
use registry_model::build_history::{BuildHistory, BuildStep};
use registry_model::helm_chart::HelmChart;
use registry_model::image_config::{EnvVar, HistoryEntry, ImageConfig};
use registry_model::manifest::{Artifact, Descriptor};
use registry_model::{Truncated, TruncatedMap};

/// The bytes of a long list: labels, environment, annotations.
const MAX_LONG_LIST_BYTES: usize = 64 << 10;
/// The bytes of a list that is usually short: ports, volumes, a command line.
const MAX_SHORT_LIST_BYTES: usize = 8 << 10;
/// The bytes of all texts that are not in a list.
const MAX_SINGLE_TEXT_BYTES: usize = 16 << 10;
/// The bytes of a table of build steps: enough for a dozen of the longest texts, and for all steps
/// with texts of usual length.
const MAX_BUILD_STEP_BYTES: usize = 256 << 10;
/// The bytes of any other table: enough for all of its rows and their texts.
const MAX_TABLE_BYTES: usize = (MAX_TABLE_ROWS << 10) + (32 << 10);
/// How many labels, variables or annotations are kept.
const MAX_PAIRS: usize = 500;

impl ImageView {
    /// The image, cut to what a page can show.
    pub(super) fn bounded(mut self) -> Self {
        if let Section::Ready(names) = &mut self.names {
            self.more_names = names.len().saturating_sub(MAX_TABLE_ROWS);
            names.truncate(MAX_TABLE_ROWS);
            names.shrink_to_fit();
        }
        self.facts.bound_texts();
        self
    }
}

impl ImageFacts {
    fn bound_texts(&mut self) {
        TextBudget::new(MAX_SINGLE_TEXT_BYTES).truncate_each([
            &mut self.media_type,
            &mut self.artifact_type,
            &mut self.author,
        ]);
        if let Some(chart) = &mut self.chart {
            bound_chart(chart);
        }
        if let Some(config) = &mut self.config {
            bound_config(config);
        }
        bound_annotations(&mut self.annotations);
        if let Some(recipe) = &mut self.recipe {
            bound_build_history(recipe);
        }
        if let Some(artifact) = &mut self.artifact {
            bound_artifact(artifact);
        }
        let mut layers = truncate_rows(&mut self.layers, self.more_layers);
        TextBudget::for_table(MAX_TABLE_BYTES).truncate_list(
            &mut layers,
            MAX_TABLE_ROWS,
            |layer| layer.media_type.iter_mut().collect(),
        );
        (self.layers, self.more_layers) = (layers.items, layers.more);
        let mut platforms = truncate_rows(&mut self.platforms, self.more_platforms);
        TextBudget::for_table(MAX_TABLE_BYTES).truncate_list(
            &mut platforms,
            MAX_TABLE_ROWS,
            platform_texts,
        );
        (self.platforms, self.more_platforms) = (platforms.items, platforms.more);
    }
}

fn platform_texts(row: &mut PlatformRow) -> Vec<&mut String> {
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

fn truncate_rows<T>(rows: &mut Vec<T>, more: usize) -> Truncated<Vec<T>> {
    Truncated {
        items: std::mem::take(rows),
        more,
        cut: 0,
    }
}

fn bound_annotations(annotations: &mut TruncatedMap) {
    TextBudget::new(MAX_LONG_LIST_BYTES).truncate_pairs(annotations, MAX_PAIRS);
}

fn bound_config(config: &mut ImageConfig) {
    let mut single = TextBudget::new(MAX_SINGLE_TEXT_BYTES);
    single.truncate_each([
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
        TextBudget::new(MAX_SHORT_LIST_BYTES).truncate_texts(texts, MAX_TABLE_ROWS);
    }
    TextBudget::new(MAX_LONG_LIST_BYTES).truncate_list(&mut config.env, MAX_PAIRS, variable_texts);
    TextBudget::new(MAX_LONG_LIST_BYTES).truncate_pairs(&mut config.labels, MAX_PAIRS);
    TextBudget::for_table(MAX_BUILD_STEP_BYTES).truncate_list(
        &mut config.history,
        MAX_TABLE_ROWS,
        entry_texts,
    );
    let more = config.diff_ids.items.len().saturating_sub(MAX_TABLE_ROWS);
    config.diff_ids.more += more;
    config.diff_ids.items.truncate(MAX_TABLE_ROWS);
}

fn variable_texts(variable: &mut EnvVar) -> Vec<&mut String> {
    std::iter::once(&mut variable.name)
        .chain(&mut variable.value)
        .collect()
}

fn entry_texts(entry: &mut HistoryEntry) -> Vec<&mut String> {
    [&mut entry.created_by, &mut entry.comment, &mut entry.author]
        .into_iter()
        .flatten()
        .collect()
}

fn bound_build_history(recipe: &mut BuildHistory) {
    TextBudget::for_table(MAX_BUILD_STEP_BYTES).truncate_list(
        &mut recipe.steps,
        MAX_TABLE_ROWS,
        step_texts,
    );
}

fn step_texts(step: &mut BuildStep) -> Vec<&mut String> {
    let layer = step.layer.as_mut().map(|layer| &mut layer.media_type);
    let optional = [Some(&mut step.build_args), Some(&mut step.comment), layer];
    std::iter::once(&mut step.text)
        .chain(optional.into_iter().flatten().flatten())
        .collect()
}

fn bound_chart(chart: &mut HelmChart) {
    TextBudget::new(MAX_SHORT_LIST_BYTES).truncate_each([
        &mut chart.name,
        &mut chart.version,
        &mut chart.app_version,
        &mut chart.description,
    ]);
}

fn bound_artifact(artifact: &mut Artifact) {
    let mut single = TextBudget::new(MAX_SINGLE_TEXT_BYTES);
    single.truncate_each([&mut artifact.media_type, &mut artifact.artifact_type]);
    for descriptor in [&mut artifact.config, &mut artifact.subject]
        .into_iter()
        .flatten()
    {
        bound_descriptor(descriptor, &mut TextBudget::new(MAX_SHORT_LIST_BYTES));
    }
    bound_annotations(&mut artifact.annotations);
    let mut left = TextBudget::new(MAX_TABLE_BYTES);
    let more = artifact.blobs.items.len().saturating_sub(MAX_TABLE_ROWS);
    artifact.blobs.more += more;
    artifact.blobs.items.truncate(MAX_TABLE_ROWS);
    artifact
        .blobs
        .items
        .iter_mut()
        .for_each(|blob| bound_descriptor(blob, &mut left));
}

fn bound_descriptor(descriptor: &mut Descriptor, left: &mut TextBudget) {
    left.truncate_each([&mut descriptor.media_type, &mut descriptor.artifact_type]);
    left.truncate_pairs(&mut descriptor.annotations, MAX_PAIRS);
    left.truncate_texts(&mut descriptor.urls, MAX_TABLE_ROWS);
    left.truncate_each([&mut descriptor.data]);
}

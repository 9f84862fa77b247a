//! Image configs: how an image is run, and how it was built.

mod command_line;
mod creation_time;
mod wire;

pub use creation_time::CreationTime;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::manifest::Schema1;
use super::{Digest, Truncated, TruncatedMap, lenient};
use crate::build_history;
use wire::{WireHealthcheck, WireHistoryEntry, WireImageConfig, WireMetadata, WireRunConfig};

/// The content of an image's config blob (OCI image specification, "Image Configuration", with
/// Docker's extensions).
///
/// All texts are untrusted. A field of the wrong type counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageConfig {
    /// When the image was built, if recorded.
    pub created: CreationTime,
    /// The author, or else the name in the last `MAINTAINER` instruction.
    pub author: Option<String>,
    /// Such as `linux`.
    pub os: Option<String>,
    /// Such as `10.0.17763.1879`.
    pub os_version: Option<String>,
    /// Such as `amd64`.
    pub architecture: Option<String>,
    /// Such as `v7`.
    pub variant: Option<String>,
    /// The user, and optionally the group, that the image runs as: names or numbers.
    pub user: Option<String>,
    /// Environment variables, in order.
    pub env: Truncated<Vec<EnvVar>>,
    /// The program to run. Absent and empty are equivalent.
    pub entrypoint: Truncated<Vec<String>>,
    /// The arguments of the entrypoint, or the program if there is no entrypoint.
    pub cmd: Truncated<Vec<String>>,
    /// The working directory.
    pub working_dir: Option<String>,
    /// Such as `8080/tcp`.
    pub exposed_ports: Truncated<Vec<String>>,
    /// Directories of volumes.
    pub volumes: Truncated<Vec<String>>,
    #[schema(value_type = Truncated<BTreeMap<String, String>>)]
    pub labels: TruncatedMap,
    /// The signal that stops a container.
    pub stop_signal: Option<String>,
    /// Docker's health check.
    pub healthcheck: Option<Healthcheck>,
    /// Instructions that run in builds from this image.
    pub on_build: Truncated<Vec<String>>,
    /// The shell of `RUN` instructions.
    pub shell: Truncated<Vec<String>>,
    /// The build steps, oldest first.
    pub history: Truncated<Vec<HistoryEntry>>,
    /// The digests of the uncompressed layers, in order; `None` where one cannot be read.
    pub diff_ids: Truncated<Vec<Option<Digest>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EnvVar {
    pub name: String,
    /// The value. Absent if there is no `=`.
    pub value: Option<String>,
}

/// A health check of Docker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Healthcheck {
    /// `NONE`, `CMD` and the program, or `CMD-SHELL` and a command line.
    pub test: Truncated<Vec<String>>,
    /// Nanoseconds between checks.
    pub interval: Option<u64>,
    /// The time limit of a check in nanoseconds.
    pub timeout: Option<u64>,
    /// Nanoseconds after the start in which failures are not counted.
    pub start_period: Option<u64>,
    /// The number of consecutive failures after which a container is unhealthy.
    pub retries: Option<u64>,
}

/// A build step as the config records it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryEntry {
    pub created: CreationTime,
    /// The command, in the builder's own notation.
    pub created_by: Option<String>,
    /// The comment that the builder recorded.
    pub comment: Option<String>,
    pub author: Option<String>,
    /// Whether the step made no layer.
    pub empty_layer: bool,
}

impl ImageConfig {
    /// Reads a config blob. The caller limits its size (8 MiB, S37).
    ///
    /// # Errors
    ///
    /// The bytes are not JSON, or are nested deeper than 128.
    pub fn parse(bytes: &[u8]) -> Result<Self, ImageConfigError> {
        lenient::from_slice::<WireImageConfig>(bytes)
            .map(Self::from)
            .map_err(ImageConfigError)
    }

    /// The config in `dockerImageMetadata`: the same fields with the capitalisation of Docker's
    /// API, without history. `None` if there is none.
    #[must_use]
    pub fn from_metadata(metadata: &[u8]) -> Option<Self> {
        let taken: WireMetadata = lenient::from_slice(metadata).ok()?;
        let image = WireImageConfig {
            created: taken.created,
            author: taken.author,
            architecture: taken.architecture,
            os: taken.os,
            config: taken.config,
            ..WireImageConfig::default()
        };
        Some(Self::from(image)).filter(|config| *config != Self::default())
    }

    /// The config of a schema 1 manifest: its newest history entry. `None` if that cannot be read.
    #[must_use]
    pub fn from_schema1(manifest: &Schema1) -> Self {
        let newest = manifest
            .history
            .items
            .first()
            .and_then(Option::as_deref)
            .unwrap_or_default();
        let mut config = Self::parse(newest.as_bytes()).unwrap_or_default();
        config.architecture = config
            .architecture
            .or_else(|| manifest.architecture.clone());
        config.history = build_history::schema1_history(manifest);
        config.author = config.author.or_else(|| maintainer(&config.history.items));
        config
    }
}

/// A config blob that is not readable JSON.
#[derive(Debug, thiserror::Error)]
#[error("the image config is not readable JSON")]
pub struct ImageConfigError(#[source] serde_json::Error);

/// The name in the last `MAINTAINER` instruction.
fn maintainer(history: &[HistoryEntry]) -> Option<String> {
    history.iter().rev().find_map(|entry| {
        let command = build_history::RecordedCommand::parse(entry.created_by.as_deref()?);
        (command.instruction.as_deref() == Some("MAINTAINER")).then_some(command.text)
    })
}

fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl From<WireImageConfig> for ImageConfig {
    fn from(wire: WireImageConfig) -> Self {
        let history: Vec<HistoryEntry> = wire
            .history
            .items
            .into_iter()
            .map(HistoryEntry::from)
            .collect();
        let diff_ids = wire.rootfs.diff_ids;
        let run: WireRunConfig = wire.config;
        Self {
            created: CreationTime::parse(wire.created.as_deref()),
            author: non_empty(wire.author).or_else(|| maintainer(&history)),
            os: non_empty(wire.os),
            os_version: non_empty(wire.os_version),
            architecture: non_empty(wire.architecture),
            variant: non_empty(wire.variant),
            user: non_empty(run.user),
            env: Truncated {
                items: run.env.items.into_iter().map(EnvVar::from).collect(),
                more: run.env.more,
                cut: 0,
            },
            entrypoint: run.entrypoint,
            cmd: run.cmd,
            working_dir: non_empty(run.working_dir),
            exposed_ports: run.exposed_ports.0,
            volumes: run.volumes.0,
            labels: run.labels,
            stop_signal: non_empty(run.stop_signal),
            healthcheck: run.healthcheck.map(Healthcheck::from),
            on_build: run.on_build,
            shell: run.shell,
            history: Truncated {
                items: history,
                more: wire.history.more,
                cut: 0,
            },
            diff_ids: Truncated {
                items: diff_ids
                    .items
                    .into_iter()
                    .map(|id: Option<String>| id.and_then(|text| text.parse().ok()))
                    .collect(),
                more: diff_ids.more,
                cut: 0,
            },
        }
    }
}

impl From<String> for EnvVar {
    fn from(text: String) -> Self {
        match text.split_once('=') {
            Some((name, value)) => Self {
                name: name.to_owned(),
                value: Some(value.to_owned()),
            },
            None => Self {
                name: text,
                value: None,
            },
        }
    }
}

impl From<WireHealthcheck> for Healthcheck {
    fn from(wire: WireHealthcheck) -> Self {
        Self {
            test: wire.test,
            interval: wire.interval,
            timeout: wire.timeout,
            start_period: wire.start_period,
            retries: wire.retries,
        }
    }
}

impl From<WireHistoryEntry> for HistoryEntry {
    fn from(wire: WireHistoryEntry) -> Self {
        Self {
            created: CreationTime::parse(wire.created.as_deref()),
            created_by: non_empty(wire.created_by),
            comment: non_empty(wire.comment),
            author: non_empty(wire.author),
            empty_layer: wire.empty_layer == Some(true),
        }
    }
}

#[cfg(test)]
mod tests;

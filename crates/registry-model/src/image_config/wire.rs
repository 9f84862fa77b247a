//! The fields of a config's JSON that are read.

use crate::lenient::{KeySet, LenientDeserialize, object};
use crate::{Truncated, TruncatedMap};

object! {
    pub(super) struct WireImageConfig {
        "created" => created: Option<String>,
        "author" => author: Option<String>,
        "os" => os: Option<String>,
        "os.version" => os_version: Option<String>,
        "architecture" => architecture: Option<String>,
        "variant" => variant: Option<String>,
        "config" => config: WireRunConfig,
        "history" => history: Truncated<Vec<WireHistoryEntry>>,
        "rootfs" => rootfs: WireRootfs,
    }
}

object! {
    /// The config in an image object, with the names of Docker's API.
    pub(super) struct WireMetadata {
        "Created" => created: Option<String>,
        "Author" => author: Option<String>,
        "Os" => os: Option<String>,
        "Architecture" => architecture: Option<String>,
        "Config" => config: WireRunConfig,
    }
}

object! {
    /// The runtime settings.
    pub(super) struct WireRunConfig {
        "User" => user: Option<String>,
        "Env" => env: Truncated<Vec<String>>,
        "Entrypoint" => entrypoint: Truncated<Vec<String>>,
        "Cmd" => cmd: Truncated<Vec<String>>,
        "WorkingDir" => working_dir: Option<String>,
        "ExposedPorts" => exposed_ports: KeySet,
        "Volumes" => volumes: KeySet,
        "Labels" => labels: TruncatedMap,
        "StopSignal" => stop_signal: Option<String>,
        "Healthcheck" => healthcheck: Option<WireHealthcheck>,
        "OnBuild" => on_build: Truncated<Vec<String>>,
        "Shell" => shell: Truncated<Vec<String>>,
    }
}

object! {
    pub(super) struct WireHealthcheck {
        "Test" => test: Truncated<Vec<String>>,
        "Interval" => interval: Option<u64>,
        "Timeout" => timeout: Option<u64>,
        "StartPeriod" => start_period: Option<u64>,
        "Retries" => retries: Option<u64>,
    }
}

object! {
    pub(super) struct WireHistoryEntry {
        "created" => created: Option<String>,
        "created_by" => created_by: Option<String>,
        "comment" => comment: Option<String>,
        "author" => author: Option<String>,
        "empty_layer" => empty_layer: Option<bool>,
    }
}

object! {
    pub(super) struct WireRootfs {
        "diff_ids" => diff_ids: Truncated<Vec<Option<String>>>,
    }
}

impl LenientDeserialize for Option<WireHealthcheck> {
    fn from_object<'de, A: serde::de::MapAccess<'de>>(from_object: A) -> Result<Self, A::Error> {
        WireHealthcheck::from_object(from_object).map(Some)
    }
}

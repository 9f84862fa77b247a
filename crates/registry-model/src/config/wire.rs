//! What is read of a config's JSON.

use crate::lenient::{Keys, Shape, object};
use crate::{Kept, KeptTexts};

object! {
    pub(super) struct WireImage {
        "created" => created: Option<String>,
        "author" => author: Option<String>,
        "os" => os: Option<String>,
        "os.version" => os_version: Option<String>,
        "architecture" => architecture: Option<String>,
        "variant" => variant: Option<String>,
        "config" => config: WireConfig,
        "history" => history: Kept<Vec<WireHistory>>,
        "rootfs" => rootfs: WireRootfs,
    }
}

object! {
    /// What the master keeps of a config, under the names of Docker's API.
    pub(super) struct WireMetadata {
        "Created" => created: Option<String>,
        "Author" => author: Option<String>,
        "Os" => os: Option<String>,
        "Architecture" => architecture: Option<String>,
        "Config" => config: WireConfig,
    }
}

object! {
    /// How it is run.
    pub(super) struct WireConfig {
        "User" => user: Option<String>,
        "Env" => env: Kept<Vec<String>>,
        "Entrypoint" => entrypoint: Kept<Vec<String>>,
        "Cmd" => cmd: Kept<Vec<String>>,
        "WorkingDir" => working_dir: Option<String>,
        "ExposedPorts" => exposed_ports: Keys,
        "Volumes" => volumes: Keys,
        "Labels" => labels: KeptTexts,
        "StopSignal" => stop_signal: Option<String>,
        "Healthcheck" => healthcheck: Option<WireHealthcheck>,
        "OnBuild" => on_build: Kept<Vec<String>>,
        "Shell" => shell: Kept<Vec<String>>,
    }
}

object! {
    pub(super) struct WireHealthcheck {
        "Test" => test: Kept<Vec<String>>,
        "Interval" => interval: Option<u64>,
        "Timeout" => timeout: Option<u64>,
        "StartPeriod" => start_period: Option<u64>,
        "Retries" => retries: Option<u64>,
    }
}

object! {
    pub(super) struct WireHistory {
        "created" => created: Option<String>,
        "created_by" => created_by: Option<String>,
        "comment" => comment: Option<String>,
        "author" => author: Option<String>,
        "empty_layer" => empty_layer: Option<bool>,
    }
}

object! {
    pub(super) struct WireRootfs {
        "diff_ids" => diff_ids: Kept<Vec<Option<String>>>,
    }
}

impl Shape for Option<WireHealthcheck> {
    fn object<'de, A: serde::de::MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        WireHealthcheck::object(object).map(Some)
    }
}

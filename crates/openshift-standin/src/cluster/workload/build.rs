//! The description of a build configuration to be added.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::cluster::{TagReference, Version};

/// How a build is made, which says what its `from` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildStrategy {
    /// `FROM` of a Dockerfile.
    Docker,
    /// The builder image of Source-to-Image.
    Source,
    Custom,
}

impl BuildStrategy {
    fn name(self) -> &'static str {
        match self {
            Self::Docker => "Docker",
            Self::Source => "Source",
            Self::Custom => "Custom",
        }
    }

    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Docker => "dockerStrategy",
            Self::Source => "sourceStrategy",
            Self::Custom => "customStrategy",
        }
    }
}

/// `status.phase` of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildPhase {
    New,
    Running,
    Complete,
    Failed,
}

impl BuildPhase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Running => "Running",
            Self::Complete => "Complete",
            Self::Failed => "Failed",
        }
    }
}

/// A build configuration to be added by [`crate::cluster::Cluster::add_build_config`].
#[derive(Clone, Debug)]
pub struct BuildConfig {
    pub(super) project: String,
    pub(super) name: String,
    strategy: BuildStrategy,
    from: TagReference,
    source_images: Vec<TagReference>,
    output: Option<TagReference>,
    triggers: Vec<Value>,
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) is_seen: bool,
}

impl BuildConfig {
    /// One that builds from `from`, without an output and without triggers.
    #[must_use]
    pub fn new(project: &str, name: &str, strategy: BuildStrategy, from: TagReference) -> Self {
        Self {
            project: project.to_owned(),
            name: name.to_owned(),
            strategy,
            from,
            source_images: Vec::new(),
            output: None,
            triggers: Vec::new(),
            created: None,
            is_seen: true,
        }
    }

    /// Copies files of an image into the source (`spec.source.images`).
    #[must_use]
    pub fn source_image(mut self, image: TagReference) -> Self {
        self.source_images.push(image);
        self
    }

    /// Where it pushes to: a tag of an image stream, or a pull spec.
    #[must_use]
    pub fn output(mut self, to: TagReference) -> Self {
        self.output = Some(to);
        self
    }

    /// Starts a build whenever the tag of its `from` moves.
    #[must_use]
    pub fn trigger(mut self) -> Self {
        self.triggers
            .push(json!({"type": "ImageChange", "imageChange": {}}));
        self
    }

    /// Starts a build whenever this tag moves, which is not that of its `from`.
    #[must_use]
    pub fn trigger_on(mut self, tag: &TagReference) -> Self {
        self.triggers
            .push(json!({"type": "ImageChange", "imageChange": {"from": reference(tag)}}));
        self
    }

    /// The same as [`BuildConfig::trigger`], but paused.
    #[must_use]
    pub fn paused_trigger(mut self) -> Self {
        self.triggers
            .push(json!({"type": "ImageChange", "imageChange": {"paused": true}}));
        self
    }

    /// When it was created; the present if this is not called.
    #[must_use]
    pub fn created(mut self, when: DateTime<Utc>) -> Self {
        self.created = Some(when);
        self
    }

    /// No controller has seen it yet: it starts no builds.
    #[must_use]
    pub fn unseen(mut self) -> Self {
        self.is_seen = false;
        self
    }

    pub(super) fn spec(&self, version: Version) -> Value {
        let mut source = match self.strategy {
            BuildStrategy::Docker if self.source_images.is_empty() => {
                json!({"type": "Dockerfile", "dockerfile": "FROM scratch\n"})
            }
            _ => {
                json!({"type": "Git", "git": {"uri": format!("https://git.example.com/{}.git", self.name)}})
            }
        };
        if !self.source_images.is_empty() {
            source["images"] = self
                .source_images
                .iter()
                .map(|image| json!({"from": reference(image), "paths": [{"sourcePath": "/opt", "destinationDir": "opt"}]}))
                .collect();
        }
        let mut strategy = json!({"type": self.strategy.name()});
        strategy[self.strategy.field()] = json!({"from": reference(&self.from)});
        let output = self
            .output
            .as_ref()
            .map_or_else(|| json!({}), |to| json!({"to": reference(to)}));
        let mut spec = json!({"runPolicy": "Serial", "source": source, "strategy": strategy, "output": output, "resources": {}, "postCommit": {},
            "nodeSelector": null, "successfulBuildsHistoryLimit": 5, "failedBuildsHistoryLimit": 5});
        if version == Version::V3_9 || !self.triggers.is_empty() {
            spec["triggers"] = self.triggers.as_slice().into();
        }
        spec
    }
}

fn reference(to: &TagReference) -> Value {
    let mut shown = json!({"kind": to.kind, "name": to.name});
    if let Some(project) = &to.namespace {
        shown["namespace"] = project.as_str().into();
    }
    shown
}

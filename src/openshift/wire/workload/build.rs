//! The JSON of builds and of their configurations.

use serde::Deserialize;

use crate::openshift::wire::object_meta::null_to_default;
use registry_model::{ImagePart, NamedImage, ProjectName, WorkloadImageReference};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BuildSource {
    #[serde(deserialize_with = "null_to_default")]
    images: Vec<BuildImage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BuildImage {
    from: Option<WireImageReference>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireBuildStrategy {
    docker_strategy: Option<BuildImage>,
    source_strategy: Option<BuildImage>,
    custom_strategy: Option<BuildImage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BuildOutput {
    to: Option<WireImageReference>,
}

/// An `ObjectReference` to an image.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireImageReference {
    #[serde(deserialize_with = "null_to_default")]
    kind: String,
    namespace: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    pub(super) name: String,
}

/// The images that a build in `project` uses and pushes.
pub(super) fn build_images(
    source: &BuildSource,
    strategy: &WireBuildStrategy,
    output: &BuildOutput,
    project: &ProjectName,
) -> Vec<NamedImage> {
    let named = |part: ImagePart, reference: Option<WorkloadImageReference>| {
        reference.map(|reference| NamedImage {
            part,
            reference: Some(reference),
            running: None,
            started: None,
        })
    };
    let copied = source.images.iter().filter_map(|image| {
        let reference = image.from.as_ref()?.to_model(project);
        named(ImagePart::BuildSource, reference)
    });
    let from = named(ImagePart::BuildFrom, strategy.from(project));
    let output = output.to.as_ref().and_then(|to| to.to_model(project));
    from.into_iter()
        .chain(copied)
        .chain(named(ImagePart::BuildOutput, output))
        .collect()
}

impl WireBuildStrategy {
    /// The image that the build starts from.
    pub(super) fn from(&self, project: &ProjectName) -> Option<WorkloadImageReference> {
        let strategies = [
            &self.docker_strategy,
            &self.source_strategy,
            &self.custom_strategy,
        ];
        let from = strategies
            .into_iter()
            .flatten()
            .find_map(|strategy| strategy.from.as_ref())?;
        from.to_model(project)
    }
}

impl WireImageReference {
    /// `None` for another kind, or a name that is not valid.
    pub(super) fn to_model(&self, project: &ProjectName) -> Option<WorkloadImageReference> {
        WorkloadImageReference::from_object_reference(
            &self.kind,
            self.namespace.as_deref(),
            &self.name,
            project,
        )
    }
}

//! Artifacts: what registries hold besides images.

use serde::Serialize;

use super::super::{Kept, kept::KeptTexts};
use super::wire::{Wire, WireDescriptor};
use super::{Descriptor, is_image_config};

/// The manifest of an early ORAS artifact: `blobs` in place of `layers`, no config.
pub(super) const ORAS_MANIFEST: &str = "application/vnd.cncf.oras.artifact.manifest.v1+json";

/// The same shape as OCI once proposed it, withdrawn before image specification 1.1.
pub(super) const OCI_ARTIFACT_MANIFEST: &str = "application/vnd.oci.artifact.manifest.v1+json";

/// The config of an artifact that has none (OCI image specification 1.1, "Guidance for an Empty Descriptor").
const EMPTY_CONFIG: &str = "application/vnd.oci.empty.v1+json";

/// Something that is no image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// What the manifest says it is, or the registry says. Untrusted.
    pub media_type: Option<String>,
    /// What kind of artifact it says it is. Untrusted.
    pub artifact_type: Option<String>,
    /// Its config, where it has one that can be read.
    pub config: Option<Descriptor>,
    /// Its contents.
    pub blobs: Kept<Vec<Descriptor>>,
    /// How many of them were left out, because their descriptors cannot be read.
    pub unreadable_blobs: usize,
    /// The manifest that it belongs to: the image that a signature signs, say.
    pub subject: Option<Descriptor>,
    /// Its annotations.
    pub annotations: KeptTexts,
}

/// What an artifact is, by its media types. Says what it claims to be, not that it is well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", content = "type", rename_all = "kebab-case")]
pub enum What<'a> {
    /// A Helm chart.
    HelmChart,
    /// A signature by cosign (simple signing, or a Sigstore bundle).
    CosignSignature,
    /// A signature by Notation (Notary Project).
    NotationSignature,
    /// A list of what is in an image.
    Sbom(SbomFormat),
    /// Statements about an image: in-toto, DSSE, BuildKit provenance.
    Attestation,
    /// A WebAssembly module or component.
    Wasm,
    /// A Singularity (Apptainer) image.
    Singularity,
    /// Tekton tasks and pipelines.
    TektonBundle,
    /// Anything else, by the most telling of its media types. Untrusted.
    Other(&'a str),
    /// Nothing tells.
    Unknown,
}

/// The formats of lists of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SbomFormat {
    /// SPDX.
    Spdx,
    /// CycloneDX.
    CycloneDx,
    /// Syft's own.
    Syft,
}

impl Artifact {
    pub(super) fn from_wire(wire: Wire, content_type: Option<&str>) -> Self {
        let media_type = wire.media_type(content_type);
        let blobs = wire.layers.or(wire.blobs).unwrap_or_default();
        let (blobs, unreadable_blobs) = blobs.filter_map(Descriptor::from_wire);
        Self {
            media_type,
            artifact_type: wire.artifact_type,
            config: Descriptor::from_wire(wire.config),
            blobs,
            unreadable_blobs,
            subject: Descriptor::from_wire(wire.subject),
            annotations: wire.annotations,
        }
    }

    /// What it is.
    #[must_use]
    pub fn what(&self) -> What<'_> {
        if is_tekton(self.blobs.items.iter().map(|blob| &blob.annotations)) {
            return What::TektonBundle;
        }
        self.types().find_map(known).or_else(|| self.types().next().map(What::Other)).unwrap_or(What::Unknown)
    }

    /// Its media types, the most telling first.
    fn types(&self) -> impl Iterator<Item = &str> {
        let config = self.config.as_ref().and_then(|config| config.media_type.as_deref());
        let blobs = self.blobs.items.iter().filter_map(|blob| blob.media_type.as_deref());
        self.artifact_type
            .as_deref()
            .into_iter()
            .chain(config.filter(|&kind| kind != EMPTY_CONFIG && !is_image_config(kind)))
            .chain(blobs)
            .filter(|kind| !kind.is_empty())
    }
}

/// Whether what has the shape of an image manifest is an artifact: it says so, or its config is no image's, or nothing in it is a layer
/// of a file system (cosign and BuildKit write an image config around what is not one).
pub(super) fn is_one(wire: &Wire) -> bool {
    let config = wire.config.media_type.as_deref();
    let layers = wire.layers.as_ref().map_or(&[][..], |layers| &layers.items);
    wire.artifact_type.as_deref().is_some_and(|kind| !kind.is_empty())
        || config.is_some_and(|kind| !is_image_config(kind))
        || (!layers.is_empty() && !layers.iter().any(is_file_system))
        || is_tekton(layers.iter().map(|layer| &layer.annotations.0))
}

fn is_file_system(layer: &WireDescriptor) -> bool {
    layer.media_type.as_deref().is_none_or(|kind| {
        kind.starts_with("application/vnd.oci.image.layer.")
            || kind.starts_with("application/vnd.docker.image.rootfs.")
            || kind.starts_with("application/vnd.docker.container.image.rootfs.")
    })
}

/// Tekton marks its layers, which else look like those of an image (Tekton bundle contract).
fn is_tekton<'a>(mut annotations: impl Iterator<Item = &'a KeptTexts>) -> bool {
    annotations.any(|texts| texts.items.contains_key("dev.tekton.image.kind"))
}

fn known(media_type: &str) -> Option<What<'static>> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| media_type.starts_with(prefix));
    Some(if starts(&["application/vnd.cncf.helm."]) {
        What::HelmChart
    } else if starts(&[
        "application/vnd.dev.cosign.simplesigning.",
        "application/vnd.dev.cosign.artifact.sig.",
        "application/vnd.dev.sigstore.bundle",
    ]) {
        What::CosignSignature
    } else if starts(&["application/vnd.cncf.notary."]) {
        What::NotationSignature
    } else if starts(&["application/spdx", "text/spdx"]) {
        What::Sbom(SbomFormat::Spdx)
    } else if starts(&["application/vnd.cyclonedx"]) {
        What::Sbom(SbomFormat::CycloneDx)
    } else if starts(&["application/vnd.syft+"]) {
        What::Sbom(SbomFormat::Syft)
    } else if starts(&["application/vnd.in-toto", "application/vnd.dsse.envelope", "application/vnd.docker.attestation."]) {
        What::Attestation
    } else if starts(&[
        "application/vnd.wasm.",
        "application/wasm",
        "application/vnd.module.wasm.",
        "application/vnd.bytecodealliance.wasm.",
    ]) {
        What::Wasm
    } else if starts(&["application/vnd.sylabs.sif."]) {
        What::Singularity
    } else {
        return None;
    })
}

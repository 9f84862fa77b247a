//! Artifacts: content of registries other than images.

use std::collections::BTreeMap;

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::{TotalSize, Truncated, layer};
use super::wire::{WireDescriptor, WireManifest};
use super::{
    Descriptor, IMAGE_MANIFEST_MEDIA_TYPE, ImageManifest, is_image_config_media_type, non_empty,
};
use crate::truncated::TruncatedMap;

/// The manifest of an early ORAS artifact: `blobs` in place of `layers`, no config.
pub(super) const ORAS_MANIFEST_MEDIA_TYPE: &str =
    "application/vnd.cncf.oras.artifact.manifest.v1+json";

/// The same structure as OCI once proposed it, withdrawn before image specification 1.1.
pub(super) const OCI_ARTIFACT_MANIFEST_MEDIA_TYPE: &str =
    "application/vnd.oci.artifact.manifest.v1+json";

/// The config of an artifact that has none (OCI image specification 1.1, "Guidance for an Empty
/// Descriptor").
const EMPTY_CONFIG_MEDIA_TYPE: &str = "application/vnd.oci.empty.v1+json";

/// The media type of arbitrary bytes.
const OCTET_STREAM: &str = "application/octet-stream";

/// The config of a build cache, in an image manifest or as an entry of an index.
pub(super) const BUILD_CACHE_CONFIG_MEDIA_TYPE: &str = "application/vnd.buildkit.cacheconfig.v0";

/// The digest of `{}`: an empty config, whatever its media type.
const EMPTY_JSON_DIGEST: &str =
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// Media types of configs that registries assigned to Docker images in the past; Docker, Podman and
/// CRI-O run these images (moby, `distribution/registry.go`, `ImageTypes`).
const LEGACY_DOCKER_CONFIG_MEDIA_TYPES: [&str; 3] = [OCTET_STREAM, "application/json", "text/html"];

/// An artifact: a manifest that is not an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Artifact {
    /// The media type, from the manifest or the registry. Untrusted.
    pub media_type: Option<String>,
    /// The `artifactType`. Untrusted.
    pub artifact_type: Option<String>,
    /// The config, if there is one that can be read.
    pub config: Option<Descriptor>,
    pub blobs: Truncated<Vec<Descriptor>>,
    /// The number of files that were left out because their descriptors cannot be read.
    pub unreadable_blobs: usize,
    /// The manifest that it refers to, such as the image that a signature signs.
    pub subject: Option<Descriptor>,
    #[schema(value_type = Truncated<BTreeMap<String, String>>)]
    pub annotations: TruncatedMap,
}

/// The kind of an artifact, by its media types. These are claims: the content is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", content = "type", rename_all = "kebab-case")]
pub enum ArtifactKind<'a> {
    HelmChart,
    /// A signature by cosign (simple signing, or a Sigstore bundle).
    CosignSignature,
    /// A signature by Notation (Notary Project).
    NotationSignature,
    /// A software bill of materials.
    Sbom(SbomFormat),
    /// Statements about an image: in-toto, DSSE, BuildKit provenance.
    Attestation,
    /// A WebAssembly module or component.
    Wasm,
    /// A Singularity (Apptainer) image.
    Singularity,
    /// Tekton tasks and pipelines.
    TektonBundle,
    /// A build cache of BuildKit.
    BuildCache,
    /// Any other kind, by the most specific of its media types. Untrusted.
    Other(&'a str),
    Unknown,
}

/// The formats of SBOMs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SbomFormat {
    Spdx,
    CycloneDx,
    Syft,
}

impl Artifact {
    pub(super) fn from_wire(wire: WireManifest, content_type: Option<&str>) -> Self {
        let media_type = wire.media_type(content_type);
        let blobs = wire.layers.or(wire.blobs).unwrap_or_default();
        let (blobs, unreadable_blobs) = blobs.filter_map(Descriptor::from_wire);
        Self {
            media_type,
            artifact_type: non_empty(wire.artifact_type),
            config: Descriptor::from_wire(wire.config),
            blobs,
            unreadable_blobs,
            subject: Descriptor::from_wire(wire.subject),
            annotations: wire.annotations,
        }
    }

    /// The size of its files, each digest once. `None` if no size is known.
    #[must_use]
    pub fn size(&self) -> Option<TotalSize> {
        let mut seen = HashSet::new();
        let files = self
            .blobs
            .items
            .iter()
            .filter(|blob| blob.size.is_none() || seen.insert(&blob.digest));
        let total = TotalSize::from_sizes(files.map(|blob| blob.size));
        total.map(|total| TotalSize {
            at_least: total.at_least || self.blobs.more + self.unreadable_blobs > 0,
            ..total
        })
    }

    #[must_use]
    pub fn kind(&self) -> ArtifactKind<'_> {
        if is_tekton(self.blobs.items.iter().map(|blob| &blob.annotations)) {
            return ArtifactKind::TektonBundle;
        }
        self.media_types()
            .find_map(kind_from_media_type)
            .or_else(|| self.media_types().next().map(ArtifactKind::Other))
            .unwrap_or(ArtifactKind::Unknown)
    }

    /// Its media types, the most specific first.
    fn media_types(&self) -> impl Iterator<Item = &str> {
        let config = self
            .config
            .as_ref()
            .and_then(|config| config.media_type.as_deref());
        let blobs = self
            .blobs
            .items
            .iter()
            .filter_map(|blob| blob.media_type.as_deref());
        self.artifact_type
            .as_deref()
            .into_iter()
            .chain(config.filter(|&kind| !is_image_config_media_type(kind)))
            .chain(blobs)
            .filter(|&kind| {
                !kind.is_empty() && kind != EMPTY_CONFIG_MEDIA_TYPE && kind != OCTET_STREAM
            })
    }
}

/// An image without content to run.
impl From<ImageManifest> for Artifact {
    fn from(image: ImageManifest) -> Self {
        Self {
            media_type: image.media_type,
            artifact_type: image.artifact_type,
            config: image.config,
            blobs: Truncated::default(),
            unreadable_blobs: image.layers.total() + image.unreadable_layers,
            subject: image.subject,
            annotations: image.annotations,
        }
    }
}

/// Whether a manifest with the structure of an image is an artifact: its config is not that of an
/// image, or none of its layers is a file system layer (cosign and BuildKit write an image config
/// for artifacts). An `artifactType` alone does not make an image an artifact.
pub(super) fn is_artifact(wire: &WireManifest, content_type: Option<&str>) -> bool {
    let layers = wire.layers.as_ref().map_or(&[][..], |layers| &layers.items);
    let config = wire
        .config
        .media_type
        .as_deref()
        .filter(|kind| !kind.is_empty());
    let is_docker = wire.media_type(content_type).as_deref() == Some(IMAGE_MANIFEST_MEDIA_TYPE);
    let of_image = config.is_none_or(|kind| {
        is_image_config_media_type(kind)
            || (is_docker && LEGACY_DOCKER_CONFIG_MEDIA_TYPES.contains(&kind))
    });
    let is_typed = wire
        .artifact_type
        .as_deref()
        .is_some_and(|kind| !kind.is_empty());
    !of_image
        || (is_typed && config.is_none())
        || (!layers.is_empty() && !layers.iter().any(is_filesystem_layer))
        || (layers.is_empty() && wire.config.digest.as_deref() == Some(EMPTY_JSON_DIGEST))
        || is_tekton(layers.iter().map(|layer| &layer.annotations.0))
}

/// A layer without a media type counts as a file system layer.
fn is_filesystem_layer(layer: &WireDescriptor) -> bool {
    layer
        .media_type
        .as_deref()
        .is_none_or(layer::is_filesystem_media_type)
}

/// Tekton marks its layers with annotations; they otherwise look like those of an image (Tekton
/// bundle contract).
fn is_tekton<'a>(mut annotations: impl Iterator<Item = &'a TruncatedMap>) -> bool {
    annotations.any(|texts| texts.items.contains_key("dev.tekton.image.kind"))
}

impl<'a> ArtifactKind<'a> {
    /// The kind of artifact with this media type.
    #[must_use]
    pub fn from_artifact_type(artifact_type: Option<&'a str>) -> Self {
        let artifact_type = artifact_type.filter(|kind| !kind.is_empty());
        artifact_type.map_or(Self::Unknown, |kind| {
            kind_from_media_type(kind).unwrap_or(Self::Other(kind))
        })
    }
}

fn kind_from_media_type(media_type: &str) -> Option<ArtifactKind<'static>> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| media_type.starts_with(prefix));
    Some(if starts(&["application/vnd.cncf.helm."]) {
        ArtifactKind::HelmChart
    } else if starts(&[
        "application/vnd.dev.cosign.simplesigning.",
        "application/vnd.dev.cosign.artifact.sig.",
        "application/vnd.dev.sigstore.bundle",
    ]) {
        ArtifactKind::CosignSignature
    } else if starts(&["application/vnd.cncf.notary."]) {
        ArtifactKind::NotationSignature
    } else if starts(&["application/spdx", "text/spdx"]) {
        ArtifactKind::Sbom(SbomFormat::Spdx)
    } else if starts(&["application/vnd.cyclonedx"]) {
        ArtifactKind::Sbom(SbomFormat::CycloneDx)
    } else if starts(&["application/vnd.syft+"]) {
        ArtifactKind::Sbom(SbomFormat::Syft)
    } else if starts(&[
        "application/vnd.in-toto",
        "application/vnd.dsse.envelope",
        "application/vnd.docker.attestation.",
    ]) {
        ArtifactKind::Attestation
    } else if starts(&[
        "application/vnd.wasm.",
        "application/wasm",
        "application/vnd.module.wasm.",
        "application/vnd.bytecodealliance.wasm.",
    ]) {
        ArtifactKind::Wasm
    } else if starts(&["application/vnd.sylabs.sif."]) {
        ArtifactKind::Singularity
    } else if media_type == BUILD_CACHE_CONFIG_MEDIA_TYPE {
        ArtifactKind::BuildCache
    } else {
        return None;
    })
}

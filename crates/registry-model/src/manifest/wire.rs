//! What is read of a manifest's JSON before it is decided of which kind it is.

use std::collections::BTreeMap;

use super::{BadManifest, Format, Kept, KeptTexts};
use crate::lenient::{Few, Present, object};

object! {
    /// The fields of all kinds of manifests together.
    pub(super) struct Wire {
        "mediaType" => media_type: Option<String>,
        "artifactType" => artifact_type: Option<String>,
        "config" => config: WireDescriptor,
        "layers" => layers: Option<Kept<Vec<WireDescriptor>>>,
        "blobs" => blobs: Option<Kept<Vec<WireDescriptor>>>,
        "manifests" => manifests: Option<Kept<Vec<WireDescriptor>>>,
        "subject" => subject: WireDescriptor,
        "annotations" => annotations: KeptTexts,
        "name" => name: Option<String>,
        "tag" => tag: Option<String>,
        "architecture" => architecture: Option<String>,
        "fsLayers" => fs_layers: Option<Kept<Vec<WireFsLayer>>>,
        "history" => history: Kept<Vec<WireHistory>>,
        "signatures" => signatures: Present,
    }
}

object! {
    /// A descriptor (OCI image specification, "Content Descriptors"), with the platform that it has
    /// in an index.
    pub(super) struct WireDescriptor {
        "mediaType" => media_type: Option<String>,
        "digest" => digest: Option<String>,
        "size" => size: Option<u64>,
        "artifactType" => artifact_type: Option<String>,
        "annotations" => annotations: Few<BTreeMap<String, String>>,
        "urls" => urls: Few<Vec<String>>,
        "data" => data: Option<String>,
        "platform" => platform: WirePlatform,
    }
}

object! {
    /// The platform of an index entry.
    pub(super) struct WirePlatform {
        "os" => os: Option<String>,
        "architecture" => architecture: Option<String>,
        "variant" => variant: Option<String>,
        "os.version" => os_version: Option<String>,
        "os.features" => os_features: Few<Vec<String>>,
    }
}

object! {
    /// A layer of schema 1.
    pub(super) struct WireFsLayer {
        "blobSum" => blob_sum: Option<String>,
    }
}

object! {
    /// A history entry of schema 1: a JSON document as text.
    pub(super) struct WireHistory {
        "v1Compatibility" => v1_compatibility: Option<String>,
    }
}

impl Wire {
    /// What kind of manifest this is, by what it says, by what the registry says, and by what is in
    /// it. They must not disagree.
    pub(super) fn format(&self, content_type: Option<&str>) -> Result<Format, BadManifest> {
        let inside = self.media_type.as_deref().and_then(Format::of_media_type);
        let outside = content_type.map(essence).and_then(Format::of_media_type);
        let mut named = [inside, outside, self.shape()?].into_iter().flatten();
        let first = named.next().ok_or(BadManifest::UnknownKind)?;
        if named.any(|other| other != first) {
            return Err(BadManifest::Ambiguous);
        }
        match self.shape()? {
            Some(_) => Ok(first),
            // Go writes an empty list as `null`.
            None if first == Format::Index => Ok(first),
            None => Err(BadManifest::UnknownKind),
        }
    }

    fn shape(&self) -> Result<Option<Format>, BadManifest> {
        let marks = [
            (
                self.layers.is_some() || self.config.digest.is_some(),
                Format::Image,
            ),
            (self.manifests.is_some(), Format::Index),
            (self.fs_layers.is_some(), Format::Schema1),
            (self.blobs.is_some(), Format::OrasArtifact),
        ];
        let mut present = marks
            .into_iter()
            .filter_map(|(present, format)| present.then_some(format));
        let first = present.next();
        if present.next().is_some() {
            Err(BadManifest::Ambiguous)
        } else {
            Ok(first)
        }
    }

    /// What it says it is, or else what the registry says.
    pub(super) fn media_type(&self, content_type: Option<&str>) -> Option<String> {
        self.media_type
            .clone()
            .or_else(|| content_type.map(|text| essence(text).to_owned()))
    }
}

/// A media type without its parameters.
fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

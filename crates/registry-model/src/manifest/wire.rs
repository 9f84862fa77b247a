//! The fields of a manifest's JSON that are read before its kind is determined.

use std::collections::BTreeMap;

use super::{ManifestError, ManifestFormat, Truncated, TruncatedMap};
use crate::lenient::{Present, TruncatedNested, object};

object! {
    /// The fields of all kinds of manifests.
    pub(super) struct WireManifest {
        "mediaType" => media_type: Option<String>,
        "artifactType" => artifact_type: Option<String>,
        "config" => config: WireDescriptor,
        "layers" => layers: Option<Truncated<Vec<WireDescriptor>>>,
        "blobs" => blobs: Option<Truncated<Vec<WireDescriptor>>>,
        "manifests" => manifests: Option<Truncated<Vec<WireDescriptor>>>,
        "subject" => subject: WireDescriptor,
        "annotations" => annotations: TruncatedMap,
        "name" => name: Option<String>,
        "tag" => tag: Option<String>,
        "architecture" => architecture: Option<String>,
        "fsLayers" => fs_layers: Option<Truncated<Vec<WireFsLayer>>>,
        "history" => history: Truncated<Vec<WireSchema1History>>,
        "signatures" => signatures: Present,
    }
}

object! {
    /// A descriptor (OCI image specification, "Content Descriptors"), with the platform of an index
    /// entry.
    pub(super) struct WireDescriptor {
        "mediaType" => media_type: Option<String>,
        "digest" => digest: Option<String>,
        "size" => size: Option<u64>,
        "artifactType" => artifact_type: Option<String>,
        "annotations" => annotations: TruncatedNested<BTreeMap<String, String>>,
        "urls" => urls: TruncatedNested<Vec<String>>,
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
        "os.features" => os_features: TruncatedNested<Vec<String>>,
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
    pub(super) struct WireSchema1History {
        "v1Compatibility" => v1_compatibility: Option<String>,
    }
}

impl WireManifest {
    /// The kind of the manifest, by its media type, that of the registry, and its fields. These
    /// must not disagree.
    pub(super) fn format(
        &self,
        content_type: Option<&str>,
    ) -> Result<ManifestFormat, ManifestError> {
        let inside = self
            .media_type
            .as_deref()
            .and_then(ManifestFormat::from_media_type);
        let outside = content_type
            .map(essence)
            .and_then(ManifestFormat::from_media_type);
        let mut named = [inside, outside, self.format_from_fields()?]
            .into_iter()
            .flatten();
        let first = named.next().ok_or(ManifestError::UnknownKind)?;
        if named.any(|other| other != first) {
            return Err(ManifestError::Ambiguous);
        }
        match self.format_from_fields()? {
            Some(_) => Ok(first),
            // Go writes an empty list as `null`.
            None if first == ManifestFormat::Index => Ok(first),
            None => Err(ManifestError::UnknownKind),
        }
    }

    fn format_from_fields(&self) -> Result<Option<ManifestFormat>, ManifestError> {
        let marks = [
            (
                self.layers.is_some() || self.config.digest.is_some(),
                ManifestFormat::Image,
            ),
            (self.manifests.is_some(), ManifestFormat::Index),
            (self.fs_layers.is_some(), ManifestFormat::Schema1),
            (self.blobs.is_some(), ManifestFormat::OrasArtifact),
        ];
        let mut present = marks
            .into_iter()
            .filter_map(|(present, format)| present.then_some(format));
        let first = present.next();
        if present.next().is_some() {
            Err(ManifestError::Ambiguous)
        } else {
            Ok(first)
        }
    }

    /// The media type of the manifest, or else that of the registry.
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

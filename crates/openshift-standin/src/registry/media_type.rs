//! The kinds of manifests that the registry distinguishes.

use http::{HeaderMap, header};

use crate::cluster::Version;

pub(super) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(super) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const SIGNED_SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const PLAIN_SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+json";

/// The kind of a manifest, by its media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ManifestKind {
    Schema1,
    DockerManifest,
    DockerList,
    OciManifest,
    OciIndex,
}

impl ManifestKind {
    pub(super) fn from_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            DOCKER_MANIFEST => Some(Self::DockerManifest),
            DOCKER_LIST => Some(Self::DockerList),
            OCI_MANIFEST => Some(Self::OciManifest),
            OCI_INDEX => Some(Self::OciIndex),
            SIGNED_SCHEMA1 | PLAIN_SCHEMA1 | "application/json" => Some(Self::Schema1),
            _ => None,
        }
    }

    /// The 3.x registry predates the OCI media types.
    pub(super) fn is_supported_by(self, version: Version) -> bool {
        version == Version::V4 || !matches!(self, Self::OciManifest | Self::OciIndex)
    }

    /// Whether it lists manifests in place of layers.
    pub(super) fn is_index(self) -> bool {
        matches!(self, Self::DockerList | Self::OciIndex)
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Schema1 => SIGNED_SCHEMA1,
            Self::DockerManifest => DOCKER_MANIFEST,
            Self::DockerList => DOCKER_LIST,
            Self::OciManifest => OCI_MANIFEST,
            Self::OciIndex => OCI_INDEX,
        }
    }
}

/// Whether one of the `Accept` headers contains exactly this media type. Wildcards do not match, as
/// in the real registry.
pub(super) fn accepts(headers: &HeaderMap, kind: ManifestKind) -> bool {
    let values = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|item| without_parameters(item) == kind.media_type())
}

/// `application/json; charset=utf-8` without what follows the semicolon.
pub(super) fn without_parameters(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

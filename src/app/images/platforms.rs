//! The manifests that an index lists, as rows of a table.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::app::bounds::truncate_brief;
use crate::app::connect::PullClient;
use crate::app::images::child_manifests::{ChildManifest, ChildManifests};
use crate::app::section::{Section, Unavailable};
use crate::app::shell_command::ShellCommand;
use registry_model::image_config::CreationTime;
use registry_model::manifest::{ImageIndex, IndexEntry, IndexEntryKind, Platform};
use registry_model::{ByteSize, Digest, PlatformImage};

/// A manifest that an index lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlatformRow {
    pub digest: Digest,
    pub kind: PlatformKind,
    /// Such as `linux/arm/v7`, from the index, otherwise from the image's own config. Untrusted.
    pub platform: Option<String>,
    /// Such as `10.0.17763.3770`: nothing else distinguishes Windows images. Untrusted.
    pub os_version: Option<String>,
    /// Such as `win32k`. Untrusted.
    pub os_features: Vec<String>,
    /// The artifact type, if the index contains one. Untrusted.
    pub artifact_type: Option<String>,
    /// The image that an attestation is about.
    pub of: Option<Digest>,
    /// The platform of that image, if the same index lists it. Untrusted.
    pub of_platform: Option<String>,
    /// The size of the manifest itself, according to the index.
    pub manifest_size: Option<ByteSize>,
    /// What the registry stores of the image or artifact.
    pub size: Option<ByteSize>,
    /// Whether `size` does not include parts whose size is not known.
    pub size_at_least: bool,
    /// When it was built, according to the image itself.
    pub created: CreationTime,
    /// Why the registry's manifest is missing. Absent also if it was not requested.
    pub missing: Option<Unavailable>,
    /// Why its config is missing.
    pub config_missing: Option<Unavailable>,
    /// What pulls the image for this platform.
    #[schema(value_type = Option<String>)]
    pub pull: Option<PlatformPull>,
}

/// Pulls the image of one platform from an index. Serializes as the command for Podman, which
/// OpenShift's documentation uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformPull {
    /// The pull spec of the index.
    index: String,
    /// Untrusted.
    platform: String,
}

impl PlatformPull {
    /// The command for Docker, or for Podman where the client has no option for a platform that is
    /// written in the same way.
    #[must_use]
    pub fn command(&self, client: &PullClient) -> ShellCommand {
        let program = match client {
            PullClient::Docker => "docker pull",
            PullClient::Podman | PullClient::Oc | PullClient::Skopeo => "podman pull",
        };
        ShellCommand::new(program)
            .with_option("--platform", self.platform.as_str())
            .with_operand(self.index.as_str())
    }
}

impl Serialize for PlatformPull {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.command(&PullClient::Podman).serialize(serializer)
    }
}

/// The kind of a manifest that an index lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlatformKind {
    Image,
    Artifact,
    Index,
    /// A statement about an image of the same index (BuildKit's provenance or SBOM).
    Attestation,
    /// A layer or the config of a build cache.
    Blob,
}

/// The rows of an index, with the manifests that the registry returned.
pub(super) fn index_rows(index: &ImageIndex, children: &ChildManifests) -> Vec<PlatformRow> {
    let mut rows: Vec<PlatformRow> = index.entries.items.iter().map(PlatformRow::from).collect();
    for row in &mut rows {
        match children.loaded.get(&row.digest) {
            Some(Section::Ready(child)) => row.add_child(child),
            Some(Section::Missing { missing }) => row.missing = Some(missing.clone()),
            None => {}
        }
    }
    let named: Vec<(Digest, String)> = rows
        .iter()
        .filter_map(|row| Some((row.digest.clone(), row.platform.clone()?)))
        .collect();
    for row in &mut rows {
        row.of_platform = named
            .iter()
            .find(|(digest, _)| row.of.as_ref() == Some(digest))
            .map(|(_, platform)| platform.clone());
    }
    rows
}

impl PlatformRow {
    /// Adds the command that pulls the image of this row from the index `index`.
    pub(super) fn add_pull_command(&mut self, index: &str) {
        if let (PlatformKind::Image, Some(platform)) = (self.kind, &self.platform) {
            self.pull = Some(PlatformPull {
                index: index.to_owned(),
                platform: platform.clone(),
            });
        }
    }

    fn add_child(&mut self, child: &ChildManifest) {
        if self.kind != PlatformKind::Attestation {
            self.kind = child.kind;
        }
        self.size = child.size.map(|size| size.bytes);
        self.size_at_least = child.size.is_some_and(|size| size.at_least);
        self.created = child.created;
        self.config_missing = child.config_missing.clone();
        if self.platform.is_none() && self.kind == PlatformKind::Image {
            self.platform.clone_from(&child.platform);
        }
        if self.os_version.is_none() {
            self.os_version.clone_from(&child.os_version);
        }
    }
}

impl From<&IndexEntry> for PlatformRow {
    fn from(entry: &IndexEntry) -> Self {
        let (kind, of) = match entry.kind() {
            IndexEntryKind::Image => (PlatformKind::Image, None),
            IndexEntryKind::Artifact => (PlatformKind::Artifact, None),
            IndexEntryKind::Index => (PlatformKind::Index, None),
            IndexEntryKind::Attestation { of } => (PlatformKind::Attestation, of),
            IndexEntryKind::Blob => (PlatformKind::Blob, None),
        };
        let platform = entry
            .platform
            .as_ref()
            .filter(|_| kind != PlatformKind::Attestation);
        Self {
            digest: entry.descriptor.digest.clone(),
            // Repeated in the row of every attestation about the image.
            platform: platform.and_then(Platform::name).map(truncate_brief),
            os_version: platform
                .and_then(|platform| platform.os_version.clone())
                .filter(|version| !version.is_empty()),
            os_features: platform
                .map(|platform| platform.os_features.items.clone())
                .unwrap_or_default(),
            artifact_type: entry
                .descriptor
                .artifact_type
                .clone()
                .or_else(|| blob_type(kind, entry)),
            of,
            manifest_size: entry.descriptor.size,
            ..Self::new(entry.descriptor.digest.clone(), kind)
        }
    }
}

/// The media type of a blob of a build cache.
fn blob_type(kind: PlatformKind, entry: &IndexEntry) -> Option<String> {
    entry
        .descriptor
        .media_type
        .clone()
        .filter(|_| kind == PlatformKind::Blob)
}

impl From<&PlatformImage> for PlatformRow {
    fn from(image: &PlatformImage) -> Self {
        let kind = if image.has_unknown_platform() {
            PlatformKind::Attestation
        } else {
            PlatformKind::Image
        };
        let platform = image
            .platform_name()
            .filter(|_| kind == PlatformKind::Image);
        Self {
            platform,
            manifest_size: image.manifest_size,
            ..Self::new(image.digest.clone(), kind)
        }
    }
}

impl PlatformRow {
    fn new(digest: Digest, kind: PlatformKind) -> Self {
        Self {
            digest,
            kind,
            platform: None,
            os_version: None,
            os_features: Vec::new(),
            artifact_type: None,
            of: None,
            of_platform: None,
            manifest_size: None,
            size: None,
            size_at_least: false,
            created: CreationTime::NotSet,
            missing: None,
            config_missing: None,
            pull: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use registry_model::manifest::Manifest;

    #[test]
    fn long_platform_name_is_truncated_in_rows() {
        let image = Digest::sha256(b"image");
        let entry = |digest: &Digest| json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest.to_string(), "size": 2 });
        let attestation = |number: u32| {
            let mut entry = entry(&Digest::sha256(&number.to_be_bytes()));
            entry["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image.to_string() });
            entry
        };
        let mut listed: Vec<Value> = vec![entry(&image)];
        listed[0]["platform"] = json!({ "os": "x".repeat(1 << 20), "architecture": "amd64" });
        listed.extend((0..900).map(attestation));
        let media_type = "application/vnd.oci.image.index.v1+json";
        let text =
            json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": listed }).to_string();
        let Ok(Manifest::Index(index)) = Manifest::parse(text.as_bytes(), Some(media_type)) else {
            panic!("no index")
        };
        let rows = index_rows(&index, &ChildManifests::default());
        let named: Vec<usize> = rows
            .iter()
            .filter_map(|row| row.of_platform.as_ref().map(String::len))
            .collect();
        assert_eq!(named.len(), 900);
        assert!(
            named.iter().sum::<usize>() < 1 << 20,
            "{}",
            named.iter().sum::<usize>()
        );
    }
}

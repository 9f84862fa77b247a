//! Layers of images.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ByteSize, Digest, TruncatedMap};

/// The digests of the empty archives that builders write: compressed with gzip by Docker and by Go,
/// and uncompressed.
const EMPTY_LAYER_DIGESTS: [&str; 3] = [
    "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4",
    "sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1",
    "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
];

/// A layer as a registry stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The digest of the compressed bytes.
    pub digest: Digest,
    /// The size in bytes, if known.
    pub size: Option<ByteSize>,
    /// The media type. Untrusted.
    pub media_type: Option<String>,
    /// What the media type and the annotations claim.
    pub format: LayerFormat,
}

/// The properties of a layer, by its media type and annotations. These are claims that are not
/// verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LayerFormat {
    /// The compression of the archive, if known.
    pub compression: Option<Compression>,
    /// Whether single files can be read without downloading the layer.
    pub index: Option<LayerToc>,
    /// Whether it is encrypted (`+encrypted`, ocicrypt).
    pub encrypted: bool,
    /// Whether clients fetch it from elsewhere (`foreign`, `nondistributable`). The registry
    /// usually does not store it.
    pub foreign: bool,
    /// Whether it is an empty archive.
    pub empty: bool,
}

/// How a layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

/// A table of contents inside a layer, with which clients read single files from the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayerToc {
    Estargz,
    ZstdChunked,
}

impl Layer {
    /// A layer without annotations.
    #[must_use]
    pub fn new(digest: Digest, size: Option<ByteSize>, media_type: Option<String>) -> Self {
        let format = LayerFormat::new(&digest, media_type.as_deref(), &TruncatedMap::default());
        Self {
            digest,
            size,
            media_type,
            format,
        }
    }
}

impl LayerFormat {
    /// The properties that a layer claims.
    #[must_use]
    pub fn new(digest: &Digest, media_type: Option<&str>, annotations: &TruncatedMap) -> Self {
        let media_type = media_type.unwrap_or_default();
        let annotated = |key: &str| annotations.items.contains_key(key);
        let base = media_type.strip_suffix("+encrypted").unwrap_or(media_type);
        let index = if annotated("containerd.io/snapshot/stargz/toc.digest") {
            Some(LayerToc::Estargz)
        } else if annotated("io.github.containers.zstd-chunked.manifest-checksum") {
            Some(LayerToc::ZstdChunked)
        } else {
            None
        };
        Self {
            compression: compression(base),
            index,
            encrypted: base.len() < media_type.len(),
            foreign: is_filesystem_media_type(media_type)
                && (base.contains(".nondistributable.") || base.contains(".foreign.")),
            empty: EMPTY_LAYER_DIGESTS.contains(&digest.to_string().as_str()),
        }
    }
}

fn compression(media_type: &str) -> Option<Compression> {
    if !is_filesystem_media_type(media_type) {
        return None;
    }
    match media_type.rsplit(['+', '.']).next() {
        Some("gzip" | "gz") => Some(Compression::Gzip),
        Some("zstd" | "zst") => Some(Compression::Zstd),
        Some("tar") => Some(Compression::None),
        _ => None,
    }
}

/// Whether a media type is that of a file system layer, of Docker or OCI.
pub(super) fn is_filesystem_media_type(media_type: &str) -> bool {
    let prefixes = [
        "application/vnd.oci.image.layer.",
        "application/vnd.docker.image.rootfs.",
        "application/vnd.docker.container.image.rootfs.",
    ];
    prefixes.iter().any(|prefix| media_type.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(media_type: &str, annotation: Option<&str>) -> LayerFormat {
        let annotations = TruncatedMap {
            items: annotation
                .map(|key| (key.to_owned(), "x".to_owned()))
                .into_iter()
                .collect(),
            ..TruncatedMap::default()
        };
        LayerFormat::new(&Digest::sha256(b"layer"), Some(media_type), &annotations)
    }

    #[test]
    fn layer_kind_follows_media_type_and_annotations() {
        let plain = LayerFormat::default();
        let gzip = LayerFormat {
            compression: Some(Compression::Gzip),
            ..plain
        };
        let zstd = LayerFormat {
            compression: Some(Compression::Zstd),
            ..plain
        };
        let estargz = LayerFormat {
            index: Some(LayerToc::Estargz),
            ..gzip
        };
        let chunked = LayerFormat {
            index: Some(LayerToc::ZstdChunked),
            ..zstd
        };
        for (media_type, annotation, expected) in [
            (
                "application/vnd.oci.image.layer.v1.tar",
                None,
                LayerFormat {
                    compression: Some(Compression::None),
                    ..plain
                },
            ),
            ("application/vnd.oci.image.layer.v1.tar+gzip", None, gzip),
            ("application/vnd.oci.image.layer.v1.tar+zstd", None, zstd),
            (
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
                None,
                gzip,
            ),
            (
                "application/vnd.docker.image.rootfs.diff.tar.zstd",
                None,
                zstd,
            ),
            (
                "application/vnd.oci.image.layer.v1.tar+gzip",
                Some("containerd.io/snapshot/stargz/toc.digest"),
                estargz,
            ),
            (
                "application/vnd.oci.image.layer.v1.tar+zstd",
                Some("io.github.containers.zstd-chunked.manifest-checksum"),
                chunked,
            ),
            (
                "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
                None,
                LayerFormat {
                    encrypted: true,
                    ..gzip
                },
            ),
            (
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                None,
                LayerFormat {
                    foreign: true,
                    ..gzip
                },
            ),
            (
                "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                None,
                LayerFormat {
                    foreign: true,
                    ..gzip
                },
            ),
            (
                "application/vnd.docker.container.image.rootfs.diff+x-gtar",
                None,
                plain,
            ),
            (
                "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                None,
                plain,
            ),
            ("text/plain", None, plain),
        ] {
            assert_eq!(
                format(media_type, annotation),
                expected,
                "{media_type} {annotation:?}"
            );
        }
    }

    #[test]
    fn empty_layers_are_recognized_by_digest() {
        let uncompressed = Digest::sha256(&[0; 1024]);
        let of = |digest: &Digest| LayerFormat::new(digest, None, &TruncatedMap::default()).empty;
        assert!(
            of(&uncompressed)
                && EMPTY_LAYER_DIGESTS
                    .iter()
                    .all(|digest| of(&digest.parse().unwrap()))
        );
        assert!(!of(&Digest::sha256(b"layer")));
    }
}

//! Layers: small, but valid gzipped tars.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use registry_model::Digest;

/// Bytes with their digest, which is computed once.
#[derive(Clone)]
pub(super) struct Blob {
    pub(super) content: Bytes,
    pub(super) digest: Digest,
}

impl Blob {
    pub(super) fn new(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        Self {
            digest: Digest::sha256(&content),
            content,
        }
    }

    /// The descriptor for a manifest.
    pub(super) fn descriptor(&self, media_type: &str) -> Value {
        json!({ "mediaType": media_type, "digest": self.digest, "size": self.content.len() })
    }
}

/// A layer with its digests.
#[derive(Clone)]
pub(super) struct SampleLayer {
    pub(super) blob: Blob,
    /// The digest of the uncompressed tar, which an image's config lists.
    pub(super) diff_id: Digest,
    /// The size that manifests declare.
    declared_bytes: u64,
}

impl SampleLayer {
    /// A layer with one file. The content is derived from its name and does not compress, so the
    /// layer has about `size` bytes.
    pub(super) fn from_file(name: &str, size: usize) -> Self {
        let tar = tar(name, &pseudo_random_bytes(name, size));
        let mut encoder = GzEncoder::new(Vec::with_capacity(tar.len()), Compression::none());
        let packed = encoder.write_all(&tar).and_then(|()| encoder.finish());
        let content = Bytes::from(packed.expect("writing to memory does not fail"));
        Self {
            declared_bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
            blob: Blob::new(content),
            diff_id: Digest::sha256(&tar),
        }
    }

    /// The same layer, of which manifests declare that it has this many KiB: pages show sizes as in
    /// a real registry, without the memory for them. Clients that compare the size of a layer with
    /// its manifest cannot pull it.
    pub(super) fn declaring_kib(self, kib: u64) -> Self {
        Self {
            declared_bytes: kib << 10,
            ..self
        }
    }

    /// The descriptor for a manifest.
    pub(super) fn descriptor(&self, media_type: &str) -> Value {
        json!({ "mediaType": media_type, "digest": self.blob.digest, "size": self.declared_bytes })
    }
}

/// Pseudo-random bytes, the same for the same seed (xorshift).
fn pseudo_random_bytes(seed: &str, size: usize) -> Vec<u8> {
    let mut state = seed.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |state, byte| {
        state.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// A tar of one file (POSIX ustar).
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    let mut put =
        |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, &name[..name.len().min(99)]);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{:011o}", content.len()));
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut tar = header.to_vec();
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
    tar
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn layer_is_gzipped_tar_with_matching_diff_id() {
        let layer = SampleLayer::from_file("opt/app/server", 1000);
        let mut tar = Vec::new();
        flate2::read::GzDecoder::new(&layer.blob.content[..])
            .read_to_end(&mut tar)
            .unwrap();
        assert!(layer.diff_id.matches(&tar));
        assert!(layer.blob.digest.matches(&layer.blob.content));
        assert_eq!(&tar[257..262], b"ustar");
        assert_eq!(tar.len(), 512 + 1024 + 1024);
    }
}

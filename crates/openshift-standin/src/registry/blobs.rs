//! The storage of the registry: blobs by digest, and the repositories to which they belong.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use serde_json::Value;

use registry_model::{Digest, ImageStreamName, ProjectName, json};

/// A repository: one image stream of one project.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Repository {
    pub project: ProjectName,
    pub stream: ImageStreamName,
}

impl std::fmt::Display for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.project, self.stream)
    }
}

/// A manifest as it was pushed.
#[derive(Clone, Debug)]
pub struct StoredManifest {
    /// The media type that it was pushed with.
    pub media_type: Arc<str>,
    /// The exact bytes.
    pub content: Bytes,
}

/// The registry's storage, in memory. Cheap to clone; clones share the content.
///
/// A blob is stored once, however many repositories it belongs to, and served only by those (a blob
/// of another repository is `BLOB_UNKNOWN`, recorded in `registry-blob-cross-repo`).
#[derive(Clone, Debug, Default)]
pub struct Blobs(Arc<RwLock<StoredBlobs>>);

#[derive(Debug, Default)]
struct StoredBlobs {
    blobs: HashMap<Digest, Bytes>,
    links: HashMap<Repository, HashSet<Digest>>,
    manifests: HashMap<Repository, HashMap<Digest, StoredManifest>>,
    /// Manifests that were pruned: they must not be linked from another repository again.
    pruned_manifests: HashSet<(Repository, Digest)>,
}

impl Blobs {
    /// Stores `content` in `repository` and returns its SHA-256 digest.
    pub fn store(&self, repository: &Repository, content: Bytes) -> Digest {
        let digest = Digest::sha256(&content);
        self.store_as(repository, digest.clone(), content);
        digest
    }

    /// Stores `content` under `digest`, which is not verified.
    pub fn store_as(&self, repository: &Repository, digest: Digest, content: Bytes) {
        let mut stored = self.write();
        stored.blobs.entry(digest.clone()).or_insert(content);
        stored
            .links
            .entry(repository.clone())
            .or_default()
            .insert(digest);
    }

    /// Adds a blob of `from` to `to`. Returns `false` if `from` does not have it.
    pub(super) fn mount(&self, from: &Repository, to: &Repository, digest: &Digest) -> bool {
        let mut stored = self.write();
        let held = stored
            .links
            .get(from)
            .is_some_and(|links| links.contains(digest));
        if held {
            stored
                .links
                .entry(to.clone())
                .or_default()
                .insert(digest.clone());
        }
        held
    }

    /// The blob, if it belongs to `repository`.
    #[must_use]
    pub fn blob(&self, repository: &Repository, digest: &Digest) -> Option<Bytes> {
        let stored = self.read();
        stored.links.get(repository)?.get(digest)?;
        stored.blobs.get(digest).cloned()
    }

    /// The blob of any repository.
    pub(crate) fn any_blob(&self, digest: &Digest) -> Option<Bytes> {
        self.read().blobs.get(digest).cloned()
    }

    /// Stores a manifest in `repository`.
    pub fn store_manifest(
        &self,
        repository: &Repository,
        digest: Digest,
        manifest: StoredManifest,
    ) {
        let mut stored = self.write();
        stored
            .pruned_manifests
            .remove(&(repository.clone(), digest.clone()));
        stored
            .manifests
            .entry(repository.clone())
            .or_default()
            .insert(digest, manifest);
    }

    /// The manifest, if it belongs to `repository`.
    #[must_use]
    pub fn manifest(&self, repository: &Repository, digest: &Digest) -> Option<StoredManifest> {
        self.read().manifests.get(repository)?.get(digest).cloned()
    }

    /// Adds a manifest of another repository, with everything that it names, to `to`: as the real
    /// registry does for a tag that tracks another image stream.
    pub(super) fn link_manifest(&self, to: &Repository, digest: &Digest) -> Option<StoredManifest> {
        let mut stored = self.write();
        if stored
            .pruned_manifests
            .contains(&(to.clone(), digest.clone()))
        {
            return None;
        }
        let manifest = stored
            .manifests
            .values()
            .find_map(|manifests| manifests.get(digest))?
            .clone();
        let parts: Vec<Digest> = blobs_of(&manifest.content)
            .into_iter()
            .filter(|part| stored.blobs.contains_key(part))
            .collect();
        stored.links.entry(to.clone()).or_default().extend(parts);
        stored
            .manifests
            .entry(to.clone())
            .or_default()
            .insert(digest.clone(), manifest.clone());
        Some(manifest)
    }

    /// Removes a manifest, as a hard prune does: its tag stays in the image stream. Returns `false`
    /// if it did not exist.
    pub fn prune_manifest(&self, repository: &Repository, digest: &Digest) -> bool {
        let mut stored = self.write();
        stored
            .pruned_manifests
            .insert((repository.clone(), digest.clone()));
        stored
            .manifests
            .get_mut(repository)
            .is_some_and(|manifests| manifests.remove(digest).is_some())
    }

    /// Removes a blob from `repository`. Returns `false` if it did not have it.
    pub fn prune_blob(&self, repository: &Repository, digest: &Digest) -> bool {
        self.write()
            .links
            .get_mut(repository)
            .is_some_and(|links| links.remove(digest))
    }

    fn read(&self) -> RwLockReadGuard<'_, StoredBlobs> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, StoredBlobs> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The config and the layers that a manifest names.
fn blobs_of(manifest: &[u8]) -> Vec<Digest> {
    let manifest: Value = json::from_slice(manifest).unwrap_or_default();
    let listed = |list: &str, key: &'static str| {
        let entries = manifest[list]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        entries
            .iter()
            .filter_map(move |entry| entry[key].as_str()?.parse().ok())
    };
    let config = manifest["config"]["digest"]
        .as_str()
        .and_then(|digest| digest.parse().ok());
    config
        .into_iter()
        .chain(listed("layers", "digest"))
        .chain(listed("fsLayers", "blobSum"))
        .collect()
}

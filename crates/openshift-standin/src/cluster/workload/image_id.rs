//! The image that a pull spec stands for, and how the container runtimes name it.

use sha2::{Digest as _, Sha256};

use super::ContainerRuntime;
use crate::cluster::{ClusterState, Version};

impl ClusterState {
    /// The digest of the image that a container with this pull spec gets. An image of another
    /// registry has one that is derived from the pull spec. `None`: the image stream or the tag in
    /// the integrated registry is missing.
    pub(super) fn digest_of(&self, pull_spec: &str) -> Option<String> {
        if let Some((_, digest)) = pull_spec.split_once('@') {
            return Some(digest.to_owned());
        }
        let own = self
            .registry_hosts
            .iter()
            .find_map(|host| pull_spec.strip_prefix(host.as_str())?.strip_prefix('/'));
        let Some(path) = own else {
            return Some(format!("sha256:{:x}", Sha256::digest(pull_spec)));
        };
        let (repository, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
        let (project, stream) = repository.split_once('/')?;
        let latest = self.stream(project, stream)?.latest(tag)?;
        Some(latest.image.clone())
    }
}

/// The repository of a pull spec: without tag and digest.
fn repository_of(pull_spec: &str) -> &str {
    let named = pull_spec
        .split_once('@')
        .map_or(pull_spec, |(named, _)| named);
    match named.rsplit_once(':') {
        // A port, not a tag.
        Some((_, after)) if after.contains('/') => named,
        Some((repository, _)) => repository,
        None => named,
    }
}

/// `imageID` of a container status.
pub(super) fn image_id(runtime: ContainerRuntime, pull_spec: &str, digest: &str) -> String {
    let repository = repository_of(pull_spec);
    match runtime {
        ContainerRuntime::CriO => format!("{repository}@{digest}"),
        ContainerRuntime::Docker => format!("docker-pullable://{repository}@{digest}"),
        ContainerRuntime::BareDigest => digest.to_owned(),
    }
}

/// The prefix of `containerID`.
pub(super) fn container_id_scheme(runtime: ContainerRuntime) -> &'static str {
    match runtime {
        ContainerRuntime::Docker => "docker",
        ContainerRuntime::CriO | ContainerRuntime::BareDigest => "cri-o",
    }
}

/// The runtime that most clusters of the version have.
pub(super) fn usual_runtime(version: Version) -> ContainerRuntime {
    match version {
        Version::V3_9 => ContainerRuntime::Docker,
        Version::V4 => ContainerRuntime::CriO,
    }
}

/// A name suffix as Kubernetes generates them: the same for the same `seed`.
pub(super) fn name_suffix(seed: &str, length: usize) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    Sha256::digest(seed)
        .into_iter()
        .take(length)
        .map(letter)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_id_has_the_repository_without_tag_and_digest() {
        for pull_spec in [
            "registry:5000/shop/web:1.0",
            "registry:5000/shop/web",
            "registry:5000/shop/web@sha256:aa",
            "registry:5000/shop/web:1.0@sha256:aa",
        ] {
            let id = image_id(ContainerRuntime::CriO, pull_spec, "sha256:bb");
            assert_eq!(id, "registry:5000/shop/web@sha256:bb", "{pull_spec}");
        }
        let id = image_id(ContainerRuntime::Docker, "web", "sha256:bb");
        assert_eq!(id, "docker-pullable://web@sha256:bb");
        let id = image_id(ContainerRuntime::BareDigest, "web", "sha256:bb");
        assert_eq!(id, "sha256:bb");
    }
}

//! The images that workloads name: pull specs of containers, the image ids of container statuses,
//! and references to image streams in builds and triggers.
//!
//! A reference alone does not say whether it names an image stream: `r.example/shop/api:1.0` does
//! only where `r.example` is a host of the integrated registry ([`RegistryHosts`]).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Digest, ImageStreamName, InternalRepository, ProjectName, TagName};
use crate::pull_spec::{DEFAULT_TAG, PullSpec};

/// What container runtimes write before an image id.
const IMAGE_ID_SCHEMES: [&str; 3] = ["docker-pullable://", "docker://", "cri-o://"];

/// The services of integrated registries: of OpenShift 4, and of OpenShift 3.
const SERVICE_HOSTS: [&str; 2] = [
    "image-registry.openshift-image-registry.svc",
    "docker-registry.default.svc",
];
/// The suffix of a service's full name, in a cluster with the default domain.
const CLUSTER_DOMAIN_SUFFIX: &str = ".cluster.local";
/// The port of HTTPS, which a host need not name.
const DEFAULT_PORT_SUFFIX: &str = ":443";

/// An image as a workload names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadImageReference {
    /// By a pull spec.
    PullSpec(PullSpec),
    /// By a tag of an image stream (`ImageStreamTag`).
    StreamTag(ProjectName, ImageStreamName, TagName),
    /// By an image of an image stream (`ImageStreamImage`).
    StreamImage(ProjectName, ImageStreamName, Digest),
    /// By a digest without a repository: the manifest of the image or, with Docker, its config.
    Digest(Digest),
}

/// What a reference names, for a registry of known hosts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferencedImage {
    /// An image of an image stream, by tag or digest.
    Stream(ProjectName, ImageStreamName, StreamReference),
    /// An image without a host and project: a tag or image of this image stream in the workload's
    /// own project, if the stream's `lookupPolicy.local` is set; otherwise an image of the client's
    /// default registry.
    Local(ImageStreamName, StreamReference),
    /// An image of which only a digest is known.
    Digest(Digest),
    /// An image of another registry, and its digest if the reference has one.
    OtherRegistry(Option<Digest>),
}

/// A tag or an image of an image stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(tag = "by", content = "name", rename_all = "lowercase")]
pub enum StreamReference {
    Tag(TagName),
    Digest(Digest),
}

/// The hosts under which the integrated registry is known: its service, the service's address, and
/// its host outside of the cluster.
///
/// Hosts are compared without regard to case and to the port 443.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryHosts(BTreeSet<String>);

impl RegistryHosts {
    /// The names of the services of all versions, with the port 5000.
    #[must_use]
    pub fn new() -> Self {
        let hosts = SERVICE_HOSTS.iter().flat_map(|service| {
            ["", CLUSTER_DOMAIN_SUFFIX].map(|suffix| format!("{service}{suffix}:5000"))
        });
        Self(hosts.collect())
    }

    /// Adds a host, with its port.
    pub fn add(&mut self, host: &str) {
        if !host.is_empty() {
            self.0.insert(normalized_host(host));
        }
    }

    /// Adds the host of the internal repository of an image stream, which the API server sets. For a
    /// service, which may have another port than 5000, its full name is added too.
    pub fn add_repository(
        &mut self,
        repository: &InternalRepository,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) {
        let host = repository
            .name()
            .and_then(|name| name.strip_suffix(&format!("/{project}/{stream}")))
            .filter(|host| !host.contains('/'));
        let Some(host) = host else {
            return;
        };
        self.add(host);
        if let Some((service, port)) = host.rsplit_once(':')
            && service.ends_with(".svc")
        {
            self.add(&format!("{service}{CLUSTER_DOMAIN_SUFFIX}:{port}"));
        }
    }

    #[must_use]
    pub fn contains(&self, host: &str) -> bool {
        self.0.contains(&normalized_host(host))
    }
}

fn normalized_host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(DEFAULT_PORT_SUFFIX)
        .map(str::to_owned)
        .unwrap_or(host)
}

impl WorkloadImageReference {
    /// The `image` of a container, or the name of a `DockerImage`. `None` for text that is not a
    /// pull spec, such as the single space that stands for an image that a trigger will set.
    #[must_use]
    pub fn from_pull_spec(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(digest) = text.parse() {
            return Some(Self::Digest(digest));
        }
        text.parse().ok().map(Self::PullSpec)
    }

    /// The `imageID` of a container status: `docker-pullable://host/path@sha256:…`,
    /// `docker://sha256:…`, `host/path@sha256:…` or `sha256:…`, also without the algorithm.
    /// `None` if it has no digest, as before the image is pulled.
    #[must_use]
    pub fn from_image_id(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = IMAGE_ID_SCHEMES
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .unwrap_or(text);
        if let Ok(digest) = text.parse().or_else(|_| format!("sha256:{text}").parse()) {
            return Some(Self::Digest(digest));
        }
        let spec: PullSpec = text.parse().ok()?;
        spec.digest()?;
        Some(Self::PullSpec(spec))
    }

    /// The object reference `kind`, `namespace`, `name` of a workload in `project`. `None` for
    /// another kind, or a name that is not valid.
    #[must_use]
    pub fn from_object_reference(
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        project: &ProjectName,
    ) -> Option<Self> {
        let owner = || match namespace.filter(|namespace| !namespace.is_empty()) {
            Some(namespace) => namespace.parse().ok(),
            None => Some(project.clone()),
        };
        match kind {
            "ImageStreamTag" => {
                let (stream, tag) = name.split_once(':').unwrap_or((name, DEFAULT_TAG));
                Some(Self::StreamTag(
                    owner()?,
                    stream.parse().ok()?,
                    tag.parse().ok()?,
                ))
            }
            "ImageStreamImage" => {
                let (stream, digest) = name.split_once('@')?;
                Some(Self::StreamImage(
                    owner()?,
                    stream.parse().ok()?,
                    digest.parse().ok()?,
                ))
            }
            "DockerImage" => Self::from_pull_spec(name),
            _ => None,
        }
    }

    /// The digest, if the reference has one.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::PullSpec(spec) => spec.digest(),
            Self::StreamTag(..) => None,
            Self::StreamImage(_, _, digest) | Self::Digest(digest) => Some(digest),
        }
    }

    /// What the reference names where the integrated registry is `hosts`.
    #[must_use]
    pub fn resolve(&self, hosts: &RegistryHosts) -> ReferencedImage {
        match self {
            Self::StreamTag(project, stream, tag) => ReferencedImage::Stream(
                project.clone(),
                stream.clone(),
                StreamReference::Tag(tag.clone()),
            ),
            Self::StreamImage(project, stream, digest) => ReferencedImage::Stream(
                project.clone(),
                stream.clone(),
                StreamReference::Digest(digest.clone()),
            ),
            Self::Digest(digest) => ReferencedImage::Digest(digest.clone()),
            Self::PullSpec(spec) => resolve_pull_spec(spec, hosts),
        }
    }
}

fn resolve_pull_spec(spec: &PullSpec, hosts: &RegistryHosts) -> ReferencedImage {
    let other = || ReferencedImage::OtherRegistry(spec.digest().cloned());
    match spec.host() {
        Some(host) if hosts.contains(host) => match spec.image_stream() {
            Some((project, stream)) => {
                ReferencedImage::Stream(project, stream, StreamReference::from_pull_spec(spec))
            }
            None => other(),
        },
        Some(_) => other(),
        None => match spec.path().parse() {
            Ok(stream) => ReferencedImage::Local(stream, StreamReference::from_pull_spec(spec)),
            Err(_) => other(),
        },
    }
}

impl StreamReference {
    /// A digest takes precedence over a tag; without both, the tag is `latest`.
    fn from_pull_spec(spec: &PullSpec) -> Self {
        match spec.digest() {
            Some(digest) => Self::Digest(digest.clone()),
            None => Self::Tag(spec.tag_or_latest()),
        }
    }

    /// The tag, if the reference is by tag.
    #[must_use]
    pub fn tag(&self) -> Option<&TagName> {
        match self {
            Self::Tag(tag) => Some(tag),
            Self::Digest(_) => None,
        }
    }

    /// The digest, if the reference is by digest.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Tag(_) => None,
            Self::Digest(digest) => Some(digest),
        }
    }
}

impl fmt::Display for WorkloadImageReference {
    /// A pull spec, or the reference as `oc` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PullSpec(spec) => spec.fmt(f),
            Self::StreamTag(project, stream, tag) => write!(f, "{project}/{stream}:{tag}"),
            Self::StreamImage(project, stream, digest) => {
                write!(f, "{project}/{stream}@{digest}")
            }
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

impl Serialize for WorkloadImageReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialSchema for WorkloadImageReference {
    fn schema() -> RefOr<Schema> {
        String::schema()
    }
}

impl ToSchema for WorkloadImageReference {}

#[cfg(test)]
mod tests;

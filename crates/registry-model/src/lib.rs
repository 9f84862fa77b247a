//! Types for the objects of OpenShift and of the registry, without any I/O.
//!
//! Identifiers are validated once, when they are parsed, and are valid from then on.

pub mod build_history;
pub mod challenge;
pub mod helm_chart;
pub mod image_config;
pub mod json;
pub mod link_header;
pub mod manifest;
pub mod prune;
pub mod pull_spec;
pub mod safe_text;
pub mod space;
pub mod version_order;

mod access;
mod attachment;
mod clock;
mod digest;
mod image;
mod image_stream;
mod layer;
mod lenient;
mod name;
mod project;
mod quantity;
mod size;
mod stream_usage;
mod tag_spec;
mod truncated;
mod user;
mod workload;
mod workload_image;

pub use access::{
    ALL_SERVICE_ACCOUNTS_GROUP, AUTHENTICATED_GROUP, AccessPolicy, OAUTH_AUTHENTICATED_GROUP,
    RoleBinding, Subject, SubjectKind, UNAUTHENTICATED_GROUP,
};
pub use attachment::{Attachment, AttachmentKind};
pub use clock::Clock;
pub use digest::{Digest, ParseDigestError};
pub use image::{Image, ImageKind, PlatformImage};
pub use image_stream::{
    ImageStream, ImportFailure, ImportMode, InternalRepository, REPOSITORY_CHECK_ANNOTATION, Tag,
    TagEvent, TagSource,
};
pub use layer::{Compression, Layer, LayerFormat, LayerToc};
pub use name::{
    ImageStreamName, ObjectName, ParseNameError, ProjectName, ServiceAccountName, TagName,
    is_path_segment_name,
};
pub use project::{Project, ProjectPhase};
pub use quantity::{ParseQuantityError, Quantity};
pub use size::{ByteSize, TotalSize};
pub use stream_usage::StreamUsage;
pub use tag_spec::{TagSpec, TagSpecSource};
pub use truncated::{Truncated, TruncatedMap};
pub use user::{CurrentUser, Group, UserAccount};
pub use workload::{
    ImagePart, ImageTrigger, NamedImage, Workload, WorkloadId, WorkloadKind, WorkloadPhase,
};
pub use workload_image::{ReferencedImage, RegistryHosts, StreamReference, WorkloadImageReference};

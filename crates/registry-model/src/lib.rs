//! The vocabulary of the console: what OpenShift and the registry talk about, without any I/O.
//!
//! Identifiers are parsed once, at the edge, and stay valid from then on.

pub mod challenge;
pub mod config;
pub mod json;
pub mod link;
pub mod manifest;
pub mod recipe;
pub mod reference;
pub mod version_order;
pub mod visible;

mod access;
mod attachment;
mod clock;
mod digest;
mod image;
mod image_stream;
mod kept;
mod layer;
mod lenient;
mod name;
mod project;
mod size;
mod tag_spec;
mod user;

pub use access::{AccessPolicy, RoleBinding, Subject, SubjectKind};
pub use attachment::{Attachment, AttachmentKind};
pub use clock::Clock;
pub use digest::{Digest, InvalidDigest};
pub use image::{Image, ImageKind, ImagePlatform};
pub use image_stream::{
    ImageStream, ImportFailure, ImportMode, InternalRepository, REPOSITORY_CHECK, Tag, TagEvent,
    TagSource,
};
pub use kept::{Kept, KeptTexts};
pub use layer::{Compression, Layer, LayerFormat, LayerIndex};
pub use name::{ImageStreamName, InvalidName, ProjectName, ServiceAccountName, TagName};
pub use project::{Phase, Project};
pub use size::{ByteSize, TotalSize};
pub use tag_spec::{TagSpec, TagTarget};
pub use user::{Account, Group, User};

//! What the master's answers look like on the wire, from OpenShift 3.6 to 4.
//!
//! Every field may be missing or `null`, fields that are not used are skipped (`managedFields` among them), and what cannot be a value of
//! [`crate::model`] is left out where it stands instead of failing its surroundings.

mod access;
mod image;
mod image_stream;
mod list;
mod meta;
mod project;
mod status;
mod user;

pub(super) use access::{LegacyRoleBinding, RoleBinding, SelfReview, SubjectReview, WhoCan};
pub(super) use image::ImageHolder;
pub(super) use image_stream::ImageStream;
pub(super) use list::List;
pub(super) use project::Project;
pub(super) use status::Status;
pub(super) use user::User;

//! Who may pull from image streams, and what a user may do.

pub(in crate::app) mod access_check;
pub(in crate::app) mod project_access;
pub(in crate::app) mod rights;
pub(in crate::app) mod stream_access;
mod subject_access;
mod subject_rights;
#[cfg(test)]
mod tests;

pub use access_check::AccessCheck;
pub use project_access::{ProjectAccess, PublicRole};
pub use stream_access::AccessView;
pub use subject_access::{RightExplanation, SubjectAccess};
pub use subject_rights::{SubjectGroup, SubjectRights};

//! Who may pull from image streams, and what a user may do.

pub(in crate::app) mod project_access;
pub(in crate::app) mod rights;
pub(in crate::app) mod stream_access;

pub use project_access::{ProjectAccess, PublicRole};
pub use stream_access::{AccessView, RightExplanation, SubjectAccess, SubjectRights};

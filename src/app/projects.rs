//! Projects and the overview of what a user may see in them.

pub(in crate::app) mod create;
pub(in crate::app) mod delete;
pub(in crate::app) mod edit;
pub(in crate::app) mod overview;
pub(in crate::app) mod view;

pub use create::NewProject;
pub use delete::{ProjectDeletion, StreamToDelete, StreamsToDelete};
pub use edit::{ProjectEdit, ProjectFields};
pub use overview::{Overview, OverviewCounts, ProjectCard};
pub use view::{Member, MemberRole, ProjectList, ProjectRow, ProjectView};

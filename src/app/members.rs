//! Members of projects: the subjects of their role bindings, and changing these.

pub(in crate::app) mod name_check;
pub(in crate::app) mod project_roles;
pub(in crate::app) mod removal;
pub(in crate::app) mod role_bindings;
pub(in crate::app) mod view;

pub use name_check::NameCheck;
pub use project_roles::ProjectRole;
pub use removal::{MemberRemoval, RoleRemovalRisk};
pub use view::{IMAGE_PULLER, MembersView, NameSuggestions, is_registry_role};

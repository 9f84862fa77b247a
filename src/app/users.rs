//! Users and groups, and the signed-in user.

pub(in crate::app) mod account;
pub(in crate::app) mod change_steps;
pub(in crate::app) mod changes;
pub(in crate::app) mod groups;
mod names;
pub(in crate::app) mod view;

pub use change_steps::{ChangeStep, ChangeStepsResult, UnfinishedChange};
pub use changes::{UserDeletion, UserEdit, UserFields};
pub use groups::{GroupList, GroupView};
pub use names::{is_valid_identity_name, is_valid_new_name};
pub use view::{AccountRights, UserList, UserRow, UserView};

//! Users and groups, and the signed-in user.

pub(in crate::app) mod account;
pub(in crate::app) mod changes;
pub(in crate::app) mod groups;
pub(in crate::app) mod steps;
pub(in crate::app) mod view;

pub use changes::{UserDeletion, UserEdit, UserTexts};
pub use groups::{GroupList, GroupView};
pub use steps::{Outcome, Step, Unfinished, is_identity, is_new_name};
pub use view::{PersonOffers, UserList, UserRow, UserView};

//! Projects, members, access and credentials.

pub(crate) mod access_reviews;
pub(crate) mod credentials;
pub(crate) mod member_roles;
pub(crate) mod members;
pub(crate) mod project_pages;
pub(crate) mod quota_pages;
pub(crate) mod quotas;
pub(crate) mod role_bindings;

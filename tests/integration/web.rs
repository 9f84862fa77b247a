//! Pages and their JSON forms, through HTTP.

pub(crate) mod api_contract;
pub(crate) mod api_errors;
pub(crate) mod api_lists;
pub(crate) mod api_writes;
pub(crate) mod connect;
pub(crate) mod doctor;
pub(crate) mod failures;
pub(crate) mod forms;
pub(crate) mod images;
pub(crate) mod language_and_theme;
pub(crate) mod lists;
pub(crate) mod projects;
pub(crate) mod real_registry;
pub(crate) mod routes;
pub(crate) mod security;
pub(crate) mod sign_in;
pub(crate) mod space;
pub(crate) mod streams;
pub(crate) mod tabs;
pub(crate) mod tags;
pub(crate) mod trailing_slashes;
pub(crate) mod usage;
pub(crate) mod users_and_groups;

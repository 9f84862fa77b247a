//! The contract of the API: which operations there are below
//! [`API_ROOT`](super::links::API_ROOT), what they take and what they answer.
//!
//! Each route of the table ([`super::routes`]) has its operations. The OpenAPI document and the page
//! about the API are built from them, and the schemas from the types that are serialized.

mod description;
mod document;
mod link;
mod operation;
mod parameter;
pub(super) mod parameters;
mod query;
mod responses;
mod schema;
mod serve;

pub(super) use document::{answer_members, body_members, operations};
pub(super) use link::{ApiLink, LinkValue};
pub(super) use operation::{ApiContent, ApiOperation, ApiTag};
pub(super) use parameter::ApiParameter;
pub(super) use query::{accepts, check_query};
pub(super) use serve::{GET_DOCUMENT, serve_document};

//! The pages, one file an area: parameters, handler, page.

mod absent_image;
mod access;
pub(super) mod authority;
pub(super) mod connect;
pub(super) mod delete_group;
mod delete_project;
mod delete_stream;
pub(super) mod delete_user;
mod doctor;
mod edit_project;
pub(super) mod groups;
mod image;
mod images;
pub(super) mod import_stream;
pub(super) mod leave_group;
pub(super) mod login_file;
pub(super) mod logins;
mod members;
pub(super) mod new_group;
mod new_project;
pub(super) mod new_tag;
mod overview;
mod people;
mod project_access;
mod projects;
mod remove_member;
mod remove_tag;
pub(super) mod remove_tags;
pub(super) mod roll_back;
mod search;
mod stream;
pub(super) mod stream_form;
pub(super) mod tag_as;
pub(super) mod take_back_login;
pub(super) mod user_form;
pub(super) mod users;

use axum::response::{IntoResponse, Redirect, Response};

pub(super) use access::access;
pub(super) use delete_project::{delete_project, project_to_delete};
pub(super) use doctor::doctor;
pub(super) use edit_project::{edit_project, project_to_edit};
pub(super) use images::{images, images_of_project};
pub(super) use members::{change_members, members};
pub(super) use new_project::{create_project, new_project};
pub(super) use overview::overview;
pub(super) use project_access::{change_project_access, project_access};
pub(super) use projects::{project, projects};
pub(super) use remove_member::{member_removal, remove_member};
pub(super) use remove_tag::restore;
pub(super) use search::search;

use super::context::SignedIn;
use super::errors::Refused;
use super::extract::{Asked, OfStream};
use super::forms::Sent;
use super::links;
use crate::app::failure::{Failure, Subject};
use crate::app::images::ShownReference;

/// `GET /images/{project}/{stream}`, `…:{tag}` and `…@{digest}`: one pattern for the router, two
/// pages.
pub(super) async fn stream_or_image(
    who: SignedIn,
    of: OfStream,
    asked: Asked,
) -> Result<Response, Refused> {
    match of.reference {
        None => stream::stream(&who, &of.project, &of.stream, asked).await,
        Some(reference) => image::image(&who, &of.project, &of.stream, reference).await,
    }
}

/// `GET …/delete`: asks whether to delete.
pub(super) async fn removal(who: SignedIn, of: OfStream) -> Result<Response, Refused> {
    match of.reference {
        Some(ShownReference::Tag(tag)) => {
            remove_tag::ask(&who, &of.project, &of.stream, &tag).await
        }
        None => delete_stream::ask(&who, &of.project, &of.stream, None).await,
        _ => Err(Failure::NotFound(Subject::Page).into()),
    }
}

/// `POST …/delete`
pub(super) async fn remove(who: SignedIn, of: OfStream, sent: Sent) -> Result<Response, Refused> {
    match of.reference {
        Some(ShownReference::Tag(tag)) => {
            remove_tag::remove(&who, &of.project, &of.stream, &tag, &sent).await
        }
        None => delete_stream::delete(&who, &of.project, &of.stream).await,
        _ => Err(Failure::NotFound(Subject::Page).into()),
    }
}

/// `GET /registry`: the old console's address. Browsers keep the fragment (`#/images/ns/name:tag`),
/// which our script then follows.
pub(super) async fn old_address() -> Response {
    Redirect::permanent(links::OVERVIEW).into_response()
}

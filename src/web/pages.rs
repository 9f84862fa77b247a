//! The pages, one file an area: parameters, handler, page.

pub(super) mod connect;
pub(super) mod credentials;
pub(super) mod doctor;
pub(super) mod image_streams;
pub(super) mod images;
pub(super) mod members;
pub(super) mod overview;
pub(super) mod projects;
pub(super) mod search;
pub(super) mod tags;
pub(super) mod users;

use axum::response::{IntoResponse, Redirect, Response};

use super::context::SignedIn;
use super::errors::WebError;
use super::forms::FormData;
use super::links;
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::web::extractors::{ImagePath, ListParams};

/// `GET /images/{project}/{stream}`, `…:{tag}` and `…@{digest}`: one pattern for the router, two
/// pages.
pub(super) async fn show_stream_or_image(
    who: SignedIn,
    of: ImagePath,
    asked: ListParams,
) -> Result<Response, WebError> {
    match of.reference {
        None => {
            crate::web::pages::image_streams::show::show_stream(
                &who,
                &of.project,
                &of.stream,
                asked,
            )
            .await
        }
        Some(reference) => {
            crate::web::pages::images::show::show_image(&who, &of.project, &of.stream, reference)
                .await
        }
    }
}

/// `GET …/delete`: asks whether to delete.
pub(super) async fn confirm_delete_stream_or_tag(
    who: SignedIn,
    of: ImagePath,
) -> Result<Response, WebError> {
    match of.reference {
        Some(ImageReference::Tag(tag)) => {
            crate::web::pages::tags::remove::confirm_remove_tag(&who, &of.project, &of.stream, &tag)
                .await
        }
        None => {
            crate::web::pages::image_streams::delete::confirm_delete_stream(
                &who,
                &of.project,
                &of.stream,
                None,
            )
            .await
        }
        _ => Err(Failure::NotFound(PageSubject::Page).into()),
    }
}

/// `POST …/delete`
pub(super) async fn delete_stream_or_tag(
    who: SignedIn,
    of: ImagePath,
    sent: FormData,
) -> Result<Response, WebError> {
    match of.reference {
        Some(ImageReference::Tag(tag)) => {
            crate::web::pages::tags::remove::remove_tag(&who, &of.project, &of.stream, &tag, &sent)
                .await
        }
        None => {
            crate::web::pages::image_streams::delete::delete_stream(&who, &of.project, &of.stream)
                .await
        }
        _ => Err(Failure::NotFound(PageSubject::Page).into()),
    }
}

/// `GET /registry`: the old console's address. Browsers keep the fragment (`#/images/ns/name:tag`),
/// which our script then follows.
pub(super) async fn redirect_old_console() -> Response {
    Redirect::permanent(links::OVERVIEW).into_response()
}

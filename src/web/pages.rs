//! The pages, one file an area: parameters, handler, page.

mod image;
mod images;
mod overview;
mod projects;
mod stream;

use axum::response::{IntoResponse, Redirect, Response};

pub(super) use images::{images, images_of_project};
pub(super) use overview::overview;
pub(super) use projects::{project, projects};

use super::context::SignedIn;
use super::errors::Refused;
use super::extract::{Asked, OfStream};
use super::links;

/// `GET /images/{project}/{stream}`, `…:{tag}` and `…@{digest}`: one pattern for the router, two pages.
pub(super) async fn stream_or_image(who: SignedIn, of: OfStream, asked: Asked) -> Result<Response, Refused> {
    match of.reference {
        None => stream::stream(&who, &of.project, &of.stream, asked).await,
        Some(reference) => image::image(&who, &of.project, &of.stream, reference).await,
    }
}

/// `GET /registry`: the old console's address. Browsers keep the fragment (`#/images/ns/name:tag`), which our script then follows.
pub(super) async fn old_address() -> Response {
    Redirect::permanent(links::OVERVIEW).into_response()
}

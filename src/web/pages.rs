//! The pages: a directory for each subject, and in it a file for each page with its handlers and
//! template struct.

pub(super) mod api;
pub(super) mod connect;
pub(super) mod credentials;
pub(super) mod doctor;
pub(super) mod home;
pub(super) mod image_streams;
pub(super) mod images;
pub(super) mod imports;
pub(super) mod jobs;
pub(super) mod members;
pub(super) mod projects;
pub(super) mod search;
pub(super) mod space;
pub(super) mod tags;
pub(super) mod users;

use axum::response::{IntoResponse, Redirect, Response};

use self::image_streams::show::SelectionParams;
use super::context::SignedIn;
use super::errors::WebError;
use super::forms::FormData;
use super::links;
use super::pull_bar::PullParams;
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::app::tags::TagPath;
use crate::web::extractors::{ImagePath, ListParams};
use registry_model::{ImageStreamName, ProjectName};

/// `GET /images/{project}/{stream}`, `…:{tag}` and `…@{digest}`: two pages under one pattern of the
/// router.
pub(super) async fn show_stream_or_image(
    caller: SignedIn,
    path: ImagePath,
    params: ListParams,
    selection: SelectionParams,
    pull_params: PullParams,
) -> Result<Response, WebError> {
    let pull_params = pull_params.for_release(caller.app().release().await);
    match path.reference {
        None => {
            let (project, stream) = (&path.project, &path.stream);
            image_streams::show::show_stream(
                &caller,
                project,
                stream,
                params,
                selection,
                &pull_params,
            )
            .await
        }
        Some(reference) => {
            let (project, stream) = (&path.project, &path.stream);
            images::show::show_image(&caller, project, stream, reference, &pull_params).await
        }
    }
}

/// What `…/delete` is about.
enum StreamOrTag {
    Stream(ProjectName, ImageStreamName),
    Tag(TagPath),
}

impl StreamOrTag {
    /// # Errors
    ///
    /// [`Failure::NotFound`]: images have no such page.
    fn from_path(path: ImagePath) -> Result<Self, Failure> {
        let ImagePath {
            project,
            stream,
            reference,
        } = path;
        match reference {
            None => Ok(Self::Stream(project, stream)),
            Some(ImageReference::Tag(tag)) => Ok(Self::Tag(TagPath {
                project,
                stream,
                tag,
            })),
            Some(ImageReference::Digest(_)) => Err(Failure::NotFound(PageSubject::Page)),
        }
    }
}

/// `GET …/delete`
pub(super) async fn confirm_delete_stream_or_tag(
    caller: SignedIn,
    path: ImagePath,
) -> Result<Response, WebError> {
    match StreamOrTag::from_path(path)? {
        StreamOrTag::Stream(project, stream) => {
            image_streams::delete::confirm_delete_stream(&caller, project, stream).await
        }
        StreamOrTag::Tag(path) => tags::remove::confirm_remove_tag(&caller, path).await,
    }
}

/// `POST …/delete`
pub(super) async fn delete_stream_or_tag(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    match StreamOrTag::from_path(path)? {
        StreamOrTag::Stream(project, stream) => {
            image_streams::delete::delete_stream(&caller, project, stream, &form).await
        }
        StreamOrTag::Tag(path) => tags::remove::remove_tag(&caller, path, &form).await,
    }
}

/// `GET /registry`: the URL of the old console, which is based on Cockpit. Browsers keep the
/// fragment (`#/images/ns/name:tag`) across the redirect, and `static/console.js` follows it.
pub(super) async fn redirect_old_console() -> Response {
    Redirect::permanent(links::HOME).into_response()
}

//! `/images/{project}/{stream}/delete`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::image_streams::StreamDeletion;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ImageStreamName, ProjectName, TagName};

#[derive(Template, Serialize)]
#[template(path = "image_streams/delete.html")]
struct DeleteStreamPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: StreamDeletion,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

/// Says what goes and what stays.
pub(in crate::web) async fn confirm_delete_stream(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let view = caller.app().stream_deletion(project, stream).await?;
    let submit_error = refusal
        .map(|refusal| SubmitError::from_change_error_without_fields(refusal, caller.context.lang));
    let status = FieldErrors::default().status(submit_error.as_ref());
    let title = caller.context.lang.msg("stream-delete").to_string();
    Ok(render_with_status(
        status,
        &caller.context,
        &DeleteStreamPage {
            chrome: caller.chrome(Area::Images, title),
            view,
            submit_error,
        },
    ))
}

pub(in crate::web) async fn delete_stream(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
) -> Result<Response, WebError> {
    match caller.app().delete_stream(project, stream).await {
        Ok(()) => {
            let text = caller
                .context
                .lang
                .msg("stream-deleted")
                .arg("stream", format!("{project}/{stream}"));
            Ok(caller.redirect_with_flash(Flash::new(text), &links::project_images(project)))
        }
        Err(failed) => {
            confirm_delete_stream(caller, project, stream, Some(failed.into_refusal()?)).await
        }
    }
}

impl DeleteStreamPage {
    /// All of them: what goes is never left to guess.
    fn tags(&self) -> &[TagName] {
        &self.view.tags
    }
}

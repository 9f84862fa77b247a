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
    trouble: Option<SubmitError>,
}

/// Says what goes and what stays.
pub(in crate::web) async fn confirm_delete_stream(
    who: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let view = who.app().stream_deletion(project, stream).await?;
    let trouble = refusal
        .map(|refusal| SubmitError::from_change_error_without_fields(refusal, who.context.lang));
    let status = FieldErrors::default().status(trouble.as_ref());
    let title = who.context.lang.msg("stream-delete").to_string();
    Ok(render_with_status(
        status,
        &who.context,
        &DeleteStreamPage {
            chrome: who.chrome(Area::Images, title),
            view,
            trouble,
        },
    ))
}

pub(in crate::web) async fn delete_stream(
    who: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
) -> Result<Response, WebError> {
    match who.app().delete_stream(project, stream).await {
        Ok(()) => {
            let text = who
                .context
                .lang
                .msg("stream-deleted")
                .arg("stream", format!("{project}/{stream}"));
            Ok(who.redirect_with_flash(Flash::new(text), &links::project_images(project)))
        }
        Err(failed) => {
            confirm_delete_stream(who, project, stream, Some(failed.into_refusal()?)).await
        }
    }
}

impl DeleteStreamPage {
    /// All of them: what goes is never left to guess.
    fn tags(&self) -> &[TagName] {
        &self.view.tags
    }
}

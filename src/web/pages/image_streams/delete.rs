//! `/images/{project}/{stream}/delete`: deletes an image stream.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::image_streams::StreamDeletion;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{ConfirmationPage, Flash, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome};
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

impl ConfirmationPage for DeleteStreamPage {
    type Target = (ProjectName, ImageStreamName);

    async fn load(
        caller: &SignedIn,
        (project, stream): &Self::Target,
        submit_error: Option<SubmitError>,
    ) -> Result<Self, WebError> {
        let title = caller.context.lang.msg("stream-delete").to_string();
        Ok(Self {
            view: caller.app().stream_deletion(project, stream).await?,
            chrome: caller.chrome(Area::Images, title),
            submit_error,
        })
    }
}

pub(in crate::web) async fn confirm_delete_stream(
    caller: &SignedIn,
    project: ProjectName,
    stream: ImageStreamName,
) -> Result<Response, WebError> {
    caller.confirm::<DeleteStreamPage>(&(project, stream)).await
}

pub(in crate::web) async fn delete_stream(
    caller: &SignedIn,
    project: ProjectName,
    stream: ImageStreamName,
) -> Result<Response, WebError> {
    let text = caller
        .context
        .lang
        .msg("stream-deleted")
        .arg("stream", format!("{project}/{stream}"));
    let outcome = caller.app().delete_stream(&project, &stream).await;
    let path = links::project_images(&project);
    caller
        .redirect_or_confirm::<DeleteStreamPage>(
            &(project, stream),
            outcome,
            Flash::new(text),
            &path,
        )
        .await
}

impl DeleteStreamPage {
    /// All tags of the stream, which are deleted with it.
    fn tags(&self) -> &[TagName] {
        &self.view.tags
    }
}

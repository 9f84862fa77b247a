//! `/images/{project}/{stream}/delete`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::image_streams::StreamRemoval;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::filters;
use crate::web::forms::{Done, Mistakes, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ImageStreamName, ProjectName, TagName};

#[derive(Template, Serialize)]
#[template(path = "delete-stream.html")]
struct DeleteStreamPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: StreamRemoval,
    trouble: Option<Trouble>,
}

/// Says what goes and what stays.
pub(super) async fn ask(
    who: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let view = who.console().stream_removal(project, stream).await?;
    let trouble = refusal.map(|refusal| Trouble::of_action(refusal, who.context.lang));
    let status = Mistakes::default().status(trouble.as_ref());
    let title = who.context.lang.msg("stream-delete").to_string();
    Ok(page_with(
        status,
        &who.context,
        &DeleteStreamPage {
            chrome: who.chrome(Area::Images, title),
            view,
            trouble,
        },
    ))
}

pub(super) async fn delete(
    who: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
) -> Result<Response, Refused> {
    match who.console().delete_stream(project, stream).await {
        Ok(()) => {
            let text = who
                .context
                .lang
                .msg("stream-deleted")
                .arg("stream", format!("{project}/{stream}"));
            Ok(who.done(Done::new(text), &links::images_of(project)))
        }
        Err(failed) => ask(who, project, stream, Some(failed.refusal()?)).await,
    }
}

impl DeleteStreamPage {
    /// All of them: what goes is never left to guess.
    fn tags(&self) -> &[TagName] {
        &self.view.tags
    }
}

//! `/images/{project}/{stream}/delete`: deletes an image stream.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::ChangeError;
use crate::app::failure::Failure;
use crate::app::image_streams::StreamDeletion;
use crate::app::usage::TagChange;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
use crate::web::usage::{ImpactSection, load_impact};
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
    /// The name that was typed to confirm the deletion.
    #[serde(skip)]
    typed: String,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    /// Absent where the image stream could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<ImpactSection>,
}

/// The most tags that are listed.
const MAX_TAGS_LISTED: usize = 200;

pub(in crate::web) async fn confirm_delete_stream(
    caller: &SignedIn,
    project: ProjectName,
    stream: ImageStreamName,
) -> Result<Response, WebError> {
    let app = caller.app();
    let (view, impact) = tokio::join!(
        app.stream_deletion(&project, &stream),
        load_impact(caller, &project, &stream, TagChange::DeleteStream)
    );
    Ok(render_deletion(
        caller,
        view?,
        String::new(),
        FieldErrors::default(),
        None,
        Some(impact),
    ))
}

/// Deletes the image stream. One with several tags only if its name was typed.
pub(in crate::web) async fn delete_stream(
    caller: &SignedIn,
    project: ProjectName,
    stream: ImageStreamName,
    form: &FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let typed = form.text("name").to_owned();
    let view = match caller.app().stream_deletion(&project, &stream).await {
        Ok(view) => view,
        // One that is gone already counts as deleted.
        Err(Failure::NotFound(_)) => StreamDeletion::unread(project.clone(), stream.clone()),
        // Without its tags, the page would say that nothing is affected.
        Err(failure) => return Err(failure.into()),
    };
    let mut field_errors = FieldErrors::default();
    if view.allowed && view.needs_name() && typed != stream.as_str() {
        field_errors.add(
            "name",
            lang.msg("stream-delete-name-wrong")
                .arg("stream", stream.as_str()),
        );
        let impact = load_impact(caller, &project, &stream, TagChange::DeleteStream).await;
        return Ok(render_deletion(
            caller,
            view,
            typed,
            field_errors,
            None,
            Some(impact),
        ));
    }
    match caller.app().delete_stream(&project, &stream).await {
        Ok(()) => {
            let text = lang
                .msg("stream-deleted")
                .arg("stream", format!("{project}/{stream}"));
            Ok(caller.redirect_with_flash(Flash::new(text), &links::project_images(&project)))
        }
        Err(failed) => {
            let submit_error = match failed {
                ChangeError::Refused(refusal) => {
                    SubmitError::from_change_error_without_fields(refusal, lang)
                }
                ChangeError::Failure(failure) => SubmitError::from_failure(failure, lang)?,
            };
            Ok(render_deletion(
                caller,
                view,
                typed,
                field_errors,
                Some(submit_error),
                None,
            ))
        }
    }
}

fn render_deletion(
    caller: &SignedIn,
    view: StreamDeletion,
    typed: String,
    field_errors: FieldErrors,
    submit_error: Option<SubmitError>,
    impact: Option<ImpactSection>,
) -> Response {
    let title = caller
        .context
        .lang
        .msg("stream-delete-title")
        .arg("stream", format!("{}/{}", view.project, view.stream));
    let status = field_errors.status(submit_error.as_ref());
    let page = DeleteStreamPage {
        chrome: caller.chrome(Area::Images, title.to_string()),
        view,
        submit_error,
        typed,
        field_errors,
        impact,
    };
    render_with_status(status, &caller.context, &page)
}

impl DeleteStreamPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below_stream(lang, &self.view.project, &self.view.stream)
            .with_current(lang.msg("stream-delete"))
    }

    fn field(&self, _: &str) -> FormField {
        let label = self
            .chrome
            .lang
            .msg("stream-delete-name")
            .arg("stream", self.view.stream.as_str());
        FormField::new("name", label, self.typed.as_str(), &self.field_errors).with_required()
    }

    fn bad_fields(&self) -> Vec<FormField> {
        self.field_errors.fields(|name| self.field(name))
    }

    fn is_refused(&self) -> bool {
        self.submit_error.is_some() || !self.field_errors.is_empty()
    }

    /// The tags of the stream, which are deleted with it.
    fn tags(&self) -> &[TagName] {
        &self.view.tags[..self.view.tags.len().min(MAX_TAGS_LISTED)]
    }

    /// How many tags are not listed.
    fn hidden_tag_count(&self) -> usize {
        self.view.tags.len() - self.tags().len()
    }
}

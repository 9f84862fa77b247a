//! `/new-image-stream` and `/images/{project}/{stream}/edit`: creates and changes an image stream.

mod fields;
mod page;
mod rows;
mod tag_list;
mod text_rows;

use axum::http::StatusCode;
use axum::response::Response;

use crate::app::change::Refusal;
use crate::app::failure::{Failure, PageSubject};
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ImagePath, ListParams};
use crate::web::forms::{FieldErrors, Flash, FormData};
use crate::web::links;
pub(in crate::web) use fields::StreamFormFields;
pub(in crate::web) use page::API_FIELDS;
use page::{Occasion, StreamFormMessages, render_form};
use registry_model::{ImageStreamName, ImportMode, ProjectName};
pub(in crate::web) use rows::SourceRow;
pub(in crate::web) use text_rows::TextRow;

pub(in crate::web) async fn new_stream_form(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let project = asked.project().map(ToString::to_string).unwrap_or_default();
    let typed = StreamFormFields {
        project,
        source: "none".to_owned(),
        import_mode: ImportMode::PreserveOriginal.as_str().to_owned(),
        ..StreamFormFields::default()
    };
    let messages = StreamFormMessages::default();
    render_form(&caller, Occasion::Opened, None, typed, messages).await
}

/// Creates the stream, or displays what its source contains.
#[expect(
    clippy::result_large_err,
    reason = "the error is the form to show again, once per request"
)]
pub(in crate::web) async fn create_stream(
    caller: SignedIn,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let mut typed = StreamFormFields::from_form(&form);
    let mut field_errors = FieldErrors::default();
    let modes = caller.app().supports_import_modes().await;
    if typed.change_rows(&form, modes, &mut field_errors, lang) {
        let messages = StreamFormMessages::from_field_errors(field_errors);
        return render_form(&caller, Occasion::Sent, None, typed, messages).await;
    }
    let (place, source) = (
        typed.parse_name(&mut field_errors, lang),
        typed.parse_source(modes, &mut field_errors, lang),
    );
    let (Some((project, name)), Some(source), true) = (place, source, field_errors.is_empty())
    else {
        let messages = StreamFormMessages::from_field_errors(field_errors);
        return render_form(&caller, Occasion::Sent, None, typed, messages).await;
    };
    let outcome = if form.has("look") {
        let found = caller.app().preview_source(&project, &name, &source).await;
        found.map(|found| {
            Err(StreamFormMessages {
                preview: Some((source, found)),
                ..StreamFormMessages::default()
            })
        })
    } else {
        let created = caller.app().create_stream(&project, &name, &source).await;
        created.map(|not_imported| {
            let text = lang
                .msg("stream-created")
                .arg("stream", format!("{project}/{name}"));
            Ok(change_flash(lang, text, not_imported))
        })
    };
    let messages = match outcome {
        Ok(Ok(flash)) => {
            return Ok(caller.redirect_with_flash(flash, &links::stream(&project, &name)));
        }
        Ok(Err(messages)) => messages,
        Err(failed) => {
            StreamFormMessages::from_change_error(failed, &caller, &project, field_errors)?
        }
    };
    render_form(&caller, Occasion::Sent, None, typed, messages).await
}

/// The form with the current values.
pub(in crate::web) async fn edit_stream_form(
    caller: SignedIn,
    path: ImagePath,
) -> Result<Response, WebError> {
    let (project, name) = stream_name(path)?;
    let typed = StreamFormFields::from_stream(
        &project,
        &name,
        caller.app().stream_form(&project, &name).await?,
    );
    let messages = StreamFormMessages::default();
    render_form(
        &caller,
        Occasion::Opened,
        Some((project, name)),
        typed,
        messages,
    )
    .await
}

/// Changes the stream. Asks for confirmation first if tags would lose their source. If the stream
/// was changed in the meantime, displays the current values beside the typed ones.
pub(in crate::web) async fn update_stream(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    let (project, name) = stream_name(path)?;
    let typed = StreamFormFields {
        project: project.to_string(),
        name: name.to_string(),
        ..StreamFormFields::from_form(&form)
    };
    match try_update_stream(&caller, &project, &name, typed, &form).await? {
        UpdateOutcome::Done(flash) => {
            Ok(caller.redirect_with_flash(flash, &links::stream(&project, &name)))
        }
        UpdateOutcome::Again(typed, messages) => {
            render_form(
                &caller,
                Occasion::Sent,
                Some((project, name)),
                *typed,
                messages,
            )
            .await
        }
    }
}

/// What becomes of the form for a change.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
enum UpdateOutcome {
    Done(Flash),
    /// The form is shown again with these values.
    Again(Box<StreamFormFields>, StreamFormMessages),
}

async fn try_update_stream(
    caller: &SignedIn,
    project: &ProjectName,
    name: &ImageStreamName,
    mut typed: StreamFormFields,
    form: &FormData,
) -> Result<UpdateOutcome, WebError> {
    let lang = caller.context.lang;
    let again = |typed, messages| Ok(UpdateOutcome::Again(Box::new(typed), messages));
    let mut field_errors = FieldErrors::default();
    let modes = caller.app().supports_import_modes().await;
    let rows_changed = typed.change_rows(form, modes, &mut field_errors, lang);
    if rows_changed {
        return again(typed, StreamFormMessages::from_field_errors(field_errors));
    }
    let Some(edited) = typed.parse_changes(modes, &mut field_errors, lang) else {
        return again(typed, StreamFormMessages::from_field_errors(field_errors));
    };
    if form.has("look") {
        let messages = match caller
            .app()
            .preview_source(project, name, &edited.source)
            .await
        {
            Ok(found) => StreamFormMessages {
                preview: Some((edited.source, found)),
                ..StreamFormMessages::default()
            },
            Err(failed) => {
                StreamFormMessages::from_change_error(failed, caller, project, field_errors)?
            }
        };
        return again(typed, messages);
    }
    let before = match caller.app().stream_form(project, name).await {
        Ok(before) => before,
        Err(failure) => {
            let messages = StreamFormMessages::from_change_error(
                failure.into(),
                caller,
                project,
                field_errors,
            )?;
            return again(typed, messages);
        }
    };
    let losing = before.tags_losing_source(&edited.source);
    let is_confirmed =
        |tag: &registry_model::TagName| form.all("drop").any(|confirmed| confirmed == tag.as_str());
    if before.resource_version == typed.version && !losing.iter().all(is_confirmed) {
        let messages = StreamFormMessages {
            dropped_tags: losing,
            ..StreamFormMessages::default()
        };
        return again(typed, messages);
    }
    let changed = caller
        .app()
        .update_stream(project, name, &typed.version, &edited)
        .await;
    match changed {
        Ok(not_imported) => {
            let text = lang
                .msg("stream-changed")
                .arg("stream", format!("{project}/{name}"));
            Ok(UpdateOutcome::Done(change_flash(lang, text, not_imported)))
        }
        Err(failed) => {
            let messages =
                StreamFormMessages::from_change_error(failed, caller, project, field_errors)?;
            let (typed, messages) =
                with_current_values(caller, project, name, typed, messages).await?;
            again(typed, messages)
        }
    }
}

/// The message about the change, including whether the import after it was refused.
fn change_flash(lang: Lang, text: Message, not_imported: Option<Refusal>) -> Flash {
    match not_imported {
        None => Flash::new(text),
        Some(refusal) => {
            let reason: String = refusal.detail.chars().take(300).collect();
            let text = lang
                .msg("stream-mode-not-imported")
                .arg("done", text.to_string())
                .arg("said", reason);
            Flash {
                unfinished: true,
                ..Flash::new(text)
            }
        }
    }
}

/// After a conflict, adds the current values, and puts their resource version into the form. The
/// user can overwrite the other change only after the page has displayed it.
async fn with_current_values(
    caller: &SignedIn,
    project: &ProjectName,
    name: &ImageStreamName,
    typed: StreamFormFields,
    mut messages: StreamFormMessages,
) -> Result<(StreamFormFields, StreamFormMessages), WebError> {
    let Some(submit_error) = messages
        .submit_error
        .as_mut()
        .filter(|submit_error| submit_error.status() == StatusCode::CONFLICT)
    else {
        return Ok((typed, messages));
    };
    let current = match caller.app().stream_form(project, name).await {
        Ok(current) => current,
        Err(Failure::SignInRequired) => return Err(Failure::SignInRequired.into()),
        // The typed values are shown without the current ones.
        Err(_) => return Ok((typed, messages)),
    };
    submit_error.hint = caller.context.lang.msg("stream-stale-hint").to_string();
    let now = StreamFormFields::from_stream(project, name, current);
    let typed = StreamFormFields {
        version: now.version.clone(),
        ..typed
    };
    Ok((
        typed,
        StreamFormMessages {
            current: Some(now),
            ..messages
        },
    ))
}

fn stream_name(path: ImagePath) -> Result<(ProjectName, ImageStreamName), WebError> {
    if path.reference.is_some() {
        Err(Failure::NotFound(PageSubject::Page).into())
    } else {
        Ok((path.project, path.stream))
    }
}

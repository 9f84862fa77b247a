//! `/new-image-stream` and `/images/{project}/{stream}/edit`: creates and changes an image stream.

mod fields;
mod tag_list;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{ChangeError, Refusal};
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::{ImportAdvice, ImportResult};
use crate::app::shell_command::ShellCommand;
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ImagePath, ListParams};
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError, parse_import_mode};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use fields::StreamFormFields;
use registry_model::{ImageStreamName, ImportMode, ProjectName, TagName};

/// The API server's field names, each with that of the form.
const API_FIELDS: [(&str, &str); 6] = [
    ("metadata.name", "name"),
    ("metadata.annotations", "annotations"),
    ("spec.tags", "tags"),
    ("spec.images", "tags"),
    ("spec.dockerImageRepository", "repository"),
    ("spec.repository", "repository"),
];

#[derive(Template, Serialize)]
#[template(path = "image_streams/form.html")]
struct StreamFormPage {
    #[serde(skip)]
    chrome: Chrome,
    /// The stream that is changed. `None` for a new one.
    #[serde(rename = "of")]
    edited: Option<(ProjectName, ImageStreamName)>,
    projects: Vec<ProjectName>,
    typed: StreamFormFields,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    found: Option<Vec<ImportResult>>,
    /// Tags that would lose their source. The form asks for confirmation.
    dropped: Vec<TagName>,
    /// The current values, if the stream was changed since the form was rendered. Displayed beside
    /// the typed values.
    now: Option<StreamFormFields>,
    knows_import_modes: bool,
    allowed: bool,
    oc: Vec<ShellCommand>,
}

impl StreamFormPage {
    fn field(&self, name: &'static str) -> FormField {
        let (lang, typed) = (self.chrome.lang, &self.typed);
        let new =
            |label, value: &String| FormField::new(name, label, value.clone(), &self.field_errors);
        match name {
            "project" => new(lang.msg("project"), &typed.project).with_required(),
            "name" => new(lang.msg("image-stream"), &typed.name)
                .with_hint(lang.msg("stream-name-invalid"))
                .with_required(),
            "source" => new(lang.msg("stream-source"), &typed.source),
            "import-mode" => new(lang.msg("import-mode"), &typed.import_mode),
            "repository" => new(lang.msg("stream-repository"), &typed.repository)
                .with_hint(lang.msg("stream-repository-hint")),
            "tags" if self.knows_import_modes => new(lang.msg("stream-tags"), &typed.tags)
                .with_hint(lang.msg("stream-tags-modes-hint")),
            "tags" => {
                new(lang.msg("stream-tags"), &typed.tags).with_hint(lang.msg("stream-tags-hint"))
            }
            _ => new(lang.msg("stream-annotations"), &typed.annotations)
                .with_hint(lang.msg("stream-annotations-hint")),
        }
    }

    /// The current values as the form would contain them, one item a line.
    fn current_values(&self) -> Vec<(Message, String)> {
        let Some(now) = &self.now else {
            return Vec::new();
        };
        let lang = self.chrome.lang;
        let source = match now.source.as_str() {
            "all" => lang.msg("stream-source-all"),
            "tags" => lang.msg("stream-source-tags"),
            _ => lang.msg("stream-source-none"),
        };
        let parts = [
            (lang.msg("stream-source"), source.to_string()),
            (lang.msg("stream-repository"), now.repository.clone()),
            (
                lang.msg("import-mode"),
                if self.knows_import_modes {
                    now.import_mode.clone()
                } else {
                    String::new()
                },
            ),
            (lang.msg("stream-tags"), now.tags.clone()),
            (lang.msg("stream-annotations"), now.annotations.clone()),
        ];
        parts
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }

    fn results_with_advice(&self) -> Option<Vec<(&ImportResult, Option<ImportAdvice>)>> {
        let results = self.found.as_ref()?;
        Some(ImportAdvice::for_results(
            results,
            &self.typed.project,
            |_| Some(&self.typed.repository),
        ))
    }

    /// Whether the selected import mode would drop platforms of the source.
    fn drops_platforms(&self) -> bool {
        let has_platforms = self.found.iter().flatten().any(ImportResult::has_platforms);
        has_platforms && parse_import_mode(&self.typed.import_mode) == ImportMode::Legacy
    }

    fn action(&self) -> String {
        self.edited.as_ref().map_or_else(
            || links::NEW_STREAM.to_owned(),
            |(project, name)| links::edit_stream(project, name),
        )
    }

    fn back(&self) -> String {
        match (&self.edited, self.typed.project.parse()) {
            (Some((project, name)), _) => links::stream(project, name),
            (None, Ok(project)) => links::project_images(&project),
            (None, Err(_)) => links::IMAGES.to_owned(),
        }
    }
}

/// What the form displays in addition to its fields.
#[derive(Default)]
struct StreamFormMessages {
    field_errors: FieldErrors,
    submit_error: Option<SubmitError>,
    found_images: Option<Vec<ImportResult>>,
    dropped_tags: Vec<TagName>,
    current: Option<StreamFormFields>,
}

impl StreamFormMessages {
    fn from_change_error(
        failed: ChangeError,
        caller: &SignedIn,
        project: &ProjectName,
        mut field_errors: FieldErrors,
    ) -> Result<Self, WebError> {
        let submit_error = SubmitError::from_change_error(
            failed.into_refusal()?,
            caller.context.lang,
            &API_FIELDS,
            &mut field_errors,
        )
        .with_project(project);
        Ok(Self {
            field_errors,
            submit_error: Some(submit_error),
            ..Self::default()
        })
    }
}

pub(in crate::web) async fn new_stream_form(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let project = asked.project().map(ToString::to_string).unwrap_or_default();
    render_form(
        &caller,
        None,
        StreamFormFields {
            project,
            source: "none".to_owned(),
            import_mode: ImportMode::PreserveOriginal.as_str().to_owned(),
            ..StreamFormFields::default()
        },
        StreamFormMessages::default(),
    )
    .await
}

/// Creates the stream, or displays what its source contains.
pub(in crate::web) async fn create_stream(
    caller: SignedIn,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let typed = StreamFormFields::from_form(&form);
    let mut field_errors = FieldErrors::default();
    let modes = caller.app().supports_import_modes().await;
    let (place, source) = (
        typed.parse_name(&mut field_errors, lang),
        typed.parse_source(modes, &mut field_errors, lang),
    );
    let (Some((project, name)), Some(source), true) = (place, source, field_errors.is_empty())
    else {
        return render_form(
            &caller,
            None,
            typed,
            StreamFormMessages {
                field_errors,
                ..StreamFormMessages::default()
            },
        )
        .await;
    };
    if form.has("look") {
        let messages = match caller.app().preview_source(&project, &name, &source).await {
            Ok(found) => StreamFormMessages {
                found_images: Some(found),
                ..StreamFormMessages::default()
            },
            Err(failed) => {
                StreamFormMessages::from_change_error(failed, &caller, &project, field_errors)?
            }
        };
        return render_form(&caller, None, typed, messages).await;
    }
    match caller.app().create_stream(&project, &name, &source).await {
        Ok(not_imported) => {
            let text = lang
                .msg("stream-created")
                .arg("stream", format!("{project}/{name}"));
            Ok(caller.redirect_with_flash(
                change_flash(lang, text, not_imported),
                &links::stream(&project, &name),
            ))
        }
        Err(failed) => {
            render_form(
                &caller,
                None,
                typed,
                StreamFormMessages::from_change_error(failed, &caller, &project, field_errors)?,
            )
            .await
        }
    }
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
    render_form(
        &caller,
        Some((project, name)),
        typed,
        StreamFormMessages::default(),
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
    let lang = caller.context.lang;
    let (project, name) = stream_name(path)?;
    let typed = StreamFormFields {
        project: project.to_string(),
        name: name.to_string(),
        ..StreamFormFields::from_form(&form)
    };
    let mut field_errors = FieldErrors::default();
    let modes = caller.app().supports_import_modes().await;
    let (source, annotations) = (
        typed.parse_source(modes, &mut field_errors, lang),
        typed.parse_annotations(&mut field_errors, lang),
    );
    let (Some(source), true) = (source, field_errors.is_empty()) else {
        return render_form(
            &caller,
            Some((project, name)),
            typed,
            StreamFormMessages {
                field_errors,
                ..StreamFormMessages::default()
            },
        )
        .await;
    };
    let before = caller.app().stream_form(&project, &name).await?;
    let mut dropped = before.tags_losing_source(&source);
    dropped.retain(|tag| form.all("drop").all(|confirmed| confirmed != tag.as_str()));
    if before.resource_version == typed.version && !dropped.is_empty() {
        return render_form(
            &caller,
            Some((project, name)),
            typed,
            StreamFormMessages {
                dropped_tags: before.tags_losing_source(&source),
                ..StreamFormMessages::default()
            },
        )
        .await;
    }
    match caller
        .app()
        .update_stream(&project, &name, &typed.version, &source, &annotations)
        .await
    {
        Ok(not_imported) => {
            let text = lang
                .msg("stream-changed")
                .arg("stream", format!("{project}/{name}"));
            Ok(caller.redirect_with_flash(
                change_flash(lang, text, not_imported),
                &links::stream(&project, &name),
            ))
        }
        Err(failed) => {
            let messages =
                StreamFormMessages::from_change_error(failed, &caller, &project, field_errors)?;
            let (typed, messages) =
                with_current_values(&caller, &project, &name, typed, messages).await?;
            render_form(&caller, Some((project, name)), typed, messages).await
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
    submit_error.hint = caller.context.lang.msg("stream-stale-hint").to_string();
    let now = StreamFormFields::from_stream(
        project,
        name,
        caller.app().stream_form(project, name).await?,
    );
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

async fn render_form(
    caller: &SignedIn,
    edited: Option<(ProjectName, ImageStreamName)>,
    typed: StreamFormFields,
    messages: StreamFormMessages,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let (projects, allowed, title) = match &edited {
        Some((project, name)) => {
            let title = lang
                .msg("stream-edit-title")
                .arg("stream", name.as_str())
                .to_string();
            (
                Vec::new(),
                caller.app().stream_rights(project).await.change,
                title,
            )
        }
        None => {
            let projects = caller.app().projects_allowing_streams().await?;
            let allowed = !projects.is_empty();
            (projects, allowed, lang.msg("stream-new").to_string())
        }
    };
    let StreamFormMessages {
        field_errors,
        submit_error,
        found_images: found,
        dropped_tags: dropped,
        current: now,
    } = messages;
    let status = if dropped.is_empty() {
        field_errors.status(submit_error.as_ref())
    } else {
        StatusCode::CONFLICT
    };
    let knows_import_modes = caller.app().supports_import_modes().await;
    let oc = typed.commands(edited.is_some(), knows_import_modes);
    let chrome = caller.chrome(Area::Images, title);
    Ok(render_with_status(
        status,
        &caller.context,
        &StreamFormPage {
            chrome,
            edited,
            projects,
            typed,
            field_errors,
            submit_error,
            found,
            dropped,
            now,
            knows_import_modes,
            allowed,
            oc,
        },
    ))
}

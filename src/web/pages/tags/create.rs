//! `/images/{project}/{stream}/new-tag`: adds a tag, or points an existing tag to another image.

mod fields;
mod plan;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::ChangeError;
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::{ImportOutcome, ImportResult, StreamSource, TrackingTag};
use crate::app::projects::ExpectedRefusal;
use crate::app::shell_command::ShellCommand;
use crate::app::tags::{CurrentTag, NewTag, SeenTag, SetTagOutcome, TagPath, TrackTagOutcome};
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ImagePath, ListParams};
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError, parse_import_mode};
use crate::web::import_results::ImportResultRow;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
pub(in crate::web) use fields::{NewTagFields, RequestedSource};
use plan::Plan;
use registry_model::ImportMode;

/// The API server's field names, each with that of the form.
pub(in crate::web) const API_FIELDS: [(&str, &str); 6] = [
    ("metadata.name", "tag"),
    ("spec.images", "from"),
    ("tag.from", "here"),
    ("spec.tags", "here"),
    ("tag.name", "tag"),
    ("tag", "tag"),
];

/// How many characters of the API server's message the flash message contains. The page of the
/// stream displays all of it.
const MAX_REASON_LENGTH: usize = 300;

#[derive(Template, Serialize)]
#[template(path = "tags/create.html")]
struct NewTagPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: NewTag,
    typed: NewTagFields,
    #[serde(flatten)]
    messages: NewTagMessages,
    oc: Option<ShellCommand>,
}

/// What the form displays in addition to its fields.
#[derive(Default, Serialize)]
struct NewTagMessages {
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    /// What the source contains. Nothing was changed.
    found: Option<Vec<ImportResult>>,
    /// The tag exists and would be moved. The form asks for confirmation.
    taken: Option<CurrentTag>,
    /// The limit that would prevent another tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_refuse: Option<ExpectedRefusal>,
}

impl NewTagPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below_stream(lang, &self.view.project, &self.view.stream)
            .with_current(lang.msg("new-tag"))
    }

    fn field(&self, name: &str) -> FormField {
        let (lang, typed) = (self.chrome.lang, &self.typed);
        let new = |name, label, value: &String| {
            FormField::new(name, label, value.clone(), &self.messages.field_errors)
        };
        match name {
            "tag" => new("tag", lang.msg("new-tag-name"), &typed.tag)
                .with_hint(lang.msg("tag-name-rule"))
                .with_required(),
            "source" => new("source", lang.msg("new-tag-source"), &typed.source),
            "here" => new("here", lang.msg("new-tag-local-image"), &typed.here)
                .with_hint(lang.msg("new-tag-local-image-hint"))
                .with_needed_if_visible(),
            "from" => new("from", lang.msg("new-tag-external-image"), &typed.from)
                .with_hint(lang.msg("new-tag-external-image-hint"))
                .with_needed_if_visible(),
            "import-mode" => new("import-mode", lang.msg("import-mode"), &typed.import_mode),
            _ => new("policy", lang.msg("new-tag-policy"), &typed.policy),
        }
    }

    fn bad_fields(&self) -> Vec<FormField> {
        self.messages.field_errors.fields(|name| self.field(name))
    }

    fn is_refused(&self) -> bool {
        self.messages.submit_error.is_some() || !self.messages.field_errors.is_empty()
    }

    /// What was previewed: the image as typed.
    fn previewed_source(&self) -> &str {
        if self.typed.source == "here" {
            &self.typed.here
        } else {
            &self.typed.from
        }
    }

    /// What the form will do with its values. `static/new-tag.js` says the same while they are typed.
    fn plan(&self) -> String {
        let image = self.previewed_source();
        let plan = Plan::of(&self.typed, image);
        plan.text(self.chrome.lang, &self.target_tag(), image)
    }

    /// The texts of all plans for the script, with placeholders.
    fn plan_texts(&self) -> [(&'static str, String); 5] {
        Plan::ALL.map(|plan| {
            let text = plan.text(self.chrome.lang, "{tag}", "{image}");
            (plan.as_str(), text)
        })
    }

    /// Whether the form would move a tag that exists.
    fn is_known_tag(&self) -> bool {
        let known = &self.view.known_tags;
        known.iter().any(|tag| tag.as_str() == self.typed.tag)
    }

    fn result_rows(&self) -> Option<Vec<ImportResultRow<'_>>> {
        let results = self.messages.found.as_ref()?;
        Some(ImportResultRow::from_results(
            results,
            self.view.project.as_str(),
            |_| Some(self.previewed_source()),
            |_| None,
        ))
    }

    /// Whether the selected import mode would drop platforms of the source.
    fn drops_platforms(&self) -> bool {
        let has_platforms = self
            .messages
            .found
            .iter()
            .flatten()
            .any(ImportResult::has_platforms);
        has_platforms && parse_import_mode(&self.typed.import_mode) == ImportMode::Legacy
    }

    /// The typed tag, with project and stream.
    fn target_tag(&self) -> String {
        format!(
            "{}/{}:{}",
            self.view.project, self.view.stream, self.typed.tag
        )
    }

    fn has_any_right(&self) -> bool {
        self.view.may_point || self.view.may_import
    }
}

pub(in crate::web) async fn new_tag_form(
    caller: SignedIn,
    path: ImagePath,
    asked: ListParams,
) -> Result<Response, WebError> {
    let view = load_view(&caller, path).await?;
    let source = if view.may_point { "here" } else { "elsewhere" };
    let typed = NewTagFields {
        tag: asked.into_tag_name(),
        source: source.to_owned(),
        policy: "source".to_owned(),
        import_mode: ImportMode::PreserveOriginal.as_str().to_owned(),
        ..NewTagFields::default()
    };
    let messages = NewTagMessages {
        would_refuse: expected_refusal(&caller, &view).await,
        ..NewTagMessages::default()
    };
    Ok(render_form(&caller, view, typed, messages))
}

/// Adds the tag. With the field `look`, only displays what it would point to.
pub(in crate::web) async fn create_tag(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let typed = NewTagFields::from_form(&form);
    let (project, stream) = (path.project.clone(), path.stream.clone());
    let view = match load_view(&caller, path).await {
        Ok(view) => view,
        Err(failure) => {
            let messages = NewTagMessages {
                submit_error: Some(SubmitError::from_failure(failure, lang)?),
                ..NewTagMessages::default()
            };
            let view = NewTag::unread(project, stream, !typed.import_mode.is_empty());
            return Ok(render_form(&caller, view, typed, messages));
        }
    };
    let mut field_errors = FieldErrors::default();
    let Some((to, wanted)) = typed.parse(&view, &mut field_errors, lang) else {
        let messages = NewTagMessages {
            field_errors,
            ..NewTagMessages::default()
        };
        return Ok(render_form(&caller, view, typed, messages));
    };
    let outcome = if form.has("look") {
        preview_source(&caller, &to, &wanted).await
    } else {
        point_tag(&caller, &to, &wanted, &form).await
    };
    let messages = match outcome {
        Ok(NewTagOutcome::Done(done)) => {
            return Ok(caller.redirect_with_flash(*done, &links::stream(&to.project, &to.stream)));
        }
        Ok(NewTagOutcome::Found(found)) => NewTagMessages {
            found: Some(found),
            would_refuse: expected_refusal(&caller, &view).await,
            ..NewTagMessages::default()
        },
        Ok(NewTagOutcome::TagExists(now)) => NewTagMessages {
            taken: Some(now),
            ..NewTagMessages::default()
        },
        Err(ChangeError::Failure(Failure::NotFound(_) | Failure::Forbidden(..)))
            if matches!(wanted, RequestedSource::ThisRegistry { .. }) =>
        {
            field_errors.add("here", lang.msg("new-tag-no-such-image"));
            NewTagMessages {
                field_errors,
                ..NewTagMessages::default()
            }
        }
        Err(failed) => {
            let submit_error = match failed {
                ChangeError::Refused(refusal) => {
                    SubmitError::from_change_error(refusal, lang, &API_FIELDS, &mut field_errors)
                }
                ChangeError::Failure(failure) => SubmitError::from_failure(failure, lang)?,
            };
            NewTagMessages {
                field_errors,
                submit_error: Some(submit_error),
                ..NewTagMessages::default()
            }
        }
    };
    Ok(render_form(&caller, view, typed, messages))
}

/// The result of the form.
enum NewTagOutcome {
    Done(Box<Flash>),
    Found(Vec<ImportResult>),
    TagExists(CurrentTag),
}

async fn preview_source(
    caller: &SignedIn,
    to: &TagPath,
    wanted: &RequestedSource,
) -> Result<NewTagOutcome, ChangeError> {
    let console = caller.app();
    Ok(NewTagOutcome::Found(match wanted {
        RequestedSource::ThisRegistry {
            project,
            stream,
            reference,
            ..
        } => {
            let subject = console
                .tag_source_image(project, stream, reference.clone())
                .await?;
            vec![ImportResult {
                tag: to.tag.to_string(),
                outcome: ImportOutcome::Found {
                    digest: Some(subject.digest),
                    platforms: Vec::new(),
                    architecture: None,
                },
            }]
        }
        RequestedSource::External(from) => {
            console
                .preview_source(
                    &to.project,
                    &to.stream,
                    &StreamSource::Tags(vec![from.clone()]),
                )
                .await?
        }
    }))
}

async fn point_tag(
    caller: &SignedIn,
    to: &TagPath,
    wanted: &RequestedSource,
    form: &FormData,
) -> Result<NewTagOutcome, ChangeError> {
    let (console, lang) = (caller.app(), caller.context.lang);
    let seen = if form.text("seen-tag") == to.to_string() {
        SeenTag::Tag(form.text("seen").parse().ok())
    } else {
        SeenTag::NoTag
    };
    match wanted {
        RequestedSource::ThisRegistry {
            project,
            stream,
            reference,
            follow,
        } => {
            let subject = console
                .tag_source_image(project, stream, reference.clone())
                .await?;
            Ok(match console.set_tag(&subject, to, *follow, &seen).await? {
                SetTagOutcome::Done => NewTagOutcome::Done(Box::new(Flash::new(
                    lang.msg("tag-pointed")
                        .arg("tag", to.to_string())
                        .arg("digest", subject.digest.short()),
                ))),
                SetTagOutcome::Unchanged => NewTagOutcome::Done(Box::new(Flash::new(
                    lang.msg("tag-pointed-already").arg("tag", to.to_string()),
                ))),
                SetTagOutcome::Conflict(now) => NewTagOutcome::TagExists(now),
            })
        }
        RequestedSource::External(from) => {
            Ok(match console.track_external_image(to, from, &seen).await? {
                TrackTagOutcome::Done(results) => {
                    NewTagOutcome::Done(Box::new(import_flash(lang, to, from, &results)))
                }
                TrackTagOutcome::Conflict(now) => NewTagOutcome::TagExists(now),
            })
        }
    }
}

/// The result of the import as a sentence.
fn import_flash(lang: Lang, to: &TagPath, from: &TrackingTag, results: &[ImportResult]) -> Flash {
    let named = |text: Message| text.arg("tag", to.to_string()).arg("from", &from.from);
    match results.first().map(|result| &result.outcome) {
        Some(ImportOutcome::Failed { message, .. }) => {
            let reason: String = message.chars().take(MAX_REASON_LENGTH).collect();
            Flash {
                unfinished: true,
                ..Flash::new(named(lang.msg("new-tag-import-failed")).arg("said", reason))
            }
        }
        Some(ImportOutcome::Found {
            digest: Some(digest),
            ..
        }) => Flash::new(named(lang.msg("new-tag-imported")).arg("digest", digest.short())),
        _ => Flash::new(named(lang.msg("new-tag-follows"))),
    }
}

/// The limit that would prevent a tag with another source, for users who may add tags.
async fn expected_refusal(caller: &SignedIn, view: &NewTag) -> Option<ExpectedRefusal> {
    if !view.may_point && !view.may_import {
        return None;
    }
    let console = caller.app();
    console
        .expected_refusal_of_tag(&view.project, &view.stream, None)
        .await
}

async fn load_view(caller: &SignedIn, path: ImagePath) -> Result<NewTag, Failure> {
    if path.reference.is_some() {
        return Err(Failure::NotFound(PageSubject::Page));
    }
    caller.app().new_tag_form(&path.project, &path.stream).await
}

fn render_form(
    caller: &SignedIn,
    view: NewTag,
    typed: NewTagFields,
    messages: NewTagMessages,
) -> Response {
    let asked_again = messages.submit_error.is_none() && messages.taken.is_some();
    let status = if asked_again {
        StatusCode::CONFLICT
    } else {
        messages.field_errors.status(messages.submit_error.as_ref())
    };
    let oc = typed
        .parse(&view, &mut FieldErrors::default(), caller.context.lang)
        .map(|(to, wanted)| wanted.command(&to))
        .or_else(|| {
            let to = format!("{}/{}:TAG", view.project, view.stream);
            Some(
                ShellCommand::new("oc tag")
                    .with_operand("IMAGE")
                    .with_operand(to),
            )
        });
    let title = caller
        .context
        .lang
        .msg("new-tag-title")
        .arg("stream", format!("{}/{}", view.project, view.stream));
    let chrome = caller.chrome(Area::Images, title.to_string());
    render_with_status(
        status,
        &caller.context,
        &NewTagPage {
            chrome,
            view,
            typed,
            messages,
            oc,
        },
    )
}

//! The page with the form for an image stream.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::fields::StreamFormFields;
use super::rows::SourceRow;
use super::text_rows::{TextKind, TextRow};
use crate::app::change::ChangeError;
use crate::app::failure::Failure;
use crate::app::image_streams::{ImportResult, StreamSource};
use crate::app::projects::ExpectedRefusal;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{FieldErrors, FormField, SubmitError};
use crate::web::import_results::ImportResultRow;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ImageStreamName, ImportMode, ProjectName, TagName};

/// The API server's field names, each with that of the form.
pub(in crate::web) const API_FIELDS: [(&str, &str); 7] = [
    ("metadata.name", "name"),
    ("metadata.annotations", "annotations"),
    ("metadata.labels", "labels"),
    ("spec.tags", "tags"),
    ("spec.images", "tags"),
    ("spec.dockerImageRepository", "repository"),
    ("spec.repository", "repository"),
];

/// The number of the row that a script copies.
const TEMPLATE_KEY: usize = 999_999;

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
    /// What the results in `found` are about.
    #[serde(skip)]
    source: Option<StreamSource>,
    /// Tags that would lose their source. The form asks for confirmation.
    dropped: Vec<TagName>,
    /// The current values, if the stream was changed since the form was rendered. Displayed beside
    /// the typed values.
    now: Option<StreamFormFields>,
    knows_import_modes: bool,
    allowed: bool,
    /// The quota that would prevent a new stream in the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_refuse: Option<ExpectedRefusal>,
    oc: Vec<ShellCommand>,
}

impl StreamFormPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        let header = PageHeader::new(&self.chrome.title);
        match (&self.edited, self.typed.project.parse()) {
            (Some((project, name)), _) => header
                .below_stream(lang, project, name)
                .with_current(lang.msg("stream-edit")),
            (None, Ok(project)) => header.below_project(lang, &project),
            (None, Err(_)) => header.below(links::IMAGES, lang.msg("images")),
        }
    }

    fn field(&self, name: &str) -> FormField {
        let (lang, typed) = (self.chrome.lang, &self.typed);
        let new = |name, label, value: &String| {
            FormField::new(name, label, value.clone(), &self.field_errors)
        };
        match name {
            "project" => new("project", lang.msg("project"), &typed.project).with_required(),
            "name" => new("name", lang.msg("image-stream"), &typed.name)
                .with_hint(lang.msg("stream-name-rule"))
                .with_required(),
            "source" => new("source", lang.msg("stream-source"), &typed.source),
            "import-mode" => new("import-mode", lang.msg("import-mode"), &typed.import_mode),
            "repository" => new(
                "repository",
                lang.msg("stream-repository"),
                &typed.repository,
            )
            .with_hint(lang.msg("stream-repository-hint"))
            .with_needed_if_visible(),
            "tags" if self.knows_import_modes => new("tags", lang.msg("stream-paste"), &typed.tags)
                .with_hint(lang.msg("stream-tags-modes-hint")),
            "tags" => new("tags", lang.msg("stream-paste"), &typed.tags)
                .with_hint(lang.msg("stream-tags-hint")),
            "display-name" => new(
                "display-name",
                lang.msg("display-name"),
                &typed.display_name,
            ),
            "description" => new("description", lang.msg("description"), &typed.description),
            "labels" => new("labels", lang.msg("labels"), &String::new())
                .with_hint(lang.msg("stream-labels-meaning")),
            _ => new("annotations", lang.msg("annotations"), &String::new()),
        }
    }

    /// The annotations or labels.
    fn text_rows(&self, kind: &TextKind) -> &[TextRow] {
        match kind {
            TextKind::Annotation => &self.typed.annotations,
            TextKind::Label => &self.typed.labels,
        }
    }

    fn name_field(&self, kind: &TextKind, row: &TextRow) -> FormField {
        kind.name_field(row, self.chrome.lang, &self.field_errors)
    }

    fn value_field(&self, kind: &TextKind, row: &TextRow) -> FormField {
        kind.value_field(row, self.chrome.lang, &self.field_errors)
    }

    /// A row that a script copies. No form sends it.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn text_row_template(&self) -> TextRow {
        TextRow::empty(TEMPLATE_KEY)
    }

    /// Where the buttons that add and remove such rows send the form.
    fn text_rows_action(&self, kind: &TextKind) -> String {
        format!("{}#f-{}s", self.action(), kind.as_str())
    }

    /// The fields with errors, in the order of the page.
    fn bad_fields(&self) -> Vec<FormField> {
        let lang = self.chrome.lang;
        self.field_errors.fields(|name| {
            let of_row = self.typed.rows.iter().find_map(|row| {
                [
                    row.tag_field(lang, &self.field_errors),
                    row.source_field(lang, &self.field_errors),
                ]
                .into_iter()
                .find(|field| field.name == name)
            });
            let of_text = || {
                [TextKind::Annotation, TextKind::Label]
                    .into_iter()
                    .flat_map(|kind| {
                        let rows = self.text_rows(&kind).iter();
                        rows.map(move |row| self.name_field(&kind, row))
                    })
                    .find(|field| field.name == name)
            };
            of_row.or_else(of_text).unwrap_or_else(|| self.field(name))
        })
    }

    fn is_refused(&self) -> bool {
        self.submit_error.is_some() || !self.field_errors.is_empty()
    }

    fn tag_field(&self, row: &SourceRow) -> FormField {
        row.tag_field(self.chrome.lang, &self.field_errors)
    }

    fn source_field(&self, row: &SourceRow) -> FormField {
        row.source_field(self.chrome.lang, &self.field_errors)
    }

    fn mode_field(&self, row: &SourceRow) -> FormField {
        row.mode_field(self.chrome.lang)
    }

    fn policy_field(&self, row: &SourceRow) -> FormField {
        row.policy_field(self.chrome.lang)
    }

    /// A row that a script copies. No form sends it.
    fn row_template(&self) -> SourceRow {
        SourceRow::empty(TEMPLATE_KEY)
    }

    /// Where the buttons that add and remove rows send the form: the answer is displayed at the
    /// rows.
    fn rows_action(&self) -> String {
        format!("{}#sources", self.action())
    }

    /// Whether the text field for many tags is open.
    fn is_text_open(&self) -> bool {
        !self.typed.tags.is_empty() || self.field_errors.get("tags").is_some()
    }

    /// The current values as text, one item a line.
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
            (lang.msg("stream-tags"), now.tags_as_text()),
            (lang.msg("display-name"), now.display_name.clone()),
            (lang.msg("description"), now.description.clone()),
            (lang.msg("annotations"), TextRow::to_lines(&now.annotations)),
            (lang.msg("labels"), TextRow::to_lines(&now.labels)),
        ];
        parts
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }

    fn result_rows(&self) -> Option<Vec<ImportResultRow<'_>>> {
        let results = self.found.as_ref()?;
        Some(ImportResultRow::from_results(
            results,
            &self.typed.project,
            |result| match self.source.as_ref()? {
                StreamSource::Nothing => None,
                StreamSource::Repository { name, .. } => Some(name.as_str()),
                StreamSource::Tags(tags) => tags
                    .iter()
                    .find(|tag| tag.tag.as_str() == result.tag)
                    .map(|tag| tag.from.as_str()),
            },
            |_| None,
        ))
    }

    /// Whether the selected import mode of a source would drop platforms of it.
    fn drops_platforms(&self) -> bool {
        let is_legacy = |result: &ImportResult| match &self.source {
            Some(StreamSource::Repository { import_mode, .. }) => {
                *import_mode == Some(ImportMode::Legacy)
            }
            Some(StreamSource::Tags(tags)) => tags.iter().any(|tag| {
                tag.tag.as_str() == result.tag && tag.import_mode == Some(ImportMode::Legacy)
            }),
            Some(StreamSource::Nothing) | None => false,
        };
        self.found
            .iter()
            .flatten()
            .any(|result| result.has_platforms() && is_legacy(result))
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
            (None, Ok(project)) => links::project(&project),
            (None, Err(_)) => links::IMAGES.to_owned(),
        }
    }
}

/// What the form displays in addition to its fields.
#[derive(Default)]
pub(super) struct StreamFormMessages {
    pub(super) field_errors: FieldErrors,
    pub(super) submit_error: Option<SubmitError>,
    /// What a preview found in a source.
    pub(super) preview: Option<(StreamSource, Vec<ImportResult>)>,
    pub(super) dropped_tags: Vec<TagName>,
    pub(super) current: Option<StreamFormFields>,
}

impl StreamFormMessages {
    pub(super) fn from_field_errors(field_errors: FieldErrors) -> Self {
        Self {
            field_errors,
            ..Self::default()
        }
    }

    pub(super) fn from_change_error(
        failed: ChangeError,
        caller: &SignedIn,
        project: &ProjectName,
        mut field_errors: FieldErrors,
    ) -> Result<Self, WebError> {
        let lang = caller.context.lang;
        let submit_error = match failed {
            ChangeError::Refused(refusal) => {
                SubmitError::from_change_error(refusal, lang, &API_FIELDS, &mut field_errors)
            }
            ChangeError::Failure(failure) => SubmitError::from_failure(failure, lang)?,
        };
        Ok(Self {
            field_errors,
            submit_error: Some(submit_error.with_project(project)),
            ..Self::default()
        })
    }
}

/// Why the form is rendered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    Opened,
    /// The form was sent, so that its values are shown even while the API server does not answer.
    Sent,
}

pub(super) async fn render_form(
    caller: &SignedIn,
    occasion: Occasion,
    edited: Option<(ProjectName, ImageStreamName)>,
    mut typed: StreamFormFields,
    messages: StreamFormMessages,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let sent = occasion == Occasion::Sent;
    let (projects, allowed, title) = match &edited {
        Some((project, name)) => {
            let title = lang
                .msg("stream-edit-title")
                .arg("stream", format!("{project}/{name}"))
                .to_string();
            let allowed = sent || caller.app().stream_rights(project).await.change;
            (Vec::new(), allowed, title)
        }
        None => {
            let projects = match caller.app().projects_allowing_streams().await {
                Ok(projects) => projects,
                Err(Failure::SignInRequired) => return Err(Failure::SignInRequired.into()),
                Err(_) if sent => Vec::new(),
                Err(failure) => return Err(failure.into()),
            };
            let allowed = sent || !projects.is_empty();
            (projects, allowed, lang.msg("stream-new").to_string())
        }
    };
    let StreamFormMessages {
        field_errors,
        submit_error,
        preview,
        dropped_tags: dropped,
        current: now,
    } = messages;
    let status = if dropped.is_empty() {
        field_errors.status(submit_error.as_ref())
    } else {
        StatusCode::CONFLICT
    };
    let supported = caller.app().supports_import_modes().await;
    // While the API server does not answer, the selected modes are kept.
    let knows_import_modes =
        supported || sent && submit_error.is_some() && typed.names_import_mode();
    let oc = typed.commands(edited.is_some(), supported);
    if typed.rows.is_empty() && typed.tags.is_empty() {
        typed.rows.push(SourceRow::empty(0));
    }
    // The refusal of a form that was sent says the same.
    let project = typed.project.parse().ok();
    let would_refuse = match project.filter(|_| edited.is_none() && submit_error.is_none()) {
        Some(project) => caller.app().expected_refusal_of_stream(&project).await,
        None => None,
    };
    let (source, found) = preview.unzip();
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
            source,
            dropped,
            now,
            knows_import_modes,
            allowed,
            would_refuse,
            oc,
        },
    ))
}

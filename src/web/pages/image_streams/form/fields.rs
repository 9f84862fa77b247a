//! Fields of the form for an image stream.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::app::image_streams::{
    DESCRIPTION_ANNOTATION, DISPLAY_NAME_ANNOTATION, EditedStream, StreamForm, StreamSource,
    TrackingTag,
};
use crate::app::shell_command::ShellCommand;
use crate::i18n::Lang;
use crate::web::forms::{
    FieldErrors, FormData, parse_import_mode, project_name_error, stream_name_error,
};
use crate::web::pages::image_streams::form::rows::{MAX_ROWS, SourceRow, next_key};
use crate::web::pages::image_streams::form::tag_list;
use crate::web::pages::image_streams::form::text_rows::{TextKind, TextRow};
use registry_model::pull_spec::PullSpec;
use registry_model::{ImageStreamName, ImportMode, ProjectName};

/// The fields as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(in crate::web) struct StreamFormFields {
    pub(in crate::web) project: String,
    pub(in crate::web) name: String,
    pub(in crate::web) source: String,
    pub(in crate::web) repository: String,
    pub(in crate::web) insecure: bool,
    pub(in crate::web) import_mode: String,
    /// The tags that are tracked, one row each.
    pub(in crate::web) rows: Vec<SourceRow>,
    /// Further tags as text, which become rows.
    pub(in crate::web) tags: String,
    pub(in crate::web) display_name: String,
    pub(in crate::web) description: String,
    /// The other annotations.
    pub(in crate::web) annotations: Vec<TextRow>,
    pub(in crate::web) labels: Vec<TextRow>,
    pub(in crate::web) local_lookup: bool,
    pub(in crate::web) version: String,
}

impl StreamFormFields {
    pub(in crate::web) fn from_form(form: &FormData) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            project: text("project"),
            name: text("name"),
            source: text("source"),
            repository: text("repository"),
            insecure: form.has("insecure"),
            import_mode: text("import-mode"),
            rows: SourceRow::from_form(form),
            tags: text("tags"),
            display_name: text("display-name"),
            description: text("description").replace("\r\n", "\n"),
            annotations: TextRow::from_form(TextKind::Annotation, form),
            labels: TextRow::from_form(TextKind::Label, form),
            local_lookup: form.has("local-lookup"),
            version: text("version"),
        }
    }

    /// The current values of a stream, as a user would type them.
    pub(in crate::web) fn from_stream(
        project: &ProjectName,
        name: &ImageStreamName,
        mut form: StreamForm,
    ) -> Self {
        let mut own_field = |annotation| form.annotations.remove(annotation).unwrap_or_default();
        let mut typed = Self {
            project: project.to_string(),
            name: name.to_string(),
            display_name: own_field(DISPLAY_NAME_ANNOTATION),
            description: own_field(DESCRIPTION_ANNOTATION),
            annotations: TextRow::from_texts(form.annotations),
            labels: TextRow::from_texts(form.labels),
            local_lookup: form.local_lookup,
            version: form.resource_version,
            import_mode: form
                .import_mode
                .unwrap_or(ImportMode::PreserveOriginal)
                .as_str()
                .to_owned(),
            ..Self::default()
        };
        typed.source = match form.source {
            StreamSource::Nothing => "none",
            StreamSource::Repository { name, insecure, .. } => {
                (typed.repository, typed.insecure) = (name, insecure);
                "all"
            }
            StreamSource::Tags(tags) if tags.len() <= MAX_ROWS => {
                typed.rows = tags
                    .iter()
                    .enumerate()
                    .map(|(key, tag)| SourceRow::from_tag(key, tag))
                    .collect();
                "tags"
            }
            StreamSource::Tags(tags) => {
                typed.tags = tags
                    .iter()
                    .map(|tag| format_line(tag, form.import_mode))
                    .collect::<Vec<_>>()
                    .join("\n");
                "tags"
            }
        }
        .to_owned();
        typed
    }

    /// Parses project and name, and adds errors.
    pub(in crate::web) fn parse_name(
        &self,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Option<(ProjectName, ImageStreamName)> {
        let (project, name) = (self.project.parse().ok(), self.name.parse().ok());
        if project.is_none() {
            field_errors.add("project", project_name_error(&self.project, lang));
        }
        if name.is_none() {
            field_errors.add("name", stream_name_error(&self.name, lang));
        }
        project.zip(name)
    }

    /// Parses the sources of the tags, and adds errors. Import modes are used only if the API
    /// server supports them.
    pub(in crate::web) fn parse_source(
        &self,
        knows_import_modes: bool,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Option<StreamSource> {
        let import_mode = knows_import_modes.then(|| parse_import_mode(&self.import_mode));
        match self.source.as_str() {
            "none" => Some(StreamSource::Nothing),
            "all" => {
                if self.repository.is_empty() {
                    field_errors.add("repository", lang.msg("stream-repository-missing"));
                    return None;
                }
                self.parse_repository(field_errors, lang)?;
                Some(StreamSource::Repository {
                    name: self.repository.clone(),
                    insecure: self.insecure,
                    import_mode,
                })
            }
            "tags" => self
                .parse_tags(knows_import_modes, field_errors, lang)
                .map(StreamSource::Tags),
            _ => {
                field_errors.add("source", lang.msg("stream-invalid-source"));
                None
            }
        }
    }

    /// Parses the rows and the text, and adds errors.
    fn parse_tags(
        &self,
        knows_import_modes: bool,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Option<Vec<TrackingTag>> {
        let mut tags: Vec<TrackingTag> = Vec::new();
        let mut names = BTreeSet::new();
        let is_blank = self.tags.is_empty() && self.rows.iter().all(SourceRow::is_empty);
        if let Some(first) = self.rows.first().filter(|_| is_blank) {
            first.parse(knows_import_modes, field_errors, lang);
            return None;
        }
        for row in self.rows.iter().filter(|row| !row.is_empty()) {
            for tag in row.parse(knows_import_modes, field_errors, lang) {
                if names.insert(tag.tag.clone()) {
                    tags.push(tag);
                } else {
                    let text = lang.msg("stream-tags-twice").arg("text", &tag.tag);
                    field_errors.add(format!("tag-{}", row.key), text);
                }
            }
        }
        if !self.tags.is_empty() || tags.is_empty() && field_errors.is_empty() {
            for tag in self.parse_text(knows_import_modes, field_errors, lang)? {
                if names.insert(tag.tag.clone()) {
                    tags.push(tag);
                } else {
                    field_errors.add("tags", lang.msg("stream-tags-twice").arg("text", &tag.tag));
                }
            }
        }
        field_errors.is_empty().then_some(tags)
    }

    /// Parses the text, and adds errors.
    fn parse_text(
        &self,
        knows_import_modes: bool,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Option<Vec<TrackingTag>> {
        let import_mode = knows_import_modes.then(|| parse_import_mode(&self.import_mode));
        let repository = if self.repository.is_empty() {
            None
        } else {
            Some(self.parse_repository(field_errors, lang)?)
        };
        match tag_list::parse(&self.tags, repository.as_ref(), self.insecure, import_mode) {
            Ok(tags) => Some(tags),
            Err(wrong) => {
                field_errors.add("tags", tag_list::error_text(&wrong, lang));
                None
            }
        }
    }

    /// Adds or removes rows if a button for that was pressed. Returns whether one was.
    pub(in crate::web) fn change_rows(
        &mut self,
        form: &FormData,
        knows_import_modes: bool,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> bool {
        if TextKind::Annotation.change_rows(form, &mut self.annotations)
            || TextKind::Label.change_rows(form, &mut self.labels)
        {
            return true;
        }
        if form.has("add-row") {
            self.rows.push(SourceRow {
                is_new: true,
                ..SourceRow::empty(next_key(&self.rows))
            });
        } else if let Ok(removed) = form.text("remove-row").parse::<usize>() {
            self.rows.retain(|row| row.key != removed);
        } else if form.has("expand") {
            self.rows_from_text(knows_import_modes, field_errors, lang);
        } else {
            return false;
        }
        "tags".clone_into(&mut self.source);
        true
    }

    /// Makes rows of the text, unless it has errors, which are added.
    fn rows_from_text(
        &mut self,
        knows_import_modes: bool,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) {
        let Some(tags) = self.parse_text(knows_import_modes, field_errors, lang) else {
            return;
        };
        self.rows.retain(|row| !row.is_empty());
        if self.rows.len() + tags.len() > MAX_ROWS {
            // They are saved as text as well.
            field_errors.add(
                "tags",
                lang.msg("stream-rows-too-many").arg("count", MAX_ROWS),
            );
            return;
        }
        for tag in tags {
            let row = SourceRow::from_tag(next_key(&self.rows), &tag);
            self.rows.push(SourceRow {
                was: String::new(),
                ..row
            });
        }
        self.tags.clear();
    }

    /// The tags that are tracked, one a line.
    pub(in crate::web) fn tags_as_text(&self) -> String {
        let rows = self.rows.iter().filter(|row| !row.is_empty());
        rows.map(SourceRow::to_line)
            .chain((!self.tags.is_empty()).then(|| self.tags.clone()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Whether the form names an import mode.
    pub(in crate::web) fn names_import_mode(&self) -> bool {
        !self.import_mode.is_empty() || self.rows.iter().any(|row| !row.mode.is_empty())
    }

    /// Parses the remote repository, and adds errors.
    fn parse_repository(&self, field_errors: &mut FieldErrors, lang: Lang) -> Option<PullSpec> {
        let typed = self.repository.as_str();
        let message = match typed.parse::<PullSpec>() {
            Ok(spec) if spec.tag().is_none() && spec.digest().is_none() => return Some(spec),
            Ok(spec) => lang
                .msg("stream-repository-tagged")
                .arg("repository", spec.repository().to_string()),
            Err(_) if typed.contains("://") => lang.msg("stream-repository-scheme"),
            Err(_) if typed.contains(char::is_whitespace) => lang.msg("stream-repository-blank"),
            Err(_) => lang.msg("stream-invalid-repository"),
        };
        field_errors.add("repository", message);
        None
    }

    /// Parses everything that an existing image stream is changed to, and adds errors.
    pub(in crate::web) fn parse_changes(
        &self,
        knows_import_modes: bool,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Option<EditedStream> {
        let source = self.parse_source(knows_import_modes, field_errors, lang);
        let mut annotations = TextKind::Annotation.parse(&self.annotations, field_errors, lang);
        let labels = TextKind::Label.parse(&self.labels, field_errors, lang);
        for (annotation, text) in [
            (DISPLAY_NAME_ANNOTATION, &self.display_name),
            (DESCRIPTION_ANNOTATION, &self.description),
        ] {
            if !text.is_empty() {
                annotations.insert(annotation.to_owned(), text.clone());
            }
        }
        Some(EditedStream {
            source: source.filter(|_| field_errors.is_empty())?,
            annotations,
            labels,
            local_lookup: self.local_lookup,
        })
    }

    /// The equivalent commands, from the valid fields, with placeholders for empty ones.
    pub(in crate::web) fn commands(
        &self,
        exists: bool,
        knows_import_modes: bool,
    ) -> Vec<ShellCommand> {
        let import_mode = knows_import_modes.then(|| parse_import_mode(&self.import_mode));
        let (project, name) = (
            or_placeholder(&self.project, "PROJECT"),
            or_placeholder(&self.name, "NAME"),
        );
        if exists {
            return vec![
                ShellCommand::new("oc edit imagestream")
                    .with_operand(name)
                    .with_option("-n", project),
            ];
        }
        let source = match self.source.as_str() {
            "all" => StreamSource::Repository {
                name: or_placeholder(&self.repository, "REPOSITORY").to_owned(),
                insecure: self.insecure,
                import_mode,
            },
            "tags" => StreamSource::Tags(
                self.parse_tags(
                    knows_import_modes,
                    &mut FieldErrors::default(),
                    Lang::English,
                )
                .unwrap_or_default(),
            ),
            _ => StreamSource::Nothing,
        };
        ShellCommand::create_stream(project, name, &source)
    }
}

fn or_placeholder<'a>(typed: &'a str, otherwise: &'a str) -> &'a str {
    if typed.is_empty() { otherwise } else { typed }
}

/// A line of the list of tags. The import mode is omitted if it is `usual`.
fn format_line(tag: &TrackingTag, usual: Option<ImportMode>) -> String {
    let flags = [
        (tag.scheduled, " scheduled"),
        (tag.insecure, " insecure"),
        (tag.local, " local"),
        (tag.reference, " reference"),
    ];
    let flags: String = flags
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, flag)| flag)
        .collect();
    let mode = tag
        .import_mode
        .filter(|mode| Some(*mode) != usual)
        .map(|mode| format!(" {}", mode.as_str()))
        .unwrap_or_default();
    format!("{} {}{flags}{mode}", tag.tag, tag.from)
}

//! `/new-image-stream` and `/images/{project}/{stream}/edit`

mod followed_tags;
mod typed;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{ChangeFailed, Refusal};
use crate::app::failure::{Failure, Subject};
use crate::app::image_streams::{ImportAdvice, ImportResult};
use crate::app::shell_command::ShellCommand;
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{Asked, OfStream};
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble, import_mode};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ImageStreamName, ImportMode, ProjectName, TagName};
use typed::Typed;

/// What the master calls the fields, and what the form calls them.
const FIELDS: [(&str, &str); 6] = [
    ("metadata.name", "name"),
    ("metadata.annotations", "annotations"),
    ("spec.tags", "tags"),
    ("spec.images", "tags"),
    ("spec.dockerImageRepository", "repository"),
    ("spec.repository", "repository"),
];

#[derive(Template, Serialize)]
#[template(path = "stream-form.html")]
struct StreamFormPage {
    #[serde(skip)]
    chrome: Chrome,
    /// The stream that is changed. Absent: a new one.
    of: Option<(ProjectName, ImageStreamName)>,
    projects: Vec<ProjectName>,
    typed: Typed,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    found: Option<Vec<ImportResult>>,
    /// Tags that would follow nothing any more: asked once more.
    dropped: Vec<TagName>,
    /// Somebody else changed it: what is there now stands beside what was typed.
    now: Option<Typed>,
    knows_import_modes: bool,
    allowed: bool,
    oc: Vec<ShellCommand>,
}

impl StreamFormPage {
    fn field(&self, name: &'static str) -> Field {
        let (lang, typed) = (self.chrome.lang, &self.typed);
        let new = |label, value: &String| Field::new(name, label, value.clone(), &self.mistakes);
        match name {
            "project" => new(lang.msg("project"), &typed.project).required(),
            "name" => new(lang.msg("image-stream"), &typed.name)
                .hint(lang.msg("stream-mistake-name"))
                .required(),
            "source" => new(lang.msg("stream-source"), &typed.source),
            "import-mode" => new(lang.msg("import-mode"), &typed.import_mode),
            "repository" => new(lang.msg("stream-repository"), &typed.repository)
                .hint(lang.msg("stream-repository-hint")),
            "tags" if self.knows_import_modes => {
                new(lang.msg("stream-tags"), &typed.tags).hint(lang.msg("stream-tags-modes-hint"))
            }
            "tags" => new(lang.msg("stream-tags"), &typed.tags).hint(lang.msg("stream-tags-hint")),
            _ => new(lang.msg("stream-annotations"), &typed.annotations)
                .hint(lang.msg("stream-annotations-hint")),
        }
    }

    /// What is there now, one thing a line, as it would be typed.
    fn there_now(&self) -> Vec<(Message, String)> {
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

    fn advised_results(&self) -> Option<Vec<(&ImportResult, Option<ImportAdvice>)>> {
        let results = self.found.as_ref()?;
        Some(ImportAdvice::on_results(
            results,
            &self.typed.project,
            |_| Some(&self.typed.repository),
        ))
    }

    /// Whether the import of what was found would lose platforms.
    fn drops_platforms(&self) -> bool {
        let has_platforms = self.found.iter().flatten().any(ImportResult::has_platforms);
        has_platforms && import_mode(&self.typed.import_mode) == ImportMode::Legacy
    }

    fn action(&self) -> String {
        self.of.as_ref().map_or_else(
            || links::NEW_STREAM.to_owned(),
            |(project, name)| links::edit_stream(project, name),
        )
    }

    fn back(&self) -> String {
        match (&self.of, self.typed.project.parse()) {
            (Some((project, name)), _) => links::stream(project, name),
            (None, Ok(project)) => links::images_of(&project),
            (None, Err(_)) => links::IMAGES.to_owned(),
        }
    }
}

/// What a form says besides its fields.
#[derive(Default)]
struct Said {
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    found: Option<Vec<ImportResult>>,
    dropped: Vec<TagName>,
    now: Option<Typed>,
}

impl Said {
    fn refused(
        failed: ChangeFailed,
        who: &SignedIn,
        project: &ProjectName,
        mut mistakes: Mistakes,
    ) -> Result<Self, Refused> {
        let trouble = Trouble::of(failed.refusal()?, who.context.lang, &FIELDS, &mut mistakes)
            .in_project(project);
        Ok(Self {
            mistakes,
            trouble: Some(trouble),
            ..Self::default()
        })
    }
}

/// An empty form.
pub(in crate::web) async fn new_form(who: SignedIn, asked: Asked) -> Result<Response, Refused> {
    let project = asked.project().map(ToString::to_string).unwrap_or_default();
    show(
        &who,
        None,
        Typed {
            project,
            source: "none".to_owned(),
            import_mode: ImportMode::PreserveOriginal.as_str().to_owned(),
            ..Typed::default()
        },
        Said::default(),
    )
    .await
}

/// Creates the stream, or looks at what its source holds.
pub(in crate::web) async fn create(who: SignedIn, sent: Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let typed = Typed::of(&sent);
    let mut mistakes = Mistakes::default();
    let modes = who.console().knows_import_modes().await;
    let (place, source) = (
        typed.place(&mut mistakes, lang),
        typed.source(modes, &mut mistakes, lang),
    );
    let (Some((project, name)), Some(source), true) = (place, source, mistakes.is_empty()) else {
        return show(
            &who,
            None,
            typed,
            Said {
                mistakes,
                ..Said::default()
            },
        )
        .await;
    };
    if sent.has("look") {
        let said = match who.console().look_at(&project, &name, &source).await {
            Ok(found) => Said {
                found: Some(found),
                ..Said::default()
            },
            Err(failed) => Said::refused(failed, &who, &project, mistakes)?,
        };
        return show(&who, None, typed, said).await;
    }
    match who.console().create_stream(&project, &name, &source).await {
        Ok(not_imported) => {
            let text = lang
                .msg("stream-created")
                .arg("stream", format!("{project}/{name}"));
            Ok(who.done(
                done(lang, text, not_imported),
                &links::stream(&project, &name),
            ))
        }
        Err(failed) => {
            show(
                &who,
                None,
                typed,
                Said::refused(failed, &who, &project, mistakes)?,
            )
            .await
        }
    }
}

/// The form, filled with what is there.
pub(in crate::web) async fn change_form(who: SignedIn, of: OfStream) -> Result<Response, Refused> {
    let (project, name) = stream_of(of)?;
    let typed = Typed::seen(
        &project,
        &name,
        who.console().stream_form(&project, &name).await?,
    );
    show(&who, Some((project, name)), typed, Said::default()).await
}

/// Changes the stream. Tags that would follow nothing any more are asked about first; where
/// somebody else was faster, what is there now stands beside what was typed.
pub(in crate::web) async fn change(
    who: SignedIn,
    of: OfStream,
    sent: Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let (project, name) = stream_of(of)?;
    let typed = Typed {
        project: project.to_string(),
        name: name.to_string(),
        ..Typed::of(&sent)
    };
    let mut mistakes = Mistakes::default();
    let modes = who.console().knows_import_modes().await;
    let (source, annotations) = (
        typed.source(modes, &mut mistakes, lang),
        typed.annotations(&mut mistakes, lang),
    );
    let (Some(source), true) = (source, mistakes.is_empty()) else {
        return show(
            &who,
            Some((project, name)),
            typed,
            Said {
                mistakes,
                ..Said::default()
            },
        )
        .await;
    };
    let before = who.console().stream_form(&project, &name).await?;
    let mut dropped = before.dropped_by(&source);
    dropped.retain(|tag| sent.all("drop").all(|sure| sure != tag.as_str()));
    if before.version == typed.version && !dropped.is_empty() {
        return show(
            &who,
            Some((project, name)),
            typed,
            Said {
                dropped: before.dropped_by(&source),
                ..Said::default()
            },
        )
        .await;
    }
    match who
        .console()
        .change_stream(&project, &name, &typed.version, &source, &annotations)
        .await
    {
        Ok(not_imported) => {
            let text = lang
                .msg("stream-changed")
                .arg("stream", format!("{project}/{name}"));
            Ok(who.done(
                done(lang, text, not_imported),
                &links::stream(&project, &name),
            ))
        }
        Err(failed) => {
            let said = Said::refused(failed, &who, &project, mistakes)?;
            let (typed, said) = beside(&who, &project, &name, typed, said).await?;
            show(&who, Some((project, name)), typed, said).await
        }
    }
}

/// What was done, and whether the import that was to follow was refused.
fn done(lang: Lang, text: Message, not_imported: Option<Refusal>) -> Done {
    match not_imported {
        None => Done::new(text),
        Some(refusal) => {
            let said: String = refusal.detail.chars().take(300).collect();
            let text = lang
                .msg("stream-mode-not-imported")
                .arg("done", text.to_string())
                .arg("said", said);
            Done {
                unfinished: true,
                ..Done::new(text)
            }
        }
    }
}

/// Where somebody else was faster: what is there now, and its version for the form. Only who is
/// shown what changed may replace it.
async fn beside(
    who: &SignedIn,
    project: &ProjectName,
    name: &ImageStreamName,
    typed: Typed,
    mut said: Said,
) -> Result<(Typed, Said), Refused> {
    let Some(trouble) = said
        .trouble
        .as_mut()
        .filter(|trouble| trouble.status() == StatusCode::CONFLICT)
    else {
        return Ok((typed, said));
    };
    trouble.hint = who.context.lang.msg("stream-stale-hint").to_string();
    let now = Typed::seen(
        project,
        name,
        who.console().stream_form(project, name).await?,
    );
    let typed = Typed {
        version: now.version.clone(),
        ..typed
    };
    Ok((
        typed,
        Said {
            now: Some(now),
            ..said
        },
    ))
}

fn stream_of(of: OfStream) -> Result<(ProjectName, ImageStreamName), Refused> {
    if of.reference.is_some() {
        Err(Failure::NotFound(Subject::Page).into())
    } else {
        Ok((of.project, of.stream))
    }
}

async fn show(
    who: &SignedIn,
    of: Option<(ProjectName, ImageStreamName)>,
    typed: Typed,
    said: Said,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let (projects, allowed, title) = match &of {
        Some((project, name)) => {
            let title = lang
                .msg("stream-edit-title")
                .arg("stream", name.as_str())
                .to_string();
            (
                Vec::new(),
                who.console().offers(project).await.change,
                title,
            )
        }
        None => {
            let projects = who.console().projects_for_streams().await?;
            let allowed = !projects.is_empty();
            (projects, allowed, lang.msg("stream-new").to_string())
        }
    };
    let Said {
        mistakes,
        trouble,
        found,
        dropped,
        now,
    } = said;
    let status = if dropped.is_empty() {
        mistakes.status(trouble.as_ref())
    } else {
        StatusCode::CONFLICT
    };
    let knows_import_modes = who.console().knows_import_modes().await;
    let oc = typed.commands(of.is_some(), knows_import_modes);
    let chrome = who.chrome(Area::Images, title);
    Ok(page_with(
        status,
        &who.context,
        &StreamFormPage {
            chrome,
            of,
            projects,
            typed,
            mistakes,
            trouble,
            found,
            dropped,
            now,
            knows_import_modes,
            allowed,
            oc,
        },
    ))
}

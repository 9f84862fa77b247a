//! `/images/{project}/{stream}/import` and `/images/{project}/{stream}:{tag}/import`: imports all
//! tags of an image stream, or one.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{ChangeError, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::{
    ImportAdvice, ImportOutcome, ImportPlan, ImportResult, LastImport, RepositoryImport,
    TrackingTag,
};
use crate::app::images::ImageReference;
use crate::app::shell_command::ShellCommand;
use crate::app::usage::TagChange;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, SubmitError};
use crate::web::import_results::{ImportResultRow, failure_text};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
use crate::web::usage::{ImpactSection, load_impact};
use registry_model::{ImageStreamName, ImportFailure, ProjectName, TagName};

#[derive(Template, Serialize)]
#[template(path = "image_streams/import.html")]
struct ImportStreamPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    stream: ImageStreamName,
    tag: Option<TagName>,
    allowed: bool,
    oc: Vec<ShellCommand>,
    plan: ImportPlan,
    /// Whether the image stream could be read, so that `plan` is what it imports.
    #[serde(skip)]
    is_plan_known: bool,
    results: Option<Vec<ImportResult>>,
    /// Absent after the import, and where there is nothing to import.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<ImpactSection>,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl ImportStreamPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        let header = PageHeader::new(&self.chrome.title);
        let header = match &self.tag {
            None => header.below_stream(lang, &self.project, &self.stream),
            Some(tag) => {
                let tag = ImageReference::Tag(tag.clone());
                header.below_image(lang, &self.project, &self.stream, &tag)
            }
        };
        header.with_current(lang.msg("stream-import"))
    }

    fn result_rows(&self) -> Option<Vec<ImportResultRow<'_>>> {
        let results = self.results.as_ref()?;
        Some(ImportResultRow::from_results(
            results,
            self.project.as_str(),
            |result| self.plan.source_of(result),
            |result| {
                let tag = result.tag.parse().ok();
                // The button below the table repeats the import of a single one.
                (results.len() > 1)
                    .then(|| links::import(&self.project, &self.stream, tag.as_ref()))
            },
        ))
    }

    /// What became of the last import of a tag in the plan.
    fn last_import(&self, tag: &TagName) -> Option<&LastImport> {
        self.plan.last_imports.get(tag)
    }

    /// Why the last import of a tag failed, in a few words. Untrusted.
    fn failure_text(&self, tag: &TrackingTag, failure: &ImportFailure) -> String {
        let advice = self.advice(&failure.reason, &failure.message, &tag.from);
        let kind = advice.map(|advice| advice.kind);
        failure_text(self.chrome.lang, kind, &failure.reason)
    }

    /// The same for the whole repository, for whose failures the API has no reason.
    fn repository_failure_text(&self, repository: &RepositoryImport, message: &str) -> String {
        let lang = self.chrome.lang;
        match self.advice("", message, &repository.name) {
            Some(advice) => failure_text(lang, Some(advice.kind), ""),
            None => lang.msg("import-failed").to_string(),
        }
    }

    fn advice(&self, reason: &str, message: &str, from: &str) -> Option<ImportAdvice> {
        ImportAdvice::new(reason, message, self.project.as_str(), Some(from))
    }

    /// Whether the page shows the results of an import, instead of the form that starts one.
    fn has_results(&self) -> bool {
        self.results
            .as_ref()
            .is_some_and(|results| !results.is_empty())
    }

    /// The image stream or tag that is imported.
    fn subject_name(&self) -> String {
        self.tag
            .as_ref()
            .map_or_else(|| self.stream.to_string(), ToString::to_string)
    }

    fn failed_count(&self) -> usize {
        let results = self.results.iter().flatten();
        results
            .filter(|result| matches!(result.outcome, ImportOutcome::Failed { .. }))
            .count()
    }

    /// How many tags were imported, and how many were not.
    fn summary(&self) -> Message {
        let all = self.results.as_ref().map_or(0, Vec::len);
        self.chrome
            .lang
            .msg("imports-results-summary")
            .arg("imported", all - self.failed_count())
            .arg("failed", self.failed_count())
    }

    fn back(&self) -> String {
        self.tag.as_ref().map_or_else(
            || links::stream(&self.project, &self.stream),
            |tag| links::tag(&self.project, &self.stream, tag),
        )
    }
}

pub(in crate::web) async fn confirm_import(
    caller: SignedIn,
    path: ImagePath,
) -> Result<Response, WebError> {
    let plan = caller
        .app()
        .import_plan(&path.project, &path.stream, tag_of(&path)?.as_ref())
        .await?;
    render_import(&caller, path, Some(plan), None, None).await
}

/// Imports, and displays the result for each tag.
pub(in crate::web) async fn import_stream(
    caller: SignedIn,
    path: ImagePath,
) -> Result<Response, WebError> {
    let tag = tag_of(&path)?;
    // Only for display: the import reads the stream itself.
    let plan = caller
        .app()
        .import_plan(&path.project, &path.stream, tag.as_ref())
        .await
        .ok();
    let lang = caller.context.lang;
    match caller
        .app()
        .reimport(&path.project, &path.stream, tag.as_ref())
        .await
    {
        Ok(results) => render_import(&caller, path, plan, Some(results), None).await,
        Err(ChangeError::Refused(refusal)) => {
            let nothing = refusal.why == RefusalReason::NotThere;
            let mut submit_error = SubmitError::from_change_error_without_fields(refusal, lang);
            if nothing {
                submit_error.hint = lang.msg("stream-result-no-source").to_string();
            }
            render_import(&caller, path, plan, None, Some(submit_error)).await
        }
        Err(ChangeError::Failure(failure)) => {
            let submit_error = SubmitError::from_failure(failure, lang)?;
            render_import(&caller, path, plan, None, Some(submit_error)).await
        }
    }
}

fn tag_of(path: &ImagePath) -> Result<Option<TagName>, WebError> {
    match &path.reference {
        None => Ok(None),
        Some(ImageReference::Tag(tag)) => Ok(Some(tag.clone())),
        Some(ImageReference::Digest(_)) => Err(Failure::NotFound(PageSubject::Page).into()),
    }
}

async fn render_import(
    caller: &SignedIn,
    path: ImagePath,
    plan: Option<ImportPlan>,
    results: Option<Vec<ImportResult>>,
    submit_error: Option<SubmitError>,
) -> Result<Response, WebError> {
    let tag = tag_of(&path)?;
    let ImagePath {
        project, stream, ..
    } = path;
    let is_plan_known = plan.is_some();
    let plan = plan.unwrap_or_default();
    // Without an answer of the API server, the form can be sent again.
    let allowed = !is_plan_known || caller.app().stream_rights(&project).await.import;
    let impact = if results.is_none() && allowed && !plan.changing_tags.is_empty() {
        let change = TagChange::Move(plan.changing_tags.clone());
        Some(load_impact(caller, &project, &stream, change).await)
    } else {
        None
    };
    let status = FieldErrors::default().status(submit_error.as_ref());
    let oc = ShellCommand::reimport(&plan, &project, &stream);
    let what = match &tag {
        None => format!("{project}/{stream}"),
        Some(tag) => format!("{project}/{stream}:{tag}"),
    };
    let title = caller
        .context
        .lang
        .msg("stream-import-title")
        .arg("what", what);
    let chrome = caller.chrome(Area::Images, title.to_string());
    Ok(render_with_status(
        status,
        &caller.context,
        &ImportStreamPage {
            chrome,
            project,
            stream,
            tag,
            allowed,
            oc,
            plan,
            is_plan_known,
            results,
            impact,
            submit_error,
        },
    ))
}

//! `/images/{project}/{stream}/import` and `/images/{project}/{stream}:{tag}/import`: imports all
//! tags of an image stream, or one.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::RefusalReason;
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::{ImportAdvice, ImportPlan, ImportResult};
use crate::app::images::ImageReference;
use crate::app::shell_command::ShellCommand;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, SubmitError};
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ImageStreamName, ProjectName, TagName};

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
    results: Option<Vec<ImportResult>>,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl ImportStreamPage {
    fn target_name(&self) -> String {
        self.tag.as_ref().map_or_else(
            || self.stream.to_string(),
            |tag| format!("{}:{tag}", self.stream),
        )
    }

    fn results_with_advice(&self) -> Option<Vec<(&ImportResult, Option<ImportAdvice>)>> {
        let results = self.results.as_ref()?;
        let of_repository = || {
            self.plan
                .repository
                .as_ref()
                .map(|repository| repository.name.as_str())
        };
        let of_tag = |name: &str| {
            self.plan
                .tags
                .iter()
                .find(|tag| tag.tag.as_str() == name)
                .map(|tag| tag.from.as_str())
        };
        Some(ImportAdvice::for_results(
            results,
            self.project.as_str(),
            |result| of_tag(&result.tag).or_else(of_repository),
        ))
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
    render_import(&caller, path, plan, None, None).await
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
        .unwrap_or_default();
    match caller
        .app()
        .reimport(&path.project, &path.stream, tag.as_ref())
        .await
    {
        Ok(results) => render_import(&caller, path, plan, Some(results), None).await,
        Err(failed) => {
            let refusal = failed.into_refusal()?;
            let nothing = refusal.why == RefusalReason::NotThere;
            let mut submit_error =
                SubmitError::from_change_error_without_fields(refusal, caller.context.lang);
            if nothing {
                submit_error.hint = caller
                    .context
                    .lang
                    .msg("stream-result-no-source")
                    .to_string();
            }
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
    plan: ImportPlan,
    results: Option<Vec<ImportResult>>,
    submit_error: Option<SubmitError>,
) -> Result<Response, WebError> {
    let tag = tag_of(&path)?;
    let ImagePath {
        project, stream, ..
    } = path;
    let allowed = caller.app().stream_rights(&project).await.import;
    let status = FieldErrors::default().status(submit_error.as_ref());
    let oc = ShellCommand::reimport(&plan, &project, &stream);
    let chrome = caller.chrome(
        Area::Images,
        caller.context.lang.msg("stream-import").to_string(),
    );
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
            results,
            submit_error,
        },
    ))
}

//! Imports tags again.

use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::ApiJson;
use super::invalid_value;
use super::results::{ImportAnswer, TagImport};
use super::tag_removals::accepted;
use super::tags::change_problem;
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::app::imports::{ImportTarget, ImportsQuery, RetryOutcome, RetryResult, RetrySelection};
use crate::web::context::SignedIn;
use crate::web::errors::{Problem, WebError};
use crate::web::extractors::ImagePath;
use crate::web::links;
use crate::web::pages::imports::retry::MAX_IMPORTS_IN_PAGE;
use registry_model::{ImageStreamName, ProjectName, TagName};

/// The tags of the image stream to import. Without any: all that have a source in another registry.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ImportNow {
    #[serde(default)]
    tags: Vec<String>,
}

/// Imports a tag, some tags of an image stream, or all of them. Many are imported by a job.
pub(in crate::web) async fn import_now(
    caller: SignedIn,
    path: ImagePath,
    ApiJson(request): ApiJson<ImportNow>,
) -> Result<Response, WebError> {
    let ImagePath {
        project,
        stream,
        reference,
    } = path;
    let tag = match reference {
        None => None,
        Some(ImageReference::Tag(tag)) => Some(tag),
        Some(ImageReference::Digest(_)) => return Err(Failure::NotFound(PageSubject::Page).into()),
    };
    if request.tags.is_empty() {
        let results = caller.app().reimport(&project, &stream, tag.as_ref()).await;
        let results = results.map_err(|error| change_problem(&caller, error, &[]))?;
        let results = results.iter().map(TagImport::new).collect();
        return Ok(axum::Json(ImportAnswer::new(results)).into_response());
    }
    let targets = parse_targets(&caller, &project, &stream, &request.tags)?;
    if tag.is_some() {
        return Err(Failure::NotFound(PageSubject::Page).into());
    }
    let total = targets.len();
    if total > MAX_IMPORTS_IN_PAGE {
        let (owner, check) = (caller.owner().await?, caller.session_check());
        let query = ImportsQuery {
            page: 1,
            ..ImportsQuery::default()
        };
        let selection = RetrySelection::from(targets);
        let id = caller
            .app()
            .start_import_job(&owner, query, selection, check)?;
        let page = links::import_job(&id, 1);
        return Ok(accepted(id, &page, total));
    }
    let results = caller.app().retry_imports(&targets).await?;
    let results = results
        .into_iter()
        .map(|result| import_of(&caller, result))
        .collect();
    Ok(axum::Json(ImportAnswer::new(results)).into_response())
}

fn parse_targets(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    tags: &[String],
) -> Result<Vec<ImportTarget>, Problem> {
    let context = &caller.context;
    let target = |(at, tag): (usize, &String)| match tag.parse::<TagName>() {
        Ok(tag) => Ok(ImportTarget {
            project: project.clone(),
            stream: stream.clone(),
            tag: Some(tag),
        }),
        Err(_) => {
            let text = crate::web::forms::tag_name_error(tag, context.lang);
            Err(invalid_value(
                format!("/tags/{at}"),
                text.to_string(),
                context,
            ))
        }
    };
    tags.iter().enumerate().map(target).collect()
}

fn import_of(caller: &SignedIn, result: RetryResult) -> TagImport {
    let failed = |tag: Option<TagName>, reason: String, message: String| TagImport {
        tag: tag.map(|tag| tag.to_string()).unwrap_or_default(),
        imported: false,
        digest: None,
        reason: Some(reason),
        message: Some(message),
    };
    let tag = result.target.tag;
    match result.outcome {
        RetryOutcome::Tried { result, .. } => TagImport::new(&result),
        RetryOutcome::Refused { refusal } => {
            let problem = Problem::from_refusal(refusal, &[], &caller.context);
            failed(tag, problem.kind, problem.detail)
        }
        RetryOutcome::NotAttempted => failed(tag, "not-attempted".to_owned(), String::new()),
    }
}

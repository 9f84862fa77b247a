//! Removes a tag, or many tags of an image stream.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::ApiJson;
use super::expected::ExpectedTag;
use super::impact::{affected_workloads, refuse_if_used};
use super::results::{JobStarted, RefusedTag, RemovedTag, TagRemoved, TagsRemoved};
use super::tags::change_problem;
use super::{WriteParams, invalid_value};
use crate::app::cleanup::{CleanupRules, TagPattern};
use crate::app::tags::{
    BulkTagRequest, MOST_TAGS, SeenTag, TagPath, TagRemovalRequest, TagSelectionQuery,
};
use crate::app::usage::{TagChange, USAGE_SECTION_TIMEOUT};
use crate::web::context::SignedIn;
use crate::web::errors::{Problem, WebError};
use crate::web::extractors::ImagePath;
use crate::web::links;
use crate::web::pages::tags::remove_many::{MAX_DAYS, MAX_NEWEST, MAX_TAGS_IN_PAGE};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// The tags to remove: those of a list, and those that rules select.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct RemoveTags {
    #[serde(default)]
    tags: Vec<TagToRemove>,
    rules: Option<RemovalRules>,
    /// Nothing is changed: the answer says what would be removed.
    #[serde(default)]
    dry_run: bool,
    /// The tags are removed although workloads are affected.
    #[serde(default)]
    force: bool,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct TagToRemove {
    tag: String,
    /// The image that the tag points to. Otherwise it stays.
    expected_digest: Option<String>,
}

/// Rules as on the page that cleans up an image stream. A tag must meet all of them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct RemovalRules {
    /// The newest tags that stay.
    #[schema(minimum = 1, maximum = 9999)]
    keep: Option<usize>,
    /// Only tags that have not changed for so many days.
    #[schema(minimum = 1, maximum = 36500)]
    days: Option<u32>,
    /// Only tags whose name matches, with `*` for any text.
    pattern: Option<String>,
    /// Only tags that no workload uses that the user may list.
    #[serde(default)]
    unused: bool,
}

impl RemovalRules {
    fn parse(&self, caller: &SignedIn) -> Result<CleanupRules, Problem> {
        let context = &caller.context;
        let bound = |pointer: &str, most: usize| {
            let text = context.lang.msg("cleanup-number").arg("most", most);
            invalid_value(pointer.to_owned(), text.to_string(), context)
        };
        if self
            .keep
            .is_some_and(|count| !(1..=MAX_NEWEST).contains(&count))
        {
            return Err(bound("/rules/keep", MAX_NEWEST));
        }
        if self
            .days
            .is_some_and(|days| !(1..=MAX_DAYS).contains(&days))
        {
            return Err(bound("/rules/days", MAX_DAYS as usize));
        }
        Ok(CleanupRules {
            keep_newest: self.keep,
            older_than_days: self.days,
            pattern: self.pattern.as_deref().and_then(TagPattern::new),
            unused: self.unused,
        })
    }
}

/// Removes a tag.
pub(super) async fn remove_tag(
    caller: &SignedIn,
    TagPath {
        project,
        stream,
        tag,
    }: TagPath,
    headers: &HeaderMap,
    params: WriteParams,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let expected = ExpectedTag::parse(headers, params.expected_digest.as_deref(), context)?;
    let path = TagPath {
        project: project.clone(),
        stream: stream.clone(),
        tag: tag.clone(),
    };
    let (removal, now) = tokio::join!(
        app.tag_removal(&project, &stream, &tag),
        app.tag_state(&path)
    );
    let (removal, now) = (removal?, now?);
    let seen = expected.check(now.as_ref(), context)?;
    if !params.force {
        let change = TagChange::Remove(vec![tag.clone()]);
        refuse_if_used(caller, &project, &stream, change).await?;
    }
    let request = TagRemovalRequest {
        name: tag.clone(),
        seen: Some(seen),
    };
    let removed = app.remove_tag(&project, &stream, &request).await;
    removed.map_err(|error| change_problem(caller, error, &[]))?;
    let answer = TagRemoved {
        project: project.to_string(),
        stream: stream.to_string(),
        tag: tag.to_string(),
        old_digest: removal.image.as_ref().map(ToString::to_string),
        image_is_kept: removal.held,
    };
    Ok(axum::Json(answer).into_response())
}

/// Removes tags of an image stream.
pub(in crate::web) async fn remove_tags(
    caller: SignedIn,
    path: ImagePath,
    ApiJson(request): ApiJson<RemoveTags>,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let (project, stream) = path.into_stream()?;
    let mut wanted = listed_tags(&caller, &request.tags)?;
    let mut left_out = 0;
    if let Some(rules) = &request.rules {
        let (selected, more) = selected_tags(&caller, &project, &stream, rules).await?;
        left_out = more;
        for name in selected {
            if wanted.iter().all(|known| known.name != name) {
                wanted.push(TagRemovalRequest { name, seen: None });
            }
        }
        left_out += wanted.len().saturating_sub(MOST_TAGS);
        wanted.truncate(MOST_TAGS);
    } else if wanted.is_empty() {
        let text = context.lang.msg("remove-tags-none-chosen").to_string();
        return Err(invalid_value("/tags".to_owned(), text, context).into());
    }
    let names: Vec<TagName> = wanted.iter().map(|tag| tag.name.clone()).collect();
    let removal = app.bulk_tag_removal(&project, &stream, &names).await?;
    let going: Vec<RemovedTag> = removal
        .going
        .iter()
        .map(|going| RemovedTag {
            tag: going.tag.name.to_string(),
            old_digest: going.tag.digest.as_ref().map(ToString::to_string),
        })
        .collect();
    let mut answer = TagsRemoved {
        dry_run: request.dry_run,
        missing: removal.missing.iter().map(ToString::to_string).collect(),
        left_out,
        ..TagsRemoved::default()
    };
    let change = TagChange::Remove(names);
    if request.dry_run {
        let impact = app.change_impact(&project, &stream, &change, USAGE_SECTION_TIMEOUT);
        if let Ok(impact) = Box::pin(impact).await {
            (answer.workloads, _) = affected_workloads(&impact);
        }
        answer.removed = going;
        return Ok(axum::Json(answer).into_response());
    }
    if !request.force && !going.is_empty() {
        refuse_if_used(&caller, &project, &stream, change).await?;
    }
    // Only what is there now is removed, and only while it points to the same image.
    let found = removal.going.iter().filter_map(|going| {
        let wanted = wanted.iter().find(|tag| tag.name == going.tag.name)?;
        let now = SeenTag::Tag(going.tag.digest.clone());
        Some(TagRemovalRequest {
            name: going.tag.name.clone(),
            seen: wanted.seen.clone().or(Some(now)),
        })
    });
    let found: Vec<TagRemovalRequest> = found.collect();
    if found.len() > MAX_TAGS_IN_PAGE {
        return start_job(&caller, &project, &stream, found).await;
    }
    let outcome = app
        .change_tags(&project, &stream, BulkTagRequest::Remove(found))
        .await?;
    let is_done = |tag: &RemovedTag| {
        outcome
            .done
            .iter()
            .any(|(name, _)| name.as_str() == tag.tag)
    };
    answer.removed = going.into_iter().filter(is_done).collect();
    answer.not_tried = outcome.not_tried.iter().map(ToString::to_string).collect();
    for (name, refusal) in outcome.failed {
        let problem = Problem::from_refusal(refusal, &[], context);
        answer
            .refused
            .push(RefusedTag::new(name.to_string(), problem));
    }
    Ok(axum::Json(answer).into_response())
}

/// The tags of a list, without duplicates.
fn listed_tags(caller: &SignedIn, tags: &[TagToRemove]) -> Result<Vec<TagRemovalRequest>, Problem> {
    let (context, lang) = (&caller.context, caller.context.lang);
    if tags.len() > MOST_TAGS {
        let text = lang.msg("remove-tags-too-many").arg("most", MOST_TAGS);
        return Err(invalid_value("/tags".to_owned(), text.to_string(), context));
    }
    let mut known = BTreeSet::new();
    let mut wanted = Vec::new();
    for (at, asked) in tags.iter().enumerate() {
        let invalid = |member: &str, text: String| {
            invalid_value(format!("/tags/{at}/{member}"), text, context)
        };
        let name: TagName = asked.tag.parse().map_err(|_| {
            let text = crate::web::forms::tag_name_error(&asked.tag, lang);
            invalid("tag", text.to_string())
        })?;
        let seen = match asked.expected_digest.as_deref().map(str::parse) {
            None => None,
            Some(Ok(digest)) => Some(SeenTag::Tag(Some(digest))),
            Some(Err(_)) => {
                let text = lang.msg("api-invalid-digest").to_string();
                return Err(invalid("expected_digest", text));
            }
        };
        if known.insert(name.clone()) {
            wanted.push(TagRemovalRequest { name, seen });
        }
    }
    Ok(wanted)
}

/// The first tags that the rules select, and how many more there are.
async fn selected_tags(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    rules: &RemovalRules,
) -> Result<(Vec<TagName>, usize), WebError> {
    let rules = rules.parse(caller)?;
    if rules.is_empty() {
        let text = caller.context.lang.msg("api-no-rule").to_string();
        return Err(invalid_value("/rules".to_owned(), text, &caller.context).into());
    }
    let query = TagSelectionQuery {
        rules,
        page: 1,
        ..TagSelectionQuery::default()
    };
    let choice = caller.app().tag_choice(project, stream, query).await?;
    let mut selected = choice
        .dry_run
        .map(|dry_run| dry_run.selected)
        .unwrap_or_default();
    let more = selected.len().saturating_sub(MOST_TAGS);
    selected.truncate(MOST_TAGS);
    Ok((selected, more))
}

async fn start_job(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    tags: Vec<TagRemovalRequest>,
) -> Result<Response, WebError> {
    let (owner, total) = (caller.owner().await?, tags.len());
    let started = caller
        .app()
        .start_tag_job(
            &owner,
            project,
            stream,
            BulkTagRequest::Remove(tags),
            caller.session_check(),
        )
        .await;
    let id = started?;
    let page = links::tag_job(&id, project, stream);
    Ok(accepted(id, &page, total))
}

/// The answer about a job that was started. `page` is the page of the job.
pub(super) fn accepted(id: String, page: &str, total: usize) -> Response {
    let job = format!("{}{page}", links::API_ROOT);
    let location = HeaderValue::from_str(&job).expect("our own path is a header");
    let answer = JobStarted { id, job, total };
    let mut response = (StatusCode::ACCEPTED, axum::Json(answer)).into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response
}

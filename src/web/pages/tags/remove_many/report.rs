//! The result of removing or restoring many tags.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::check_whole_stream;
use crate::app::change::{Refusal, RefusalReason};
use crate::app::tags::{MOST_TAGS, TagRemovalOutcome};
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{FormData, SubmitError};
use crate::web::pages::tags::remove_many::form_values;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ImageStreamName, ProjectName, TagName, TagSpec};

#[derive(Template, Serialize)]
#[template(path = "tags/remove_many_report.html")]
struct RemoveTagsReportPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    stream: ImageStreamName,
    /// Whether the tags were restored. Otherwise, they were removed.
    restored: bool,
    done: Vec<TagName>,
    /// Tags that were not changed, and why.
    left: Vec<FailedTag>,
    /// Tags for which the result is unknown, and why.
    unknown: Vec<FailedTag>,
    /// The removed tags with their specs, for the undo.
    #[serde(skip)]
    undo_specs: Vec<String>,
}

#[derive(Serialize)]
struct FailedTag {
    name: TagName,
    submit_error: SubmitError,
}

impl RemoveTagsReportPage {
    fn title(&self) -> Message {
        let lang = self.chrome.lang;
        let text = if self.restored {
            lang.msg("tags-restored")
        } else {
            lang.msg("tags-removed")
        };
        text.arg("count", self.done.len())
            .arg("stream", format!("{}/{}", self.project, self.stream))
    }

    /// How many of the removed tags cannot be restored.
    fn not_restorable_count(&self) -> usize {
        if self.restored {
            0
        } else {
            self.done.len() - self.undo_specs.len()
        }
    }

    fn unconfirmed_title(&self) -> Message {
        let lang = self.chrome.lang;
        let text = if self.restored {
            lang.msg("tags-restored-unknown")
        } else {
            lang.msg("tags-removed-unknown")
        };
        text.arg("count", self.unknown.len())
    }

    fn failed_title(&self) -> Message {
        let lang = self.chrome.lang;
        let text = if self.restored {
            lang.msg("tags-not-restored")
        } else {
            lang.msg("tags-not-removed")
        };
        text.arg("count", self.left.len())
    }
}

/// Displays the result of a removal, with a form that undoes it.
pub(super) fn render_removed(
    caller: &SignedIn,
    path: ImagePath,
    removed: TagRemovalOutcome,
) -> Response {
    let undo = form_values::format_specs(&path, &removed.removed);
    let done = removed.removed.into_iter().map(|(name, _)| name).collect();
    render_report(caller, path, false, done, removed.failed, undo)
}

/// Restores tags that were removed together.
pub(in crate::web) async fn restore_many(
    caller: &SignedIn,
    path: ImagePath,
    form: &FormData,
) -> Result<Response, WebError> {
    check_whole_stream(&path)?;
    let wanted: Vec<(TagName, TagSpec)> = form_values::parse_specs(&path, form)
        .into_iter()
        .take(MOST_TAGS)
        .collect();
    let outcomes = caller
        .app()
        .restore_tags(&path.project, &path.stream, wanted.clone())
        .await?;
    let (mut done, mut left) = (Vec::new(), Vec::new());
    for ((name, _), outcome) in wanted.into_iter().zip(outcomes) {
        match outcome {
            None => done.push(name),
            Some(refusal) => left.push((name, refusal)),
        }
    }
    Ok(render_report(caller, path, true, done, left, Vec::new()))
}

fn render_report(
    caller: &SignedIn,
    path: ImagePath,
    restored: bool,
    done: Vec<TagName>,
    left: Vec<(TagName, Refusal)>,
    undo: Vec<String>,
) -> Response {
    let lang = caller.context.lang;
    let (unknown, left): (Vec<_>, Vec<_>) = left
        .into_iter()
        .partition(|(_, refusal)| refusal.is_uncertain());
    let failed_tags = |refused: Vec<(TagName, Refusal)>| -> Vec<FailedTag> {
        refused
            .into_iter()
            .map(|(name, refusal)| FailedTag {
                name,
                submit_error: tag_submit_error(refusal, restored, lang),
            })
            .collect()
    };
    let (unknown, left) = (failed_tags(unknown), failed_tags(left));
    let status = left
        .first()
        .or(unknown.first())
        .map_or(StatusCode::OK, |left| left.submit_error.status());
    let chrome = caller.chrome(Area::Images, lang.msg("remove-tags").to_string());
    let ImagePath {
        project, stream, ..
    } = path;
    render_with_status(
        status,
        &caller.context,
        &RemoveTagsReportPage {
            chrome,
            project,
            stream,
            restored,
            done,
            left,
            unknown,
            undo_specs: undo,
        },
    )
}

/// The message about a failed tag, with a title that is specific to tags.
fn tag_submit_error(refusal: Refusal, restored: bool, lang: Lang) -> SubmitError {
    let why = refusal.why;
    let mut submit_error = SubmitError::from_change_error_without_fields(refusal, lang);
    let words = match (restored, why) {
        (false, RefusalReason::Stale) => Some(lang.msg("tag-moved-since")),
        (true, RefusalReason::Exists) => Some(lang.msg("tag-name-in-use")),
        (true, RefusalReason::NotThere | RefusalReason::Invalid) => {
            Some(lang.msg("tag-image-missing"))
        }
        _ => None,
    };
    if let Some(words) = words {
        submit_error.title = words.to_string();
    }
    submit_error
}

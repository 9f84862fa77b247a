//! Removes or restores many tags, and says what happened.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::{check_whole_stream, form_values};
use crate::app::change::{Refusal, RefusalReason};
use crate::app::failure::Failure;
use crate::app::jobs::{StopReason, TagJobKind};
use crate::app::tags::{BulkTagOutcome, BulkTagRequest, MOST_TAGS};
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{Flash, FormData, NextLink, RefusedItem, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::jobs::stop_text;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ImageStreamName, ProjectName, TagName, TagSpec, safe_text};

/// Changes of more tags than this take longer than a page may, and are made by a job.
pub(in crate::web) const MAX_TAGS_IN_PAGE: usize = 50;

/// How many characters of the API server's message about a tag are shown.
const MAX_DETAIL_CHARS: usize = 300;

/// How many refused tags are listed.
const MAX_LISTED_TAGS: usize = 100;

/// The result of a change whose undo does not fit into a cookie, or that changed nothing.
#[derive(Template, Serialize)]
#[template(path = "tags/remove_many_report.html")]
struct OutcomePage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    stream: ImageStreamName,
    #[serde(skip)]
    kind: TagJobKind,
    result: Flash,
}

impl OutcomePage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below_stream(lang, &self.project, &self.stream)
            .when(self.kind == TagJobKind::RemoveTags, |header| {
                header.below(self.cleanup_path(), lang.msg("cleanup"))
            })
            .with_current(lang.msg("cleanup-result"))
    }

    fn cleanup_path(&self) -> String {
        links::remove_tags(&self.project, &self.stream)
    }
}

/// Restores tags that were removed together.
pub(in crate::web) async fn restore_many(
    caller: &SignedIn,
    path: ImagePath,
    form: &FormData,
) -> Result<Response, WebError> {
    check_whole_stream(&path)?;
    let wanted = form_values::parse_specs(&path.project, &path.stream, form)
        .into_iter()
        .take(MOST_TAGS)
        .collect();
    let request = BulkTagRequest::Restore(wanted);
    change_tags(caller, &path.project, &path.stream, request).await
}

/// Changes the tags, in a job if they are many, and leads to the result: on the page of the image
/// stream, or on a page of its own.
pub(super) async fn change_tags(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    request: BulkTagRequest,
) -> Result<Response, WebError> {
    if request.len() > MAX_TAGS_IN_PAGE {
        return start_job(caller, project, stream, request).await;
    }
    let kind = match request {
        BulkTagRequest::Remove(_) => TagJobKind::RemoveTags,
        BulkTagRequest::Restore(_) => TagJobKind::RestoreTags,
    };
    let outcome = caller.app().change_tags(project, stream, request).await?;
    let lang = caller.context.lang;
    let status = outcome
        .failed
        .first()
        .map_or(StatusCode::OK, |(_, refusal)| {
            tag_submit_error(refusal.clone(), kind, lang).status()
        });
    let has_changed = !outcome.done.is_empty();
    let result = outcome_flash(lang, project, stream, kind, outcome, None);
    if has_changed && result.fits_cookie() {
        return Ok(caller.redirect_with_flash(result, &links::stream(project, stream)));
    }
    let status = if has_changed { StatusCode::OK } else { status };
    Ok(render_outcome(
        caller, project, stream, kind, result, status,
    ))
}

/// Displays the result of a change on a page of its own.
pub(in crate::web::pages) fn render_outcome(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    kind: TagJobKind,
    result: Flash,
    status: StatusCode,
) -> Response {
    let lang = caller.context.lang;
    let title = match kind {
        TagJobKind::RemoveTags => lang.msg("remove-tags-result-title"),
        TagJobKind::RestoreTags => lang.msg("restore-tags-result-title"),
    };
    let title = title.arg("stream", format!("{project}/{stream}"));
    render_with_status(
        status,
        &caller.context,
        &OutcomePage {
            chrome: caller.chrome(Area::Images, title),
            project: project.clone(),
            stream: stream.clone(),
            kind,
            result,
        },
    )
}

async fn start_job(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    request: BulkTagRequest,
) -> Result<Response, WebError> {
    let owner = caller
        .user_name()
        .ok_or(Failure::Internal("a form without a session"))?;
    let started = caller
        .app()
        .start_tag_job(owner, project, stream, request, caller.session_check())
        .await;
    Ok(Redirect::to(&links::tag_job(&started?, project, stream)).into_response())
}

/// The message about a change of many tags, with the form that undoes a removal or tries again what
/// was not restored. `stopped` is the reason if the rest was not tried.
pub(in crate::web::pages) fn outcome_flash(
    lang: Lang,
    project: &ProjectName,
    stream: &ImageStreamName,
    kind: TagJobKind,
    outcome: BulkTagOutcome,
    stopped: Option<StopReason>,
) -> Flash {
    let BulkTagOutcome {
        done,
        failed,
        not_tried,
        not_restored,
    } = outcome;
    let is_removal = kind == TagJobKind::RemoveTags;
    let to_restore: Vec<(&TagName, &TagSpec)> = if is_removal {
        let removed = done.iter();
        removed
            .filter_map(|(name, spec)| Some((name, spec.as_ref()?)))
            .collect()
    } else {
        not_restored
            .iter()
            .map(|(name, spec)| (name, spec))
            .collect()
    };
    let restore_fields = form_values::format_specs(project, stream, &to_restore);
    let uncertain = failed
        .iter()
        .filter(|(_, refusal)| refusal.is_uncertain())
        .count();
    let refused = failed.len() - uncertain;
    let is_complete = failed.is_empty() && not_tried.is_empty();
    let mut sentences = Vec::new();
    if !done.is_empty() || is_complete {
        let text = if is_removal {
            lang.msg("tags-removed")
        } else {
            lang.msg("tags-restored")
        };
        let stream = format!("{project}/{stream}");
        sentences.push(text.arg("count", done.len()).arg("stream", stream));
    }
    if refused > 0 {
        let text = if is_removal {
            lang.msg("tags-not-removed")
        } else {
            lang.msg("tags-not-restored")
        };
        sentences.push(text.arg("count", refused));
    }
    if uncertain > 0 {
        let text = if is_removal {
            lang.msg("tags-removed-unknown")
        } else {
            lang.msg("tags-restored-unknown")
        };
        sentences.push(text.arg("count", uncertain));
    }
    if !not_tried.is_empty() {
        sentences.push(lang.msg("tags-not-tried").arg("count", not_tried.len()));
    }
    let mut details: Vec<Message> = stopped
        .map(|reason| stop_text(lang, reason))
        .into_iter()
        .collect();
    if uncertain > 0 {
        details.push(lang.msg("tags-unknown-hint"));
    } else if done.is_empty() && !is_complete {
        details.push(lang.msg("tags-nothing-changed"));
    }
    if is_removal {
        details.extend(undo_texts(lang, done.len(), restore_fields.len()));
    }
    let next = (is_removal && !is_complete).then(|| {
        let rest = failed.iter().map(|(name, _)| name).chain(&not_tried);
        NextLink {
            href: links::remove_selected_tags(project, stream, rest),
            text: lang.msg("tags-not-removed-review").to_string(),
        }
    });
    let more = failed.len().saturating_sub(MAX_LISTED_TAGS);
    if more > 0 {
        details.push(lang.msg("tags-refused-more").arg("count", more));
    }
    let texts =
        |messages: Vec<Message>| messages.iter().map(ToString::to_string).collect::<Vec<_>>();
    let flash = Flash {
        details: texts(details),
        refused: failed
            .into_iter()
            .take(MAX_LISTED_TAGS)
            .map(|(name, refusal)| refused_item(&name, refusal, kind, lang))
            .collect(),
        unfinished: !is_complete,
        next,
        ..Flash::new(texts(sentences).join(lang.sentence_separator()))
    };
    if restore_fields.is_empty() {
        return flash;
    }
    let fields = restore_fields.iter().map(|tag| ("tag", tag.as_str()));
    let label = if is_removal {
        lang.msg("undo")
    } else {
        lang.msg("try-again")
    };
    flash.with_undo(
        links::restore_tags(project, stream),
        label,
        &fields.collect::<Vec<_>>(),
    )
}

/// Which of `count` removed tags an undo restores, and which not: one or two sentences.
pub(super) fn undo_texts(lang: Lang, count: usize, restorable: usize) -> Vec<Message> {
    let lost = count - restorable;
    let can = || lang.msg("tags-restorable").arg("count", restorable);
    let cannot = || lang.msg("tags-not-restorable").arg("count", lost);
    match (restorable, lost) {
        (0, 0) => Vec::new(),
        (_, 0) => vec![lang.msg("tags-all-restorable").arg("count", count)],
        (0, _) => vec![lang.msg("tags-none-restorable").arg("count", count)],
        (_, _) => vec![can(), cannot()],
    }
}

fn refused_item(name: &TagName, refusal: Refusal, kind: TagJobKind, lang: Lang) -> RefusedItem {
    let error = tag_submit_error(refusal, kind, lang);
    let (detail, is_cut) = safe_text::truncate(&error.detail, MAX_DETAIL_CHARS);
    let reason = if detail.is_empty() {
        error.title
    } else {
        lang.msg("tag-refused-reason")
            .arg("reason", error.title)
            .arg(
                "detail",
                format!("{detail}{}", if is_cut { "…" } else { "" }),
            )
            .to_string()
    };
    RefusedItem {
        name: name.to_string(),
        reason,
    }
}

/// The message about a failed tag, with a title that is specific to tags.
pub(in crate::web::pages) fn tag_submit_error(
    refusal: Refusal,
    kind: TagJobKind,
    lang: Lang,
) -> SubmitError {
    let why = refusal.why;
    let mut submit_error = SubmitError::from_change_error_without_fields(refusal, lang);
    let words = match (kind, why) {
        (TagJobKind::RemoveTags, RefusalReason::Stale) => Some(lang.msg("tag-moved-since")),
        (TagJobKind::RestoreTags, RefusalReason::Exists) => Some(lang.msg("tag-name-in-use")),
        (TagJobKind::RestoreTags, RefusalReason::NotThere | RefusalReason::Invalid) => {
            Some(lang.msg("tag-image-missing"))
        }
        _ => None,
    };
    if let Some(words) = words {
        submit_error.hint = lang.msg("tags-nothing-changed").to_string();
        submit_error.title = words.to_string();
        submit_error.detail.clear();
    }
    submit_error
}

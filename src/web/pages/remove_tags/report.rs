//! What became of many tags: removed or left, put back or not.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::{sent, whole_stream};
use crate::app::change::{Refusal, RefusedBecause};
use crate::app::tags::{MOST_TAGS, Removed};
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::OfStream;
use crate::web::filters;
use crate::web::forms::{Sent, Trouble};
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ImageStreamName, ProjectName, TagName, TagSpec};

#[derive(Template, Serialize)]
#[template(path = "remove-tags-report.html")]
struct ReportPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    stream: ImageStreamName,
    /// Whether the tags were put back: else they were removed.
    restored: bool,
    done: Vec<TagName>,
    /// Those that were not, and why.
    left: Vec<Left>,
    /// Those of which nobody knows whether they were, and why.
    unknown: Vec<Left>,
    /// What the way back needs: the tags that are gone, with their images.
    #[serde(skip)]
    undo: Vec<String>,
}

#[derive(Serialize)]
struct Left {
    name: TagName,
    trouble: Trouble,
}

impl ReportPage {
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

    /// How many of the tags have no way back.
    fn lost(&self) -> usize {
        if self.restored {
            0
        } else {
            self.done.len() - self.undo.len()
        }
    }

    fn unknown_title(&self) -> Message {
        let lang = self.chrome.lang;
        let text = if self.restored {
            lang.msg("tags-restored-unknown")
        } else {
            lang.msg("tags-removed-unknown")
        };
        text.arg("count", self.unknown.len())
    }

    fn left_title(&self) -> Message {
        let lang = self.chrome.lang;
        let text = if self.restored {
            lang.msg("tags-not-restored")
        } else {
            lang.msg("tags-left")
        };
        text.arg("count", self.left.len())
    }
}

/// Says what became of a removal, with a way back.
pub(super) fn removed(who: &SignedIn, of: OfStream, removed: Removed) -> Response {
    let undo = sent::specs(&of, &removed.gone);
    let done = removed.gone.into_iter().map(|(name, _)| name).collect();
    show(who, of, false, done, removed.left, undo)
}

/// Puts tags back that were removed together.
pub(in crate::web::pages) async fn restore(
    who: &SignedIn,
    of: OfStream,
    sent: &Sent,
) -> Result<Response, Refused> {
    whole_stream(&of)?;
    let wanted: Vec<(TagName, TagSpec)> = sent::read_specs(&of, sent)
        .into_iter()
        .take(MOST_TAGS)
        .collect();
    let outcomes = who
        .console()
        .restore_tags(&of.project, &of.stream, wanted.clone())
        .await?;
    let (mut done, mut left) = (Vec::new(), Vec::new());
    for ((name, _), outcome) in wanted.into_iter().zip(outcomes) {
        match outcome {
            None => done.push(name),
            Some(refusal) => left.push((name, refusal)),
        }
    }
    Ok(show(who, of, true, done, left, Vec::new()))
}

fn show(
    who: &SignedIn,
    of: OfStream,
    restored: bool,
    done: Vec<TagName>,
    left: Vec<(TagName, Refusal)>,
    undo: Vec<String>,
) -> Response {
    let lang = who.context.lang;
    let (unknown, left): (Vec<_>, Vec<_>) = left
        .into_iter()
        .partition(|(_, refusal)| refusal.is_uncertain());
    let told = |refused: Vec<(TagName, Refusal)>| -> Vec<Left> {
        refused
            .into_iter()
            .map(|(name, refusal)| Left {
                name,
                trouble: trouble(refusal, restored, lang),
            })
            .collect()
    };
    let (unknown, left) = (told(unknown), told(left));
    let status = left
        .first()
        .or(unknown.first())
        .map_or(StatusCode::OK, |left| left.trouble.status());
    let chrome = who.chrome(Area::Images, lang.msg("remove-tags").to_string());
    let OfStream {
        project, stream, ..
    } = of;
    page_with(
        status,
        &who.context,
        &ReportPage {
            chrome,
            project,
            stream,
            restored,
            done,
            left,
            unknown,
            undo,
        },
    )
}

/// Why a tag was left, in words that fit a tag.
fn trouble(refusal: Refusal, restored: bool, lang: Lang) -> Trouble {
    let why = refusal.why;
    let mut trouble = Trouble::of_action(refusal, lang);
    let words = match (restored, why) {
        (false, RefusedBecause::Stale) => Some(lang.msg("tag-moved-since")),
        (true, RefusedBecause::Exists) => Some(lang.msg("tag-back-already")),
        (true, RefusedBecause::NotThere | RefusedBecause::Invalid) => {
            Some(lang.msg("tag-image-gone"))
        }
        _ => None,
    };
    if let Some(words) = words {
        trouble.title = words.to_string();
    }
    trouble
}

//! `/images/{project}/{stream}/remove-tags`: choose, look, remove.

use std::collections::BTreeSet;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::console::{Failure, Oc, Refusal, Subject, TagChoice};
use crate::model::TagName;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{Asked, OfStream};
use crate::web::filters;
use crate::web::forms::{Done, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

#[derive(Template, Serialize)]
#[template(path = "remove-tags.html")]
struct RemoveTagsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagChoice,
    /// What was chosen and is about to be removed: looked at once more. Empty: still choosing.
    chosen: Vec<TagName>,
    /// What was not removed, and why.
    left: Vec<Left>,
    /// How many were removed, where some were not.
    gone: usize,
}

#[derive(Serialize)]
struct Left {
    name: TagName,
    trouble: Trouble,
}

impl RemoveTagsPage {
    fn here(&self) -> String {
        links::remove_tags(&self.view.project, &self.view.stream)
    }

    fn back(&self) -> String {
        links::stream(&self.view.project, &self.view.stream)
    }

    /// How many tags stay. A chosen one that is gone already is none of them.
    fn staying(&self) -> usize {
        let going = self.view.tags.iter().filter(|tag| self.chosen.contains(&tag.name)).count();
        self.view.all.saturating_sub(going)
    }

    fn oc(&self) -> Oc {
        self.view.oc(&self.chosen)
    }
}

/// Shows the tags to choose from.
pub(in crate::web) async fn choose(who: SignedIn, of: OfStream, asked: Asked) -> Result<Response, Refused> {
    let (text, _) = asked.text_and_page();
    let view = view(&who, &of, &text).await?;
    Ok(show(&who, view, Vec::new(), Vec::new(), 0))
}

/// Shows what was chosen; with `sure`, removes it.
pub(in crate::web) async fn remove(who: SignedIn, of: OfStream, sent: Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let mut chosen: Vec<TagName> = sent.all("tag").filter_map(|tag| tag.parse().ok()).collect();
    let mut once = BTreeSet::new();
    chosen.retain(|tag| once.insert(tag.clone()));
    chosen.truncate(crate::console::MOST_TAGS);
    let before = view(&who, &of, sent.text("q")).await?;
    if chosen.is_empty() || !sent.has("sure") {
        return Ok(show(&who, before, chosen, Vec::new(), 0));
    }
    let removed = who.console().remove_tags(&of.project, &of.stream, chosen).await?;
    if removed.left.is_empty() {
        let text = lang.msg("tags-removed").arg("count", removed.gone).arg("stream", format!("{}/{}", of.project, of.stream));
        return Ok(who.done(Done::new(text), &links::stream(&of.project, &of.stream)));
    }
    let trouble = |refusal: Refusal| Trouble::of_action(refusal, lang);
    let left: Vec<Left> = removed.left.into_iter().map(|(name, refusal)| Left { name, trouble: trouble(refusal) }).collect();
    let again = left.iter().map(|left| left.name.clone()).collect();
    let now = view(&who, &of, sent.text("q")).await.unwrap_or(before);
    Ok(show(&who, now, again, left, removed.gone))
}

async fn view(who: &SignedIn, of: &OfStream, text: &str) -> Result<TagChoice, Failure> {
    if of.reference.is_some() {
        return Err(Failure::NotFound(Subject::Page));
    }
    who.console().tag_choice(&of.project, &of.stream, text).await
}

fn show(who: &SignedIn, view: TagChoice, chosen: Vec<TagName>, left: Vec<Left>, gone: usize) -> Response {
    let status = left.first().map_or(StatusCode::OK, |left| left.trouble.status());
    let title = who.context.lang.msg("remove-tags").to_string();
    page_with(status, &who.context, &RemoveTagsPage { chrome: who.chrome(Area::Images, title), view, chosen, left, gone })
}

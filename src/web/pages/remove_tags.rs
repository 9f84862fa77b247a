//! `/images/{project}/{stream}/remove-tags`: choose, look, remove; and `/images/{project}/{stream}/restore`.

mod report;
mod sent;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::console::{Failure, GoingTag, Subject, TagChoice, TagRemovals};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{Asked, OfStream};
use crate::web::filters;
use crate::web::forms::Sent;
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

pub(super) use report::restore;

#[derive(Template, Serialize)]
#[template(path = "remove-tags.html")]
struct RemoveTagsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagChoice,
    /// The form was sent, and no tag was chosen.
    nothing_chosen: bool,
}

impl RemoveTagsPage {
    fn here(&self) -> String {
        links::remove_tags(&self.view.project, &self.view.stream)
    }

    fn back(&self) -> String {
        links::stream(&self.view.project, &self.view.stream)
    }
}

/// What was chosen, before it goes.
#[derive(Template, Serialize)]
#[template(path = "remove-tags-preview.html")]
struct PreviewPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagRemovals,
}

impl PreviewPage {
    fn here(&self) -> String {
        links::remove_tags(&self.view.project, &self.view.stream)
    }

    /// What the form says of a tag, so that one that has moved on since is left alone.
    fn shown(&self, going: &GoingTag) -> String {
        sent::shown(&going.tag.name, going.tag.digest.as_ref())
    }
}

/// Shows the tags to choose from.
pub(in crate::web) async fn choose(who: SignedIn, of: OfStream, asked: Asked) -> Result<Response, Refused> {
    let (text, _) = asked.text_and_page();
    choice(&who, &of, &text, false).await
}

/// Shows what was chosen; with `sure`, removes it.
pub(in crate::web) async fn remove(who: SignedIn, of: OfStream, sent: Sent) -> Result<Response, Refused> {
    let asked = sent::tags(&sent);
    if asked.is_empty() {
        return choice(&who, &of, sent.text("q"), true).await;
    }
    whole_stream(&of)?;
    if sent.has("sure") {
        let removed = who.console().remove_tags(&of.project, &of.stream, asked).await?;
        return Ok(report::removed(&who, of, removed));
    }
    let names: Vec<_> = asked.into_iter().map(|asked| asked.name).collect();
    let view = who.console().tag_removals(&of.project, &of.stream, &names).await?;
    let title = who.context.lang.msg("remove-tags").to_string();
    Ok(page_with(StatusCode::OK, &who.context, &PreviewPage { chrome: who.chrome(Area::Images, title), view }))
}

fn whole_stream(of: &OfStream) -> Result<(), Failure> {
    if of.reference.is_some() { Err(Failure::NotFound(Subject::Page)) } else { Ok(()) }
}

async fn choice(who: &SignedIn, of: &OfStream, text: &str, nothing_chosen: bool) -> Result<Response, Refused> {
    whole_stream(of)?;
    let view = who.console().tag_choice(&of.project, &of.stream, text).await?;
    let status = if nothing_chosen { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = who.context.lang.msg("remove-tags").to_string();
    Ok(page_with(status, &who.context, &RemoveTagsPage { chrome: who.chrome(Area::Images, title), view, nothing_chosen }))
}

//! `/images/{project}/{stream}/remove-tags`: choose, look, remove; and
//! `/images/{project}/{stream}/restore`.

mod report;
pub(super) mod sent;

use std::collections::BTreeSet;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::failure::{Failure, Subject};
use crate::app::tags::{GoingTag, MOST_TAGS, TagChoice, TagRemovals};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{Asked, OfStream};
use crate::web::filters;
use crate::web::forms::Sent;
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::TagName;

pub(super) use report::restore;

#[derive(Template, Serialize)]
#[template(path = "remove-tags.html")]
struct RemoveTagsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagChoice,
    /// The tags that are ticked, whether the filter shows them or not.
    selected: BTreeSet<TagName>,
    /// Why the form was not accepted.
    mistake: Option<SelectionMistake>,
}

/// Why a selection cannot be removed as it is.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum SelectionMistake {
    /// No tag is ticked.
    Empty,
    /// More than [`MOST_TAGS`] are.
    TooMany,
}

impl RemoveTagsPage {
    fn here(&self) -> String {
        links::remove_tags(&self.view.project, &self.view.stream)
    }

    fn back(&self) -> String {
        links::stream(&self.view.project, &self.view.stream)
    }

    fn mistake_text(&self) -> Option<Message> {
        let lang = self.chrome.lang;
        self.mistake.map(|mistake| match mistake {
            SelectionMistake::Empty => lang.msg("remove-tags-none-chosen"),
            SelectionMistake::TooMany => lang.msg("remove-tags-too-many").arg("most", MOST_TAGS),
        })
    }

    /// The ticked tags that the filter does not show: fields without a box carry them along.
    fn kept(&self) -> Vec<&TagName> {
        let shown: BTreeSet<&TagName> = self.view.tags.iter().map(|tag| &tag.name).collect();
        self.selected
            .iter()
            .filter(|name| !shown.contains(name))
            .collect()
    }

    /// How many tags are ticked, as `static/console.js` says it as well.
    fn selection_text(&self) -> Message {
        let (lang, selected, hidden) = (
            self.chrome.lang,
            self.selected.len().to_string(),
            self.kept().len(),
        );
        if hidden == 0 {
            lang.msg("selected").arg("count", selected)
        } else {
            lang.msg("selected-not-shown")
                .arg("count", selected)
                .arg("hidden", hidden.to_string())
        }
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
pub(in crate::web) async fn choose(
    who: SignedIn,
    of: OfStream,
    asked: Asked,
) -> Result<Response, Refused> {
    let (text, _) = asked.text_and_page();
    choice(&who, &of, &text, &Selection::default()).await
}

/// Filters, shows what was chosen, or with `sure` removes it.
pub(in crate::web) async fn remove(
    who: SignedIn,
    of: OfStream,
    sent: Sent,
) -> Result<Response, Refused> {
    let mut asked = sent::tags(&sent);
    let selection = |mistake| {
        let tags = sent::tags(&sent)
            .into_iter()
            .map(|asked| asked.name)
            .collect();
        Selection {
            tags,
            select: Select::from_form(&sent),
            mistake,
        }
    };
    if sent.has("filter") || sent.has("select") {
        return choice(&who, &of, sent.text("q"), &selection(None)).await;
    }
    if asked.is_empty() {
        return choice(
            &who,
            &of,
            sent.text("q"),
            &selection(Some(SelectionMistake::Empty)),
        )
        .await;
    }
    if asked.len() > MOST_TAGS && !sent.has("sure") {
        return choice(
            &who,
            &of,
            sent.text("q"),
            &selection(Some(SelectionMistake::TooMany)),
        )
        .await;
    }
    whole_stream(&of)?;
    if sent.has("sure") {
        asked.truncate(MOST_TAGS);
        let removed = who
            .console()
            .remove_tags(&of.project, &of.stream, asked)
            .await?;
        return Ok(report::removed(&who, of, removed));
    }
    let names: Vec<_> = asked.into_iter().map(|asked| asked.name).collect();
    let view = who
        .console()
        .tag_removals(&of.project, &of.stream, &names)
        .await?;
    let title = who.context.lang.msg("remove-tags").to_string();
    Ok(page_with(
        StatusCode::OK,
        &who.context,
        &PreviewPage {
            chrome: who.chrome(Area::Images, title),
            view,
        },
    ))
}

/// The ticks of a form that is shown again.
#[derive(Default)]
struct Selection {
    tags: BTreeSet<TagName>,
    select: Option<Select>,
    mistake: Option<SelectionMistake>,
}

/// A button that changes many ticks at once.
#[derive(Clone, Copy)]
enum Select {
    /// Ticks every tag that is shown, besides those that are ticked.
    AllShown,
    Nothing,
}

impl Select {
    fn from_form(sent: &Sent) -> Option<Self> {
        match sent.text("select") {
            "shown" => Some(Self::AllShown),
            "none" => Some(Self::Nothing),
            _ => None,
        }
    }
}

fn whole_stream(of: &OfStream) -> Result<(), Failure> {
    if of.reference.is_some() {
        Err(Failure::NotFound(Subject::Page))
    } else {
        Ok(())
    }
}

async fn choice(
    who: &SignedIn,
    of: &OfStream,
    text: &str,
    selection: &Selection,
) -> Result<Response, Refused> {
    whole_stream(of)?;
    let view = who
        .console()
        .tag_choice(&of.project, &of.stream, text)
        .await?;
    let mut selected = selection.tags.clone();
    match selection.select {
        Some(Select::AllShown) => selected.extend(view.tags.iter().map(|tag| tag.name.clone())),
        Some(Select::Nothing) => selected.clear(),
        None => {}
    }
    let mistake = selection.mistake;
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let title = who.context.lang.msg("remove-tags").to_string();
    Ok(page_with(
        status,
        &who.context,
        &RemoveTagsPage {
            chrome: who.chrome(Area::Images, title),
            view,
            selected,
            mistake,
        },
    ))
}

//! `/images/{project}/{stream}/remove-tags`: selects tags, displays a preview, and removes them.
//! `/images/{project}/{stream}/restore`: restores them.

pub(in crate::web::pages) mod form_values;
mod report;

use std::collections::BTreeSet;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::failure::{Failure, PageSubject};
use crate::app::tags::{BulkTagRemoval, MOST_TAGS, TagChoice, TagToDelete};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ImagePath, ListParams};
use crate::web::filters;
use crate::web::forms::FormData;
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::TagName;

pub(in crate::web::pages) use report::restore_many;

#[derive(Template, Serialize)]
#[template(path = "tags/remove_many.html")]
struct RemoveTagsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagChoice,
    /// The selected tags, including those that the filter hides.
    selected: BTreeSet<TagName>,
    /// Why the form was not accepted.
    #[serde(rename = "mistake")]
    error: Option<SelectionError>,
}

/// Why a selection is not valid.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum SelectionError {
    /// No tag is selected.
    Empty,
    /// More than [`MOST_TAGS`] are selected.
    TooMany,
}

impl RemoveTagsPage {
    fn path(&self) -> String {
        links::remove_tags(&self.view.project, &self.view.stream)
    }

    fn stream_path(&self) -> String {
        links::stream(&self.view.project, &self.view.stream)
    }

    fn selection_error_text(&self) -> Option<Message> {
        let lang = self.chrome.lang;
        self.error.map(|error| match error {
            SelectionError::Empty => lang.msg("remove-tags-none-chosen"),
            SelectionError::TooMany => lang.msg("remove-tags-too-many").arg("most", MOST_TAGS),
        })
    }

    /// The selected tags that the filter hides. Hidden fields keep them in the form.
    fn hidden_selection(&self) -> Vec<&TagName> {
        let shown: BTreeSet<&TagName> = self.view.tags.iter().map(|tag| &tag.name).collect();
        self.selected
            .iter()
            .filter(|name| !shown.contains(name))
            .collect()
    }

    /// The number of selected tags, with the same text as `static/console.js`.
    fn selection_text(&self) -> Message {
        let (lang, selected, hidden) = (
            self.chrome.lang,
            self.selected.len().to_string(),
            self.hidden_selection().len(),
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

/// The selected tags, before they are removed.
#[derive(Template, Serialize)]
#[template(path = "tags/remove_many_preview.html")]
struct RemoveTagsPreviewPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: BulkTagRemoval,
}

impl RemoveTagsPreviewPage {
    fn path(&self) -> String {
        links::remove_tags(&self.view.project, &self.view.stream)
    }

    /// The tag with its current image, so that a tag that points to another image by then is not
    /// removed.
    fn form_value(&self, going: &TagToDelete) -> String {
        form_values::format_seen_tag(&going.tag.name, going.tag.digest.as_ref())
    }
}

pub(in crate::web) async fn select_tags_form(
    caller: SignedIn,
    path: ImagePath,
    asked: ListParams,
) -> Result<Response, WebError> {
    let (text, _) = asked.text_and_page();
    render_selection(&caller, &path, &text, &TagSelection::default()).await
}

/// Applies the filter or displays the preview. With the field `sure`, removes the selected tags.
pub(in crate::web) async fn remove_tags(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    let mut asked = form_values::parse_seen_tags(&form);
    let selection = |error| {
        let tags = form_values::parse_seen_tags(&form)
            .into_iter()
            .map(|asked| asked.name)
            .collect();
        TagSelection {
            tags,
            bulk_selection: BulkSelection::from_form(&form),
            error,
        }
    };
    if form.has("filter") || form.has("select") {
        return render_selection(&caller, &path, form.text("q"), &selection(None)).await;
    }
    if asked.is_empty() {
        return render_selection(
            &caller,
            &path,
            form.text("q"),
            &selection(Some(SelectionError::Empty)),
        )
        .await;
    }
    if asked.len() > MOST_TAGS && !form.has("sure") {
        return render_selection(
            &caller,
            &path,
            form.text("q"),
            &selection(Some(SelectionError::TooMany)),
        )
        .await;
    }
    check_whole_stream(&path)?;
    if form.has("sure") {
        asked.truncate(MOST_TAGS);
        let removed = caller
            .app()
            .remove_tags(&path.project, &path.stream, asked)
            .await?;
        return Ok(report::render_removed(&caller, path, removed));
    }
    let names: Vec<_> = asked.into_iter().map(|asked| asked.name).collect();
    let view = caller
        .app()
        .bulk_tag_removal(&path.project, &path.stream, &names)
        .await?;
    let title = caller.context.lang.msg("remove-tags").to_string();
    Ok(render_with_status(
        StatusCode::OK,
        &caller.context,
        &RemoveTagsPreviewPage {
            chrome: caller.chrome(Area::Images, title),
            view,
        },
    ))
}

/// The selection in a form that is displayed again.
#[derive(Default)]
struct TagSelection {
    tags: BTreeSet<TagName>,
    bulk_selection: Option<BulkSelection>,
    error: Option<SelectionError>,
}

/// A button that changes the selection of many tags at once.
#[derive(Clone, Copy)]
enum BulkSelection {
    /// Selects every displayed tag, in addition to the current selection.
    AllShown,
    Nothing,
}

impl BulkSelection {
    fn from_form(form: &FormData) -> Option<Self> {
        match form.text("select") {
            "shown" => Some(Self::AllShown),
            "none" => Some(Self::Nothing),
            _ => None,
        }
    }
}

fn check_whole_stream(path: &ImagePath) -> Result<(), Failure> {
    if path.reference.is_some() {
        Err(Failure::NotFound(PageSubject::Page))
    } else {
        Ok(())
    }
}

async fn render_selection(
    caller: &SignedIn,
    path: &ImagePath,
    text: &str,
    selection: &TagSelection,
) -> Result<Response, WebError> {
    check_whole_stream(path)?;
    let view = caller
        .app()
        .tag_choice(&path.project, &path.stream, text)
        .await?;
    let mut selected = selection.tags.clone();
    match selection.bulk_selection {
        Some(BulkSelection::AllShown) => {
            selected.extend(view.tags.iter().map(|tag| tag.name.clone()))
        }
        Some(BulkSelection::Nothing) => selected.clear(),
        None => {}
    }
    let error = selection.error;
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let title = caller.context.lang.msg("remove-tags").to_string();
    Ok(render_with_status(
        status,
        &caller.context,
        &RemoveTagsPage {
            chrome: caller.chrome(Area::Images, title),
            view,
            selected,
            error,
        },
    ))
}

//! The page that says what a removal of many tags removes and keeps.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::selection_form::SelectionForm;
use super::{form_values, freed_space, outcome};
use crate::app::section::Section;
use crate::app::space::{FreedSpace, PruneQuery};
use crate::app::tags::{BulkTagRemoval, Follower, TagToDelete};
use crate::app::usage::TagChange;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};
use crate::web::usage::{ImpactSection, load_impact};

/// How many of the tags that track removed ones are named.
const MAX_NAMED_FOLLOWERS: usize = 8;

/// The selected tags, before they are removed.
#[derive(Template, Serialize)]
#[template(path = "tags/remove_many_preview.html")]
struct RemoveTagsPreviewPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: BulkTagRemoval,
    /// The state of the cleanup page, to which the user can return.
    #[serde(skip)]
    form: SelectionForm,
    impact: ImpactSection,
    /// What the removal frees, once the registry has been pruned.
    freed: Section<FreedSpace>,
}

impl RemoveTagsPreviewPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below_stream(lang, &self.view.project, &self.view.stream)
            .below(self.path(), lang.msg("cleanup"))
            .with_current(lang.msg("remove-tags-review"))
    }

    fn plan_link(&self) -> String {
        links::stream_prune_plan(&self.view.project, &self.view.stream, PruneQuery::default())
    }

    fn path(&self) -> String {
        links::remove_tags(&self.view.project, &self.view.stream)
    }

    /// The tag with its current image, so that a tag that points to another image by then is not
    /// removed.
    fn form_value(&self, going: &TagToDelete) -> String {
        form_values::format_seen_tag(&going.tag.name, going.tag.digest.as_ref())
    }

    /// The fields of the cleanup page that are not about single tags.
    fn kept_fields(&self) -> Vec<(&'static str, &str)> {
        let form = &self.form;
        let fields = [("q", form.text.as_str()), ("sort", form.sort.as_str())];
        let is_set = |(_, value): &(&str, &str)| !value.is_empty();
        let fields = fields.into_iter().filter(is_set);
        fields.chain(form.rule_fields()).collect()
    }

    fn named_followers(&self) -> Vec<Message> {
        let text = |follower: &Follower| {
            self.chrome
                .lang
                .msg("remove-tags-follower")
                .arg("tag", &follower.tag)
                .arg("tracks", &follower.tracks)
        };
        let followers = self.view.followers.iter();
        followers.take(MAX_NAMED_FOLLOWERS).map(text).collect()
    }

    fn more_followers(&self) -> usize {
        self.view
            .followers
            .len()
            .saturating_sub(MAX_NAMED_FOLLOWERS)
    }

    /// What an undo restores, in one or two sentences.
    fn undo_texts(&self) -> Vec<Message> {
        let going = self.view.going.len();
        outcome::undo_texts(self.chrome.lang, going, self.view.restorable)
    }
}

/// Displays what removing the selected tags would remove.
pub(super) async fn render_preview(
    caller: &SignedIn,
    path: &ImagePath,
    form: SelectionForm,
) -> Result<Response, WebError> {
    let names: Vec<_> = form.tags.iter().cloned().collect();
    let app = caller.app();
    let (view, impact, images) = tokio::join!(
        app.bulk_tag_removal(&path.project, &path.stream, &names),
        load_impact(
            caller,
            &path.project,
            &path.stream,
            TagChange::Remove(names.clone())
        ),
        Box::pin(app.removal_images(&path.project, &path.stream))
    );
    let view = view?;
    let title = caller
        .context
        .lang
        .msg("remove-tags-title")
        .arg("count", view.going.len())
        .arg("stream", format!("{}/{}", path.project, path.stream));
    let page = RemoveTagsPreviewPage {
        chrome: caller.chrome(Area::Images, title),
        view,
        form,
        impact,
        freed: freed_space(&images.into(), &names),
    };
    Ok(render(&caller.context, &page))
}

//! `/images/{project}/{stream}`: an image stream with its tags.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::image_streams::{Presence, StreamRights, StreamView, TagQuery, TagSort};
use crate::app::live::ChangeScope;
use crate::app::section::{Section, Unavailable};
use crate::i18n::Message;
use crate::web::components::{Column, Pager};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ListParams;
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use registry_model::{AttachmentKind, ImageStreamName, ProjectName, TagSource};

#[derive(Template, Serialize)]
#[template(path = "image_streams/show.html")]
struct StreamPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: StreamView,
    #[serde(skip)]
    offers: StreamRights,
}

impl StreamPage {
    /// The repository with the public host of the registry.
    fn public_repository(&self) -> Option<&String> {
        self.view
            .commands
            .repository
            .as_ref()
            .filter(|_| self.view.commands.public)
    }

    /// Why the registry could not list its tags. `None` if the reason is that there is no registry.
    fn registry_error(&self) -> Option<&Unavailable> {
        self.view
            .registry
            .missing()
            .filter(|_| !self.view.commands.is_without_registry())
    }

    /// The changes of the whole stream that the user may make: URL and label of each.
    fn actions(&self) -> Vec<(String, Message)> {
        let (lang, view) = (self.chrome.lang, &self.view);
        let may_add = view.can_tag || self.offers.import;
        let all = [
            (
                may_add,
                links::new_tag(&view.project, &view.name),
                lang.msg("new-tag-link"),
            ),
            (
                self.offers.change,
                links::edit_stream(&view.project, &view.name),
                lang.msg("stream-edit"),
            ),
            (
                self.offers.import && view.imports,
                links::import(&view.project, &view.name, None),
                lang.msg("stream-import"),
            ),
            (
                view.can_untag && view.tag_count > 0,
                links::remove_tags(&view.project, &view.name),
                lang.msg("remove-tags-link"),
            ),
            (
                self.offers.delete,
                links::delete_stream(&view.project, &view.name),
                lang.msg("stream-delete-link"),
            ),
        ];
        all.into_iter()
            .filter(|(offered, ..)| *offered)
            .map(|(_, href, label)| (href, label))
            .collect()
    }

    fn connect_link(&self) -> String {
        links::connect_for(&self.view.project, Some(&self.view.name))
    }

    fn column(&self, sort: TagSort) -> Column {
        let view = &self.view;
        let order = (view.query.sort == sort).then_some(view.query.order);
        Column::new(
            links::tag_list_sorted(&view.project, &view.name, &view.query, sort),
            order,
        )
    }

    fn pager(&self) -> Pager {
        let view = &self.view;
        Pager::new(&view.paging, |page| {
            links::tag_list_page(&view.project, &view.name, &view.query, page)
        })
    }

    /// The pager of the history of the one tag that is displayed.
    fn history_pager(&self) -> Option<Pager> {
        let (view, name) = (&self.view, self.view.query.history.as_ref()?);
        let paging = view.history_paging.as_ref()?;
        Some(Pager::new(paging, |page| {
            links::tag_history(&view.project, &view.name, name, page)
        }))
    }

    /// The number of tags in the list, and in total if a filter is set.
    fn summary(&self) -> Message {
        let (found, all) = (self.view.paging.total, self.view.tag_count);
        if self.view.query.text.is_empty() && self.view.query.history.is_none() {
            return self.chrome.lang.msg("count-tags").arg("count", all);
        }
        self.chrome
            .lang
            .msg("count-tags-of")
            .arg("count", found)
            .arg("all", all)
    }

    /// The same list without the text filter.
    fn clear_filter_link(&self) -> String {
        let view = &self.view;
        links::tag_list(
            &view.project,
            &view.name,
            &TagQuery {
                text: String::new(),
                history: None,
                page: 1,
                ..view.query.clone()
            },
        )
    }

    /// The order of the list, if it is not the default. The filter form sends it along.
    fn hidden_fields(&self) -> Vec<(&'static str, &'static str)> {
        let query = &self.view.query;
        let sorted = (query.sort != TagSort::Updated).then_some(("sort", query.sort.as_str()));
        let ordered = (query.order != query.sort.default_order())
            .then_some(("order", links::order_value(query.order)));
        sorted.into_iter().chain(ordered).collect()
    }

    /// Whether a tag of this page has that presence.
    fn has_presence(&self, presence: Presence) -> bool {
        self.view.tags.iter().any(|tag| tag.presence == presence)
    }
}

pub(in crate::web) async fn show_stream(
    caller: &SignedIn,
    project: &ProjectName,
    name: &ImageStreamName,
    asked: ListParams,
) -> Result<Response, WebError> {
    let console = caller.app();
    let (view, offers) = tokio::join!(
        console.stream(project, name, asked.into_tag_query()),
        console.stream_rights(project)
    );
    let view = view?;
    let scope = ChangeScope::Stream(project.clone(), name.clone());
    let chrome = caller
        .chrome(Area::Images, format!("{project}/{name}"))
        .with_live_updates(&scope, view.page_revision.as_ref());
    Ok(render(
        &caller.context,
        &StreamPage {
            chrome,
            view,
            offers,
        },
    ))
}

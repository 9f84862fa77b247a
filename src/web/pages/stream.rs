//! `/images/{project}/{stream}`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::image_streams::{Offers, Presence, StreamView, TagQuery, TagSort};
use crate::app::live::Scope;
use crate::app::section::{Missing, Section};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::Asked;
use crate::web::filters;
use crate::web::links;
use crate::web::parts::{Column, Pager};
use crate::web::render::{Area, Chrome, page};
use registry_model::{AttachmentKind, ImageStreamName, ProjectName, TagSource};

#[derive(Template, Serialize)]
#[template(path = "stream.html")]
struct StreamPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: StreamView,
    #[serde(skip)]
    offers: Offers,
}

impl StreamPage {
    /// The repository as people outside call it.
    fn outside(&self) -> Option<&String> {
        self.view
            .commands
            .repository
            .as_ref()
            .filter(|_| self.view.commands.public)
    }

    /// Why the registry could not list its tags, unless it is because there is none.
    fn registry_trouble(&self) -> Option<&Missing> {
        self.view
            .registry
            .missing()
            .filter(|_| !self.view.commands.is_without_registry())
    }

    /// What the person may do with the whole stream.
    fn offered(&self) -> Vec<(String, Message)> {
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

    /// Where all ways to use it are.
    fn connect(&self) -> String {
        links::connect_to(&self.view.project, Some(&self.view.name))
    }

    fn column(&self, sort: TagSort) -> Column {
        let view = &self.view;
        let order = (view.query.sort == sort).then_some(view.query.order);
        Column::new(
            links::tag_list_by(&view.project, &view.name, &view.query, sort),
            order,
        )
    }

    fn pager(&self) -> Pager {
        let view = &self.view;
        Pager::new(&view.paging, |page| {
            links::tag_list_page(&view.project, &view.name, &view.query, page)
        })
    }

    /// Leafing through the history of the one tag that is shown.
    fn history_pager(&self) -> Option<Pager> {
        let (view, name) = (&self.view, self.view.query.history.as_ref()?);
        let paging = view.history_paging.as_ref()?;
        Some(Pager::new(paging, |page| {
            links::tag_history(&view.project, &view.name, name, page)
        }))
    }

    /// How many tags the list holds, and of how many.
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

    /// The same list without the text that narrows it.
    fn without_text(&self) -> String {
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

    /// What the filter's form sends along, so that the list stays sorted as it is.
    fn kept(&self) -> Vec<(&'static str, &'static str)> {
        let query = &self.view.query;
        let sorted = (query.sort != TagSort::Updated).then_some(("sort", query.sort.as_str()));
        let ordered = (query.order != query.sort.usual_order())
            .then_some(("order", links::order(query.order)));
        sorted.into_iter().chain(ordered).collect()
    }

    /// Whether a tag of this page has that mark.
    fn shows(&self, presence: Presence) -> bool {
        self.view.tags.iter().any(|tag| tag.presence == presence)
    }
}

pub(super) async fn stream(
    who: &SignedIn,
    project: &ProjectName,
    name: &ImageStreamName,
    asked: Asked,
) -> Result<Response, Refused> {
    let console = who.console();
    let (view, offers) = tokio::join!(
        console.stream(project, name, asked.of_tags()),
        console.offers(project)
    );
    let view = view?;
    let scope = Scope::Stream(project.clone(), name.clone());
    let chrome = who
        .chrome(Area::Images, format!("{project}/{name}"))
        .following(&scope, view.mark.as_ref());
    Ok(page(
        &who.context,
        &StreamPage {
            chrome,
            view,
            offers,
        },
    ))
}

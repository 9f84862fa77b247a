//! `/images/{project}/{stream}/history`: which images the tags of an image stream pointed to.

use askama::Template;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::header::stream_frame;
use crate::app::image_streams::{
    HistoryEvent, HistoryEventKind, HistoryQuery, StreamActions, StreamHistory,
};
use crate::app::live::ChangeScope;
use crate::i18n::Message;
use crate::web::components::Pager;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ImagePath, ListParams};
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{PageFrame, StreamTab};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "image_streams/history.html")]
pub(super) struct HistoryPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    frame: PageFrame,
    #[serde(flatten)]
    view: StreamHistory,
    #[serde(skip)]
    actions: StreamActions,
}

/// The events of a day.
struct Day<'v> {
    /// The day in UTC. `None`: the API server does not say when.
    label: Option<String>,
    events: Vec<&'v HistoryEvent>,
}

impl HistoryPage {
    /// The events, grouped by day.
    fn days(&self) -> Vec<Day<'_>> {
        let day_of = |event: &HistoryEvent| event.created.map(|created| created.date_naive());
        let mut days: Vec<(Option<NaiveDate>, Day<'_>)> = Vec::new();
        for event in &self.view.events {
            let date = day_of(event);
            match days.last_mut() {
                Some((same, day)) if *same == date => day.events.push(event),
                _ => {
                    let day = Day {
                        label: event.created.map(|created| self.chrome.lang.date(created)),
                        events: vec![event],
                    };
                    days.push((date, day));
                }
            }
        }
        days.into_iter().map(|(_, day)| day).collect()
    }

    /// What happened to the tag.
    fn what(&self, event: &HistoryEvent) -> Message {
        let lang = self.chrome.lang;
        match event.kind {
            HistoryEventKind::Pushed => lang.msg("history-pushed"),
            HistoryEventKind::Imported => lang.msg("history-imported"),
            HistoryEventKind::Moved => lang.msg("history-moved"),
            HistoryEventKind::MovedBack => lang.msg("history-moved-back"),
        }
    }

    fn compare_link(&self, event: &HistoryEvent) -> Option<String> {
        let (now, before) = event.image.as_ref().zip(event.previous.as_ref())?;
        Some(links::compare_images(
            &self.view.project,
            &self.view.name,
            &before.to_string(),
            &now.to_string(),
        ))
    }

    /// The confirmation before the tag is rolled back to the image of the event.
    fn roll_back_link(&self, event: &HistoryEvent) -> Option<String> {
        let image = event
            .image
            .as_ref()
            .filter(|_| self.actions.tag && !event.current)?;
        Some(links::confirm_roll_back(
            &self.view.project,
            &self.view.name,
            &event.tag,
            image,
        ))
    }

    /// Whether an event has a menu.
    fn has_menu(&self, event: &HistoryEvent) -> bool {
        self.compare_link(event).is_some() || self.roll_back_link(event).is_some()
    }

    fn is_chosen(&self, tag: &registry_model::TagName) -> bool {
        self.view.query.tag.as_ref() == Some(tag)
    }

    /// Tag and image of an event: what distinguishes its links from those of the others.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn link_suffix(&self, event: &HistoryEvent) -> String {
        match &event.image {
            Some(image) => format!("{}@{}", event.tag, image.short()),
            None => event.tag.to_string(),
        }
    }

    /// The number of entries, which is read out after the tag was changed.
    fn summary(&self) -> Message {
        self.chrome
            .lang
            .msg("count-history-entries")
            .arg("count", self.view.paging.total)
    }

    fn pager(&self) -> Option<Pager> {
        let view = &self.view;
        let link = |page| {
            let query = HistoryQuery {
                page,
                ..view.query.clone()
            };
            links::history_page(&view.project, &view.name, &query)
        };
        (view.paging.pages > 1).then(|| Pager::new(&view.paging, link))
    }
}

pub(in crate::web) async fn show_stream_history(
    caller: SignedIn,
    path: ImagePath,
    params: ListParams,
) -> Result<Response, WebError> {
    let (project, name) = path.into_stream()?;
    let console = caller.app();
    let (view, actions) = tokio::join!(
        console.stream_history(&project, &name, params.into_history_query()),
        console.stream_actions(&project)
    );
    let view = view?;
    let lang = caller.context.lang;
    let title = format!("{} · {project}/{name}", lang.msg("history"));
    let (of, tab) = ((&project, &name), StreamTab::History);
    let frame = stream_frame(lang, of, actions, Some(&view.facts), tab);
    let scope = ChangeScope::Stream(project, name);
    let chrome = caller
        .chrome(Area::Images, title)
        .with_live_updates(&scope, view.page_revision.as_ref());
    Ok(render(
        &caller.context,
        &HistoryPage {
            chrome,
            frame,
            view,
            actions,
        },
    ))
}

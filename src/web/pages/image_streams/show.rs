//! `/images/{project}/{stream}`: an image stream with its tags.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Serialize;
use tokio::sync::oneshot;
use utoipa::ToSchema;

use super::header::stream_frame;
use super::used_by::usage_target;
use crate::app::connect::{PullClient, ToolCommand};
use crate::app::image_streams::{
    ImageBrief, LaneEventKind, Presence, SameImage, StreamView, TagQuery, TagRow, TagSort,
};
use crate::app::images::ImageReference;
use crate::app::lists::UseAnswer;
use crate::app::live::ChangeScope;
use crate::app::section::{Section, Unavailable};
use crate::app::usage::UsageState;
use crate::i18n::Message;
use crate::web::charts::timeline::Timeline;
use crate::web::components::{Column, Pager};
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::extractors::ListParams;
use crate::web::filters;
use crate::web::links;
use crate::web::pull_bar::{PullBar, PullParams, push_commands};
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{PageFrame, StreamTab};
use crate::web::usage::{UsageBrief, UseLink, load_brief_in_shown, use_links};
use registry_model::{
    AttachmentKind, ByteSize, ImageStreamName, ProjectName, TagName, TagSource, TotalSize,
};

/// Which tags are selected in the list: `?tag=`, `?compare=`. Invalid values are ignored.
#[derive(Debug, Default)]
pub(in crate::web) struct SelectionParams {
    /// The selected tags, in the order of the list.
    tags: Vec<TagName>,
    /// Whether the selected tags are to be compared.
    compare: bool,
}

/// Sizes that differ by less, in percent of the greatest one, are drawn without bars.
const EQUAL_SIZES_PERCENT: u64 = 5;

/// More are not selected by hand.
const MAX_SELECTED_TAGS: usize = 500;

impl<S: Sync> FromRequestParts<S> for SelectionParams {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut params = Self::default();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "compare" => params.compare = true,
                "tag" if params.tags.len() < MAX_SELECTED_TAGS => params.tags.extend(value.parse()),
                _ => {}
            }
        }
        Ok(params)
    }
}

#[derive(Template, Serialize, ToSchema)]
#[template(path = "image_streams/show.html")]
pub(super) struct StreamPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    frame: PageFrame,
    #[serde(flatten)]
    view: StreamView,
    #[serde(skip)]
    client: PullClient,
    #[serde(skip)]
    pull: Option<PullBar>,
    #[serde(skip)]
    timeline: Option<Timeline>,
    /// Absent while the API server is not available.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    used_by: Option<Section<UsageBrief>>,
    /// The selected tags. The selection is kept by the browser, so it is empty unless two tags had
    /// to be selected and were not.
    #[serde(skip)]
    selected: Vec<TagName>,
    /// Whether two tags were to be compared, and another number is selected.
    #[serde(skip)]
    needs_two_tags: bool,
}

impl StreamPage {
    /// The commands that push an image, for users who may.
    fn push(&self) -> Option<&ToolCommand> {
        push_commands(&self.view.commands, self.client)
    }

    /// Why the registry could not list its tags. `None` if the reason is that there is no registry.
    fn registry_error(&self) -> Option<&Unavailable> {
        self.view
            .registry
            .missing()
            .filter(|_| !self.view.commands.is_without_registry())
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

    /// The pager, if there are more tags than on the smallest page.
    fn pager(&self) -> Option<Pager> {
        let view = &self.view;
        let (project, name, query) = (&view.project, &view.name, &view.query);
        let pager = Pager::new(&view.paging, |page| {
            links::tag_list_page(project, name, query, page)
        })
        .with_sizes(query.page_size, |size| {
            links::tag_list_sized(project, name, query, size)
        });
        (!pager.sizes.is_empty()).then_some(pager)
    }

    /// The number of tags in the list, and in total if a filter is set.
    fn summary(&self) -> Message {
        let (found, all) = (self.view.paging.total, self.view.tag_count);
        if self.view.query.text.is_empty() && self.view.query.usage.is_none() {
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
                usage: None,
                page: 1,
                ..view.query.clone()
            },
        )
    }

    /// The order of the list and the size of its pages, if they are not the default. The filter
    /// form sends them along.
    fn hidden_fields(&self) -> Vec<(&'static str, String)> {
        let query = &self.view.query;
        let mut fields = Vec::new();
        if let Some(usage) = query.usage {
            fields.push(("use", usage.as_str().to_owned()));
        }
        if query.sort != TagSort::Updated {
            fields.push(("sort", query.sort.as_str().to_owned()));
        }
        if query.order != query.sort.default_order() {
            fields.push(("order", links::order_value(query.order).to_owned()));
        }
        if query.page_size != crate::app::lists::PageSize::default() {
            fields.push(("per_page", query.page_size.entries().to_string()));
        }
        fields
    }

    /// The links that reduce the list to tags that are in use, or to the others. None where the use
    /// is not known.
    fn use_links(&self) -> Vec<UseLink> {
        let view = &self.view;
        if view.use_answer != Some(UseAnswer::Known) || view.tag_count == 0 {
            return Vec::new();
        }
        let scope = view.usage_scope.as_ref();
        use_links(self.chrome.lang, view.query.usage, scope, |usage| {
            let query = TagQuery {
                usage,
                page: 1,
                ..view.query.clone()
            };
            links::tag_list(&view.project, &view.name, &query)
        })
    }

    /// Why no tags are listed, if they are reduced by a use that is not known.
    fn unknown_use(&self) -> Option<UseAnswer> {
        let is_unknown = self.view.query.usage.is_some() && self.view.tags.is_empty();
        let answer = self.view.use_answer.filter(|_| is_unknown)?;
        (answer != UseAnswer::Known).then_some(answer)
    }

    /// The list as it is shown.
    fn reload_link(&self) -> String {
        let view = &self.view;
        links::tag_list(&view.project, &view.name, &view.query)
    }

    /// The page with what uses a tag, if anything does.
    fn used_by_link(&self, tag: &TagRow) -> Option<String> {
        let reference = ImageReference::Tag(tag.name.clone());
        (tag.usage == Some(UsageState::Used))
            .then(|| links::image_used_by(&self.view.project, &self.view.name, &reference))
    }

    /// Whether a tag of this page has that presence.
    fn has_presence(&self, presence: Presence) -> bool {
        self.view.tags.iter().any(|tag| tag.presence == presence)
    }

    /// Whether the list has check boxes: for comparing two tags, or for removing some.
    fn can_select(&self) -> bool {
        self.view.tag_count > 1 || self.view.can_untag
    }

    fn is_selected(&self, tag: &TagRow) -> bool {
        self.selected.contains(&tag.name)
    }

    /// The color of the mark of an image that several tags point to.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn mark_class(&self, same: &SameImage) -> &'static str {
        const COLORS: [&str; 6] = [
            "rc-mark--blue",
            "rc-mark--purple",
            "rc-mark--green",
            "rc-mark--orange",
            "rc-mark--teal",
            "rc-mark--red",
        ];
        COLORS[(same.mark - 1) % COLORS.len()]
    }

    /// How many other tags of the same image its mark does not name.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn more_same_tags(&self, same: &SameImage) -> usize {
        (same.others.len() + same.more).saturating_sub(1)
    }

    /// The greatest size on this page, which the bars of the others are compared with. `None` where
    /// the sizes differ too little for a picture.
    fn greatest_size(&self) -> Option<ByteSize> {
        let images = self
            .view
            .tags
            .iter()
            .filter_map(|tag| tag.image.as_ref()?.ready());
        let sizes: Vec<ByteSize> = images
            .filter_map(|image| self.whole_size(image))
            .map(|size| size.bytes)
            .collect();
        let (least, most) = (sizes.iter().min()?, *sizes.iter().max()?);
        (least.percent_of(most) < 100 - EQUAL_SIZES_PERCENT).then_some(most)
    }

    /// The size of an image; of an index, that of the images for all of its platforms.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn whole_size(&self, image: &ImageBrief) -> Option<TotalSize> {
        if !image.index {
            return image.size.map(|bytes| TotalSize {
                bytes,
                at_least: image.size_at_least,
            });
        }
        let platforms = &image.platforms;
        let is_complete = image.more_platforms == 0
            && platforms
                .iter()
                .all(|platform| platform.size.is_some() && !platform.size_at_least);
        platforms
            .iter()
            .any(|platform| platform.size.is_some())
            .then(|| TotalSize {
                bytes: platforms.iter().filter_map(|platform| platform.size).sum(),
                at_least: !is_complete,
            })
    }

    /// The links of the menu of a tag.
    fn row_links(&self, tag: &TagRow) -> RowLinks {
        let (project, stream) = (&self.view.project, &self.view.name);
        let current = tag.digest.as_ref();
        let previous = tag
            .history
            .iter()
            .filter_map(|event| event.image.as_ref())
            .find(|image| Some(*image) != current);
        let has_image = |offered: bool| offered && current.is_some();
        RowLinks {
            pull_by_digest: self
                .pull
                .as_ref()
                .and_then(|bar| bar.row_command(&tag.name, true)),
            tag_as: has_image(self.view.can_tag)
                .then(|| links::tag_as(project, stream, &ImageReference::Tag(tag.name.clone()))),
            compare: current
                .filter(|_| self.view.tag_count > 1 || previous.is_some())
                .map(|_| links::compare_with(project, stream, tag.name.as_str())),
            compare_with_previous: current.zip(previous).map(|(_, before)| {
                links::compare_images(project, stream, &before.to_string(), tag.name.as_str())
            }),
            history: (tag.history_count() > 0)
                .then(|| links::history_of_tag(project, stream, &tag.name)),
            roll_back: previous
                .filter(|_| self.view.can_tag)
                .map(|before| links::confirm_roll_back(project, stream, &tag.name, before)),
            remove: (self.view.can_untag && tag.presence != Presence::OnlyRegistry)
                .then(|| links::remove_tag(project, stream, &tag.name)),
        }
    }

    /// The command that pulls a tag.
    fn row_command(&self, tag: &TagRow) -> Option<String> {
        self.pull.as_ref()?.row_command(&tag.name, false)
    }
}

/// The menu of a tag: its links, as far as the user may follow them.
struct RowLinks {
    /// The command that pulls the image by digest, to copy.
    pull_by_digest: Option<String>,
    tag_as: Option<String>,
    /// The page that compares the tag with another one.
    compare: Option<String>,
    compare_with_previous: Option<String>,
    history: Option<String>,
    /// The confirmation before the tag is rolled back to its previous image.
    roll_back: Option<String>,
    remove: Option<String>,
}

impl RowLinks {
    fn is_empty(&self) -> bool {
        let all = [
            &self.pull_by_digest,
            &self.tag_as,
            &self.compare,
            &self.compare_with_previous,
            &self.history,
            &self.roll_back,
            &self.remove,
        ];
        all.into_iter().all(Option::is_none)
    }
}

pub(in crate::web) async fn show_stream(
    caller: &SignedIn,
    project: &ProjectName,
    name: &ImageStreamName,
    asked: ListParams,
    params: SelectionParams,
    pull_params: &PullParams,
) -> Result<Response, WebError> {
    let is_html = caller.context.format == ResponseFormat::Html;
    if is_html {
        if let Some(former) = asked.former_history_query() {
            let address = links::history_page(project, name, &former);
            return Ok(Redirect::to(&address).into_response());
        }
        // The list has the newest tag first; a comparison begins with the older one.
        if let ([newer, older], true) = (params.tags.as_slice(), params.compare) {
            let address = links::compare_images(project, name, older.as_str(), newer.as_str());
            return Ok(Redirect::to(&address).into_response());
        }
    }
    let console = caller.app();
    let (waiting, shown) = oneshot::channel();
    let (view, actions, used_by) = tokio::join!(
        console.stream(project, name, asked.into_tag_query(), waiting),
        console.stream_actions(project),
        load_brief_in_shown(caller, shown, usage_target(project, name, None))
    );
    let mut view = view?;
    let scope = ChangeScope::Stream(project.clone(), name.clone());
    let chrome = caller
        .chrome(Area::Images, format!("{project}/{name}"))
        .with_live_updates(&scope, view.page_revision.as_ref());
    let pull = PullBar::for_stream(std::mem::take(&mut view.pull_targets), pull_params);
    let (of, facts) = ((project, name), Some(&view.facts));
    let frame = stream_frame(chrome.lang, of, actions, facts, StreamTab::Tags);
    let page = StreamPage {
        frame,
        used_by: Some(used_by).filter(|_| view.stale.is_none()),
        timeline: Timeline::new(&view.timeline, chrome.now).filter(|_| view.query.page == 1),
        chrome,
        view,
        client: pull_params.client(),
        pull,
        needs_two_tags: params.compare,
        selected: params.tags,
    };
    let response = render(&caller.context, &page);
    Ok(if is_html {
        pull_params.remember(response)
    } else {
        response
    })
}

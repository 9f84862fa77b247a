//! The history of an image stream: which image each of its tags pointed to, and since when.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::StreamFacts;
use super::stream::timeline::is_moved_back;
use crate::app::AppForUser;
use crate::app::bounds::TextBudget;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::{Paging, RowLimit};
use crate::app::live::PageRevision;
use crate::app::section::REGISTRY_TIMEOUT;
use registry_model::pull_spec::PullSpec;
use registry_model::{
    ByteSize, Digest, ImageStream, ImageStreamName, ProjectName, Tag, TagName, TagSource, TotalSize,
};

const EVENTS_PER_PAGE: usize = 100;

/// How many other tags of the same image an event names.
const MAX_SAME_IMAGE: usize = 3;

/// How many tags the page offers to choose from.
const MAX_TAGS: usize = 300;

/// The bytes of the pull specs on a page.
const MAX_PULL_SPEC_BYTES: usize = 64 << 10;

/// Which part of the history is requested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryQuery {
    /// Only this tag.
    pub tag: Option<TagName>,
    /// The page, from 1.
    pub page: usize,
}

/// A page of the history of an image stream, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StreamHistory {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// The query that was answered.
    pub query: HistoryQuery,
    pub events: Vec<HistoryEvent>,
    pub paging: Paging,
    /// The tags with a history, in natural order. At most 300.
    pub tags: Vec<TagName>,
    /// How many more there are.
    pub more_tags: usize,
    #[serde(skip)]
    pub facts: StreamFacts,
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are, where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

/// A tag event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryEvent {
    pub tag: TagName,
    pub kind: HistoryEventKind,
    /// Since when the tag points to the image.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<DateTime<Utc>>,
    pub image: Option<Digest>,
    /// The pull spec that the API server would use. Untrusted.
    pub pull_spec: String,
    /// The image that the tag pointed to before, if it was another one.
    pub previous: Option<Digest>,
    /// Whether the tag points to this image now.
    pub current: bool,
    /// Other tags that point to the image now.
    #[serde(skip)]
    pub same_image: Vec<TagName>,
    /// What the registry stores of the image, if that is known exactly.
    #[serde(skip)]
    pub size: Option<ByteSize>,
    /// By how many bytes the image is larger than the one before.
    #[serde(skip)]
    pub size_change: Option<i64>,
}

/// How a tag came to point to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryEventKind {
    /// The image was pushed.
    Pushed,
    /// The image was imported from another registry.
    Imported,
    /// The tag was set to an image that is in the image stream already, or in another one.
    Moved,
    /// The tag was set to an image again that it had pointed to before.
    MovedBack,
}

impl AppForUser<'_> {
    /// A page of the history of an image stream, or of one of its tags.
    ///
    /// # Errors
    ///
    /// The failure to read the image stream, or [`Failure::NotFound`]: it does not have the tag
    /// that the query names.
    pub async fn stream_history(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        query: HistoryQuery,
    ) -> Result<StreamHistory, Failure> {
        let sizes = tokio::time::timeout(
            REGISTRY_TIMEOUT,
            self.api_server.get_image_sizes(project, name),
        );
        let (stream, sizes) = tokio::join!(self.shown_stream(project, name), sizes);
        let (stream, stale) = stream?.into_parts();
        // OpenShift 3.9 does not serve them.
        let sizes = sizes.ok().and_then(Result::ok).unwrap_or_default();
        let exists = |tag: &TagName| stream.tags.iter().any(|known| known.name == *tag);
        if !query.tag.as_ref().is_none_or(exists) {
            return Err(Failure::NotFound(PageSubject::Image));
        }
        let revision = stream
            .resource_version
            .as_deref()
            .and_then(|version| version.parse().ok());
        let page_revision = self.page_revision_at(revision);
        let (mut events, paging) = history_page(&stream, &query);
        for event in &mut events {
            event.add_sizes(&sizes);
        }
        let mut tags: Vec<TagName> = stream
            .tags
            .iter()
            .filter(|tag| !tag.history.is_empty())
            .map(|tag| tag.name.clone())
            .collect();
        let more_tags = tags.len().saturating_sub(MAX_TAGS);
        tags.truncate(MAX_TAGS);
        Ok(StreamHistory {
            query,
            events,
            paging,
            tags,
            more_tags,
            facts: StreamFacts::from_stream(&stream),
            page_revision,
            project: stream.project,
            name: stream.name,
            stale,
        })
    }
}

/// The events of one page, and its position.
fn history_page(stream: &ImageStream, query: &HistoryQuery) -> (Vec<HistoryEvent>, Paging) {
    let mut places: Vec<(&Tag, usize)> = stream
        .tags
        .iter()
        .filter(|tag| query.tag.as_ref().is_none_or(|only| tag.name == *only))
        .flat_map(|tag| (0..tag.history.len()).map(move |index| (tag, index)))
        .collect();
    // The sort is stable: events of a tag keep the order of the API server, which is that of their
    // times unless a clock was set back.
    places.sort_by_key(|(tag, index)| std::cmp::Reverse(tag.history[*index].created));
    let (places, paging) = Paging::paginate(places, query.page, EVENTS_PER_PAGE);
    let first_times = first_times(stream);
    let limit = RowLimit::of_page(query.page);
    let mut pull_specs = TextBudget::new(limit.bytes(MAX_PULL_SPEC_BYTES));
    let events = places
        .into_iter()
        .map(|(tag, index)| {
            let mut event = HistoryEvent::new(stream, tag, index, &first_times);
            pull_specs.truncate(&mut event.pull_spec);
            event
        })
        .collect();
    (events, paging)
}

/// When a tag of the image stream first pointed to each image.
fn first_times(stream: &ImageStream) -> BTreeMap<&Digest, DateTime<Utc>> {
    let mut first: BTreeMap<&Digest, DateTime<Utc>> = BTreeMap::new();
    for event in stream.tags.iter().flat_map(|tag| &tag.history) {
        if let (Some(image), Some(created)) = (&event.image, event.created) {
            let time = first.entry(image).or_insert(created);
            *time = (*time).min(created);
        }
    }
    first
}

impl HistoryEvent {
    /// The event at `index` of the history of `tag`.
    fn new(
        stream: &ImageStream,
        tag: &Tag,
        index: usize,
        first_times: &BTreeMap<&Digest, DateTime<Utc>>,
    ) -> Self {
        let event = &tag.history[index];
        let is_known = event
            .image
            .as_ref()
            .zip(event.created)
            .is_some_and(|(image, created)| {
                first_times.get(image).is_some_and(|first| *first < created)
            });
        let kind = if is_moved_back(&tag.history, index) {
            HistoryEventKind::MovedBack
        } else if is_known || (index == 0 && shares_image(stream, tag)) {
            HistoryEventKind::Moved
        } else {
            origin(stream, tag, &event.pull_spec)
        };
        let previous = tag
            .history
            .get(index + 1)
            .and_then(|earlier| earlier.image.clone());
        Self {
            tag: tag.name.clone(),
            kind,
            created: event.created,
            image: event.image.clone(),
            pull_spec: event.pull_spec.clone(),
            previous: previous.filter(|previous| Some(previous) != event.image.as_ref()),
            current: index == 0,
            same_image: stream
                .tags
                .iter()
                .filter(|other| other.name != tag.name && other.name.attachment().is_none())
                .filter(|other| {
                    event
                        .image
                        .as_ref()
                        .is_some_and(|image| other.points_to(image))
                })
                .map(|other| other.name.clone())
                .take(MAX_SAME_IMAGE)
                .collect(),
            size: None,
            size_change: None,
        }
    }

    fn add_sizes(&mut self, sizes: &BTreeMap<Digest, TotalSize>) {
        let exact_size = |image: Option<&Digest>| {
            let size = sizes.get(image?)?;
            (!size.at_least).then_some(size.bytes)
        };
        let bytes = |size: Option<ByteSize>| i64::try_from(size?.0).ok();
        self.size = exact_size(self.image.as_ref());
        let before = bytes(exact_size(self.previous.as_ref()));
        self.size_change = bytes(self.size)
            .zip(before)
            .map(|(now, before)| now - before);
    }
}

/// Whether the tag tracks another one of the image stream. It then gets its image at the time when
/// that tag does.
fn shares_image(stream: &ImageStream, tag: &Tag) -> bool {
    let image = tag.current().and_then(|event| event.image.as_ref());
    matches!(
        tag.source,
        TagSource::StreamTag(_) | TagSource::StreamImage(_)
    ) && image.is_some_and(|image| {
        let mut others = stream.tags.iter().filter(|other| other.name != tag.name);
        others.any(|other| other.has_image_in_history(image))
    })
}

/// Where an image that is new in the image stream came from. The pull spec of a pushed image names
/// the image stream itself. The host of the registry may have changed since, so only the source of
/// the tag distinguishes it from an image of the same name in another registry.
fn origin(stream: &ImageStream, tag: &Tag, pull_spec: &str) -> HistoryEventKind {
    let spec: Option<PullSpec> = pull_spec.parse().ok();
    let host = |text: Option<&str>| -> Option<String> {
        let spec: PullSpec = text?.parse().ok()?;
        spec.host().map(str::to_owned)
    };
    let (inside, outside) = (
        host(stream.internal_repository.name()),
        host(stream.public_repository.as_deref()),
    );
    let is_own_host = spec
        .as_ref()
        .and_then(PullSpec::host)
        .is_some_and(|host| [&inside, &outside].contains(&&Some(host.to_owned())));
    let is_own_path = spec
        .as_ref()
        .and_then(PullSpec::image_stream)
        .is_some_and(|(project, name)| project == stream.project && name == stream.name);
    match &tag.source {
        _ if is_own_host && is_own_path => HistoryEventKind::Pushed,
        _ if is_own_host => HistoryEventKind::Moved,
        TagSource::External(_) => HistoryEventKind::Imported,
        TagSource::StreamTag(_) | TagSource::StreamImage(_) if !is_own_path => {
            HistoryEventKind::Moved
        }
        _ if is_own_path => HistoryEventKind::Pushed,
        _ => HistoryEventKind::Imported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::{InternalRepository, TagEvent};

    const INSIDE: &str = "image-registry.openshift-image-registry.svc:5000";

    fn event(day: u32, repository: &str, image: &str) -> TagEvent {
        let digest = Digest::sha256(image.as_bytes());
        TagEvent {
            created: format!("2026-11-{day:02}T00:00:00Z").parse().ok(),
            pull_spec: format!("{repository}@{digest}"),
            image: Some(digest),
            generation: None,
        }
    }

    fn stream(tags: Vec<(&str, TagSource, Vec<TagEvent>)>) -> ImageStream {
        ImageStream {
            project: "shop".parse().unwrap(),
            name: "cart".parse().unwrap(),
            resource_version: None,
            created: None,
            annotations: BTreeMap::new(),
            labels: BTreeMap::new(),
            internal_repository: InternalRepository::Named(format!("{INSIDE}/shop/cart")),
            public_repository: None,
            follows: None,
            local_lookup: false,
            tags: tags
                .into_iter()
                .map(|(name, source, history)| Tag {
                    source,
                    history,
                    ..Tag::new_pushed(name.parse().unwrap())
                })
                .collect(),
            unreadable_tags: 0,
        }
    }

    fn history(stream: &ImageStream, tag: Option<&str>) -> Vec<(String, HistoryEventKind)> {
        let query = HistoryQuery {
            tag: tag.map(|tag| tag.parse().unwrap()),
            page: 1,
        };
        let (events, _) = history_page(stream, &query);
        events
            .into_iter()
            .map(|event| (event.tag.to_string(), event.kind))
            .collect()
    }

    use HistoryEventKind::{Imported, Moved, MovedBack, Pushed};

    #[test]
    fn events_of_all_tags_are_in_the_order_of_their_times() {
        let own = format!("{INSIDE}/shop/cart");
        let stream = stream(vec![
            ("1.0", TagSource::Pushed, vec![event(2, &own, "a")]),
            (
                "latest",
                TagSource::StreamTag("1.0".to_owned()),
                vec![
                    event(6, &own, "b"),
                    event(5, &own, "a"),
                    event(4, &own, "b"),
                    event(3, &own, "a"),
                ],
            ),
        ]);
        let name = |text: &str| text.to_owned();
        assert_eq!(
            history(&stream, None),
            [
                (name("latest"), MovedBack),
                (name("latest"), MovedBack),
                (name("latest"), Pushed),
                (name("latest"), Moved),
                (name("1.0"), Pushed),
            ]
        );
        assert_eq!(history(&stream, Some("1.0")), [(name("1.0"), Pushed)]);
    }

    #[test]
    fn imported_images_are_told_from_pushed_ones_and_those_of_other_streams() {
        let external = || TagSource::External("quay.io/shop/cart:1".to_owned());
        let kind = |source: TagSource, repository: &str| {
            let stream = stream(vec![("t", source, vec![event(1, repository, "a")])]);
            history(&stream, None)[0].1
        };
        assert_eq!(kind(external(), "quay.io/shop/cart"), Imported);
        assert_eq!(kind(external(), &format!("{INSIDE}/shop/cart")), Pushed);
        assert_eq!(kind(TagSource::Pushed, "quay.io/team/base"), Imported);
        let former_host = "docker-registry.default.svc:5000/shop/cart";
        assert_eq!(kind(TagSource::Pushed, former_host), Pushed);
        let other = format!("{INSIDE}/shop/base");
        assert_eq!(
            kind(TagSource::StreamTag("base:1".to_owned()), &other),
            Moved
        );
    }

    #[test]
    fn a_tag_that_tracks_another_one_is_set_to_its_image_at_the_same_time() {
        let own = format!("{INSIDE}/shop/cart");
        let stream = stream(vec![
            ("1.0", TagSource::Pushed, vec![event(2, &own, "a")]),
            (
                "latest",
                TagSource::StreamTag("1.0".to_owned()),
                vec![event(2, &own, "a")],
            ),
        ]);
        assert_eq!(history(&stream, Some("latest"))[0].1, Moved);
        assert_eq!(history(&stream, Some("1.0"))[0].1, Pushed);
    }

    #[test]
    fn exported_history_has_whole_pull_specs() {
        let events = vec![event(2, &format!("{INSIDE}/shop/cart"), "a"); 2_000];
        let stream = stream(vec![("latest", TagSource::Pushed, events)]);
        let query = HistoryQuery {
            tag: None,
            page: crate::app::lists::WHOLE_LIST,
        };
        let (events, _) = history_page(&stream, &query);
        let pull_spec = &stream.tags[0].history[0].pull_spec;
        assert_eq!(events.len(), 2_000);
        assert!(events.iter().all(|event| event.pull_spec == *pull_spec));
    }

    #[test]
    fn an_event_has_the_image_before_it_and_the_newest_is_current() {
        let own = format!("{INSIDE}/shop/cart");
        let stream = stream(vec![(
            "latest",
            TagSource::Pushed,
            vec![
                event(3, &own, "b"),
                event(2, &own, "b"),
                event(1, &own, "a"),
            ],
        )]);
        let query = HistoryQuery { tag: None, page: 1 };
        let (events, paging) = history_page(&stream, &query);
        let a = Digest::sha256(b"a");
        let previous: Vec<Option<&Digest>> =
            events.iter().map(|event| event.previous.as_ref()).collect();
        assert_eq!(previous, [None, Some(&a), None]);
        let current: Vec<bool> = events.iter().map(|event| event.current).collect();
        assert_eq!(current, [true, false, false]);
        assert_eq!((paging.total, paging.pages), (3, 1));
    }
}

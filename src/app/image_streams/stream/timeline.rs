//! When the tags of an image stream changed: the lanes of its timeline.

use chrono::{DateTime, Utc};

use registry_model::{Digest, Tag, TagEvent, TagName, TagSource};

/// The most lanes. If there are more tags, the last lane has all those without a lane of their own.
const MAX_LANES: usize = 6;

/// The most events of a lane, the newest.
const MAX_EVENTS: usize = 300;

/// A lane of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineLane {
    /// The tag. `None`: the tags that have no lane of their own.
    pub tag: Option<TagName>,
    /// The events, newest first. At most 300.
    pub events: Vec<LaneEvent>,
}

/// Something that happened to a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneEvent {
    pub tag: TagName,
    pub when: DateTime<Utc>,
    /// The image that the tag points to since then.
    pub image: Option<Digest>,
    pub kind: LaneEventKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneEventKind {
    /// The tag points to another image.
    Changed,
    /// The tag points to an image again that it has pointed to before.
    MovedBack,
    /// The last import failed.
    ImportFailed,
}

/// The lanes of the tags of an image stream, the tag that changed last first. Empty if there is nothing to
/// compare: fewer than two events.
pub(super) fn timeline_lanes(tags: &[Tag]) -> Vec<TimelineLane> {
    let mut tags: Vec<&Tag> = tags
        .iter()
        .filter(|tag| tag.name.attachment().is_none() && last_event(tag).is_some())
        .collect();
    tags.sort_by_key(|tag| std::cmp::Reverse((is_moving(tag), tag.history.len(), last_event(tag))));
    let others = if tags.len() > MAX_LANES {
        let own_lanes = tags
            .iter()
            .take(MAX_LANES - 1)
            .take_while(|tag| is_moving(tag))
            .count();
        tags.split_off(own_lanes)
    } else {
        Vec::new()
    };
    tags.sort_by_key(|tag| std::cmp::Reverse(last_event(tag)));
    let mut lanes: Vec<TimelineLane> = tags
        .into_iter()
        .map(|tag| TimelineLane::new(Some(tag.name.clone()), &[tag]))
        .collect();
    if !others.is_empty() {
        lanes.push(TimelineLane::new(None, &others));
    }
    let events: usize = lanes.iter().map(|lane| lane.events.len()).sum();
    if events > 1 { lanes } else { Vec::new() }
}

/// Whether the tag is one that is set to other images from time to time, unlike that of a release.
fn is_moving(tag: &Tag) -> bool {
    tag.history.len() > 1 || matches!(tag.source, TagSource::StreamTag(_))
}

/// When something last happened to the tag.
fn last_event(tag: &Tag) -> Option<DateTime<Utc>> {
    let failed = tag.import_failure.as_ref().and_then(|failure| failure.when);
    tag.current().and_then(|event| event.created).max(failed)
}

impl TimelineLane {
    fn new(name: Option<TagName>, tags: &[&Tag]) -> Self {
        let mut places: Vec<(DateTime<Utc>, &Tag, usize)> = tags
            .iter()
            .flat_map(|tag| {
                tag.history
                    .iter()
                    .enumerate()
                    .filter_map(|(index, event)| Some((event.created?, *tag, index)))
            })
            .collect();
        places.sort_by_key(|(when, ..)| std::cmp::Reverse(*when));
        places.truncate(MAX_EVENTS);
        let mut events: Vec<LaneEvent> = places
            .into_iter()
            .map(|(when, tag, index)| LaneEvent {
                tag: tag.name.clone(),
                when,
                image: tag.history[index].image.clone(),
                kind: if is_moved_back(&tag.history, index) {
                    LaneEventKind::MovedBack
                } else {
                    LaneEventKind::Changed
                },
            })
            .collect();
        events.extend(tags.iter().filter_map(|tag| {
            Some(LaneEvent {
                tag: tag.name.clone(),
                when: tag.import_failure.as_ref()?.when?,
                image: None,
                kind: LaneEventKind::ImportFailed,
            })
        }));
        events.sort_by_key(|event| std::cmp::Reverse(event.when));
        Self { tag: name, events }
    }
}

/// Whether the image of the event at `index` of a history, newest first, is one that the tag
/// pointed to before.
pub(in crate::app::image_streams) fn is_moved_back(history: &[TagEvent], index: usize) -> bool {
    let image = history[index].image.as_ref();
    image.is_some()
        && history[index + 1..]
            .iter()
            .any(|earlier| earlier.image.as_ref() == image)
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::ImportFailure;

    /// A tag with these images, newest first, the newest on `day`, the others a day before each.
    fn tag(name: &str, day: u32, images: &[&str]) -> Tag {
        let event = |(index, image): (usize, &&str)| TagEvent {
            created: format!(
                "2026-11-{:02}T00:00:00Z",
                day - u32::try_from(index).unwrap()
            )
            .parse()
            .ok(),
            image: Some(Digest::sha256(image.as_bytes())),
            pull_spec: String::new(),
            generation: None,
        };
        Tag {
            history: images.iter().enumerate().map(event).collect(),
            ..Tag::new_pushed(name.parse().unwrap())
        }
    }

    fn lanes(tags: &[Tag]) -> Vec<(Option<String>, usize)> {
        timeline_lanes(tags)
            .into_iter()
            .map(|lane| (lane.tag.map(|tag| tag.to_string()), lane.events.len()))
            .collect()
    }

    fn name(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn few_tags_have_a_lane_each_the_one_that_changed_last_first() {
        let tags = vec![tag("1.0", 3, &["a"]), tag("latest", 9, &["c", "b", "a"])];
        assert_eq!(lanes(&tags), [(name("latest"), 3), (name("1.0"), 1)]);
        assert_eq!(lanes(&[tag("1.0", 3, &["a"])]), []);
    }

    #[test]
    fn tags_with_a_single_event_share_a_lane_where_there_are_many() {
        let mut tags: Vec<Tag> = (0..9).map(|n| tag(&format!("1.{n}"), 2, &["a"])).collect();
        tags.push(tag("latest", 9, &["c", "b"]));
        tags.push(Tag {
            source: TagSource::StreamTag("1.8".to_owned()),
            ..tag("stable", 8, &["a"])
        });
        assert_eq!(
            lanes(&tags),
            [(name("latest"), 2), (name("stable"), 1), (None, 9)]
        );
    }

    #[test]
    fn moves_back_and_failed_imports_are_told_apart() {
        let failure = ImportFailure {
            reason: "NotFound".to_owned(),
            message: String::new(),
            when: "2026-11-20T00:00:00Z".parse().ok(),
        };
        let tag = Tag {
            import_failure: Some(failure),
            ..tag("latest", 9, &["a", "b", "a"])
        };
        let lane = TimelineLane::new(None, &[&tag]);
        let kinds: Vec<LaneEventKind> = lane.events.iter().map(|event| event.kind).collect();
        use LaneEventKind::{Changed, ImportFailed, MovedBack};
        assert_eq!(kinds, [ImportFailed, MovedBack, Changed, Changed]);
    }
}

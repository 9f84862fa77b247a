//! Reads the events of a snapshot. All events of 30 days are counted, but only those of the page
//! are kept and described.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::arrival::Arrival;
use super::{
    Activity, ActivityDay, ActivityEvent, ActivityImage, ActivityKind, ActivityRange, BusyProject,
    FailingTag, FailureEvents, PushesPerDay,
};
use crate::app::image_streams::FailureReason;
use crate::app::lists::paging::TopEntries;
use crate::index::{FailedTag, IndexedStream, IndexedTag, IndexedTagEvent, Snapshot, StreamEntry};
use registry_model::{Digest, TagName};

/// How many projects [`Activity::busiest`] names.
const MAX_BUSIEST: usize = 5;

/// How many image streams have an event under [`FailureEvents::LatestOfStream`].
const MAX_FAILING_STREAMS: usize = 5;

/// Latest first; then in the order of projects, image streams, tags and items of the history.
type EventOrder = (Reverse<i64>, usize, usize, usize, usize);

/// Where an event is in the snapshot.
enum Found<'a> {
    /// The item at this position of the history of a tag.
    Event(&'a IndexedStream, IndexedTag<'a>, usize),
    /// A failed import, and how many other tags of the image stream it stands for.
    Failure(&'a IndexedStream, &'a FailedTag, usize),
}

pub(super) fn scan(
    snapshot: &Snapshot,
    range: ActivityRange,
    page: usize,
    per_page: usize,
    failure_events: FailureEvents,
    now: DateTime<Utc>,
) -> Activity {
    let start = range.start(now).timestamp_micros();
    let first_push = ActivityRange::Month.start(now).timestamp_micros();
    let mut top: TopEntries<EventOrder, Found<'_>> = TopEntries::new(page, per_page);
    let mut latest_failures = TopEntries::new(1, MAX_FAILING_STREAMS);
    let mut pushes = PushesPerDay::none_until(now);
    let mut busiest = TopEntries::new(1, MAX_BUSIEST);
    for (at_project, project) in snapshot.projects().iter().enumerate() {
        if project.last_push_micros() < first_push && project.failing_tag_count == 0 {
            continue;
        }
        let mut events = 0;
        for (at_stream, entry) in project.streams.iter().enumerate() {
            let stream = &*entry.stream;
            if has_push_since(entry, first_push) {
                for (at_tag, tag) in stream.tags().enumerate() {
                    if tag.name().is_attachment() {
                        continue;
                    }
                    for (position, event) in events_since(tag.history, first_push) {
                        let when = event.when_micros();
                        if when >= start {
                            events += 1;
                            top.push(
                                (Reverse(when), at_project, at_stream, at_tag, position),
                                Found::Event(stream, tag, position),
                            );
                        }
                        if Arrival::of_event(stream, &tag, position) == Arrival::Pushed
                            && let Some(at) = event.when()
                        {
                            pushes.add(at);
                        }
                    }
                }
            }
            let failed = failures_since(stream, start);
            events += failed.len();
            match (failure_events, failed.as_slice()) {
                (_, []) => {}
                (FailureEvents::OfEachTag, failed) => {
                    for (at_failure, &(when, failed)) in failed.iter().enumerate() {
                        top.push(
                            (when, at_project, at_stream, usize::MAX, at_failure),
                            Found::Failure(stream, failed, 0),
                        );
                    }
                }
                (FailureEvents::LatestOfStream, [(when, failed), others @ ..]) => {
                    latest_failures.push(
                        (*when, at_project, at_stream),
                        (
                            (*when, at_project, at_stream, usize::MAX, 0),
                            Found::Failure(stream, failed, others.len()),
                        ),
                    );
                }
            }
        }
        if events > 0 {
            busiest.push((Reverse(events), at_project), (&project.name, events));
        }
    }
    let (latest_failures, failing_streams) = latest_failures.into_page();
    top.count_skipped(failing_streams.total - latest_failures.len());
    for (order, failure) in latest_failures {
        top.push(order, failure);
    }
    let (found, paging) = top.into_page();
    Activity {
        range,
        days: by_day(found.iter().filter_map(described)),
        paging,
        pushes,
        busiest: busiest
            .into_page()
            .0
            .into_iter()
            .map(|(project, events)| BusyProject {
                project: project.clone(),
                events,
            })
            .collect(),
    }
}

pub(super) fn failing_tags(snapshot: &Snapshot, most: usize) -> Vec<FailingTag> {
    let mut latest = TopEntries::new(1, most);
    for (at_project, project) in snapshot.projects().iter().enumerate() {
        if project.failing_tag_count == 0 {
            continue;
        }
        for (at_stream, entry) in project.streams.iter().enumerate() {
            for (at_tag, failed) in failures(&entry.stream).iter().enumerate() {
                latest.push(
                    (Reverse(failed.when()), at_project, at_stream, at_tag),
                    (&*entry.stream, failed),
                );
            }
        }
    }
    let (latest, _) = latest.into_page();
    latest
        .into_iter()
        .map(|(stream, failed)| FailingTag {
            project: stream.project.clone(),
            stream: stream.name.clone(),
            tag: failed.name.clone(),
            since: failed.when(),
            message: failed.message.to_string(),
            failure: FailureReason::of_tag(stream, failed),
            may_import: false,
        })
        .collect()
}

fn has_push_since(entry: &StreamEntry, start: i64) -> bool {
    entry.last_push_micros() >= start
}

/// The items since `start`, which are the first ones, with their positions.
fn events_since(
    history: &[IndexedTagEvent],
    start: i64,
) -> impl Iterator<Item = (usize, &IndexedTagEvent)> {
    history
        .iter()
        .enumerate()
        .take_while(move |(_, event)| event.when_micros() >= start)
}

/// The tags whose import failed since `start`, the latest first.
fn failures_since(stream: &IndexedStream, start: i64) -> Vec<(Reverse<i64>, &FailedTag)> {
    let mut failed: Vec<_> = failures(stream)
        .iter()
        .filter_map(|failed| Some((Reverse(failed.when()?.timestamp_micros()), failed)))
        .filter(|(Reverse(when), _)| *when >= start)
        .collect();
    failed.sort_by_key(|(when, _)| *when);
    failed
}

fn failures(stream: &IndexedStream) -> &[FailedTag] {
    stream
        .failures
        .as_ref()
        .map_or(&[], |failures| &failures.tags)
}

/// `None` without a time, which no event of a range lacks.
fn described(found: &Found<'_>) -> Option<ActivityEvent> {
    match found {
        Found::Failure(stream, failed, other_tags) => Some(ActivityEvent {
            at: failed.when()?,
            kind: ActivityKind::ImportFailed,
            project: stream.project.clone(),
            stream: stream.name.clone(),
            tag: failed.name.clone(),
            from: None,
            to: None,
            message: Some(failed.message.to_string()),
            failure: Some(FailureReason::of_tag(stream, failed)),
            other_tags: *other_tags,
            may_roll_back: false,
            may_import: true,
        }),
        Found::Event(stream, tag, position) => {
            let event = &tag.history[*position];
            let before = tag.history.get(position + 1);
            let kind = match (before, Arrival::of_event(stream, tag, *position)) {
                (None, _) => ActivityKind::NewTag,
                (Some(_), Arrival::Pushed) => ActivityKind::Pushed,
                (Some(_), Arrival::Imported) => ActivityKind::Imported,
                (Some(_), Arrival::Moved) => ActivityKind::Moved,
            };
            let image = |event: &IndexedTagEvent| {
                let digest = event.image.clone()?;
                let other = (kind == ActivityKind::Moved)
                    .then(|| other_tag_of(stream, tag.name(), &digest))
                    .flatten();
                Some(ActivityImage { digest, tag: other })
            };
            Some(ActivityEvent {
                at: event.when()?,
                kind,
                project: stream.project.clone(),
                stream: stream.name.clone(),
                tag: tag.name().clone(),
                from: before.and_then(image),
                to: image(event),
                message: None,
                failure: None,
                other_tags: 0,
                may_roll_back: kind == ActivityKind::Moved
                    && *position == 0
                    && before.is_some_and(|before| before.image.is_some()),
                may_import: false,
            })
        }
    }
}

/// The tag that names an image best: of the other tags that point to it, the highest version.
fn other_tag_of(stream: &IndexedStream, tag: &TagName, image: &Digest) -> Option<TagName> {
    let is_version = |name: &TagName| name.as_str().contains(|c: char| c.is_ascii_digit());
    stream
        .tags()
        .filter(|other| other.name() != tag && is_version(other.name()))
        .filter(|other| !other.name().is_attachment())
        .filter(|other| {
            other
                .current()
                .is_some_and(|event| event.image.as_ref() == Some(image))
        })
        .last()
        .map(|other| other.name().clone())
}

/// Groups events that are sorted by time.
fn by_day(events: impl Iterator<Item = ActivityEvent>) -> Vec<ActivityDay> {
    let mut days: Vec<ActivityDay> = Vec::new();
    for event in events {
        let date = event.at.date_naive();
        match days.last_mut() {
            Some(day) if day.date == date => day.events.push(event),
            _ => days.push(ActivityDay {
                date,
                events: vec![event],
            }),
        }
    }
    days
}

#[cfg(test)]
mod tests;

use super::*;
use registry_model::{ImageStream, ImportFailure, Tag, TagEvent, TagSource};

fn now() -> DateTime<Utc> {
    "2026-11-29T12:00:00Z".parse().unwrap()
}

fn image(name: &str) -> Digest {
    Digest::sha256(name.as_bytes())
}

/// A tag with images and the hours before now at which it was set to them, newest first.
fn tag(name: &str, source: TagSource, history: &[(&str, i64)]) -> Tag {
    let event = |(digits, hours): &(&str, i64)| TagEvent {
        created: Some(now() - chrono::TimeDelta::hours(*hours)),
        image: Some(image(digits)),
        pull_spec: String::new(),
        generation: None,
    };
    Tag {
        source,
        history: history.iter().map(event).collect(),
        ..Tag::new_pushed(name.parse().unwrap())
    }
}

fn pushed(name: &str, history: &[(&str, i64)]) -> Tag {
    tag(name, TagSource::Pushed, history)
}

fn failing(name: &str, hours: i64) -> Tag {
    Tag {
        import_failure: Some(ImportFailure {
            reason: "NotFound".to_owned(),
            message: format!("no manifest of {name}"),
            when: Some(now() - chrono::TimeDelta::hours(hours)),
        }),
        ..tag(
            name,
            TagSource::External("registry.example.com/a".to_owned()),
            &[],
        )
    }
}

fn stream(project: &str, name: &str, tags: Vec<Tag>) -> ImageStream {
    ImageStream {
        tags,
        ..ImageStream::new(project.parse().unwrap(), name.parse().unwrap())
    }
}

fn activity(streams: Vec<ImageStream>, range: ActivityRange) -> Activity {
    activity_with(streams, range, FailureEvents::OfEachTag)
}

fn activity_with(
    streams: Vec<ImageStream>,
    range: ActivityRange,
    failure_events: FailureEvents,
) -> Activity {
    let snapshot = Snapshot::from_streams(streams);
    Activity::from_snapshot(&snapshot, range, 1, 30, failure_events, now())
}

/// `tag kind`, newest first.
fn lines(activity: &Activity) -> Vec<String> {
    activity
        .days
        .iter()
        .flat_map(|day| &day.events)
        .map(|event| format!("{} {:?}", event.tag, event.kind))
        .collect()
}

#[test]
fn first_image_is_a_new_tag_and_later_ones_are_pushed() {
    let tags = vec![pushed("next", &[("b", 1), ("a", 2)])];
    let activity = activity(vec![stream("p", "s", tags)], ActivityRange::SinceYesterday);
    assert_eq!(lines(&activity), ["next Pushed", "next NewTag"]);
    let event = &activity.days[0].events[0];
    assert_eq!(event.from.as_ref().unwrap().digest, image("a"));
    assert_eq!(event.to.as_ref().unwrap().digest, image("b"));
    assert_eq!(activity.pushes.total(), 2);
}

#[test]
fn image_that_returns_to_a_tag_was_not_pushed() {
    let tags = vec![pushed("next", &[("a", 1), ("b", 2), ("a", 3)])];
    let activity = activity(vec![stream("p", "s", tags)], ActivityRange::SinceYesterday);
    assert_eq!(
        lines(&activity),
        ["next Moved", "next Pushed", "next NewTag"]
    );
    assert_eq!(activity.pushes.total(), 2);
}

#[test]
fn tag_that_was_set_to_an_image_of_the_stream_was_moved_between_versions() {
    let source = TagSource::StreamImage(format!("s@{}", image("b")));
    let tags = vec![
        pushed("1.9.0", &[("a", 70)]),
        pushed("1.10.0", &[("b", 60)]),
        tag("production", source, &[("b", 1), ("a", 2), ("c", 80)]),
    ];
    let activity = activity(vec![stream("p", "s", tags)], ActivityRange::SinceYesterday);
    assert_eq!(lines(&activity), ["production Moved", "production Moved"]);
    let event = &activity.days[0].events[0];
    let name =
        |image: &Option<ActivityImage>| image.as_ref()?.tag.as_ref().map(ToString::to_string);
    assert_eq!(name(&event.from).as_deref(), Some("1.9.0"));
    assert_eq!(name(&event.to).as_deref(), Some("1.10.0"));
}

#[test]
fn push_to_a_tag_that_is_set_to_another_image_is_a_push() {
    let source = TagSource::StreamImage(format!("s@{}", image("a")));
    let tags = vec![tag("latest", source, &[("b", 1), ("a", 2), ("c", 90)])];
    let activity = activity(vec![stream("p", "s", tags)], ActivityRange::SinceYesterday);
    assert_eq!(lines(&activity)[0], "latest Pushed");
}

#[test]
fn images_of_another_registry_are_imported_and_failures_have_a_message() {
    let source = TagSource::External("registry.example.com/a:1".to_owned());
    let tags = vec![
        tag("1", source, &[("b", 3), ("a", 300)]),
        failing("2", 1),
        failing("3", 100),
    ];
    let streams = vec![stream("p", "s", tags)];
    let activity = activity(streams.clone(), ActivityRange::SinceYesterday);
    assert_eq!(lines(&activity), ["2 ImportFailed", "1 Imported"]);
    assert_eq!(
        activity.days[0].events[0].message.as_deref(),
        Some("no manifest of 2")
    );
    assert_eq!(activity.pushes.total(), 0);
    let failing = failing_tags(&Snapshot::from_streams(streams), 1);
    assert_eq!(failing.len(), 1);
    assert_eq!(failing[0].tag.as_str(), "2");
}

#[test]
fn image_stream_has_one_event_of_its_latest_failure_which_counts_the_others_of_the_range() {
    let tags = vec![
        failing("1", 3),
        failing("2", 1),
        failing("3", 2),
        failing("old", 100),
        pushed("next", &[("a", 2)]),
    ];
    let streams = vec![stream("p", "s", tags)];
    let latest = |range| activity_with(streams.clone(), range, FailureEvents::LatestOfStream);
    let since_yesterday = latest(ActivityRange::SinceYesterday);
    assert_eq!(lines(&since_yesterday), ["2 ImportFailed", "next NewTag"]);
    assert_eq!(since_yesterday.days[0].events[0].other_tags, 2);
    assert_eq!(since_yesterday.paging.total, 2);
    assert_eq!(
        since_yesterday.busiest[0].events, 4,
        "as in the activity of the project"
    );
    let month = latest(ActivityRange::Month);
    assert_eq!(month.days[0].events[0].other_tags, 3);
}

#[test]
fn outage_of_a_registry_leaves_room_for_other_events() {
    let count = MAX_FAILING_STREAMS + 40;
    let mut streams: Vec<_> = (0..count)
        .map(|at| stream("p", &format!("mirror{at}"), vec![failing("1", 1)]))
        .collect();
    streams.push(stream("p", "app", vec![pushed("next", &[("a", 20)])]));
    let range = ActivityRange::SinceYesterday;
    let activity = activity_with(streams, range, FailureEvents::LatestOfStream);
    let lines = lines(&activity);
    assert_eq!(lines.len(), MAX_FAILING_STREAMS + 1);
    assert_eq!(lines.last().unwrap(), "next NewTag");
    assert_eq!((activity.paging.total, activity.omitted()), (count + 1, 40));
}

#[test]
fn tag_that_follows_another_one_moves_with_it() {
    let source = TagSource::StreamTag("s:1".to_owned());
    let tags = vec![tag("latest", source, &[("b", 1), ("a", 2)])];
    let activity = activity(vec![stream("p", "s", tags)], ActivityRange::SinceYesterday);
    assert_eq!(lines(&activity), ["latest Moved", "latest NewTag"]);
    assert_eq!(activity.pushes.total(), 0);
}

#[test]
fn range_limits_the_events_but_not_the_counted_pushes() {
    let tags = vec![pushed(
        "1",
        &[("d", 1), ("c", 100), ("b", 500), ("a", 2000)],
    )];
    let streams = vec![stream("p", "s", tags)];
    let total = |range| {
        let activity = activity(streams.clone(), range);
        (activity.paging.total, activity.pushes.total())
    };
    assert_eq!(total(ActivityRange::SinceYesterday), (1, 3));
    assert_eq!(total(ActivityRange::Week), (2, 3));
    assert_eq!(total(ActivityRange::Month), (3, 3));
}

#[test]
fn page_is_bounded_and_the_busiest_projects_are_named() {
    let many: Vec<Tag> = (0..40)
        .map(|at| pushed(&format!("t{at}"), &[("a", 1)]))
        .collect();
    let streams = vec![
        stream("quiet", "s", vec![pushed("1", &[("a", 30)])]),
        stream("busy", "s", many),
        stream(
            "busy",
            "sha",
            vec![pushed(
                &format!("sha256-{}.sig", "0".repeat(64)),
                &[("a", 1)],
            )],
        ),
    ];
    let activity = activity(streams, ActivityRange::SinceYesterday);
    assert_eq!((activity.paging.total, activity.omitted()), (41, 11));
    let busiest: Vec<_> = activity
        .busiest
        .iter()
        .map(|busy| (busy.project.as_str(), busy.events))
        .collect();
    assert_eq!(busiest, [("busy", 40), ("quiet", 1)]);
}

#[test]
fn events_are_grouped_by_day() {
    let tags = vec![pushed("1", &[("c", 1), ("b", 2), ("a", 20)])];
    let activity = activity(vec![stream("p", "s", tags)], ActivityRange::SinceYesterday);
    let days: Vec<_> = activity
        .days
        .iter()
        .map(|day| (day.date.to_string(), day.events.len()))
        .collect();
    assert_eq!(
        days,
        [("2026-11-29".to_owned(), 2), ("2026-11-28".to_owned(), 1)]
    );
}

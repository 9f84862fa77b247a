//! Tests of the writer against a fake API server, with a paused clock.

mod changes;
mod fake_api_server;
mod memory;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::backoff::Backoff;
use super::reader::IndexReader;
use super::snapshot::Snapshot;
use super::state::{IndexState, NotReadyReason};
use super::table::{IndexTable, PendingList};
use super::writer::IndexWriter;
use crate::index::change_log::{Cursor, StreamChange};
use crate::openshift::{MalformedObject, StreamItem, WatchEventKind};
use fake_api_server::{FakeApiServer, FakeFault};
use registry_model::Clock;

/// The writer's task, aborted at the end of the test.
struct WriterTask(JoinHandle<()>);

impl Drop for WriterTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn start_index(api_server: &FakeApiServer) -> (WriterTask, IndexReader) {
    let clock = Clock::fixed_at(chrono::DateTime::from_timestamp(1_000_000, 0).unwrap());
    let (writer, reader) =
        IndexWriter::with_backoff(api_server.clone(), clock, Backoff::with_seed(1));
    (WriterTask(tokio::spawn(writer.run())), reader)
}

/// Longer than any delay of the writer. Takes no real time: the clock is paused.
async fn wait_until_idle() {
    sleep(Duration::from_secs(1300)).await;
}

/// Image streams, tags and images in the form of [`FakeApiServer::expected_streams`].
fn indexed_streams(snapshot: &Snapshot) -> BTreeMap<String, Vec<(String, String)>> {
    let path =
        |entry: &super::StreamEntry| format!("{}/{}", entry.stream.project, entry.stream.name);
    let tags = |entry: &super::StreamEntry| {
        let short = |tag: super::IndexedTag<'_>| {
            (
                tag.name().to_string(),
                tag.current().unwrap().image.as_ref().unwrap().short(),
            )
        };
        let mut tags: Vec<_> = entry.stream.tags().map(short).collect();
        tags.sort();
        tags
    };
    snapshot
        .streams()
        .map(|entry| (path(entry), tags(entry)))
        .collect()
}

fn api_server_with_streams() -> FakeApiServer {
    let api_server = FakeApiServer::new();
    for path in ["team-a/api", "team-a/web", "team-b/worker"] {
        api_server.push(path, "latest");
        api_server.push(path, "1.0");
    }
    api_server
}

#[tokio::test(start_paused = true)]
async fn listed_streams_and_later_changes_are_indexed() {
    let api_server = api_server_with_streams();
    let (_running, reader) = start_index(&api_server);
    assert!(
        matches!(reader.state(), IndexState::Starting { .. })
            && reader.current_snapshot().is_none()
    );
    wait_until_idle().await;
    assert!(
        matches!(
            reader.state(),
            IndexState::Ready {
                streams: 3,
                tags: 6,
                ..
            }
        ),
        "{:?}",
        reader.state()
    );
    let mut receiver = reader.subscribe();
    let from = Cursor::Revision(reader.current_snapshot().unwrap().revision().unwrap());
    api_server.push("team-a/api", "2.0");
    api_server.delete("team-b/worker");
    api_server.push("team-c/new", "1");
    receiver.changed().await.unwrap();
    assert_eq!(
        indexed_streams(&reader.current_snapshot().unwrap()),
        api_server.expected_streams()
    );
    let mut changes = Vec::new();
    let read = reader.changes_since(from, |_, changed| {
        changes.push((
            changed.kind,
            changed.project.to_string(),
            changed.name.to_string(),
        ))
    });
    assert!(read.is_complete);
    changes.sort_by(|(_, a, _), (_, b, _)| a.cmp(b));
    let expected = [
        (WatchEventKind::Modified, "team-a", "api"),
        (WatchEventKind::Deleted, "team-b", "worker"),
        (WatchEventKind::Added, "team-c", "new"),
    ];
    let expected =
        expected.map(|(change, project, name)| (change, project.to_owned(), name.to_owned()));
    assert_eq!(changes, expected, "a burst is one change");
    assert_eq!(api_server.list_counts(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn change_is_visible_within_100_ms_under_constant_churn() {
    let api_server = api_server_with_streams();
    let (_running, reader) = start_index(&api_server);
    wait_until_idle().await;
    for at in 0..100 {
        api_server.push("team-a/api", &format!("t{at}"));
        sleep(Duration::from_millis(2)).await;
    }
    let seen = indexed_streams(&reader.current_snapshot().unwrap())["team-a/api"].len();
    assert!(seen > 50, "only {seen} of 102 tags after 200 ms of pushes");
}

#[tokio::test(start_paused = true)]
async fn ended_watch_resumes_without_a_new_list() {
    let api_server = api_server_with_streams();
    let (_running, reader) = start_index(&api_server);
    wait_until_idle().await;
    let before = api_server.watch_count();
    assert!(before > 3, "in 1300 s a watch ends every 290 s");
    assert_eq!(api_server.list_counts().0, 1);
    api_server.inject_fault(FakeFault::WatchBreaks);
    api_server.push("team-a/api", "during");
    wait_until_idle().await;
    assert_eq!(
        indexed_streams(&reader.current_snapshot().unwrap()),
        api_server.expected_streams()
    );
    assert_eq!(
        api_server.list_counts().0,
        1,
        "the next watch reports the changes in between"
    );
}

/// R13.
#[tokio::test(start_paused = true)]
async fn gone_status_or_event_triggers_a_new_list() {
    for fault in [
        FakeFault::EventsExpired,
        FakeFault::WatchGone,
        FakeFault::WatchMalformed,
    ] {
        let api_server = api_server_with_streams();
        let (_running, reader) = start_index(&api_server);
        wait_until_idle().await;
        api_server.inject_fault(fault);
        if fault == FakeFault::WatchGone {
            api_server.inject_fault(FakeFault::WatchBreaks);
            api_server.inject_fault(FakeFault::WatchGone);
        }
        api_server.delete("team-a/web");
        wait_until_idle().await;
        assert_eq!(
            indexed_streams(&reader.current_snapshot().unwrap()),
            api_server.expected_streams(),
            "{fault:?}"
        );
        assert!(api_server.list_counts().0 >= 2, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn unreachable_api_server_makes_the_index_stale() {
    let api_server = api_server_with_streams();
    let (_running, reader) = start_index(&api_server);
    wait_until_idle().await;
    for _ in 0..40 {
        api_server.inject_fault(FakeFault::Unreachable);
    }
    sleep(Duration::from_millis(100)).await;
    assert!(
        matches!(
            reader.state(),
            IndexState::Stale {
                why: NotReadyReason::Unreachable,
                ..
            }
        ),
        "{:?}",
        reader.state()
    );
    assert!(reader.current_snapshot().is_none());
    api_server.push("team-z/late", "1");
    wait_until_idle().await;
    assert_eq!(
        indexed_streams(&reader.current_snapshot().unwrap()),
        api_server.expected_streams()
    );
    assert_eq!(api_server.list_counts().0, 1);
}

/// R14.
#[tokio::test(start_paused = true)]
async fn silently_replaced_api_server_is_noticed() {
    let api_server = api_server_with_streams();
    let (_running, reader) = start_index(&api_server);
    wait_until_idle().await;
    api_server.inject_fault(FakeFault::Restored);
    wait_until_idle().await;
    assert_eq!(
        indexed_streams(&reader.current_snapshot().unwrap()),
        api_server.expected_streams()
    );
    assert_eq!(api_server.expected_streams().len(), 2);
}

/// R15.
#[tokio::test(start_paused = true)]
async fn list_expired_midway_is_retried_unchunked() {
    let api_server = api_server_with_streams();
    api_server.inject_fault(FakeFault::ListExpires);
    api_server.inject_fault(FakeFault::ListTruncated);
    let (_running, reader) = start_index(&api_server);
    wait_until_idle().await;
    assert_eq!(
        indexed_streams(&reader.current_snapshot().unwrap()),
        api_server.expected_streams()
    );
    assert_eq!(
        api_server.list_counts(),
        (3, 1),
        "the second was cut off, the third is in chunks again"
    );
}

#[tokio::test(start_paused = true)]
async fn missing_right_is_reported_and_later_grant_is_noticed() {
    let api_server = api_server_with_streams();
    api_server.set_forbidden(true);
    let (_running, reader) = start_index(&api_server);
    sleep(Duration::from_secs(3)).await;
    assert!(
        matches!(
            reader.state(),
            IndexState::Starting {
                why: Some(NotReadyReason::NotAllowed),
                ..
            }
        ),
        "{:?}",
        reader.state()
    );
    assert_eq!(api_server.list_counts().0, 0);
    api_server.set_forbidden(false);
    wait_until_idle().await;
    assert!(reader.current_snapshot().is_some());
}

/// Applies a change to the names that a reader of the change log knows.
fn apply_to_names(known: &mut BTreeSet<String>, changed: &StreamChange) {
    let path = format!("{}/{}", changed.project, changed.name);
    if changed.kind == WatchEventKind::Deleted {
        known.remove(&path);
    } else {
        known.insert(path);
    }
}

/// Three hours of a busy cluster with a fault every minute, in paused time: a reader that follows
/// the change log learns of everything that the index contains, and of every deletion.
#[tokio::test(start_paused = true)]
async fn three_hours_of_churn_and_faults_leave_no_stale_entry() {
    const FAULTS: [FakeFault; 9] = [
        FakeFault::WatchBreaks,
        FakeFault::EventsExpired,
        FakeFault::WatchEnds,
        FakeFault::WatchMalformed,
        FakeFault::WatchSilent,
        FakeFault::Unreachable,
        FakeFault::EventRepeated,
        FakeFault::WatchGone,
        FakeFault::ListExpires,
    ];
    let api_server = api_server_with_streams();
    let (running, reader) = start_index(&api_server);
    wait_until_idle().await;
    let known = |snapshot: &Snapshot| {
        indexed_streams(snapshot)
            .into_keys()
            .collect::<BTreeSet<_>>()
    };
    let (mut heard_of, mut since) = (
        known(&reader.current_snapshot().unwrap()),
        Cursor::Revision(reader.current_snapshot().unwrap().revision().unwrap()),
    );
    let (mut gaps, mut seconds) = (0, 0_u64);
    while seconds < 3 * 3600 {
        let stream = |salt: u64| {
            format!(
                "team-{}/s{}",
                (seconds + salt) % 7,
                (seconds * 31 + salt) % 97
            )
        };
        api_server.push(&stream(0), &format!("t{}", seconds % 5));
        api_server.push(&stream(3), "latest");
        api_server.delete(&stream(1));
        if seconds.is_multiple_of(60) {
            api_server.inject_fault(FAULTS[usize::try_from(seconds / 60).unwrap() % FAULTS.len()]);
        }
        sleep(Duration::from_secs(1)).await;
        seconds += 1;
        let read = reader.changes_since(since, |_, changed| apply_to_names(&mut heard_of, changed));
        gaps += usize::from(!read.is_complete);
        since = read.cursor;
    }
    wait_until_idle().await;
    reader.changes_since(since, |_, changed| apply_to_names(&mut heard_of, changed));
    let ready = reader.current_snapshot().expect("it has found back");
    assert_eq!(
        indexed_streams(&ready),
        api_server.expected_streams(),
        "no stale row"
    );
    assert_eq!((heard_of, gaps), (known(&ready), 0), "no lost event");
    assert!(
        api_server.list_counts().0 > 20,
        "it did fail: {:?}",
        api_server.list_counts()
    );
    let held_weakly: Vec<_> = ready
        .projects()
        .iter()
        .map(std::sync::Arc::downgrade)
        .collect();
    drop(ready);
    drop(running);
    tokio::task::yield_now().await;
    drop(reader);
    assert!(
        held_weakly
            .iter()
            .all(|project| project.strong_count() == 0),
        "no reader keeps a deleted image stream"
    );
}

fn fault() -> impl Strategy<Value = FakeFault> {
    prop_oneof![
        Just(FakeFault::ListExpires),
        Just(FakeFault::ListTruncated),
        Just(FakeFault::WatchGone),
        Just(FakeFault::WatchEnds),
        Just(FakeFault::WatchBreaks),
        Just(FakeFault::WatchSilent),
        Just(FakeFault::WatchMalformed),
        Just(FakeFault::EventsExpired),
        Just(FakeFault::EventRepeated),
        Just(FakeFault::Restored),
        Just(FakeFault::Unreachable),
    ]
}

#[derive(Clone, Debug)]
enum TestStep {
    Push(u8, u8),
    Delete(u8),
    Fail(FakeFault),
    Wait(u16),
}

fn step() -> impl Strategy<Value = TestStep> {
    prop_oneof![
        4 => (0..8_u8, 0..4_u8).prop_map(|(stream, tag)| TestStep::Push(stream, tag)),
        2 => (0..8_u8).prop_map(TestStep::Delete),
        2 => fault().prop_map(TestStep::Fail),
        2 => (0..1000_u16).prop_map(TestStep::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No outdated row and no lost event, whatever happens in whatever order.
    #[test]
    fn index_converges_to_the_api_server(steps in proptest::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let api_server = api_server_with_streams();
            let (_running, reader) = start_index(&api_server);
            let path = |stream: u8| format!("team-{}/s{stream}", stream % 3);
            for step in steps {
                match step {
                    TestStep::Push(stream, tag) => api_server.push(&path(stream), &format!("t{tag}")),
                    TestStep::Delete(stream) => api_server.delete(&path(stream)),
                    TestStep::Fail(fault) => api_server.inject_fault(fault),
                    TestStep::Wait(ms) => sleep(Duration::from_millis(u64::from(ms) * 50)).await,
                }
            }
            for _ in 0..20 {
                wait_until_idle().await;
            }
            let ready = reader.current_snapshot();
            prop_assert!(ready.is_some(), "{:?}", reader.state());
            prop_assert_eq!(indexed_streams(&ready.unwrap()), api_server.expected_streams());
            Ok(())
        })?;
    }
}

proptest! {
    #[test]
    fn latest_streams_are_ordered_by_time(pushes in proptest::collection::vec((0..6_u8, 0..9_u8, 0..5_i64), 0..60), count in 0_usize..12) {
        let api_server = FakeApiServer::new();
        let streams = pushes.iter().map(|(project, name, when)| {
            let mut stream = api_server.stream_with_tag(&format!("p{project}/s{name}"), "t");
            stream.tags[0].history[0].created = (*when > 0).then(|| chrono::DateTime::from_timestamp(*when, 0).unwrap());
            stream
        });
        let snapshot = Snapshot::from_streams(streams.collect());
        let mut all: Vec<_> = snapshot.streams().filter(|entry| entry.last_push().is_some()).collect();
        all.sort_by_key(|entry| std::cmp::Reverse(entry.last_push()));
        all.truncate(count);
        let names = |entries: &[&super::StreamEntry]| entries.iter().map(|entry| (entry.stream.project.clone(), entry.stream.name.clone())).collect::<Vec<_>>();
        prop_assert_eq!(names(&snapshot.latest_streams(count)), names(&all));
    }
}

#[test]
fn malformed_stream_replaces_its_readable_version() {
    let api_server = api_server_with_streams();
    let mut table = IndexTable::default();
    let mut listing = PendingList::new(usize::MAX);
    let object = |name: &str| MalformedObject {
        project: "team-a".parse().ok(),
        name: name.to_owned(),
        resource_version: Some("900".to_owned()),
    };
    listing.push(
        StreamItem::Malformed(object("Odd Name")),
        &Snapshot::default(),
    );
    listing.push(
        StreamItem::Malformed(MalformedObject::default()),
        &Snapshot::default(),
    );
    let mut streams = Vec::new();
    futures_util::FutureExt::now_or_never(super::IndexSource::list(
        &api_server,
        true,
        &mut |item| streams.push(item),
    ));
    for item in streams {
        listing.push(item, &Snapshot::default());
    }
    table.replace_all(listing);
    let before = table.snapshot.len();
    assert_eq!(table.snapshot.malformed_count(), 2);
    assert_eq!(
        table
            .snapshot
            .filtered(|project| project.as_str() == "team-a")
            .malformed_count(),
        1
    );
    assert_eq!(
        table
            .snapshot
            .filtered(|project| project.as_str() == "team-b")
            .malformed_count(),
        0
    );
    table.apply(vec![(
        WatchEventKind::Modified,
        StreamItem::Malformed(object("api")),
    )]);
    assert_eq!(
        (table.snapshot.len(), table.snapshot.malformed_count()),
        (before - 1, 3)
    );
    table.apply(vec![
        (
            WatchEventKind::Deleted,
            StreamItem::Malformed(object("api")),
        ),
        (
            WatchEventKind::Deleted,
            StreamItem::Malformed(object("Odd Name")),
        ),
    ]);
    assert_eq!(table.snapshot.malformed_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn unused_names_are_released() {
    let api_server = api_server_with_streams();
    let mut table = IndexTable::default();
    for build in 0..20_000_u32 {
        api_server.push("team-a/api", &format!("build-{build}"));
        api_server.delete("team-a/api");
        if build % 100 == 0 {
            let mut batch = Vec::new();
            super::IndexSource::list(&api_server, true, &mut |item| {
                batch.push((WatchEventKind::Modified, item))
            })
            .await
            .unwrap();
            table.apply(batch);
        }
        let mut stream = api_server.stream_with_tag("team-b/worker", &format!("build-{build}"));
        stream.resource_version = None;
        table.apply(vec![(
            WatchEventKind::Modified,
            StreamItem::Stream(Box::new(stream)),
        )]);
    }
    assert!(table.name_count() < 2_000, "{} names", table.name_count());
}

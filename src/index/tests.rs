//! The writer against a master that plays by the test's rules, in a time of its own.

mod changes;
mod memory;
mod play;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::backoff::Backoff;
use super::news::{Changed, Since};
use super::reader::Reader;
use super::snapshot::Snapshot;
use super::state::{State, Why};
use super::table::{Listing, Table};
use super::writer::Writer;
use crate::openshift::{Change, Fed, Unreadable};
use play::{Fault, Play};
use registry_model::Clock;

/// Ends with the test.
struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn start(play: &Play) -> (Running, Reader) {
    let clock = Clock::standing_at(chrono::DateTime::from_timestamp(1_000_000, 0).unwrap());
    let (writer, reader) = Writer::with_backoff(play.clone(), clock, Backoff::seeded(1));
    (Running(tokio::spawn(writer.run())), reader)
}

/// Longer than any wait of the writer, which takes no time: the clock is paused.
async fn settle() {
    sleep(Duration::from_secs(1300)).await;
}

/// The same streams, tags and images as the truth is told in.
fn held(snapshot: &Snapshot) -> BTreeMap<String, Vec<(String, String)>> {
    let path = |entry: &super::Entry| format!("{}/{}", entry.stream.project, entry.stream.name);
    let tags = |entry: &super::Entry| {
        let short = |tag: super::Tag<'_>| {
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

fn filled() -> Play {
    let play = Play::new();
    for path in ["team-a/api", "team-a/web", "team-b/worker"] {
        play.push(path, "latest");
        play.push(path, "1.0");
    }
    play
}

#[tokio::test(start_paused = true)]
async fn what_is_listed_is_there_and_what_happens_then_is_seen_within_a_moment() {
    let play = filled();
    let (_running, reader) = start(&play);
    assert!(matches!(reader.state(), State::Starting { .. }) && reader.ready().is_none());
    settle().await;
    assert!(
        matches!(
            reader.state(),
            State::Ready {
                streams: 3,
                tags: 6,
                ..
            }
        ),
        "{:?}",
        reader.state()
    );
    let mut told = reader.told();
    let from = Since::Revision(reader.ready().unwrap().revision().unwrap());
    play.push("team-a/api", "2.0");
    play.delete("team-b/worker");
    play.push("team-c/new", "1");
    told.changed().await.unwrap();
    assert_eq!(held(&reader.ready().unwrap()), play.truth());
    let mut told = Vec::new();
    let heard = reader.hear(from, |_, changed| {
        told.push((
            changed.change,
            changed.project.to_string(),
            changed.name.to_string(),
        ))
    });
    assert!(heard.complete);
    told.sort_by(|(_, a, _), (_, b, _)| a.cmp(b));
    let expected = [
        (Change::Modified, "team-a", "api"),
        (Change::Deleted, "team-b", "worker"),
        (Change::Added, "team-c", "new"),
    ];
    let expected =
        expected.map(|(change, project, name)| (change, project.to_owned(), name.to_owned()));
    assert_eq!(told, expected, "a burst is one change");
    assert_eq!(play.lists(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_visible_within_a_tenth_of_a_second_even_when_they_never_stop() {
    let play = filled();
    let (_running, reader) = start(&play);
    settle().await;
    for at in 0..100 {
        play.push("team-a/api", &format!("t{at}"));
        sleep(Duration::from_millis(2)).await;
    }
    let seen = held(&reader.ready().unwrap())["team-a/api"].len();
    assert!(seen > 50, "only {seen} of 102 tags after 200 ms of pushes");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_is_resumed_without_a_list_and_the_index_stays_ready() {
    let play = filled();
    let (_running, reader) = start(&play);
    settle().await;
    let before = play.watches();
    assert!(before > 3, "in 1300 s a watch ends every 290 s");
    assert_eq!(play.lists().0, 1);
    play.fail(Fault::WatchBreaks);
    play.push("team-a/api", "during");
    settle().await;
    assert_eq!(held(&reader.ready().unwrap()), play.truth());
    assert_eq!(
        play.lists().0,
        1,
        "what happened meanwhile was told by the next watch"
    );
}

/// R13.
#[tokio::test(start_paused = true)]
async fn after_410_as_a_status_or_within_the_watch_there_is_a_new_list_and_nothing_stale() {
    for fault in [Fault::Forgets, Fault::WatchGone, Fault::WatchNonsense] {
        let play = filled();
        let (_running, reader) = start(&play);
        settle().await;
        play.fail(fault);
        if fault == Fault::WatchGone {
            play.fail(Fault::WatchBreaks);
            play.fail(Fault::WatchGone);
        }
        play.delete("team-a/web");
        settle().await;
        assert_eq!(held(&reader.ready().unwrap()), play.truth(), "{fault:?}");
        assert!(play.lists().0 >= 2, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_master_is_away_nobody_is_shown_what_may_be_old() {
    let play = filled();
    let (_running, reader) = start(&play);
    settle().await;
    for _ in 0..40 {
        play.fail(Fault::Away);
    }
    sleep(Duration::from_millis(100)).await;
    assert!(
        matches!(
            reader.state(),
            State::Stale {
                why: Why::Unreachable,
                ..
            }
        ),
        "{:?}",
        reader.state()
    );
    assert!(reader.ready().is_none());
    play.push("team-z/late", "1");
    settle().await;
    assert_eq!(held(&reader.ready().unwrap()), play.truth());
    assert_eq!(play.lists().0, 1);
}

/// R14.
#[tokio::test(start_paused = true)]
async fn another_master_behind_the_same_name_is_noticed_though_it_tells_nothing() {
    let play = filled();
    let (_running, reader) = start(&play);
    settle().await;
    play.fail(Fault::Restored);
    settle().await;
    assert_eq!(held(&reader.ready().unwrap()), play.truth());
    assert_eq!(play.truth().len(), 2);
}

/// R15.
#[tokio::test(start_paused = true)]
async fn a_list_that_expires_midway_is_asked_for_once_more_all_at_once() {
    let play = filled();
    play.fail(Fault::ListExpires);
    play.fail(Fault::ListCut);
    let (_running, reader) = start(&play);
    settle().await;
    assert_eq!(held(&reader.ready().unwrap()), play.truth());
    assert_eq!(
        play.lists(),
        (3, 1),
        "the second was cut off, the third is in chunks again"
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_right_the_reason_is_known_and_the_right_is_noticed_once_it_is_there() {
    let play = filled();
    play.forbid(true);
    let (_running, reader) = start(&play);
    sleep(Duration::from_secs(3)).await;
    assert!(
        matches!(
            reader.state(),
            State::Starting {
                why: Some(Why::NotAllowed),
                ..
            }
        ),
        "{:?}",
        reader.state()
    );
    assert_eq!(play.lists().0, 0);
    play.forbid(false);
    settle().await;
    assert!(reader.ready().is_some());
}

/// What somebody knows to be there after they have heard of a change.
fn note(known: &mut BTreeSet<String>, changed: &Changed) {
    let path = format!("{}/{}", changed.project, changed.name);
    if changed.change == Change::Deleted {
        known.remove(&path);
    } else {
        known.insert(path);
    }
}

/// Three hours of a busy cluster that fails every minute, in no time: whoever has listened all the
/// while has heard of all that the index now holds, and nothing is kept that is gone.
#[tokio::test(start_paused = true)]
async fn in_three_hours_of_churn_and_faults_nothing_is_stale_lost_or_kept_for_ever() {
    const FAULTS: [Fault; 9] = [
        Fault::WatchBreaks,
        Fault::Forgets,
        Fault::WatchEnds,
        Fault::WatchNonsense,
        Fault::WatchSilent,
        Fault::Away,
        Fault::Stutters,
        Fault::WatchGone,
        Fault::ListExpires,
    ];
    let play = filled();
    let (running, reader) = start(&play);
    settle().await;
    let known = |snapshot: &Snapshot| held(snapshot).into_keys().collect::<BTreeSet<_>>();
    let (mut heard_of, mut since) = (
        known(&reader.ready().unwrap()),
        Since::Revision(reader.ready().unwrap().revision().unwrap()),
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
        play.push(&stream(0), &format!("t{}", seconds % 5));
        play.push(&stream(3), "latest");
        play.delete(&stream(1));
        if seconds.is_multiple_of(60) {
            play.fail(FAULTS[usize::try_from(seconds / 60).unwrap() % FAULTS.len()]);
        }
        sleep(Duration::from_secs(1)).await;
        seconds += 1;
        let heard = reader.hear(since, |_, changed| note(&mut heard_of, changed));
        gaps += usize::from(!heard.complete);
        since = heard.next;
    }
    settle().await;
    reader.hear(since, |_, changed| note(&mut heard_of, changed));
    let ready = reader.ready().expect("it has found back");
    assert_eq!(held(&ready), play.truth(), "no stale row");
    assert_eq!((heard_of, gaps), (known(&ready), 0), "no lost event");
    assert!(play.lists().0 > 20, "it did fail: {:?}", play.lists());
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
        "nobody holds on to what is gone"
    );
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::ListExpires),
        Just(Fault::ListCut),
        Just(Fault::WatchGone),
        Just(Fault::WatchEnds),
        Just(Fault::WatchBreaks),
        Just(Fault::WatchSilent),
        Just(Fault::WatchNonsense),
        Just(Fault::Forgets),
        Just(Fault::Stutters),
        Just(Fault::Restored),
        Just(Fault::Away),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Push(u8, u8),
    Delete(u8),
    Fail(Fault),
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..8_u8, 0..4_u8).prop_map(|(stream, tag)| Step::Push(stream, tag)),
        2 => (0..8_u8).prop_map(Step::Delete),
        2 => fault().prop_map(Step::Fail),
        2 => (0..1000_u16).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No stale row and no lost event, whatever happens in whatever order.
    #[test]
    fn in_the_end_the_index_is_what_the_master_is(steps in proptest::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let play = filled();
            let (_running, reader) = start(&play);
            let path = |stream: u8| format!("team-{}/s{stream}", stream % 3);
            for step in steps {
                match step {
                    Step::Push(stream, tag) => play.push(&path(stream), &format!("t{tag}")),
                    Step::Delete(stream) => play.delete(&path(stream)),
                    Step::Fail(fault) => play.fail(fault),
                    Step::Wait(ms) => sleep(Duration::from_millis(u64::from(ms) * 50)).await,
                }
            }
            for _ in 0..20 {
                settle().await;
            }
            let ready = reader.ready();
            prop_assert!(ready.is_some(), "{:?}", reader.state());
            prop_assert_eq!(held(&ready.unwrap()), play.truth());
            Ok(())
        })?;
    }
}

proptest! {
    #[test]
    fn the_latest_streams_are_those_of_the_whole_list_in_order_of_time(pushes in proptest::collection::vec((0..6_u8, 0..9_u8, 0..5_i64), 0..60), count in 0_usize..12) {
        let play = Play::new();
        let streams = pushes.iter().map(|(project, name, when)| {
            let mut stream = play.one(&format!("p{project}/s{name}"), "t");
            stream.tags[0].history[0].created = (*when > 0).then(|| chrono::DateTime::from_timestamp(*when, 0).unwrap());
            stream
        });
        let snapshot = Snapshot::of(streams.collect());
        let mut all: Vec<_> = snapshot.streams().filter(|entry| entry.last_push().is_some()).collect();
        all.sort_by_key(|entry| std::cmp::Reverse(entry.last_push()));
        all.truncate(count);
        let names = |entries: &[&super::Entry]| entries.iter().map(|entry| (entry.stream.project.clone(), entry.stream.name.clone())).collect::<Vec<_>>();
        prop_assert_eq!(names(&snapshot.latest(count)), names(&all));
    }
}

#[test]
fn what_makes_no_sense_is_counted_and_takes_the_place_of_what_was_readable() {
    let play = filled();
    let mut table = Table::default();
    let mut listing = Listing::new(usize::MAX);
    let object = |name: &str| Unreadable {
        project: "team-a".parse().ok(),
        name: name.to_owned(),
        version: Some("900".to_owned()),
    };
    listing.take(Fed::Unreadable(object("Odd Name")), &Snapshot::default());
    listing.take(Fed::Unreadable(Unreadable::default()), &Snapshot::default());
    let mut streams = Vec::new();
    futures_util::FutureExt::now_or_never(super::Source::list(&play, true, &mut |fed| {
        streams.push(fed)
    }));
    for fed in streams {
        listing.take(fed, &Snapshot::default());
    }
    table.replace(listing);
    let before = table.snapshot.len();
    assert_eq!(table.snapshot.unreadable(), 2);
    assert_eq!(
        table
            .snapshot
            .only(|project| project.as_str() == "team-a")
            .unreadable(),
        1
    );
    assert_eq!(
        table
            .snapshot
            .only(|project| project.as_str() == "team-b")
            .unreadable(),
        0
    );
    table.apply(vec![(Change::Modified, Fed::Unreadable(object("api")))]);
    assert_eq!(
        (table.snapshot.len(), table.snapshot.unreadable()),
        (before - 1, 3)
    );
    table.apply(vec![
        (Change::Deleted, Fed::Unreadable(object("api"))),
        (Change::Deleted, Fed::Unreadable(object("Odd Name"))),
    ]);
    assert_eq!(table.snapshot.unreadable(), 1);
}

#[tokio::test(start_paused = true)]
async fn names_that_nobody_uses_any_more_are_forgotten() {
    let play = filled();
    let mut table = Table::default();
    for build in 0..20_000_u32 {
        play.push("team-a/api", &format!("build-{build}"));
        play.delete("team-a/api");
        if build % 100 == 0 {
            let mut batch = Vec::new();
            super::Source::list(&play, true, &mut |fed| batch.push((Change::Modified, fed)))
                .await
                .unwrap();
            table.apply(batch);
        }
        let mut stream = play.one("team-b/worker", &format!("build-{build}"));
        stream.resource_version = None;
        table.apply(vec![(Change::Modified, Fed::Stream(Box::new(stream)))]);
    }
    assert!(table.names() < 2_000, "{} names", table.names());
}

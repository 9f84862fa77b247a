//! An index that may take only so much memory.

use std::time::Duration;

use tokio::time::sleep;

use super::play::Play;
use super::{Running, filled, held, settle};
use crate::index::backoff::Backoff;
use crate::index::reader::Reader;
use crate::index::snapshot::Snapshot;
use crate::index::state::{State, Why};
use crate::index::table::{Listing, Table};
use crate::index::writer::Writer;
use crate::openshift::{Fed, Unreadable};
use registry_model::Clock;

/// With so many bytes of memory at the most.
fn start_within(play: &Play, bytes: usize) -> (Running, Reader) {
    let clock = Clock::standing_at(chrono::DateTime::from_timestamp(1_000_000, 0).unwrap());
    let (writer, reader) = Writer::with_backoff(play.clone(), clock, Backoff::seeded(1));
    (
        Running(tokio::spawn(writer.with_memory_limit(bytes).run())),
        reader,
    )
}

#[tokio::test(start_paused = true)]
async fn an_index_that_would_take_too_much_memory_is_off_until_there_is_less_to_keep() {
    let play = filled();
    let (_running, reader) = start_within(&play, 3_000);
    settle().await;
    assert!(
        matches!(reader.state(), State::Ready { streams: 3, .. }),
        "{:?}",
        reader.state()
    );
    let ready = reader.ready().unwrap();
    for tag in 0..40 {
        play.push("team-a/api", &format!("build-{tag}"));
    }
    sleep(Duration::from_secs(1)).await;
    assert!(
        matches!(
            reader.state(),
            State::Stale {
                why: Why::TooLarge,
                ..
            }
        ),
        "by what a watch told: {:?}",
        reader.state()
    );
    assert!(reader.ready().is_none());
    drop(ready);
    settle().await;
    assert!(
        matches!(
            reader.state(),
            State::Stale {
                why: Why::TooLarge,
                ..
            }
        ),
        "by a list: {:?}",
        reader.state()
    );
    let (lists, _) = play.lists();
    assert!(lists <= 5, "{lists}: the API server is left alone");
    play.delete("team-a/api");
    settle().await;
    assert_eq!(
        held(&reader.ready().expect("there is room again")),
        play.truth()
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_of_things_that_make_no_sense_takes_no_memory_without_end() {
    let mut listing = Listing::new(usize::MAX);
    for number in 0..30_000 {
        listing.take(
            Fed::Unreadable(Unreadable {
                name: number.to_string(),
                ..Unreadable::default()
            }),
            &Snapshot::default(),
        );
    }
    let mut table = Table::default();
    table.replace(listing);
    assert_eq!(table.snapshot.unreadable(), 30_000, "all are counted");
}

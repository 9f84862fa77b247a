//! Tests of the memory limit of the index.

use std::time::Duration;

use tokio::time::sleep;

use super::{WriterTask, api_server_with_streams, indexed_streams, wait_until_idle};
use crate::index::backoff::Backoff;
use crate::index::memory::IndexMemory;
use crate::index::reader::IndexReader;
use crate::index::snapshot::Snapshot;
use crate::index::state::{IndexState, NotReadyReason};
use crate::index::table::{IndexTable, PendingList};
use crate::index::tests::fake_api_server::FakeApiServer;
use crate::index::writer::IndexWriter;
use crate::openshift::{MalformedObject, StreamItem};
use registry_model::Clock;

/// Starts a writer with a memory limit.
fn start_with_memory_limit(api_server: &FakeApiServer, bytes: usize) -> (WriterTask, IndexReader) {
    let clock = Clock::fixed_at(chrono::DateTime::from_timestamp(1_000_000, 0).unwrap());
    let (writer, reader) =
        IndexWriter::with_backoff(api_server.clone(), clock, Backoff::with_seed(1));
    (
        WriterTask(tokio::spawn(
            writer.with_memory(IndexMemory::new(bytes)).run(),
        )),
        reader,
    )
}

#[tokio::test(start_paused = true)]
async fn index_over_memory_limit_is_off_until_it_fits() {
    let api_server = api_server_with_streams();
    let (_running, reader) = start_with_memory_limit(&api_server, 3_000);
    wait_until_idle().await;
    assert!(
        matches!(reader.state(), IndexState::Ready { streams: 3, .. }),
        "{:?}",
        reader.state()
    );
    let ready = reader.current_snapshot().unwrap();
    for tag in 0..40 {
        api_server.push("team-a/api", &format!("build-{tag}"));
    }
    sleep(Duration::from_secs(1)).await;
    assert!(
        matches!(
            reader.state(),
            IndexState::Stale {
                why: NotReadyReason::TooLarge,
                ..
            }
        ),
        "by events of a watch: {:?}",
        reader.state()
    );
    assert!(reader.current_snapshot().is_none());
    drop(ready);
    wait_until_idle().await;
    assert!(
        matches!(
            reader.state(),
            IndexState::Stale {
                why: NotReadyReason::TooLarge,
                ..
            }
        ),
        "by a list: {:?}",
        reader.state()
    );
    let (lists, _) = api_server.list_counts();
    assert!(lists <= 5, "{lists}: the API server is left alone");
    api_server.delete("team-a/api");
    wait_until_idle().await;
    assert_eq!(
        indexed_streams(&reader.current_snapshot().expect("there is room again")),
        api_server.expected_streams()
    );
}

#[tokio::test(start_paused = true)]
async fn malformed_list_uses_bounded_memory() {
    let mut listing = PendingList::new(usize::MAX);
    for number in 0..30_000 {
        listing.push(
            StreamItem::Malformed(MalformedObject {
                name: number.to_string(),
                ..MalformedObject::default()
            }),
            &Snapshot::default(),
        );
    }
    let mut table = IndexTable::default();
    table.replace_all(listing);
    assert_eq!(table.snapshot.malformed_count(), 30_000, "all are counted");
}

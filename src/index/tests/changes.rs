//! Changes of the table by a new list, and by late events.

use chrono::DateTime;

use super::{api_server_with_streams, start_index, wait_until_idle};
use crate::index::table::{IndexTable, PendingList};
use crate::index::tests::fake_api_server::{FakeApiServer, FakeFault};
use crate::index::{Cursor, Snapshot, StreamChange};
use crate::openshift::{StreamItem, WatchEventKind};
use registry_model::ImageStream;

/// `team-a/api` at a revision, with a tag of that name.
fn stream_at(api_server: &FakeApiServer, revision: &str) -> ImageStream {
    ImageStream {
        resource_version: Some(revision.to_owned()),
        created: DateTime::from_timestamp(1, 0),
        ..api_server.stream_with_tag("team-a/api", revision)
    }
}

fn pending_list(streams: impl IntoIterator<Item = ImageStream>) -> PendingList {
    let mut listing = PendingList::new(usize::MAX);
    streams.into_iter().for_each(|stream| {
        listing.push(StreamItem::Stream(Box::new(stream)), &Snapshot::default())
    });
    listing
}

fn changes_and_names(changed: &[StreamChange]) -> Vec<(WatchEventKind, String)> {
    let mut changes: Vec<_> = changed
        .iter()
        .map(|one| (one.kind, format!("{}/{}", one.project, one.name)))
        .collect();
    changes.sort_by(|a, b| a.1.cmp(&b.1));
    changes
}

fn table_tags(table: &IndexTable) -> Vec<String> {
    table
        .snapshot
        .streams()
        .flat_map(|entry| {
            entry
                .stream
                .tags()
                .map(|tag| tag.name().to_string())
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn stream_missing_from_new_list_is_reported_deleted() {
    let (api_server, mut table) = (FakeApiServer::new(), IndexTable::default());
    table.replace_all(pending_list([
        stream_at(&api_server, "10"),
        api_server.stream_with_tag("team-b/worker", "latest"),
    ]));
    let changed = table.replace_all(pending_list([
        api_server.stream_with_tag("team-b/worker", "latest"),
        api_server.stream_with_tag("team-c/new", "latest"),
    ]));
    assert_eq!(
        changes_and_names(&changed),
        [
            (WatchEventKind::Deleted, "team-a/api".to_owned()),
            (WatchEventKind::Added, "team-c/new".to_owned())
        ]
    );
}

/// A list is read in chunks: its last one may contain what the first event of the watch reports as
/// well, and more.
#[test]
fn older_stream_version_is_ignored() {
    let (api_server, mut table) = (FakeApiServer::new(), IndexTable::default());
    table.replace_all(pending_list([stream_at(&api_server, "100")]));
    for change in [
        WatchEventKind::Added,
        WatchEventKind::Modified,
        WatchEventKind::Deleted,
    ] {
        let changed = table.apply(vec![(
            change,
            StreamItem::Stream(Box::new(stream_at(&api_server, "99"))),
        )]);
        assert_eq!(
            (changed.len(), table_tags(&table)),
            (0, vec!["100".to_owned()]),
            "{change:?}"
        );
    }
    // The same resource version has no effect; a newer one is applied.
    assert_eq!(
        table
            .apply(vec![(
                WatchEventKind::Modified,
                StreamItem::Stream(Box::new(stream_at(&api_server, "100")))
            )])
            .len(),
        0
    );
    let changed = table.apply(vec![(
        WatchEventKind::Modified,
        StreamItem::Stream(Box::new(stream_at(&api_server, "101"))),
    )]);
    assert_eq!(
        (changed.len(), changed[0].0, table_tags(&table)),
        (1, 101, vec!["101".to_owned()])
    );
    assert_eq!(
        table
            .apply(vec![(
                WatchEventKind::Deleted,
                StreamItem::Stream(Box::new(stream_at(&api_server, "102")))
            )])
            .len(),
        1
    );
    assert_eq!(table_tags(&table), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn streams_deleted_between_watches_are_reported() {
    let api_server = api_server_with_streams();
    let (_running, reader) = start_index(&api_server);
    wait_until_idle().await;
    let known = Cursor::Revision(reader.current_snapshot().unwrap().revision().unwrap());
    api_server.inject_fault(FakeFault::WatchSilent);
    api_server.inject_fault(FakeFault::WatchBreaks);
    api_server.delete("team-a/web");
    api_server.inject_fault(FakeFault::EventsExpired);
    wait_until_idle().await;
    let mut read = Vec::new();
    let all = reader.changes_since(known, |_, changed| read.push(changed.clone()));
    assert_eq!(
        (changes_and_names(&read), all.is_complete),
        (
            vec![(WatchEventKind::Deleted, "team-a/web".to_owned())],
            true
        )
    );
}

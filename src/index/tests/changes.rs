//! What a new list, and what comes late, change in the table.

use chrono::DateTime;

use super::play::{Fault, Play};
use super::{filled, settle, start};
use crate::index::table::{Listing, Table};
use crate::index::{Changed, Since, Snapshot};
use crate::openshift::{Change, Fed};
use registry_model::ImageStream;

/// `team-a/api` as it was at a revision, with a tag of that name.
fn at(play: &Play, revision: &str) -> ImageStream {
    ImageStream {
        resource_version: Some(revision.to_owned()),
        created: DateTime::from_timestamp(1, 0),
        ..play.one("team-a/api", revision)
    }
}

fn listing(streams: impl IntoIterator<Item = ImageStream>) -> Listing {
    let mut listing = Listing::new(usize::MAX);
    streams
        .into_iter()
        .for_each(|stream| listing.take(Fed::Stream(Box::new(stream)), &Snapshot::default()));
    listing
}

fn told(changed: &[Changed]) -> Vec<(Change, String)> {
    let mut told: Vec<_> = changed
        .iter()
        .map(|one| (one.change, format!("{}/{}", one.project, one.name)))
        .collect();
    told.sort_by(|a, b| a.1.cmp(&b.1));
    told
}

fn tags(table: &Table) -> Vec<String> {
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
fn a_stream_that_is_missing_in_a_new_list_is_told_as_deleted() {
    let (play, mut table) = (Play::new(), Table::default());
    table.replace(listing([
        at(&play, "10"),
        play.one("team-b/worker", "latest"),
    ]));
    let changed = table.replace(listing([
        play.one("team-b/worker", "latest"),
        play.one("team-c/new", "latest"),
    ]));
    assert_eq!(
        told(&changed),
        [
            (Change::Deleted, "team-a/api".to_owned()),
            (Change::Added, "team-c/new".to_owned())
        ]
    );
}

/// A list comes in chunks: its last one may hold what the first event of the watch tells as well,
/// and more.
#[test]
fn an_older_version_of_a_stream_changes_nothing() {
    let (play, mut table) = (Play::new(), Table::default());
    table.replace(listing([at(&play, "100")]));
    for change in [Change::Added, Change::Modified, Change::Deleted] {
        let changed = table.apply(vec![(change, Fed::Stream(Box::new(at(&play, "99"))))]);
        assert_eq!(
            (changed.len(), tags(&table)),
            (0, vec!["100".to_owned()]),
            "{change:?}"
        );
    }
    // The same version says the same again; a newer one counts.
    assert_eq!(
        table
            .apply(vec![(
                Change::Modified,
                Fed::Stream(Box::new(at(&play, "100")))
            )])
            .len(),
        0
    );
    let changed = table.apply(vec![(
        Change::Modified,
        Fed::Stream(Box::new(at(&play, "101"))),
    )]);
    assert_eq!(
        (changed.len(), changed[0].0, tags(&table)),
        (1, 101, vec!["101".to_owned()])
    );
    assert_eq!(
        table
            .apply(vec![(
                Change::Deleted,
                Fed::Stream(Box::new(at(&play, "102")))
            )])
            .len(),
        1
    );
    assert_eq!(tags(&table), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn open_pages_are_told_of_streams_that_went_while_nothing_was_watched() {
    let play = filled();
    let (_running, reader) = start(&play);
    settle().await;
    let known = Since::Revision(reader.ready().unwrap().revision().unwrap());
    play.fail(Fault::WatchSilent);
    play.fail(Fault::WatchBreaks);
    play.delete("team-a/web");
    play.fail(Fault::Forgets);
    settle().await;
    let mut heard = Vec::new();
    let all = reader.hear(known, |_, changed| heard.push(changed.clone()));
    assert_eq!(
        (told(&heard), all.complete),
        (vec![(Change::Deleted, "team-a/web".to_owned())], true)
    );
}

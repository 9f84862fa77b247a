//! Tests of the writer against a fake API server, with a paused clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::DateTime;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::queue::StreamPath;
use super::reader::SizeIndexReader;
use super::source::{SizeRead, SizeSource};
use super::writer::SizeIndexWriter;
use crate::index::change_log::StreamChange;
use crate::index::reader::PublishedIndex;
use crate::index::{IndexReader, IndexState, NotReadyReason, Snapshot};
use crate::openshift::{ImageRecords, WatchEventKind};
use registry_model::{Clock, Digest, ImageStream, Tag, TagEvent};

/// An index with image streams of one image each, and the API server that has them.
#[derive(Clone)]
struct Cluster {
    state: Arc<Mutex<ClusterState>>,
    index: IndexReader,
    records: ImageRecords,
    began: Instant,
}

#[derive(Default)]
struct ClusterState {
    /// The image of each image stream, and when it was pushed.
    streams: BTreeMap<String, (Digest, i64)>,
    /// What was read, after how many milliseconds.
    reads: Vec<(u128, String)>,
    failures: VecDeque<(NotReadyReason, Option<Duration>)>,
    broken: BTreeSet<String>,
    revision: u64,
}

/// The writer's task, aborted at the end of the test.
struct WriterTask(JoinHandle<()>);

impl Drop for WriterTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn clock() -> Clock {
    Clock::fixed_at(DateTime::from_timestamp(1_000_000, 0).unwrap())
}

fn stream(name: &str, image: &Digest, pushed: i64) -> ImageStream {
    let event = TagEvent {
        created: DateTime::from_timestamp(pushed, 0),
        image: Some(image.clone()),
        pull_spec: String::new(),
        generation: Some(1),
    };
    ImageStream {
        tags: vec![Tag {
            history: vec![event],
            ..Tag::new_pushed("latest".parse().unwrap())
        }],
        ..ImageStream::new("p".parse().unwrap(), name.parse().unwrap())
    }
}

impl Cluster {
    fn new(records: ImageRecords) -> Self {
        let starting = IndexState::Starting {
            since: DateTime::UNIX_EPOCH,
            streams: 0,
            why: None,
        };
        Self {
            state: Arc::default(),
            index: IndexReader::with_state(starting),
            records,
            began: Instant::now(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ClusterState> {
        self.state.lock().unwrap()
    }

    fn start(&self, per_second: u32) -> (WriterTask, SizeIndexReader) {
        let (writer, reader) = SizeIndexWriter::with_source(
            self.clone(),
            self.index.clone(),
            self.records.clone(),
            NonZeroU32::new(per_second).unwrap(),
            clock(),
        );
        (WriterTask(tokio::spawn(writer.run())), reader)
    }

    /// Pushes an image to an image stream, at a second. The index knows it at once.
    fn push(&self, name: &str, image: &str, second: i64) {
        let image = Digest::sha256(image.as_bytes());
        self.lock().streams.insert(name.to_owned(), (image, second));
        self.publish(name, WatchEventKind::Modified);
    }

    fn publish(&self, name: &str, kind: WatchEventKind) {
        let mut state = self.lock();
        state.revision += 1;
        let streams = state.streams.iter();
        let streams = streams.map(|(name, (image, pushed))| stream(name, image, *pushed));
        let ready = IndexState::Ready {
            since: DateTime::UNIX_EPOCH,
            version: state.revision.to_string(),
            streams: state.streams.len(),
            tags: state.streams.len(),
        };
        self.index.publish(PublishedIndex {
            state: ready,
            snapshot: Snapshot::from_streams(streams.collect()),
        });
        let change = StreamChange {
            kind,
            project: "p".parse().unwrap(),
            name: name.parse().unwrap(),
            tags: Box::default(),
        };
        self.index.change_log().append([(state.revision, change)]);
    }

    fn fail_next(&self, reason: NotReadyReason, retry_after: Option<Duration>) {
        self.lock().failures.push_back((reason, retry_after));
    }

    /// What was read since the last time, after how many milliseconds.
    fn reads(&self) -> Vec<(u128, String)> {
        std::mem::take(&mut self.lock().reads)
    }

    fn names(&self) -> Vec<String> {
        self.reads().into_iter().map(|(_, name)| name).collect()
    }
}

impl SizeSource for Cluster {
    async fn read(&self, path: &StreamPath) -> SizeRead {
        let name = path.1.to_string();
        let mut state = self.lock();
        let after = self.began.elapsed().as_millis();
        state.reads.push((after, name.clone()));
        let failed = |reason: NotReadyReason, retry_after| SizeRead::Failed {
            error: reason.into(),
            retry_after,
        };
        if let Some((reason, retry_after)) = state.failures.pop_front() {
            return failed(reason, retry_after);
        }
        if state.broken.contains(&name) {
            return failed(NotReadyReason::ErrorResponse, None);
        }
        match state.streams.get(&name) {
            Some((image, _)) => {
                self.records.insert_empty(image);
                SizeRead::Read
            }
            None => SizeRead::Gone,
        }
    }
}

fn all_images() -> ImageRecords {
    ImageRecords::for_all_images(clock())
}

/// Longer than all waiting image streams need. Takes no real time: the clock is paused.
async fn settle() {
    sleep(Duration::from_secs(50)).await;
}

#[tokio::test(start_paused = true)]
async fn all_streams_are_read_at_the_rate_newest_first() {
    let cluster = Cluster::new(all_images());
    for (name, second) in [("old", 10), ("new", 30), ("middle", 20)] {
        cluster.push(name, name, second);
    }
    let (_running, reader) = cluster.start(2);
    settle().await;
    let expected = [(0, "new"), (500, "middle"), (1_000, "old")];
    assert_eq!(
        cluster.reads(),
        expected.map(|(after, name)| (after, name.to_owned()))
    );
    let state = reader.state().unwrap();
    assert_eq!((state.images, state.waiting, state.problem), (3, 0, None));
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(cluster.reads(), [], "they have not changed");
    sleep(Duration::from_secs(6 * 3600)).await;
    assert_eq!(cluster.reads().len(), 3, "images can be deleted");
}

#[tokio::test(start_paused = true)]
async fn changed_stream_is_read_once_unless_its_images_are_known() {
    let cluster = Cluster::new(all_images());
    cluster.push("api", "one", 10);
    cluster.push("web", "two", 20);
    let (_running, _reader) = cluster.start(5);
    settle().await;
    assert_eq!(cluster.names(), ["web", "api"]);
    for image in ["three", "four", "five"] {
        cluster.push("api", image, 30);
    }
    cluster.push("web", "one", 30);
    settle().await;
    assert_eq!(cluster.names(), ["api"]);
    cluster.push("cart", "six", 40);
    cluster.lock().streams.remove("cart");
    settle().await;
    assert_eq!(cluster.names(), ["cart"], "deleted meanwhile");
    cluster.publish("cart", WatchEventKind::Deleted);
    settle().await;
    assert_eq!(cluster.names(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn missing_right_is_reported_and_waited_for() {
    let cluster = Cluster::new(all_images());
    cluster.push("api", "one", 10);
    for _ in 0..40 {
        cluster.fail_next(NotReadyReason::NotAllowed, None);
    }
    let (_running, reader) = cluster.start(5);
    settle().await;
    let state = reader.state().unwrap();
    assert_eq!(state.problem, Some(NotReadyReason::NotAllowed));
    assert_eq!(state.waiting, 1);
    sleep(Duration::from_secs(600)).await;
    cluster.reads();
    sleep(Duration::from_secs(3_600)).await;
    let reads = cluster.reads().len();
    assert!((5..=13).contains(&reads), "every ten minutes: {reads}");
    cluster.lock().failures.clear();
    sleep(Duration::from_secs(700)).await;
    let state = reader.state().unwrap();
    assert_eq!((state.problem, state.images), (None, 1));
}

#[tokio::test(start_paused = true)]
async fn missing_path_ends_the_task() {
    let cluster = Cluster::new(all_images());
    cluster.push("api", "one", 10);
    cluster.push("web", "two", 20);
    cluster.fail_next(NotReadyReason::NotServed, None);
    let (mut running, reader) = cluster.start(5);
    (&mut running.0).await.unwrap();
    assert_eq!(cluster.reads().len(), 1);
    let state = reader.state().unwrap();
    assert_eq!(state.problem, Some(NotReadyReason::NotServed));
    assert_eq!(state.waiting, 0);
}

#[tokio::test(start_paused = true)]
async fn busy_api_server_is_asked_again_when_it_wants() {
    let cluster = Cluster::new(all_images());
    cluster.push("api", "one", 10);
    cluster.push("web", "two", 20);
    let later = Some(Duration::from_secs(20));
    cluster.fail_next(NotReadyReason::Unreachable, later);
    cluster.fail_next(NotReadyReason::Unavailable, None);
    let (_running, reader) = cluster.start(5);
    settle().await;
    let reads = cluster.reads();
    let names: Vec<&str> = reads.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["web", "web", "web", "api"]);
    assert!(reads[1].0 >= 20_000 && reads[2].0 > reads[1].0, "{reads:?}");
    assert_eq!(reader.state().unwrap().problem, None);
}

#[tokio::test(start_paused = true)]
async fn stream_that_cannot_be_read_does_not_prevent_others() {
    let cluster = Cluster::new(all_images());
    cluster.push("api", "one", 10);
    cluster.push("broken", "two", 20);
    cluster.lock().broken.insert("broken".to_owned());
    let (_running, reader) = cluster.start(5);
    settle().await;
    assert_eq!(cluster.names(), ["broken", "api", "broken", "broken"]);
    let state = reader.state().unwrap();
    assert_eq!((state.failed, state.images, state.problem), (1, 1, None));
    cluster.lock().broken.clear();
    sleep(Duration::from_secs(700)).await;
    let state = reader.state().unwrap();
    assert_eq!((state.failed, state.images), (0, 2), "it is tried again");
}

#[tokio::test(start_paused = true)]
async fn streams_that_do_not_fit_are_left_out() {
    let cluster = Cluster::new(ImageRecords::without_room());
    cluster.push("api", "one", 10);
    let (_running, reader) = cluster.start(5);
    settle().await;
    assert_eq!(cluster.reads(), []);
    assert_eq!(reader.state().unwrap().left_out, 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_before_the_index_is_ready() {
    let cluster = Cluster::new(all_images());
    let (_running, reader) = cluster.start(5);
    settle().await;
    assert!(!reader.state().unwrap().has_begun);
    cluster.push("api", "one", 10);
    settle().await;
    assert_eq!(cluster.names(), ["api"]);
    assert!(reader.state().unwrap().has_begun);
}

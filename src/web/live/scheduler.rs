//! When open streams poll the change log: at once if there are few, one after the other if there
//! are many.
//!
//! Two thousand streams that woke at the same moment would delay every page for as long as they
//! take. So they are divided into groups that are woken in turn, and each round begins a second
//! after the last one at the earliest.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::web::live::user_connections::{UserConnection, UserConnections};

/// How many groups there are.
const WAKE_GROUPS: usize = 64;
/// The duration of a round for each open stream. With [`MAX_CONNECTIONS`] a round takes two
/// seconds.
const WAKE_TIME_PER_CONNECTION: Duration = Duration::from_micros(500);
/// The least time between two rounds.
const MIN_WAKE_INTERVAL: Duration = Duration::from_secs(1);
/// How many streams may be open: half of the connections that the console accepts, so that enough
/// are left for pages.
const MAX_CONNECTIONS: usize = 4_096;

/// Wakes the open streams. Cheap to clone.
#[derive(Clone)]
pub(in crate::web) struct LiveScheduler(Arc<LiveSchedulerInner>);

struct LiveSchedulerInner {
    groups: Vec<watch::Sender<()>>,
    open_count: AtomicUsize,
    /// A counter that assigns streams to groups.
    next_group: AtomicUsize,
    is_closing: AtomicBool,
    connections: UserConnections,
}

/// The subscription of an open stream to its group's wake-ups.
pub(super) struct Subscription {
    scheduler: LiveScheduler,
    wake_receiver: watch::Receiver<()>,
    connection: UserConnection,
}

impl LiveScheduler {
    pub(in crate::web) fn new() -> Self {
        let groups = (0..WAKE_GROUPS).map(|_| watch::Sender::new(())).collect();
        Self(Arc::new(LiveSchedulerInner {
            groups,
            open_count: AtomicUsize::new(0),
            next_group: AtomicUsize::new(0),
            is_closing: AtomicBool::new(false),
            connections: UserConnections::default(),
        }))
    }

    /// Adds a stream of `user`. `None` if there are too many, or the console is shutting down. If
    /// the user has too many, their oldest is closed.
    pub(super) fn subscribe(&self, user: &str) -> Option<Subscription> {
        let open = self.0.open_count.fetch_add(1, Ordering::Relaxed) + 1;
        metrics::gauge!("registry_console_live_connections").set(open as f64);
        let subscription = Subscription {
            scheduler: self.clone(),
            wake_receiver: self.next_group().subscribe(),
            connection: self.0.connections.open(user),
        };
        (open <= MAX_CONNECTIONS && !subscription.is_closing()).then_some(subscription)
    }

    fn next_group(&self) -> &watch::Sender<()> {
        &self.0.groups[self.0.next_group.fetch_add(1, Ordering::Relaxed) % WAKE_GROUPS]
    }

    /// Wakes all streams at once.
    pub(in crate::web) fn wake_all(&self) {
        self.0
            .groups
            .iter()
            .for_each(|group| group.send_replace(()));
    }

    pub(in crate::web) fn close(&self) {
        self.0.is_closing.store(true, Ordering::Relaxed);
        self.wake_all();
    }

    /// Wakes the groups after each change that `changes` reports. Never returns.
    pub(in crate::web) async fn run(&self, mut changes: watch::Receiver<u64>) {
        while changes.changed().await.is_ok() {
            let started = Instant::now();
            let between = self.group_delay();
            for group in &self.0.groups {
                group.send_replace(());
                if !between.is_zero() {
                    sleep(between).await;
                }
            }
            sleep_until(started + MIN_WAKE_INTERVAL).await;
        }
    }

    /// The delay between two groups. Timers count whole milliseconds: less than one is none.
    fn group_delay(&self) -> Duration {
        let open = u32::try_from(self.0.open_count.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        let between = WAKE_TIME_PER_CONNECTION * open / u32::try_from(WAKE_GROUPS).unwrap_or(1);
        Duration::from_millis(u64::try_from(between.as_millis()).unwrap_or_default())
    }
}

impl Subscription {
    /// Waits until it is time to poll, or to end.
    pub(super) async fn wait_for_wake(&mut self) {
        tokio::select! {
            // The sender is in `self`, so this cannot fail.
            _changed = self.wake_receiver.changed() => {}
            () = self.connection.wait_until_replaced() => {}
        }
    }

    /// Whether a newer stream of the same user has replaced this one.
    pub(super) fn is_replaced(&self) -> bool {
        self.connection.is_replaced()
    }

    pub(super) fn is_closing(&self) -> bool {
        self.scheduler.0.is_closing.load(Ordering::Relaxed)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let open = self.scheduler.0.open_count.fetch_sub(1, Ordering::Relaxed) - 1;
        metrics::gauge!("registry_console_live_connections").set(open as f64);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_connection_polls_at_most_once_a_second() {
        let (scheduler, changes) = (LiveScheduler::new(), watch::Sender::new(0));
        let mut subscription = scheduler.subscribe("dev").unwrap();
        let rounds = changes.subscribe();
        let running = scheduler.clone();
        let task = tokio::spawn(async move { running.run(rounds).await });
        let started = Instant::now();
        changes.send_replace(1);
        subscription.wait_for_wake().await;
        assert_eq!(started.elapsed(), Duration::ZERO);
        changes.send_replace(2);
        changes.send_replace(3);
        subscription.wait_for_wake().await;
        assert_eq!(started.elapsed(), MIN_WAKE_INTERVAL);
        sleep(MIN_WAKE_INTERVAL * 3).await;
        assert!(
            subscription.wait_for_wake().now_or_never().is_none(),
            "nothing has changed since"
        );
        task.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn many_connections_poll_in_turn() {
        let (scheduler, changes) = (LiveScheduler::new(), watch::Sender::new(0));
        let mut subscription: Vec<Subscription> = (0..2_000)
            .map(|user| scheduler.subscribe(&user.to_string()).unwrap())
            .collect();
        let rounds = changes.subscribe();
        let running = scheduler.clone();
        let task = tokio::spawn(async move { running.run(rounds).await });
        changes.send_replace(1);
        let started = Instant::now();
        let mut at_once = std::collections::BTreeMap::<Duration, usize>::new();
        for one in &mut subscription {
            one.wait_for_wake().await;
        }
        assert!(started.elapsed() < Duration::from_secs(2));
        changes.send_replace(2);
        let wakeups = subscription.into_iter().map(|mut one| async move {
            one.wait_for_wake().await;
            Instant::now()
        });
        for when in futures_util::future::join_all(wakeups).await {
            *at_once.entry(when - started).or_default() += 1;
        }
        assert!(
            at_once
                .values()
                .all(|count| *count <= 2_000 / WAKE_GROUPS + 1),
            "{at_once:?}"
        );
        task.abort();
    }

    #[test]
    fn connections_over_the_limit_or_after_shutdown_are_refused() {
        let scheduler = LiveScheduler::new();
        let all: Vec<Subscription> = (0..MAX_CONNECTIONS)
            .filter_map(|user| scheduler.subscribe(&user.to_string()))
            .collect();
        assert_eq!(all.len(), MAX_CONNECTIONS);
        assert!(scheduler.subscribe("dev").is_none());
        drop(all);
        assert!(scheduler.subscribe("dev").is_some());
        scheduler.close();
        assert!(scheduler.subscribe("dev").is_none());
        assert_eq!(scheduler.0.open_count.load(Ordering::Relaxed), 0);
    }
}

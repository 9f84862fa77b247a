//! When open streams have a look: at once where they are few, one after the other where they are
//! many.
//!
//! Two thousand streams that all woke at the same moment would hold up every page for as long as
//! they take. So they are in groups, which are woken in turn, and all of that again no sooner than
//! a second later.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::person_streams::{PersonStream, PersonStreams};

/// How many groups there are.
const GROUPS: usize = 64;
/// How long a round takes for each stream that is open. With [`MOST`] it takes two seconds.
const EACH: Duration = Duration::from_micros(500);
/// Nobody is told of anything more often.
const REST: Duration = Duration::from_secs(1);
/// How many streams may be open at once: half of the connections that the console takes, so that
/// pages are never left without.
const MOST: usize = 4_096;

/// Wakes the open streams. Cheap to clone.
#[derive(Clone)]
pub(in crate::web) struct Pulse(Arc<Beats>);

struct Beats {
    groups: Vec<watch::Sender<()>>,
    open: AtomicUsize,
    /// Counts up: which group is next to take somebody.
    turn: AtomicUsize,
    closing: AtomicBool,
    streams: PersonStreams,
}

/// An open stream's part in it.
pub(super) struct Joined {
    pulse: Pulse,
    beats: watch::Receiver<()>,
    stream: PersonStream,
}

impl Pulse {
    pub(in crate::web) fn new() -> Self {
        let groups = (0..GROUPS).map(|_| watch::Sender::new(())).collect();
        Self(Arc::new(Beats {
            groups,
            open: AtomicUsize::new(0),
            turn: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            streams: PersonStreams::default(),
        }))
    }

    /// Lets one more stream of `person` in; nobody where there are too many, or the console is
    /// about to end. Where the person has too many, their oldest is closed.
    pub(super) fn join(&self, person: &str) -> Option<Joined> {
        let open = self.0.open.fetch_add(1, Ordering::Relaxed) + 1;
        metrics::gauge!("registry_console_live_streams").set(open as f64);
        let joined = Joined {
            pulse: self.clone(),
            beats: self.group().subscribe(),
            stream: self.0.streams.open(person),
        };
        (open <= MOST && !joined.is_closing()).then_some(joined)
    }

    fn group(&self) -> &watch::Sender<()> {
        &self.0.groups[self.0.turn.fetch_add(1, Ordering::Relaxed) % GROUPS]
    }

    /// Wakes everybody at once.
    pub(in crate::web) fn beat(&self) {
        self.0
            .groups
            .iter()
            .for_each(|group| group.send_replace(()));
    }

    pub(in crate::web) fn close(&self) {
        self.0.closing.store(true, Ordering::Relaxed);
        self.beat();
    }

    /// Lets everybody look after each change that `told` tells of, for ever.
    pub(in crate::web) async fn run(&self, mut told: watch::Receiver<u64>) {
        while told.changed().await.is_ok() {
            let started = Instant::now();
            let between = self.between();
            for group in &self.0.groups {
                group.send_replace(());
                if !between.is_zero() {
                    sleep(between).await;
                }
            }
            sleep_until(started + REST).await;
        }
    }

    /// How long the next group waits after one. Timers count whole milliseconds: less than one is
    /// none.
    fn between(&self) -> Duration {
        let open = u32::try_from(self.0.open.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        let between = EACH * open / u32::try_from(GROUPS).unwrap_or(1);
        Duration::from_millis(u64::try_from(between.as_millis()).unwrap_or_default())
    }
}

impl Joined {
    /// Waits until it is time for a look, or to give up.
    pub(super) async fn beat(&mut self) {
        tokio::select! {
            // The sender is in `self`: this cannot fail.
            _beaten = self.beats.changed() => {}
            () = self.stream.replaced() => {}
        }
    }

    /// Whether a newer stream of the same person has taken the place of this one.
    pub(super) fn is_replaced(&self) -> bool {
        self.stream.is_replaced()
    }

    pub(super) fn is_closing(&self) -> bool {
        self.pulse.0.closing.load(Ordering::Relaxed)
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        let open = self.pulse.0.open.fetch_sub(1, Ordering::Relaxed) - 1;
        metrics::gauge!("registry_console_live_streams").set(open as f64);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_stream_looks_at_once_and_then_no_sooner_than_a_second_later() {
        let (pulse, told) = (Pulse::new(), watch::Sender::new(0));
        let mut joined = pulse.join("dev").unwrap();
        let rounds = told.subscribe();
        let running = pulse.clone();
        let task = tokio::spawn(async move { running.run(rounds).await });
        let started = Instant::now();
        told.send_replace(1);
        joined.beat().await;
        assert_eq!(started.elapsed(), Duration::ZERO);
        told.send_replace(2);
        told.send_replace(3);
        joined.beat().await;
        assert_eq!(started.elapsed(), REST);
        sleep(REST * 3).await;
        assert!(
            joined.beat().now_or_never().is_none(),
            "nothing has changed since"
        );
        task.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn many_streams_look_one_after_the_other_and_each_does() {
        let (pulse, told) = (Pulse::new(), watch::Sender::new(0));
        let mut joined: Vec<Joined> = (0..2_000)
            .map(|person| pulse.join(&person.to_string()).unwrap())
            .collect();
        let rounds = told.subscribe();
        let running = pulse.clone();
        let task = tokio::spawn(async move { running.run(rounds).await });
        told.send_replace(1);
        let started = Instant::now();
        let mut at_once = std::collections::BTreeMap::<Duration, usize>::new();
        for one in &mut joined {
            one.beat().await;
        }
        assert!(started.elapsed() < Duration::from_secs(2));
        told.send_replace(2);
        let looks = joined.into_iter().map(|mut one| async move {
            one.beat().await;
            Instant::now()
        });
        for when in futures_util::future::join_all(looks).await {
            *at_once.entry(when - started).or_default() += 1;
        }
        assert!(
            at_once.values().all(|count| *count <= 2_000 / GROUPS + 1),
            "{at_once:?}"
        );
        task.abort();
    }

    #[test]
    fn there_is_an_end_to_how_many_are_let_in_and_none_is_once_the_console_ends() {
        let pulse = Pulse::new();
        let all: Vec<Joined> = (0..MOST)
            .filter_map(|person| pulse.join(&person.to_string()))
            .collect();
        assert_eq!(all.len(), MOST);
        assert!(pulse.join("dev").is_none());
        drop(all);
        assert!(pulse.join("dev").is_some());
        pulse.close();
        assert!(pulse.join("dev").is_none());
        assert_eq!(pulse.0.open.load(Ordering::Relaxed), 0);
    }
}

//! The time that upstream calls take, for metrics, the log and the access log line of a request.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};

use super::{TransportError, UpstreamName};

tokio::task_local! {
    static CURRENT: Timings;
}

/// The upstream calls of one request. Cheap to clone; clones share their counts.
///
/// A call counts if it is awaited within [`Timings::scope`]; in spawned tasks only with
/// [`inherit_timings`]. Concurrent calls count in full, so the sum can exceed the elapsed time.
#[derive(Clone, Debug, Default)]
pub struct Timings(Arc<TimingsInner>);

#[derive(Debug, Default)]
struct TimingsInner {
    tallies: [Tally; 5],
    in_flight: Mutex<InFlightCalls>,
    decoding_nanoseconds: AtomicU64,
    /// Changes that were sent and may have taken effect.
    changes: AtomicU64,
}

/// Calls in progress, and the total time during which there was at least one.
#[derive(Debug, Default)]
struct InFlightCalls {
    calls: u32,
    since: Option<Instant>,
    total: Duration,
}

#[derive(Debug, Default)]
struct Tally {
    calls: AtomicU64,
    microseconds: AtomicU64,
}

impl Timings {
    /// Runs `work` and counts the upstream calls within it.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// Number of calls to `name`, and the sum of their times.
    #[must_use]
    pub fn calls_to(&self, name: UpstreamName) -> (u64, Duration) {
        let tally = &self.0.tallies[name as usize];
        (
            tally.calls.load(Ordering::Relaxed),
            Duration::from_micros(tally.microseconds.load(Ordering::Relaxed)),
        )
    }

    /// The time during which at least one call was in progress. The rest of a request's time is the
    /// console's own.
    #[must_use]
    pub fn waiting_time(&self) -> Duration {
        self.with_in_flight(|waiting| waiting.total)
    }

    /// The part of the console's own time that decoding responses took.
    #[must_use]
    pub fn decoding_time(&self) -> Duration {
        Duration::from_nanos(self.0.decoding_nanoseconds.load(Ordering::Relaxed))
    }

    fn with_in_flight<T>(&self, look: impl FnOnce(&mut InFlightCalls) -> T) -> T {
        look(
            &mut self
                .0
                .in_flight
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn add_call(&self, name: UpstreamName, took: Duration) {
        let tally = &self.0.tallies[name as usize];
        tally.calls.fetch_add(1, Ordering::Relaxed);
        tally.microseconds.fetch_add(
            u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }
}

/// `api-server 2×31ms registry 1×4ms`: the number of calls and their total milliseconds, for each
/// upstream that was called.
impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for name in [
            UpstreamName::ApiServer,
            UpstreamName::Oauth,
            UpstreamName::Oidc,
            UpstreamName::Registry,
            UpstreamName::Storage,
        ] {
            let (calls, took) = self.calls_to(name);
            if calls > 0 {
                write!(f, "{gap}{name} {calls}×{}ms", took.as_millis())?;
                gap = " ";
            }
        }
        Ok(())
    }
}

/// A call in progress. It ends on drop.
pub(super) struct InFlight(Option<Timings>);

impl InFlight {
    pub(super) fn start() -> Self {
        // There is no scope in a background task.
        let timings = CURRENT.try_with(Timings::clone).ok();
        if let Some(timings) = &timings {
            timings.with_in_flight(|waiting| {
                waiting.calls += 1;
                waiting.since.get_or_insert_with(Instant::now);
            });
        }
        Self(timings)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let Some(timings) = &self.0 else { return };
        timings.with_in_flight(|waiting| {
            waiting.calls -= 1;
            if waiting.calls == 0 {
                waiting.total += waiting
                    .since
                    .take()
                    .map_or(Duration::ZERO, |since| since.elapsed());
            }
        });
    }
}

/// Counts the calls of `work`, which runs in a task of its own, for the current request.
pub fn inherit_timings<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let timings = CURRENT.try_with(Timings::clone).unwrap_or_default();
    CURRENT.scope(timings, work)
}

/// Records a change that was sent for the current request and may have taken effect.
pub fn record_change() {
    let _ = CURRENT.try_with(|timings| timings.0.changes.fetch_add(1, Ordering::Relaxed));
}

/// Whether the current request may have changed something. `true` outside of [`Timings::scope`],
/// where changes are not counted.
#[must_use]
pub fn may_have_changed() -> bool {
    CURRENT
        .try_with(|timings| timings.0.changes.load(Ordering::Relaxed) > 0)
        .unwrap_or(true)
}

/// Runs `work`, which decodes a response, and records its time for the current request.
pub fn time_decoding<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let read = work();
    let nanoseconds = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let _ = CURRENT.try_with(|timings| {
        timings
            .0
            .decoding_nanoseconds
            .fetch_add(nanoseconds, Ordering::Relaxed)
    });
    read
}

pub(super) fn record_call(
    name: UpstreamName,
    operation: &'static str,
    method: &Method,
    took: Duration,
    result: Result<StatusCode, &TransportError>,
) {
    // There is no scope in a background task.
    let _ = CURRENT.try_with(|timings| timings.add_call(name, took));
    let (status, outcome) = match result {
        Ok(status) => (Some(status.as_u16()), status_class(status.as_u16())),
        Err(error) => (None, error.kind()),
    };
    metrics::histogram!("registry_console_upstream_request_duration_seconds", "upstream" => name.as_str(), "operation" => operation, "outcome" => outcome)
        .record(took.as_secs_f64());
    tracing::debug!(upstream = name.as_str(), %method, operation, status, outcome, duration_ms = took.as_millis() as u64, "upstream request");
}

fn status_class(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_in_a_scope_are_counted_by_upstream() {
        let timings = Timings::default();
        let result = Err(&TransportError::TooLarge {
            upstream: UpstreamName::ApiServer,
            limit: 1,
        });
        timings
            .scope(async {
                record_call(
                    UpstreamName::ApiServer,
                    "test",
                    &Method::GET,
                    Duration::from_millis(20),
                    result,
                );
                record_call(
                    UpstreamName::ApiServer,
                    "test",
                    &Method::GET,
                    Duration::from_millis(11),
                    result,
                );
                record_call(
                    UpstreamName::Registry,
                    "test",
                    &Method::GET,
                    Duration::from_millis(4),
                    result,
                );
            })
            .await;
        record_call(
            UpstreamName::Oauth,
            "test",
            &Method::GET,
            Duration::from_secs(1),
            result,
        );
        assert_eq!(timings.to_string(), "api-server 2×31ms registry 1×4ms");
    }

    #[tokio::test]
    async fn concurrent_calls_count_waiting_once() {
        let timings = Timings::default();
        timings
            .scope(async {
                let (one, other) = (InFlight::start(), InFlight::start());
                drop(one);
                assert_eq!(
                    timings.waiting_time(),
                    Duration::ZERO,
                    "the other is still on its way"
                );
                drop(other);
            })
            .await;
        assert!(timings.waiting_time() > Duration::ZERO);
        drop(InFlight::start());
        assert_eq!(
            timings.with_in_flight(|waiting| waiting.calls),
            0,
            "outside of the scope nothing counts"
        );
    }

    #[tokio::test]
    async fn spawned_task_counts_in_its_parents_scope() {
        let timings = Timings::default();
        assert_eq!(
            timings
                .scope(async {
                    tokio::spawn(inherit_timings(async { time_decoding(|| 7) }))
                        .await
                        .unwrap()
                })
                .await,
            7
        );
        assert!(timings.decoding_time() > Duration::ZERO);
    }

    #[tokio::test]
    async fn body_reading_counts_for_its_request() {
        let timings = Timings::default();
        assert_eq!(timings.scope(async { time_decoding(|| 7) }).await, 7);
        assert!(timings.decoding_time() > Duration::ZERO);
    }
}

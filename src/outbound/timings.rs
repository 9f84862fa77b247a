//! How long upstreams take: for the metrics, for the log, and for the line that an answered request leaves behind.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Method;

use super::{Answer, Failed, Name};

tokio::task_local! {
    static CURRENT: Timings;
}

/// What upstreams took on behalf of one request. Cheap to clone; clones count together.
///
/// Calls count where they are awaited within [`Timings::scope`], not in tasks that were spawned from there. Calls that run side by side
/// count in full, so that the sum may be more than the time on the clock.
#[derive(Clone, Debug, Default)]
pub struct Timings(Arc<[Tally; 3]>);

#[derive(Debug, Default)]
struct Tally {
    calls: AtomicU64,
    microseconds: AtomicU64,
}

impl Timings {
    /// Runs `work`; upstream calls within it count here.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// Number of calls to `name`, and the sum of their times.
    #[must_use]
    pub fn of(&self, name: Name) -> (u64, Duration) {
        let tally = &self.0[name as usize];
        (tally.calls.load(Ordering::Relaxed), Duration::from_micros(tally.microseconds.load(Ordering::Relaxed)))
    }

    fn add(&self, name: Name, took: Duration) {
        let tally = &self.0[name as usize];
        tally.calls.fetch_add(1, Ordering::Relaxed);
        tally.microseconds.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// `master 2×31ms registry 1×4ms`: calls and the milliseconds of all of them; nothing for who was not asked.
impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for name in [Name::Master, Name::Oauth, Name::Registry] {
            let (calls, took) = self.of(name);
            if calls > 0 {
                write!(f, "{gap}{name} {calls}×{}ms", took.as_millis())?;
                gap = " ";
            }
        }
        Ok(())
    }
}

pub(super) fn record(name: Name, operation: &'static str, method: &Method, took: Duration, result: &Result<Answer, Failed>) {
    // Without a scope (a background task) there is nobody to count for.
    let _ = CURRENT.try_with(|timings| timings.add(name, took));
    let (status, outcome) = match result {
        Ok(answer) => (Some(answer.status.as_u16()), class(answer.status.as_u16())),
        Err(failed) => (None, failed.kind()),
    };
    metrics::histogram!("registry_console_upstream_seconds", "upstream" => name.as_str(), "operation" => operation, "outcome" => outcome)
        .record(took.as_secs_f64());
    tracing::debug!(upstream = name.as_str(), %method, operation, status, outcome, ms = took.as_millis() as u64, "asked upstream");
}

fn class(status: u16) -> &'static str {
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
    async fn calls_within_a_scope_are_counted_by_upstream() {
        let timings = Timings::default();
        let failed = Err(Failed::TooLarge { upstream: Name::Master, limit: 1 });
        timings
            .scope(async {
                record(Name::Master, "test", &Method::GET, Duration::from_millis(20), &failed);
                record(Name::Master, "test", &Method::GET, Duration::from_millis(11), &failed);
                record(Name::Registry, "test", &Method::GET, Duration::from_millis(4), &failed);
            })
            .await;
        record(Name::Oauth, "test", &Method::GET, Duration::from_secs(1), &failed);
        assert_eq!(timings.to_string(), "master 2×31ms registry 1×4ms");
    }
}

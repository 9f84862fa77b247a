//! What was found out for one person, kept for a moment and found out once at a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::app::access::rights::{Person, person};
use crate::app::failure::Failure;
use crate::outbound::UserToken;
use registry_model::Clock;

/// How many people's are kept.
const PEOPLE: u64 = 10_000;
/// For how long an entry that nobody asks for stays in memory, where it is not good for longer:
/// lists are large.
const IDLE: Duration = Duration::from_secs(10);

/// For how long it is known of whom something was forgotten: longer than it matters, which `clock`
/// tells.
const FORGOTTEN: Duration = Duration::from_secs(120);

/// For how long nothing is kept of somebody after a change of theirs: the master itself may need a
/// moment until its lists show a new project.
const SETTLING: TimeDelta = TimeDelta::seconds(10);

/// What was found out, and when.
type Slot<T> = Arc<Mutex<Option<(DateTime<Utc>, Arc<T>)>>>;

/// One value for each person: by the hash of the token, so that it is no memory of tokens. Cheap to
/// clone.
pub(super) struct Recent<T> {
    people: moka::sync::Cache<Person, Slot<T>>,
    /// Of whom something was forgotten, and when.
    unsettled: moka::sync::Cache<Person, DateTime<Utc>>,
    kept_for: TimeDelta,
    clock: Clock,
}

/// A value that was just found out, and whether it is worth keeping.
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) keep: bool,
}

impl<T: Send + Sync + 'static> Recent<T> {
    pub(super) fn new(kept_for: TimeDelta, clock: Clock) -> Self {
        let idle = kept_for.to_std().unwrap_or_default().max(IDLE);
        let people = moka::sync::Cache::builder()
            .max_capacity(PEOPLE)
            .time_to_idle(idle)
            .build();
        let unsettled = moka::sync::Cache::builder()
            .max_capacity(PEOPLE)
            .time_to_live(FORGOTTEN)
            .build();
        Self {
            people,
            unsettled,
            kept_for,
            clock,
        }
    }

    /// What is known of the person, or else what `load` finds out. Whoever asks while it is being
    /// found out waits for that.
    pub(super) async fn get(
        &self,
        token: &UserToken,
        load: impl Future<Output = Result<Found<T>, Failure>>,
    ) -> Result<Arc<T>, Failure> {
        self.get_dated(token, load).await.map(|(_, value)| value)
    }

    /// The same with the moment at which it was asked for.
    pub(super) async fn get_dated(
        &self,
        token: &UserToken,
        load: impl Future<Output = Result<Found<T>, Failure>>,
    ) -> Result<(DateTime<Utc>, Arc<T>), Failure> {
        let settled = self
            .unsettled
            .get(&person(token))
            .is_none_or(|since| self.clock.now() - since >= SETTLING);
        if self.kept_for <= TimeDelta::zero() || !settled {
            let asked = self.clock.now();
            return load.await.map(|found| (asked, Arc::new(found.value)));
        }
        // Forgotten meanwhile, the slot is nobody's any more, and what is put into it is not found
        // again.
        let slot = self.people.get_with(person(token), Arc::default);
        let mut slot = slot.lock().await;
        let asked = self.clock.now();
        if let Some(known) = slot
            .as_ref()
            .filter(|(when, _)| asked - *when < self.kept_for && *when <= asked)
        {
            return Ok(known.clone());
        }
        *slot = None;
        let Found { value, keep } = load.await?;
        let value = Arc::new(value);
        if keep {
            // As old as the question, not as the answer.
            *slot = Some((asked, Arc::clone(&value)));
        }
        Ok((asked, value))
    }

    pub(super) fn forget(&self, token: &UserToken) {
        self.unsettled.insert(person(token), self.clock.now());
        self.people.invalidate(&person(token));
    }
}

impl<T> Clone for Recent<T> {
    fn clone(&self) -> Self {
        Self {
            people: self.people.clone(),
            unsettled: self.unsettled.clone(),
            kept_for: self.kept_for,
            clock: self.clock.clone(),
        }
    }
}

impl<T> fmt::Debug for Recent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent")
            .field("kept_for", &self.kept_for)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn recent(clock: &Clock) -> Recent<u32> {
        Recent::new(TimeDelta::seconds(60), clock.clone())
    }

    #[tokio::test]
    async fn many_questions_at_once_are_asked_once_and_again_after_a_minute() {
        let clock = Clock::standing_at(DateTime::UNIX_EPOCH);
        let (recent, asked, token) = (recent(&clock), AtomicU32::new(0), UserToken::from("dev"));
        let ask = || {
            recent.get(&token, async {
                tokio::task::yield_now().await;
                Ok(Found {
                    value: asked.fetch_add(1, Ordering::Relaxed),
                    keep: true,
                })
            })
        };
        let answers = futures_util::future::join_all((0..20).map(|_| ask())).await;
        assert!(answers.into_iter().all(|answer| *answer.unwrap() == 0));
        clock.advance(TimeDelta::seconds(59));
        assert_eq!(*ask().await.unwrap(), 0);
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(*ask().await.unwrap(), 1);
        recent.forget(&token);
        assert_eq!(
            (*ask().await.unwrap(), *ask().await.unwrap()),
            (2, 3),
            "not kept yet"
        );
        clock.advance(TimeDelta::seconds(10));
        assert_eq!((*ask().await.unwrap(), *ask().await.unwrap()), (4, 4));
    }

    #[tokio::test]
    async fn a_failure_and_half_an_answer_are_not_kept_and_nothing_is_anothers() {
        let clock = Clock::standing_at(DateTime::UNIX_EPOCH);
        let recent = recent(&clock);
        let (dev, viewer) = (UserToken::from("dev"), UserToken::from("viewer"));
        assert!(
            recent
                .get(&dev, async { Err(Failure::SignInRequired) })
                .await
                .is_err()
        );
        assert_eq!(
            *recent
                .get(&dev, async {
                    Ok(Found {
                        value: 1,
                        keep: false,
                    })
                })
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            *recent
                .get(&dev, async {
                    Ok(Found {
                        value: 2,
                        keep: true,
                    })
                })
                .await
                .unwrap(),
            2
        );
        assert_eq!(
            *recent
                .get(&viewer, async {
                    Ok(Found {
                        value: 3,
                        keep: true,
                    })
                })
                .await
                .unwrap(),
            3
        );
    }
}

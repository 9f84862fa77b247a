//! Changes of one image stream: one at a time, and once more after a conflict.

use std::time::Duration;

use tokio::time::Instant;

use super::AsUser;
use super::change::{ChangeFailed, Refusal, RefusedBecause};
use crate::openshift::{self, StreamLock};
use registry_model::{ImageStreamName, ProjectName};

/// How long changes of a page are begun, and how long they are waited for: less than the page
/// itself has.
const BEGIN_WITHIN: Duration = Duration::from_secs(6);
const END_WITHIN: Duration = Duration::from_secs(8);

/// How many milliseconds to wait before each further try, on average. Real conflicts are over
/// within the time of one update.
const PAUSES_MS: [u64; 5] = [30, 60, 120, 240, 480];

/// The time that the changes of one page have.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChangeTime {
    begin_by: Instant,
    end_by: Instant,
}

/// Why a try to change an image stream came to nothing.
#[derive(Debug)]
pub(super) enum TryFailed {
    /// Something else changed the image stream between reading and writing it. Nothing was changed,
    /// and a further try may succeed.
    Conflict(Refusal),
    /// A further try makes no sense.
    Final(ChangeFailed),
}

/// The lock of an image stream, and how often a change was tried under it.
#[derive(Debug)]
pub(super) struct StreamTurn {
    _lock: StreamLock,
    time: ChangeTime,
    conflicts: usize,
}

impl ChangeTime {
    pub(super) fn starting_now() -> Self {
        let now = Instant::now();
        Self {
            begin_by: now + BEGIN_WITHIN,
            end_by: now + END_WITHIN,
        }
    }

    /// Makes a change that has been begun in time; what is not answered in time may have been made.
    pub(super) async fn bound<T>(
        self,
        change: impl Future<Output = Result<T, ChangeFailed>>,
    ) -> Result<T, ChangeFailed> {
        if Instant::now() >= self.begin_by {
            return Err(Refusal::because(RefusedBecause::NotBegun).into());
        }
        let late = |_elapsed| Err(Refusal::because(RefusedBecause::Uncertain).into());
        tokio::time::timeout_at(self.end_by, change)
            .await
            .unwrap_or_else(late)
    }
}

impl AsUser<'_> {
    /// Waits until this process makes no other change of the image stream.
    ///
    /// # Errors
    ///
    /// [`RefusedBecause::Contended`]: there was no turn in time.
    pub(super) async fn turn(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        time: ChangeTime,
    ) -> Result<StreamTurn, ChangeFailed> {
        let lock =
            tokio::time::timeout_at(time.begin_by, self.master.lock_stream(project, stream)).await;
        let lock = lock.map_err(|_elapsed| Refusal::because(RefusedBecause::Contended))?;
        Ok(StreamTurn {
            _lock: lock,
            time,
            conflicts: 0,
        })
    }
}

impl StreamTurn {
    /// What a try comes to: its outcome, or nothing after a conflict, when it is time for a further
    /// try. That must read the stream again and see whether what the person was shown still holds.
    ///
    /// # Errors
    ///
    /// Why the change failed; [`RefusedBecause::Contended`] after the last try.
    pub(super) async fn settle<T>(
        &mut self,
        tried: Result<T, TryFailed>,
    ) -> Result<Option<T>, ChangeFailed> {
        let refusal = match tried {
            Ok(done) => return Ok(Some(done)),
            Err(TryFailed::Final(failed)) => return Err(failed),
            Err(TryFailed::Conflict(refusal)) => refusal,
        };
        let Some(pause) = PAUSES_MS
            .get(self.conflicts)
            .map(|&pause| Duration::from_millis(rand::random_range(pause / 2..=pause + pause / 2)))
        else {
            return Err(refusal.into());
        };
        self.conflicts += 1;
        if Instant::now() + pause >= self.time.begin_by {
            return Err(refusal.into());
        }
        tracing::debug!(
            conflicts = self.conflicts,
            "the image stream was changed in between: once more"
        );
        tokio::time::sleep(pause).await;
        Ok(None)
    }
}

impl From<openshift::Error> for TryFailed {
    fn from(error: openshift::Error) -> Self {
        match error {
            // The name is taken: that is no race, and stays so.
            openshift::Error::Conflict(status) if status.reason != "AlreadyExists" => {
                Self::Conflict(Refusal {
                    detail: status.message,
                    ..Refusal::because(RefusedBecause::Contended)
                })
            }
            error => Self::Final(error.into()),
        }
    }
}

impl From<Refusal> for TryFailed {
    fn from(refusal: Refusal) -> Self {
        Self::Final(refusal.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openshift::Status;

    fn conflict(reason: &str) -> TryFailed {
        let status = Status {
            reason: reason.to_owned(),
            ..Status::default()
        };
        openshift::Error::Conflict(Box::new(status)).into()
    }

    fn why(failed: ChangeFailed) -> RefusedBecause {
        failed.refusal().unwrap().why
    }

    #[test]
    fn only_a_concurrent_change_is_worth_a_further_try() {
        assert!(matches!(conflict("Conflict"), TryFailed::Conflict(_)));
        assert!(matches!(conflict("AlreadyExists"), TryFailed::Final(_)));
        assert!(matches!(
            openshift::Error::NotFound.into(),
            TryFailed::Final(_)
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_begun_in_time_is_told_apart_from_what_may_have_been_made() {
        let time = ChangeTime::starting_now();
        let hangs = time
            .bound(std::future::pending::<Result<(), _>>())
            .await
            .unwrap_err();
        assert_eq!(why(hangs), RefusedBecause::Uncertain);
        let next = time.bound(std::future::ready(Ok(()))).await.unwrap_err();
        assert_eq!(why(next), RefusedBecause::NotBegun);
    }
}

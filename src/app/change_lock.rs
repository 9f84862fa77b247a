//! Serializes the changes of one image stream in this process, and repeats them after a conflict.

use std::time::Duration;

use tokio::time::Instant;

use super::AppForUser;
use super::change::{ChangeError, Refusal, RefusalReason};
use crate::openshift::{self, StreamLock};
use registry_model::{ImageStreamName, ProjectName};

/// How long the changes of a page may wait and begin: less than the time that the page itself has.
const START_TIMEOUT: Duration = Duration::from_secs(6);
const COMPLETION_TIMEOUT: Duration = Duration::from_secs(8);

/// The average delay before each further attempt, in milliseconds. Real conflicts are over within
/// the time of one update.
const RETRY_DELAYS_MS: [u64; 5] = [30, 60, 120, 240, 480];

/// The time that the changes of one page have.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChangeDeadlines {
    start_by: Instant,
    end_by: Instant,
}

/// Why an attempt to change an image stream failed.
#[derive(Debug)]
pub(super) enum AttemptError {
    /// The image stream changed between the read and the write. Nothing was changed, and a further
    /// attempt may succeed.
    Conflict(Refusal),
    /// A further attempt would fail the same way.
    Final(ChangeError),
}

/// The lock of an image stream, and the number of attempts made under it.
#[derive(Debug)]
pub(super) struct StreamChangeLock {
    _lock: StreamLock,
    deadlines: ChangeDeadlines,
    conflicts: usize,
}

impl ChangeDeadlines {
    pub(super) fn from_now() -> Self {
        let now = Instant::now();
        Self {
            start_by: now + START_TIMEOUT,
            end_by: now + COMPLETION_TIMEOUT,
        }
    }

    /// Runs a change that was begun in time. If it is not answered in time, it may have been made.
    pub(super) async fn run_before_deadline<T>(
        self,
        change: impl Future<Output = Result<T, ChangeError>>,
    ) -> Result<T, ChangeError> {
        if Instant::now() >= self.start_by {
            return Err(Refusal::from_reason(RefusalReason::NotBegun).into());
        }
        let late = |_elapsed| Err(Refusal::from_reason(RefusalReason::Uncertain).into());
        tokio::time::timeout_at(self.end_by, change)
            .await
            .unwrap_or_else(late)
    }
}

impl AppForUser<'_> {
    /// Waits until this process makes no other change of the image stream.
    ///
    /// # Errors
    ///
    /// [`RefusalReason::Contended`]: the lock was not available in time.
    pub(super) async fn lock_stream(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        time: ChangeDeadlines,
    ) -> Result<StreamChangeLock, ChangeError> {
        let lock =
            tokio::time::timeout_at(time.start_by, self.api_server.lock_stream(project, stream))
                .await;
        let lock = lock.map_err(|_elapsed| Refusal::from_reason(RefusalReason::Contended))?;
        Ok(StreamChangeLock {
            _lock: lock,
            deadlines: time,
            conflicts: 0,
        })
    }
}

impl StreamChangeLock {
    /// The result of an attempt: its outcome, or `None` after a conflict, when it is time for a
    /// further attempt. That attempt must read the image stream again and compare it with what the
    /// user was shown.
    ///
    /// # Errors
    ///
    /// Why the change failed; [`RefusalReason::Contended`] after the last attempt.
    pub(super) async fn finish_attempt<T>(
        &mut self,
        tried: Result<T, AttemptError>,
    ) -> Result<Option<T>, ChangeError> {
        let refusal = match tried {
            Ok(done) => return Ok(Some(done)),
            Err(AttemptError::Final(failed)) => return Err(failed),
            Err(AttemptError::Conflict(refusal)) => refusal,
        };
        let Some(pause) = RETRY_DELAYS_MS
            .get(self.conflicts)
            .map(|&pause| Duration::from_millis(rand::random_range(pause / 2..=pause + pause / 2)))
        else {
            return Err(refusal.into());
        };
        self.conflicts += 1;
        if Instant::now() + pause >= self.deadlines.start_by {
            return Err(refusal.into());
        }
        tracing::debug!(
            conflicts = self.conflicts,
            "image stream changed concurrently; retrying"
        );
        tokio::time::sleep(pause).await;
        Ok(None)
    }
}

impl From<openshift::ApiError> for AttemptError {
    fn from(error: openshift::ApiError) -> Self {
        match error {
            // A name that is taken is no race: a further attempt would find it taken as well.
            openshift::ApiError::Conflict(status) if status.reason != "AlreadyExists" => {
                Self::Conflict(Refusal {
                    detail: status.message,
                    ..Refusal::from_reason(RefusalReason::Contended)
                })
            }
            error => Self::Final(error.into()),
        }
    }
}

impl From<Refusal> for AttemptError {
    fn from(refusal: Refusal) -> Self {
        Self::Final(refusal.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openshift::ApiStatus;

    fn conflict(reason: &str) -> AttemptError {
        let status = ApiStatus {
            reason: reason.to_owned(),
            ..ApiStatus::default()
        };
        openshift::ApiError::Conflict(Box::new(status)).into()
    }

    fn why(failed: ChangeError) -> RefusalReason {
        failed.into_refusal().unwrap().why
    }

    #[test]
    fn only_a_conflict_is_retried() {
        assert!(matches!(conflict("Conflict"), AttemptError::Conflict(_)));
        assert!(matches!(conflict("AlreadyExists"), AttemptError::Final(_)));
        assert!(matches!(
            openshift::ApiError::NotFound.into(),
            AttemptError::Final(_)
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn unstarted_change_differs_from_uncertain_change() {
        let time = ChangeDeadlines::from_now();
        let hangs = time
            .run_before_deadline(std::future::pending::<Result<(), _>>())
            .await
            .unwrap_err();
        assert_eq!(why(hangs), RefusalReason::Uncertain);
        let next = time
            .run_before_deadline(std::future::ready(Ok(())))
            .await
            .unwrap_err();
        assert_eq!(why(next), RefusalReason::NotBegun);
    }
}

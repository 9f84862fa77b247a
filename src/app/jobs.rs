//! Jobs: changes that take longer than a page may, which a task makes in the background.
//!
//! A job exists only in the memory of this process. Its task has the token of the user who started
//! it, and drops it when the job ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::time::Instant;

use super::change_lock::ChangeDeadlines;
use super::failure::Failure;
use super::tags::bulk_change::{BulkTagChange, BulkTagOutcome, BulkTagRequest};
use super::{App, AppForUser};
use crate::outbound::UserToken;
use registry_model::{ImageStreamName, ProjectName, TagSpec};

/// How many jobs are remembered, running and ended.
const MAX_JOBS: usize = 100;
/// How many jobs of one user run at the same time.
const MAX_RUNNING_PER_USER: usize = 2;
/// How long a job may run.
const MAX_RUNTIME: Duration = Duration::from_secs(10 * 60);
/// How long the result of a job is remembered.
const RESULT_TTL: TimeDelta = TimeDelta::minutes(30);
/// The longest tag spec of the result, in bytes: a longer one is kept without its annotations.
const MAX_SPEC_BYTES: usize = 1_200;

/// The jobs of this process. Clones share them and are cheap.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs(Arc<Mutex<HashMap<String, Arc<Job>>>>);

#[derive(Debug)]
struct Job {
    owner: String,
    kind: JobKind,
    project: ProjectName,
    stream: ImageStreamName,
    total: usize,
    started: DateTime<Utc>,
    state: Mutex<JobState>,
}

#[derive(Clone, Debug, Default)]
struct JobState {
    done: usize,
    failed: usize,
    end: Option<JobEnd>,
}

/// How a job ended.
#[derive(Clone, Debug)]
pub struct JobEnd {
    pub outcome: BulkTagOutcome,
    /// Why the rest was not tried, if it was not.
    pub stopped: Option<StopReason>,
    at: DateTime<Utc>,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    RemoveTags,
    RestoreTags,
}

/// Why a job ended before it was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The user signed out, or the API server no longer accepts the token.
    SignedOut,
    /// The job ran as long as a job may.
    TimeLimit,
    /// Several tags in a row were refused.
    Refused,
    /// An error of the console or an unexpected response.
    Failed,
}

/// The state of a job.
#[derive(Clone, Debug)]
pub struct JobView {
    pub kind: JobKind,
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// How many tags it changes.
    pub total: usize,
    /// How many tags it has changed.
    pub done: usize,
    /// How many tags were refused.
    pub failed: usize,
    pub started: DateTime<Utc>,
    /// The result, if the job has ended.
    pub end: Option<JobEnd>,
}

/// Why a job was not started.
#[derive(Debug)]
pub enum StartError {
    /// Too many jobs of this user, or of all users, are running.
    TooManyJobs,
    Failure(Failure),
}

impl Jobs {
    fn insert(&self, job: Job, now: DateTime<Utc>) -> Result<(String, Arc<Job>), StartError> {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.retain(|_, job| job.ended_at().is_none_or(|at| now - at < RESULT_TTL));
        let running = jobs
            .values()
            .filter(|other| other.owner == job.owner && other.ended_at().is_none());
        if running.count() >= MAX_RUNNING_PER_USER {
            return Err(StartError::TooManyJobs);
        }
        if jobs.len() >= MAX_JOBS {
            let oldest = jobs
                .iter()
                .filter_map(|(id, job)| Some((job.ended_at()?, id.clone())))
                .min()
                .ok_or(StartError::TooManyJobs)?;
            jobs.remove(&oldest.1);
        }
        let id = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let job = Arc::new(job);
        jobs.insert(id.clone(), Arc::clone(&job));
        Ok((id, job))
    }

    fn get(&self, id: &str, owner: &str, now: DateTime<Utc>) -> Option<JobView> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let job = jobs.get(id).filter(|job| job.owner == owner)?;
        let is_forgotten = job.ended_at().is_some_and(|at| now - at >= RESULT_TTL);
        (!is_forgotten).then(|| job.view())
    }
}

impl Job {
    fn state(&self) -> std::sync::MutexGuard<'_, JobState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.state().end.as_ref().map(|end| end.at)
    }

    fn view(&self) -> JobView {
        let JobState { done, failed, end } = self.state().clone();
        JobView {
            kind: self.kind,
            project: self.project.clone(),
            stream: self.stream.clone(),
            total: self.total,
            done,
            failed,
            started: self.started,
            end,
        }
    }

    fn end(&self, end: JobEnd) {
        let mut state = self.state();
        (state.done, state.failed) = (end.outcome.done.len(), end.outcome.failed.len());
        state.end = Some(end);
    }
}

/// Ends the job if its task panics.
struct EndOnDrop {
    job: Arc<Job>,
    app: App,
}

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        if self.job.ended_at().is_none() {
            self.job.end(JobEnd {
                outcome: BulkTagOutcome::default(),
                stopped: Some(StopReason::Failed),
                at: self.app.clock.now(),
            });
        }
    }
}

impl App {
    /// The job with this id, if `owner` started it and this process remembers it.
    #[must_use]
    pub fn job(&self, id: &str, owner: &str) -> Option<JobView> {
        self.jobs.get(id, owner, self.clock.now())
    }
}

impl AppForUser<'_> {
    /// Starts changing the tags in the background, and returns the id of the job. The job ends
    /// early once `is_session_over` returns true.
    ///
    /// # Errors
    ///
    /// [`StartError::TooManyJobs`], or the failure to read the image stream. Nothing was changed.
    pub async fn start_job(
        &self,
        owner: &str,
        project: &ProjectName,
        stream: &ImageStreamName,
        request: BulkTagRequest,
        is_session_over: impl Fn() -> bool + Send + 'static,
    ) -> Result<String, StartError> {
        let total = request.len();
        let kind = match request {
            BulkTagRequest::Remove(_) => JobKind::RemoveTags,
            BulkTagRequest::Restore(_) => JobKind::RestoreTags,
        };
        let change = BulkTagChange::begin(self, project, stream, request)
            .await
            .map_err(StartError::Failure)?;
        let now = self.app.clock.now();
        let job = Job {
            owner: owner.to_owned(),
            kind,
            project: project.clone(),
            stream: stream.clone(),
            total,
            started: now,
            state: Mutex::default(),
        };
        let (id, job) = self.app.jobs.insert(job, now)?;
        let (app, token) = (self.app.clone(), self.token.clone());
        tokio::spawn(async move {
            let guard = EndOnDrop { job, app };
            run_job(&guard.job, &guard.app, &token, change, is_session_over).await;
        });
        Ok(id)
    }
}

async fn run_job(
    job: &Job,
    app: &App,
    token: &UserToken,
    mut change: BulkTagChange,
    is_session_over: impl Fn() -> bool,
) {
    let (user, end_by) = (app.for_user(token), Instant::now() + MAX_RUNTIME);
    let stopped = loop {
        if is_session_over() || app.has_rejected_token(token) {
            break Some(StopReason::SignedOut);
        }
        if Instant::now() >= end_by {
            break Some(StopReason::TimeLimit);
        }
        match change.change_next(&user, ChangeDeadlines::from_now()).await {
            Ok(false) => break None,
            Ok(true) if change.is_refused_throughout() => break Some(StopReason::Refused),
            Ok(true) => {
                let mut state = job.state();
                (state.done, state.failed) = change.progress();
            }
            Err(Failure::SignInRequired) => break Some(StopReason::SignedOut),
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "a job failed");
                break Some(StopReason::Failed);
            }
        }
    };
    let mut outcome = change.finish();
    // The last tag may be the one after which the others are not tried.
    let stopped = stopped.filter(|_| !outcome.not_tried.is_empty());
    for (_, spec) in &mut outcome.done {
        let bounded = |spec: TagSpec| TagSpec::from_text(&spec.to_text(MAX_SPEC_BYTES)?);
        *spec = spec.take().and_then(bounded);
    }
    job.end(JobEnd {
        outcome,
        stopped,
        at: app.clock.now(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(owner: &str) -> Job {
        Job {
            owner: owner.to_owned(),
            kind: JobKind::RemoveTags,
            project: "team-a".parse().unwrap(),
            stream: "api".parse().unwrap(),
            total: 60,
            started: DateTime::UNIX_EPOCH,
            state: Mutex::default(),
        }
    }

    fn end(job: &Job, at: DateTime<Utc>) {
        job.end(JobEnd {
            outcome: BulkTagOutcome::default(),
            stopped: None,
            at,
        });
    }

    #[test]
    fn job_is_known_to_its_owner_until_its_result_expires() {
        let (jobs, now) = (Jobs::default(), DateTime::UNIX_EPOCH);
        let (id, job) = jobs.insert(job("dev"), now).unwrap();
        let later = now + RESULT_TTL * 2;
        assert!(jobs.get(&id, "dev", later).unwrap().end.is_none());
        assert!(jobs.get(&id, "viewer", now).is_none());
        assert!(jobs.get("other", "dev", now).is_none());
        end(&job, now);
        assert!(jobs.get(&id, "dev", now).unwrap().end.is_some());
        assert!(jobs.get(&id, "dev", now + RESULT_TTL).is_none());
    }

    #[test]
    fn running_jobs_are_limited_by_user_and_the_oldest_results_are_dropped() {
        let (jobs, now) = (Jobs::default(), DateTime::UNIX_EPOCH);
        let running: Vec<_> = (0..MAX_RUNNING_PER_USER)
            .map(|_| jobs.insert(job("dev"), now).unwrap())
            .collect();
        assert!(matches!(
            jobs.insert(job("dev"), now),
            Err(StartError::TooManyJobs)
        ));
        for second in 0..i64::try_from(MAX_JOBS * 2).unwrap() {
            let now = now + TimeDelta::seconds(second);
            let (_, job) = jobs.insert(job(&second.to_string()), now).unwrap();
            end(&job, now);
        }
        assert!(jobs.0.lock().unwrap().len() <= MAX_JOBS);
        for (id, _) in running {
            assert!(jobs.get(&id, "dev", now).is_some(), "it still runs");
        }
    }

    #[test]
    fn no_job_is_dropped_while_it_runs() {
        let (jobs, now) = (Jobs::default(), DateTime::UNIX_EPOCH);
        for owner in 0..MAX_JOBS {
            jobs.insert(job(&owner.to_string()), now).unwrap();
        }
        assert!(matches!(
            jobs.insert(job("dev"), now),
            Err(StartError::TooManyJobs)
        ));
    }
}

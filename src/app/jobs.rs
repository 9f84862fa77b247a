//! Jobs: changes that take longer than a page may, which a task makes in the background.
//!
//! A job exists only in the memory of this process. Its task has the token of the user who started
//! it, and drops it when the job ends.

mod import_retries;
mod tag_changes;

pub use import_retries::MAX_JOB_IMPORTS;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::App;
use super::failure::Failure;
use super::imports::{ImportsQuery, RetryResult};
use super::tags::bulk_change::BulkTagOutcome;
use crate::outbound::UserToken;
use registry_model::{ImageStreamName, ProjectName};

/// How many jobs are remembered, running and ended.
const MAX_JOBS: usize = 100;
/// How many jobs of one user run at the same time.
const MAX_RUNNING_PER_USER: usize = 2;
/// How long a job may run.
const MAX_RUNTIME: Duration = Duration::from_secs(10 * 60);
/// How long the result of a job is remembered.
const RESULT_TTL: TimeDelta = TimeDelta::minutes(30);
/// The jobs of this process. Clones share them and are cheap.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs(Arc<Mutex<HashMap<String, Arc<Job>>>>);

#[derive(Debug)]
struct Job {
    owner: String,
    view: Mutex<JobView>,
}

/// A job.
#[derive(Clone, Debug)]
pub struct JobView {
    pub details: JobDetails,
    pub state: JobState,
}

/// How far a job is.
#[derive(Clone, Copy, Debug)]
pub struct JobState {
    /// How many tags or imports it was started for.
    pub total: usize,
    /// How many tags it has changed or imported.
    pub done: usize,
    /// How many tags were refused or could not be imported.
    pub failed: usize,
    /// How many of `total` it has finished with. More tags than that can have a result: the import
    /// of a repository has one for each of its tags.
    pub processed: usize,
    pub started: DateTime<Utc>,
    /// `None` while it is running.
    pub end: Option<JobEnd>,
}

/// What a job does, and its results.
#[derive(Clone, Debug)]
pub enum JobDetails {
    Tags {
        kind: TagJobKind,
        project: ProjectName,
        stream: ImageStreamName,
        /// Empty until the job has ended.
        outcome: BulkTagOutcome,
    },
    Imports(ImportRetries),
}

/// The results of a job that imports tags again.
#[derive(Clone, Debug, Default)]
pub struct ImportRetries {
    /// The list of imports that the job was started from.
    pub query: ImportsQuery,
    pub omitted: OmittedImports,
    /// In the order in which they were imported.
    pub results: Vec<RetryResult>,
}

/// How many imports that were asked for are not in a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OmittedImports {
    /// Those that the user may not repeat.
    pub not_allowed: usize,
    /// Those beyond the most that a job can have.
    pub over_limit: usize,
}

/// How a job ended.
#[derive(Clone, Copy, Debug)]
pub struct JobEnd {
    /// Why the rest was not tried, if it was not.
    pub stopped: Option<StopReason>,
    at: DateTime<Utc>,
}

/// How a job changes tags of an image stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TagJobKind {
    RemoveTags,
    RestoreTags,
}

/// Why a job ended before it was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The user signed out, or the API server no longer accepts the token.
    SignedOut,
    /// The job ran as long as a job may.
    TimeLimit,
    /// Several changes in a row were refused for a reason that concerns all of them.
    Refused,
    /// An error of the console or an unexpected response.
    Failed,
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

    /// The import jobs of this user that are running, with their ids, the oldest first.
    fn running_imports(&self, owner: &str) -> Vec<(String, JobState)> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let running = jobs.iter().filter(|(_, job)| job.owner == owner);
        let mut running: Vec<_> = running
            .filter_map(|(id, job)| {
                let view = job.view();
                let is_shown =
                    view.state.end.is_none() && matches!(view.details, JobDetails::Imports(_));
                is_shown.then(|| (id.clone(), view.state))
            })
            .collect();
        running.sort_by_key(|(_, state)| state.started);
        running
    }

    fn get(&self, id: &str, owner: &str, now: DateTime<Utc>) -> Option<JobView> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let job = jobs.get(id).filter(|job| job.owner == owner)?;
        let is_forgotten = job.ended_at().is_some_and(|at| now - at >= RESULT_TTL);
        (!is_forgotten).then(|| job.view().clone())
    }
}

impl Job {
    fn new(owner: &str, total: usize, details: JobDetails, started: DateTime<Utc>) -> Self {
        let state = JobState {
            total,
            done: 0,
            failed: 0,
            processed: 0,
            started,
            end: None,
        };
        Self {
            owner: owner.to_owned(),
            view: Mutex::new(JobView { details, state }),
        }
    }

    fn view(&self) -> MutexGuard<'_, JobView> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.view().state.end.map(|end| end.at)
    }

    fn end(&self, stopped: Option<StopReason>, at: DateTime<Utc>) {
        self.view().state.end = Some(JobEnd { stopped, at });
    }
}

/// A running job, with what its task needs. Dropping it ends the job, also after a panic.
struct RunningJob {
    job: Arc<Job>,
    app: App,
    token: UserToken,
    end_by: Instant,
    stopped: Option<StopReason>,
}

impl RunningJob {
    fn new(job: Arc<Job>, app: App, token: UserToken) -> Self {
        Self {
            job,
            app,
            token,
            end_by: Instant::now() + MAX_RUNTIME,
            stopped: Some(StopReason::Failed),
        }
    }

    /// Why the job must not continue.
    fn stop_reason(&self, is_session_over: impl Fn() -> bool) -> Option<StopReason> {
        if is_session_over() || self.app.has_rejected_token(&self.token) {
            Some(StopReason::SignedOut)
        } else if Instant::now() >= self.end_by {
            Some(StopReason::TimeLimit)
        } else {
            None
        }
    }
}

/// Why the job stops after this failure.
fn stop_reason_of(failure: &Failure) -> StopReason {
    if matches!(failure, Failure::SignInRequired) {
        return StopReason::SignedOut;
    }
    tracing::warn!(error = failure as &dyn std::error::Error, "a job failed");
    StopReason::Failed
}

impl Drop for RunningJob {
    fn drop(&mut self) {
        self.job.end(self.stopped, self.app.clock.now());
    }
}

impl App {
    /// The job with this id, if `owner` started it and this process remembers it.
    #[must_use]
    pub fn job(&self, id: &str, owner: &str) -> Option<JobView> {
        self.jobs.get(id, owner, self.clock.now())
    }

    /// The jobs of `owner` that are importing tags, with their ids, the oldest first.
    #[must_use]
    pub fn running_import_jobs(&self, owner: &str) -> Vec<(String, JobState)> {
        self.jobs.running_imports(owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(owner: &str) -> Job {
        let details = JobDetails::Imports(ImportRetries::default());
        Job::new(owner, 60, details, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn job_is_known_to_its_owner_until_its_result_expires() {
        let (jobs, now) = (Jobs::default(), DateTime::UNIX_EPOCH);
        let (id, job) = jobs.insert(job("dev"), now).unwrap();
        let later = now + RESULT_TTL * 2;
        assert!(jobs.get(&id, "dev", later).unwrap().state.end.is_none());
        assert!(jobs.get(&id, "viewer", now).is_none());
        assert!(jobs.get("other", "dev", now).is_none());
        job.end(None, now);
        assert!(jobs.get(&id, "dev", now).unwrap().state.end.is_some());
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
            job.end(None, now);
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

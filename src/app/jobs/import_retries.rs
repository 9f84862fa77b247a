//! Jobs that import many tags again.

use std::sync::{Mutex, PoisonError};

use futures_util::{StreamExt, stream};

use super::{
    ImportRetries, Job, JobDetails, JobView, OmittedImports, RunningJob, StartError, StopReason,
    stop_reason_of,
};
use crate::app::AppForUser;
use crate::app::change_lock::ChangeDeadlines;
use crate::app::image_streams::ImportOutcome;
use crate::app::imports::retry::{ImportBatch, MAX_CONCURRENT_IMPORTS};
use crate::app::imports::{ImportTarget, ImportsQuery, RetryOutcome, RetryResult, RetrySelection};
use crate::outbound::inherit_origin;
use registry_model::safe_text;

/// How many imports a job can have.
pub const MAX_JOB_IMPORTS: usize = 3_000;

/// How many tags one request imports: few, because the results appear after the last of them.
const MAX_TAGS_PER_REQUEST: usize = 5;

/// After this many requests in a row that the API server could not process, the rest is not tried.
const MAX_CONSECUTIVE_OUTAGES: usize = 5;

/// The bounds of the texts of a result, in characters, because a job keeps thousands of them.
const MAX_MESSAGE_CHARS: usize = 300;
const MAX_SOURCE_BYTES: usize = 500;

impl AppForUser<'_> {
    /// Starts importing the targets again in the background, and returns the id of the job. The job
    /// ends early once `is_session_over` returns true.
    ///
    /// # Errors
    ///
    /// [`StartError::TooManyJobs`]. Nothing was imported.
    pub fn start_import_job(
        &self,
        owner: &str,
        query: ImportsQuery,
        selection: RetrySelection,
        is_session_over: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<String, StartError> {
        let RetrySelection {
            mut targets,
            not_allowed,
        } = selection;
        let over_limit = targets.len().saturating_sub(MAX_JOB_IMPORTS);
        targets.truncate(MAX_JOB_IMPORTS);
        let details = JobDetails::Imports(ImportRetries {
            query,
            omitted: OmittedImports {
                not_allowed,
                over_limit,
            },
            results: Vec::new(),
        });
        let now = self.app.clock.now();
        let job = Job::new(owner, targets.len(), details, now);
        let (id, job) = self.app.jobs.insert(job, now)?;
        let running = RunningJob::new(job, self.app.clone(), self.token.clone());
        tokio::spawn(inherit_origin(import_all(
            running,
            targets,
            is_session_over,
        )));
        Ok(id)
    }
}

/// What the concurrent imports of a job share.
#[derive(Debug, Default)]
struct Progress {
    stopped: Option<StopReason>,
    consecutive_outages: usize,
}

async fn import_all(
    mut running: RunningJob,
    targets: Vec<ImportTarget>,
    is_session_over: impl Fn() -> bool + Send + Sync,
) {
    let progress = Mutex::new(Progress::default());
    let streams = ImportBatch::by_stream(&targets, MAX_TAGS_PER_REQUEST);
    drop(targets);
    // The imports of one image stream wait for each other: they change the same object.
    stream::iter(streams)
        .for_each_concurrent(MAX_CONCURRENT_IMPORTS, |batches| async {
            for batch in batches {
                import(&running, &progress, batch, &is_session_over).await;
            }
        })
        .await;
    let progress = progress
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    running.stopped = progress.stopped.filter(|_| has_rest(&running.job));
}

/// Imports a batch, unless the job was stopped, and adds its results to the job.
async fn import(
    running: &RunningJob,
    progress: &Mutex<Progress>,
    batch: ImportBatch,
    is_session_over: impl Fn() -> bool,
) {
    let lock = || progress.lock().unwrap_or_else(PoisonError::into_inner);
    let stopped = lock()
        .stopped
        .or_else(|| running.stop_reason(is_session_over));
    let results = match stopped {
        Some(reason) => Err(reason),
        None => {
            let user = running.app.for_user(&running.token);
            let results = user.retry_batch(&batch, ChangeDeadlines::from_now()).await;
            results.map_err(|failure| stop_reason_of(&failure))
        }
    };
    let mut progress = lock();
    let results = match results {
        Ok(results) => {
            let is_outage = results.iter().all(|result| {
                matches!(&result.outcome, RetryOutcome::Refused { refusal } if refusal.is_outage())
            });
            progress.consecutive_outages = if is_outage {
                progress.consecutive_outages + 1
            } else {
                0
            };
            if progress.consecutive_outages >= MAX_CONSECUTIVE_OUTAGES {
                progress.stopped = progress.stopped.or(Some(StopReason::Refused));
            }
            results
        }
        Err(reason) => {
            progress.stopped = progress.stopped.or(Some(reason));
            batch.results(&RetryOutcome::NotAttempted)
        }
    };
    drop(progress);
    add_results(&running.job, batch.len(), results);
}

fn add_results(job: &Job, processed: usize, new: Vec<RetryResult>) {
    let count =
        |is_counted: fn(&RetryResult) -> bool| new.iter().filter(|it| is_counted(it)).count();
    let (imported, waiting) = (
        count(RetryResult::is_imported),
        count(RetryResult::is_not_attempted),
    );
    let mut view = job.view();
    let JobView { details, state } = &mut *view;
    state.done += imported;
    state.failed += new.len() - imported - waiting;
    if waiting == 0 {
        state.processed += processed;
    }
    if let JobDetails::Imports(imports) = details {
        imports.results.extend(new.into_iter().map(bounded));
    }
}

fn has_rest(job: &Job) -> bool {
    match &job.view().details {
        JobDetails::Imports(imports) => imports.results.iter().any(RetryResult::is_not_attempted),
        JobDetails::Tags { .. } => false,
    }
}

/// The result without what a list of results does not show.
fn bounded(mut result: RetryResult) -> RetryResult {
    let cut = |text: &mut String| {
        let (start, is_cut) = safe_text::truncate(text, MAX_MESSAGE_CHARS);
        if is_cut {
            *text = format!("{start}…");
        }
    };
    result.from = result.from.filter(|from| from.len() <= MAX_SOURCE_BYTES);
    match &mut result.outcome {
        RetryOutcome::Tried { result, .. } => match &mut result.outcome {
            ImportOutcome::Found { platforms, .. } => *platforms = Vec::new(),
            ImportOutcome::Failed { message, .. } => cut(message),
            ImportOutcome::NotLookedAt => {}
        },
        RetryOutcome::Refused { refusal } => {
            cut(&mut refusal.detail);
            refusal.causes = Vec::new();
        }
        RetryOutcome::NotAttempted => {}
    }
    result
}

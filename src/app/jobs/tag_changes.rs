//! Jobs that change many tags of an image stream.

use super::{Job, JobDetails, RunningJob, StartError, StopReason, TagJobKind, stop_reason_of};
use crate::app::AppForUser;
use crate::app::change_lock::ChangeDeadlines;
use crate::app::tags::bulk_change::{BulkTagChange, BulkTagOutcome, BulkTagRequest};
use crate::outbound::inherit_origin;
use registry_model::{ImageStreamName, ProjectName, TagSpec};

/// The longest tag spec of the result, in bytes: a longer one is kept without its annotations.
const MAX_SPEC_BYTES: usize = 1_200;

impl AppForUser<'_> {
    /// Starts changing the tags in the background, and returns the id of the job. The job ends
    /// early once `is_session_over` returns true.
    ///
    /// # Errors
    ///
    /// [`StartError::TooManyJobs`], or the failure to read the image stream. Nothing was changed.
    pub async fn start_tag_job(
        &self,
        owner: &str,
        project: &ProjectName,
        stream: &ImageStreamName,
        request: BulkTagRequest,
        is_session_over: impl Fn() -> bool + Send + 'static,
    ) -> Result<String, StartError> {
        let total = request.len();
        let kind = match request {
            BulkTagRequest::Remove(_) => TagJobKind::RemoveTags,
            BulkTagRequest::Restore(_) => TagJobKind::RestoreTags,
        };
        let change = BulkTagChange::begin(self, project, stream, request)
            .await
            .map_err(StartError::Failure)?;
        let details = JobDetails::Tags {
            kind,
            project: project.clone(),
            stream: stream.clone(),
            outcome: BulkTagOutcome::default(),
        };
        let now = self.app.clock.now();
        let job = Job::new(owner, total, details, now);
        let (id, job) = self.app.jobs.insert(job, now)?;
        let running = RunningJob::new(job, self.app.clone(), self.token.clone());
        tokio::spawn(inherit_origin(change_tags(
            running,
            change,
            is_session_over,
        )));
        Ok(id)
    }
}

async fn change_tags(
    mut running: RunningJob,
    mut change: BulkTagChange,
    is_session_over: impl Fn() -> bool,
) {
    let user = running.app.for_user(&running.token);
    let stopped = loop {
        if let Some(reason) = running.stop_reason(&is_session_over) {
            break Some(reason);
        }
        match change.change_next(&user, ChangeDeadlines::from_now()).await {
            Ok(false) => break None,
            Ok(true) if change.is_refused_throughout() => break Some(StopReason::Refused),
            Ok(true) => set_progress(&running.job, change.progress()),
            Err(failure) => break Some(stop_reason_of(&failure)),
        }
    };
    let mut outcome = change.finish();
    // The last tag may be the one after which the others are not tried.
    let stopped = stopped.filter(|_| !outcome.not_tried.is_empty());
    for (_, spec) in &mut outcome.done {
        let bounded = |spec: TagSpec| TagSpec::from_text(&spec.to_text(MAX_SPEC_BYTES)?);
        *spec = spec.take().and_then(bounded);
    }
    set_progress(&running.job, (outcome.done.len(), outcome.failed.len()));
    if let JobDetails::Tags { outcome: known, .. } = &mut running.job.view().details {
        *known = outcome;
    }
    running.stopped = stopped;
}

fn set_progress(job: &Job, (done, failed): (usize, usize)) {
    let state = &mut job.view().state;
    (state.done, state.failed, state.processed) = (done, failed, done + failed);
}

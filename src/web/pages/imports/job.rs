//! The page of a job that imports tags again.

use askama::Template;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::results::ResultTable;
use crate::app::imports::{ImportsQuery, RetryResult};
use crate::app::jobs::{ImportRetries, JobState, MAX_JOB_IMPORTS, OmittedImports, StopReason};
use crate::app::lists::Paging;
use crate::i18n::Message;
use crate::web::components::Pager;
use crate::web::context::SignedIn;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::jobs::stop_text;
use crate::web::render::{Area, Chrome};

/// How many results a page shows.
const RESULTS_PER_PAGE: usize = 50;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "imports/job.html")]
pub(in crate::web::pages) struct ImportJobPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    id: String,
    kind: &'static str,
    query: ImportsQuery,
    total: usize,
    /// How many of `total` the job has finished with.
    processed: usize,
    done: usize,
    failed: usize,
    /// How many were not tried, because the job was stopped.
    not_attempted: usize,
    omitted: OmittedImports,
    #[schema(value_type = String, format = DateTime)]
    started: DateTime<Utc>,
    has_ended: bool,
    /// Why the rest was not tried, if the job was stopped.
    stopped: Option<StopReason>,
    /// The results of this page: failures first.
    results: Vec<RetryResult>,
    paging: Paging,
}

impl ImportJobPage {
    pub(in crate::web::pages) fn new(
        caller: &SignedIn,
        id: String,
        imports: ImportRetries,
        state: JobState,
        page: usize,
    ) -> Self {
        let lang = caller.context.lang;
        let ImportRetries {
            query,
            omitted,
            results,
        } = imports;
        let (waiting, mut begun): (Vec<_>, Vec<_>) =
            results.into_iter().partition(RetryResult::is_not_attempted);
        begun.sort_by_key(RetryResult::is_imported);
        let (results, paging) = Paging::paginate(begun, page, RESULTS_PER_PAGE);
        let title = match state.end {
            None => lang.msg("job-importing-title").arg("count", state.total),
            Some(_) => lang.msg("imports-results"),
        };
        Self {
            chrome: caller.chrome(Area::Imports, title),
            id,
            kind: "retry-imports",
            query,
            total: state.total,
            processed: state.processed,
            done: state.done,
            failed: state.failed,
            not_attempted: waiting.len(),
            omitted,
            started: state.started,
            has_ended: state.end.is_some(),
            stopped: state.end.and_then(|end| end.stopped),
            results,
            paging,
        }
    }

    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below(links::IMPORTS, lang.msg("imports"))
            .with_kind(lang.msg("job"))
            .with_current(lang.msg("job"))
    }

    fn progress_text(&self) -> Message {
        let text = self.chrome.lang.msg("job-progress-imported");
        text.arg("done", self.processed).arg("total", self.total)
    }

    fn failed_text(&self) -> Option<Message> {
        let text = self.chrome.lang.msg("job-imports-failed-so-far");
        (self.failed > 0).then(|| text.arg("count", self.failed))
    }

    fn summary(&self) -> Message {
        let text = self.chrome.lang.msg("imports-results-summary");
        text.arg("imported", self.done).arg("failed", self.failed)
    }

    fn stop_text(&self) -> Option<Message> {
        Some(stop_text(self.chrome.lang, self.stopped?))
    }

    fn table(&self) -> ResultTable<'_> {
        ResultTable::new(self.chrome.lang, &self.results, &self.query)
    }

    fn pager(&self) -> Option<Pager> {
        let link = |page| links::import_job(&self.id, page);
        (self.paging.pages > 1).then(|| Pager::new(&self.paging, link))
    }

    fn list_link(&self) -> String {
        links::imports(&self.query)
    }

    fn over_limit_hint(&self) -> Message {
        let text = self.chrome.lang.msg("imports-left-out-hint");
        text.arg("most", MAX_JOB_IMPORTS)
    }
}

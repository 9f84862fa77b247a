//! `POST /imports`: imports tags again. A few have their results on the page that follows, many are
//! imported by a job.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::query::query_of_form;
use super::results::ResultTable;
use crate::app::failure::Failure;
use crate::app::imports::{ImportTarget, ImportsQuery, RetryResult, RetrySelection};
use crate::app::jobs::{JobDetails, JobView};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::FormData;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::jobs::show::unknown_import_job;
use crate::web::render::{Area, Chrome, render};

/// More imports than this may take longer than a page, and are made by a job.
pub(in crate::web) const MAX_IMPORTS_IN_PAGE: usize = 10;

#[derive(Template, Serialize)]
#[template(path = "imports/retry.html")]
struct RetryPage {
    #[serde(skip)]
    chrome: Chrome,
    query: ImportsQuery,
    results: Vec<RetryResult>,
    /// How many more imports were asked for that the user may not repeat.
    not_allowed: usize,
}

impl RetryPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below(links::IMPORTS, lang.msg("imports"))
            .with_current(lang.msg("imports-results"))
    }

    /// The results of imports that were begun: failures first.
    fn begun(&self) -> Vec<&RetryResult> {
        let mut begun: Vec<&RetryResult> = self
            .results
            .iter()
            .filter(|result| !result.is_not_attempted())
            .collect();
        begun.sort_by_key(|result| result.is_imported());
        begun
    }

    fn table(&self) -> ResultTable<'_> {
        ResultTable::new(self.chrome.lang, self.begun(), &self.query)
    }

    /// What is to be continued.
    fn not_attempted(&self) -> Vec<&ImportTarget> {
        self.results
            .iter()
            .filter(|result| result.is_not_attempted())
            .map(|result| &result.target)
            .collect()
    }

    fn imported_count(&self) -> usize {
        self.results
            .iter()
            .filter(|result| result.is_imported())
            .count()
    }

    fn failed_count(&self) -> usize {
        self.begun().len() - self.imported_count()
    }

    fn summary(&self) -> Message {
        self.chrome
            .lang
            .msg("imports-results-summary")
            .arg("imported", self.imported_count())
            .arg("failed", self.failed_count())
    }

    /// The targets whose import can be repeated.
    fn failed(&self) -> Vec<&ImportTarget> {
        self.begun()
            .into_iter()
            .filter(|result| !result.is_imported())
            .map(|result| &result.target)
            .collect()
    }

    fn list_link(&self) -> String {
        links::imports(&self.query)
    }

    fn query_fields(&self) -> Vec<(&'static str, String)> {
        links::imports_fields(&self.query)
    }
}

/// Imports the tags that the form names: those of one button or of a list of results (`retry`), the
/// failed or remaining ones of a job (`retry-job`), all of a registry (`retry-host`), all that match
/// the query (`do=all`), or all that the page showed (`do=shown`).
pub(in crate::web) async fn retry_imports(
    caller: SignedIn,
    form: FormData,
) -> Result<Response, WebError> {
    let mut query = query_of_form(&form);
    let named = |field: &'static str| -> Vec<ImportTarget> {
        form.all(field)
            .filter_map(|text| text.parse().ok())
            .collect()
    };
    let host = form.text("retry-host");
    let selection = if form.has("retry") {
        RetrySelection::from(named("retry"))
    } else if form.has("retry-job") {
        let Some(job) = caller.job(form.text("job")).await? else {
            return unknown_import_job(&caller);
        };
        let (targets, of_job) = targets_of_job(job, form.text("retry-job") == "failed");
        query = of_job;
        RetrySelection::from(targets)
    } else if !host.is_empty() {
        let of_host = ImportsQuery {
            host: Some(host.to_owned()),
            ..query.clone()
        };
        caller.app().matching_imports(&of_host).await?
    } else if form.text("do") == "all" {
        caller.app().matching_imports(&query).await?
    } else {
        RetrySelection::from(named("shown"))
    };
    if selection.targets.len() > MAX_IMPORTS_IN_PAGE {
        return start_job(&caller, query, selection);
    }
    let results = caller.app().retry_imports(&selection.targets).await?;
    let title = caller.context.lang.msg("imports-results");
    Ok(render(
        &caller.context,
        &RetryPage {
            chrome: caller.chrome(Area::Imports, title),
            query,
            results,
            not_allowed: selection.not_allowed,
        },
    ))
}

fn start_job(
    caller: &SignedIn,
    query: ImportsQuery,
    selection: RetrySelection,
) -> Result<Response, WebError> {
    let owner = caller
        .user_name()
        .ok_or(Failure::Internal("a form without a session"))?;
    let session_check = caller.session_check();
    let id = caller
        .app()
        .start_import_job(owner, query, selection, session_check)?;
    Ok(Redirect::to(&links::import_job(&id, 1)).into_response())
}

/// The failed imports of a job, or those that were not begun, and the list that it was started
/// from.
fn targets_of_job(job: JobView, is_failed: bool) -> (Vec<ImportTarget>, ImportsQuery) {
    let JobDetails::Imports(imports) = job.details else {
        return (Vec::new(), ImportsQuery::default());
    };
    let targets = imports.results.into_iter().filter(|result| {
        if is_failed {
            !result.is_imported() && !result.is_not_attempted()
        } else {
            result.is_not_attempted()
        }
    });
    (targets.map(|result| result.target).collect(), imports.query)
}

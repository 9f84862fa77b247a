//! `/jobs/{job}`: the progress of a job, and its result.

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::app::failure::{Failure, PageSubject};
use crate::app::jobs::{JobKind, JobView, StopReason};
use crate::i18n::Message;
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{Flash, FormData};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::tags::remove_many::outcome_flash;
use crate::web::render::{Area, Chrome, render, render_with_status};
use registry_model::{ImageStreamName, ProjectName};

/// How often the page of a running job is loaded again, in seconds. A header does that, so that it
/// works without a script.
const REFRESH_SECONDS: u16 = 2;

#[derive(Template, Serialize)]
#[template(path = "jobs/show.html")]
struct JobPage {
    #[serde(skip)]
    chrome: Chrome,
    kind: JobKind,
    project: ProjectName,
    stream: ImageStreamName,
    total: usize,
    done: usize,
    failed: usize,
    started: DateTime<Utc>,
    /// Why the rest was not tried, if the job was stopped.
    stopped: Option<StopReason>,
    /// What happened, if the job has ended.
    result: Option<Flash>,
}

impl JobPage {
    fn new(caller: &SignedIn, job: JobView) -> Self {
        let lang = caller.context.lang;
        let JobView {
            kind,
            project,
            stream,
            total,
            done,
            failed,
            started,
            end,
        } = job;
        let stopped = end.as_ref().and_then(|end| end.stopped);
        let result =
            end.map(|end| outcome_flash(lang, &project, &stream, kind, end.outcome, end.stopped));
        let title = match (kind, result.is_some()) {
            (JobKind::RemoveTags, false) => lang.msg("job-removing-title"),
            (JobKind::RemoveTags, true) => lang.msg("remove-tags-title"),
            (JobKind::RestoreTags, false) => lang.msg("job-restoring-title"),
            (JobKind::RestoreTags, true) => lang.msg("job-restore-title"),
        };
        let title = title
            .arg("count", total)
            .arg("stream", format!("{project}/{stream}"));
        Self {
            chrome: caller.chrome(Area::Images, title),
            kind,
            project,
            stream,
            total,
            done,
            failed,
            started,
            stopped,
            result,
        }
    }

    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below_stream(lang, &self.project, &self.stream)
            .with_kind(lang.msg("job"))
            .with_current(lang.msg("job"))
    }

    fn progress_text(&self) -> Message {
        let lang = self.chrome.lang;
        let text = match self.kind {
            JobKind::RemoveTags => lang.msg("job-progress-removed"),
            JobKind::RestoreTags => lang.msg("job-progress-restored"),
        };
        text.arg("done", self.done).arg("total", self.total)
    }

    /// How many tags were processed, refused ones included.
    fn processed(&self) -> usize {
        self.done + self.failed
    }

    fn refresh_text(&self) -> Message {
        self.chrome
            .lang
            .msg("job-refreshes")
            .arg("seconds", REFRESH_SECONDS)
    }
}

/// The page about a job that this process does not know, or that another user started.
#[derive(Template, Serialize)]
#[template(path = "jobs/unknown.html")]
struct UnknownJobPage {
    #[serde(skip)]
    chrome: Chrome,
    /// The page of the image stream, if the address names it.
    #[serde(skip)]
    stream_path: Option<String>,
}

/// The page of the image stream in `?image=project/stream`.
fn stream_path(uri: &Uri) -> Option<String> {
    let query = FormData::parse(uri.query()?.as_bytes());
    let (project, stream) = query.text("image").split_once('/')?;
    Some(links::stream(&project.parse().ok()?, &stream.parse().ok()?))
}

pub(in crate::web) async fn show_job(
    caller: SignedIn,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, WebError> {
    let Some(job) = caller.job(&id).await? else {
        if caller.context.format == ResponseFormat::Json {
            return Err(Failure::NotFound(PageSubject::Page).into());
        }
        let lang = caller.context.lang;
        let status = StatusCode::NOT_FOUND;
        let page = UnknownJobPage {
            chrome: caller.chrome(Area::Images, lang.msg("job-unknown-title")),
            stream_path: stream_path(&uri),
        };
        return Ok(render_with_status(status, &caller.context, &page));
    };
    let page = JobPage::new(&caller, job);
    let mut response = render(&caller.context, &page);
    if page.result.is_none() && caller.context.format == ResponseFormat::Html {
        response
            .headers_mut()
            .insert(header::REFRESH, HeaderValue::from(REFRESH_SECONDS));
    }
    Ok(response)
}

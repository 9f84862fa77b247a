//! `/jobs/{job}`: the progress of a job, and its result.

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::failure::{Failure, PageSubject};
use crate::app::jobs::{JobDetails, JobState, JobView, StopReason, TagJobKind};
use crate::app::tags::BulkTagOutcome;
use crate::i18n::Message;
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::extractors::parse_page;
use crate::web::filters;
use crate::web::forms::{Flash, FormData};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::imports::job::ImportJobPage;
use crate::web::pages::jobs::REFRESH_SECONDS;
use crate::web::pages::tags::remove_many::outcome_flash;
use crate::web::render::{Area, Chrome, render, render_with_status};
use registry_model::{ImageStreamName, ProjectName};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "jobs/show.html")]
pub(super) struct TagJobPage {
    #[serde(skip)]
    chrome: Chrome,
    kind: TagJobKind,
    project: ProjectName,
    stream: ImageStreamName,
    total: usize,
    done: usize,
    failed: usize,
    /// How many tags were processed, refused ones included.
    #[serde(skip)]
    processed: usize,
    #[schema(value_type = String, format = DateTime)]
    started: DateTime<Utc>,
    /// Why the rest was not tried, if the job was stopped.
    stopped: Option<StopReason>,
    has_ended: bool,
    /// What happened, if the job has ended.
    #[serde(skip)]
    result: Option<Flash>,
}

impl TagJobPage {
    fn new(
        caller: &SignedIn,
        kind: TagJobKind,
        (project, stream): (ProjectName, ImageStreamName),
        outcome: BulkTagOutcome,
        job: JobState,
    ) -> Self {
        let lang = caller.context.lang;
        let stopped = job.end.and_then(|end| end.stopped);
        let result = job
            .end
            .map(|_| outcome_flash(lang, &project, &stream, kind, outcome, stopped));
        let title = match (kind, result.is_some()) {
            (TagJobKind::RemoveTags, false) => lang.msg("job-removing-title"),
            (TagJobKind::RemoveTags, true) => lang.msg("remove-tags-title"),
            (TagJobKind::RestoreTags, false) => lang.msg("job-restoring-title"),
            (TagJobKind::RestoreTags, true) => lang.msg("job-restore-title"),
        };
        let title = title
            .arg("count", job.total)
            .arg("stream", format!("{project}/{stream}"));
        Self {
            chrome: caller.chrome(Area::Images, title),
            kind,
            project,
            stream,
            total: job.total,
            done: job.done,
            failed: job.failed,
            processed: job.processed,
            started: job.started,
            stopped,
            has_ended: result.is_some(),
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
            TagJobKind::RemoveTags => lang.msg("job-progress-removed"),
            TagJobKind::RestoreTags => lang.msg("job-progress-restored"),
        };
        text.arg("done", self.done).arg("total", self.total)
    }

    fn refused_text(&self) -> Option<Message> {
        let text = self.chrome.lang.msg("job-refused-so-far");
        (self.failed > 0).then(|| text.arg("count", self.failed))
    }
}

/// The page about a job that this process does not know, or that another user started.
#[derive(Template, Serialize)]
#[template(path = "jobs/unknown.html")]
struct UnknownJobPage {
    #[serde(skip)]
    chrome: Chrome,
    /// The page that shows the state of what the job changes.
    #[serde(skip)]
    subject: JobSubject,
}

/// What a job changes, as far as its address says it.
enum JobSubject {
    Stream { path: String },
    Imports,
    Unknown,
}

impl JobSubject {
    /// What `?image=project/stream` or `?list=imports` means.
    fn of_query(query: &FormData) -> Self {
        if query.text("list") == "imports" {
            return Self::Imports;
        }
        let parse = |image: &str| {
            let (project, stream) = image.split_once('/')?;
            Some(links::stream(&project.parse().ok()?, &stream.parse().ok()?))
        };
        parse(query.text("image")).map_or(Self::Unknown, |path| Self::Stream { path })
    }
}

pub(in crate::web) async fn show_job(
    caller: SignedIn,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, WebError> {
    let query = FormData::parse(uri.query().unwrap_or_default().as_bytes());
    let Some(JobView { details, state }) = caller.job(&id).await? else {
        return unknown_job(&caller, JobSubject::of_query(&query));
    };
    let is_running = state.end.is_none();
    let mut response = match details {
        JobDetails::Tags {
            kind,
            project,
            stream,
            outcome,
        } => {
            let page = TagJobPage::new(&caller, kind, (project, stream), outcome, state);
            render(&caller.context, &page)
        }
        JobDetails::Imports(imports) => {
            let number = parse_page(query.text("page"));
            let page = ImportJobPage::new(&caller, id, imports, state, number);
            render(&caller.context, &page)
        }
    };
    if is_running && caller.context.format == ResponseFormat::Html {
        response
            .headers_mut()
            .insert(header::REFRESH, HeaderValue::from(REFRESH_SECONDS));
    }
    Ok(response)
}

/// The answer about a job that this process does not know, or that another user started.
pub(in crate::web::pages) fn unknown_import_job(caller: &SignedIn) -> Result<Response, WebError> {
    unknown_job(caller, JobSubject::Imports)
}

fn unknown_job(caller: &SignedIn, subject: JobSubject) -> Result<Response, WebError> {
    if caller.context.format == ResponseFormat::Json {
        return Err(Failure::NotFound(PageSubject::Page).into());
    }
    let area = match subject {
        JobSubject::Imports => Area::Imports,
        JobSubject::Stream { .. } | JobSubject::Unknown => Area::Images,
    };
    let page = UnknownJobPage {
        chrome: caller.chrome(area, caller.context.lang.msg("job-unknown-title")),
        subject,
    };
    let status = StatusCode::NOT_FOUND;
    Ok(render_with_status(status, &caller.context, &page))
}

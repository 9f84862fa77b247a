//! Renders the data of a page as HTML or JSON.

use askama::Template;
use axum::Extension;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::api;
use super::api_lists;
use super::assets;
use super::context::{RequestContext, ResponseFormat};
use super::csrf;
use super::errors::{WebError, render_problem_page};
use super::forms::Flash;
use super::links;
use super::preferences::{Theme, TimeFormat};
use crate::app::doctor::Severity;
use crate::app::failure::Failure;
use crate::app::live::{ChangeScope, PageRevision};
use crate::i18n::{Lang, Message};

/// The frame around every page.
#[derive(Clone, Debug)]
pub(crate) struct Chrome {
    /// The language of the page.
    pub(crate) lang: Lang,
    /// The current time, for relative times.
    pub(crate) now: DateTime<Utc>,
    pub(crate) theme: Theme,
    pub(crate) times: TimeFormat,
    /// The signed-in user.
    pub(crate) user: Option<SignedInName>,
    /// The session's form token; empty without a session.
    pub(crate) form_token: String,
    /// Path and query of this page, to return to it.
    pub(crate) path: String,
    /// The area of the console to which it belongs.
    pub(crate) area: Area,
    /// The request id, for error pages.
    pub(crate) request_id: String,
    /// The flash message of the last form.
    pub(crate) flash: Option<Flash>,
    /// The title, without the product's name.
    pub(crate) title: String,
    /// The URL of the page's live updates.
    pub(crate) live_updates_path: Option<String>,
    /// Whether the footer links to the doctor's page.
    pub(crate) links_doctor: bool,
    /// What the doctor's checks last found, for a user who may see them.
    pub(crate) health: Option<DoctorStatus>,
    /// Whether the navigation links to the administration.
    pub(crate) links_administration: bool,
    /// When the session ends at the latest.
    pub(crate) session_end: Option<DateTime<Utc>>,
}

/// The state of the console and its upstreams, as the masthead shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DoctorStatus {
    /// No check has run yet.
    Unknown,
    Good,
    Warning,
    Failure,
}

impl DoctorStatus {
    /// The status in which the worst finding of the doctor has this severity.
    pub(crate) fn from_severity(severity: Severity) -> Self {
        match severity {
            Severity::Ok | Severity::Note | Severity::Unknown => Self::Good,
            Severity::Warning => Self::Warning,
            Severity::Failure => Self::Failure,
        }
    }

    /// The icon, which is also the suffix of its class.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Good => "success",
            Self::Warning => "warning",
            Self::Failure => "danger",
        }
    }

    /// The text that says it.
    pub(crate) fn text(self, lang: &Lang) -> Message {
        match self {
            Self::Unknown => lang.msg("health-unknown"),
            Self::Good => lang.msg("health-good"),
            Self::Warning => lang.msg("health-warning"),
            Self::Failure => lang.msg("health-failure"),
        }
    }
}

/// The signed-in user, as the masthead shows them.
#[derive(Clone, Debug)]
pub(crate) struct SignedInName {
    pub(crate) name: String,
    /// The full name.
    pub(crate) full_name: Option<String>,
}

/// The areas of the console in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    Home,
    /// Image streams and images.
    Images,
    Projects,
    /// Tags that are imported from other registries.
    Imports,
    /// Using the registry with a client.
    Connect,
    /// Users, groups and diagnostics.
    Administration,
    /// The search.
    Search,
    Other,
}

impl Area {
    pub(crate) fn is_home(self) -> bool {
        self == Self::Home
    }

    pub(crate) fn is_imports(self) -> bool {
        self == Self::Imports
    }

    pub(crate) fn is_administration(self) -> bool {
        self == Self::Administration
    }

    pub(crate) fn is_images(self) -> bool {
        self == Self::Images
    }

    /// Whether the page is about using the registry with a client.
    pub(crate) fn is_connect(self) -> bool {
        self == Self::Connect
    }

    pub(crate) fn is_projects(self) -> bool {
        self == Self::Projects
    }
}

/// How long before the end of a session its pages say so: a token expires without a warning, and
/// what is typed into a form at that moment must be sent again.
const SESSION_END_NOTICE: TimeDelta = TimeDelta::minutes(10);

impl Chrome {
    /// The frame of a page titled `title`.
    pub(super) fn new(
        context: &RequestContext,
        now: DateTime<Utc>,
        area: Area,
        title: impl Into<String>,
    ) -> Self {
        let session = context.session.as_ref();
        Self {
            lang: context.lang,
            now,
            theme: context.theme,
            times: context.times,
            user: session.map(|session| SignedInName {
                name: session.user.name.clone(),
                full_name: session.user.full_name.clone(),
            }),
            form_token: session
                .map(|session| csrf::mask(&session.form_token))
                .unwrap_or_default(),
            path: context.path.clone(),
            area,
            request_id: context.request_id.clone(),
            flash: context.flash.clone(),
            title: title.into(),
            live_updates_path: None,
            links_doctor: session.is_some() && context.is_doctor_public,
            health: None,
            links_administration: session.is_some_and(|session| session.links_administration),
            session_end: session.map(|session| session.expires_at),
        }
    }

    /// The frame for a user whose session has just ended.
    pub(super) fn signed_out(self) -> Self {
        Self {
            user: None,
            form_token: String::new(),
            path: links::SIGNED_OUT.to_owned(),
            links_doctor: false,
            links_administration: false,
            session_end: None,
            ..self
        }
    }

    /// Adds live updates to a page that shows this scope up to this revision. Without a revision
    /// there are none.
    pub(super) fn with_live_updates(
        self,
        scope: &ChangeScope,
        page_revision: Option<&PageRevision>,
    ) -> Self {
        // Without a session there are no live updates.
        let live = page_revision
            .filter(|_| self.user.is_some())
            .map(|page_revision| links::live_updates(scope, page_revision));
        Self {
            live_updates_path: live,
            ..self
        }
    }

    /// The URL of a static file.
    #[expect(
        clippy::unused_self,
        reason = "templates reach it through the chrome that they have"
    )]
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    /// Whether the session ends so soon that its user should sign in again before.
    pub(crate) fn is_session_ending(&self) -> bool {
        self.session_end
            .is_some_and(|end| end - self.now <= SESSION_END_NOTICE)
    }

    /// How many minutes before its end a page says so.
    #[expect(
        clippy::unused_self,
        reason = "templates reach it through the chrome that they have"
    )]
    pub(crate) fn session_end_notice_minutes(&self) -> i64 {
        SESSION_END_NOTICE.num_minutes()
    }

    /// That the session ends, before and after the time that is left.
    pub(crate) fn session_ends(&self, end: &DateTime<Utc>) -> (String, String) {
        self.lang
            .msg("session-ends")
            .arg("time", self.lang.time_of_day(end))
            .split_at_arg("left")
    }

    /// The time that is left when the page says so: immediately, or later by a script.
    pub(crate) fn session_time_left(&self, end: &DateTime<Utc>) -> String {
        let shown_at = self.now.max(*end - SESSION_END_NOTICE);
        self.lang.time_left(end, shown_at)
    }

    /// Begins a sign-in that returns to this page.
    pub(crate) fn sign_in_again(&self) -> String {
        links::sign_in(&self.path)
    }

    /// The form in CSV of the list that the page shows.
    pub(crate) fn csv_link(&self) -> String {
        links::csv_form(&self.path, api::accepts)
    }

    /// The version of the console.
    #[expect(
        clippy::unused_self,
        reason = "templates reach it through the chrome that they have"
    )]
    pub(crate) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// Renders `page` in the requested format.
pub(super) fn render<P: Template + Serialize>(context: &RequestContext, page: &P) -> Response {
    render_with_status(StatusCode::OK, context, page)
}

/// Marks a response that already says what is wrong, and must not be replaced by an error page.
#[derive(Clone, Copy)]
pub(super) struct ErrorPageRendered;

/// The size of most pages: a buffer that grew from nothing would be copied a dozen times.
const INITIAL_CAPACITY_BYTES: usize = 96 << 10;

/// Renders with another status.
pub(super) fn render_with_status<P: Template + Serialize>(
    status: StatusCode,
    context: &RequestContext,
    page: &P,
) -> Response {
    match context.format {
        ResponseFormat::Json if status.is_client_error() || status.is_server_error() => {
            render_problem_page(status, context, page)
        }
        ResponseFormat::Json => api_lists::render(status, context, page),
        ResponseFormat::Html => render_html(status, page),
    }
}

/// Renders a page as HTML.
pub(super) fn render_html<P: Template>(status: StatusCode, page: &P) -> Response {
    let mut html = String::with_capacity(INITIAL_CAPACITY_BYTES);
    if page.render_into(&mut html).is_err() {
        return WebError::from(Failure::Internal("a template could not be rendered"))
            .into_response();
    }
    (
        status,
        Extension(ErrorPageRendered),
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        html,
    )
        .into_response()
}

//! From a page's data to an answer: HTML or JSON.

use askama::Template;
use axum::Extension;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::assets;
use super::context::{RequestContext, ResponseFormat};
use super::csrf;
use super::errors::WebError;
use super::forms::Flash;
use super::links;
use super::preferences::Theme;
use crate::app::failure::Failure;
use crate::app::live::{ChangeScope, PageRevision};
use crate::i18n::Lang;

/// What surrounds every page.
#[derive(Clone, Debug)]
pub(crate) struct Chrome {
    /// The language of everything on it.
    pub(crate) lang: Lang,
    /// The present moment, for relative times.
    pub(crate) now: DateTime<Utc>,
    pub(crate) theme: Theme,
    /// Who is signed in.
    pub(crate) user: Option<SignedInName>,
    /// The session's form token; empty without a session.
    pub(crate) form_token: String,
    /// Path and query of this page: where to come back to.
    pub(crate) path: String,
    /// Which part of the console it belongs to.
    pub(crate) area: Area,
    /// The name of the request, for error pages.
    pub(crate) request_id: String,
    /// What the last form did.
    pub(crate) flash: Option<Flash>,
    /// The title, without the product's name.
    pub(crate) title: String,
    /// Where the page hears what has changed since it was made.
    pub(crate) live_updates_path: Option<String>,
    /// Whether the footer leads to the doctor's page.
    pub(crate) links_doctor: bool,
}

/// The signed-in person, as the masthead shows them.
#[derive(Clone, Debug)]
pub(crate) struct SignedInName {
    pub(crate) name: String,
    /// What they are called.
    pub(crate) full_name: Option<String>,
}

/// The parts of the console that navigation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    Overview,
    /// Image streams and images.
    Images,
    Projects,
    /// The search, which has a box of its own.
    Search,
    /// Using the registry from outside.
    Connect,
    Other,
}

impl Area {
    pub(crate) fn is_overview(self) -> bool {
        self == Self::Overview
    }

    pub(crate) fn is_images(self) -> bool {
        self == Self::Images
    }

    /// On the page that searches.
    pub(crate) fn is_search(self) -> bool {
        self == Self::Search
    }

    /// About using the registry from outside.
    pub(crate) fn is_connect(self) -> bool {
        self == Self::Connect
    }

    pub(crate) fn is_projects(self) -> bool {
        self == Self::Projects
    }
}

impl Chrome {
    /// The surroundings of a page titled `title`.
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
        }
    }

    /// The same for a page that shows this, up to there; one without a mark hears of nothing.
    pub(super) fn with_live_updates(
        self,
        scope: &ChangeScope,
        mark: Option<&PageRevision>,
    ) -> Self {
        // Without a session there is nobody to tell.
        let live = mark
            .filter(|_| self.user.is_some())
            .map(|mark| links::live_updates(scope, mark));
        Self {
            live_updates_path: live,
            ..self
        }
    }

    /// The address of a static file.
    #[expect(
        clippy::unused_self,
        reason = "templates reach it through the chrome that they have"
    )]
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
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

/// Answers with `page` in the form that was asked for.
pub(super) fn render<P: Template + Serialize>(context: &RequestContext, page: &P) -> Response {
    render_with_status(StatusCode::OK, context, page)
}

/// Marks an answer that says itself what is wrong: nothing is put in its place.
#[derive(Clone, Copy)]
pub(super) struct ErrorPageRendered;

/// What a page of a list takes, and most others: one that grew from nothing would be copied a dozen
/// times.
const INITIAL_CAPACITY_BYTES: usize = 96 << 10;

/// The same with another status.
pub(super) fn render_with_status<P: Template + Serialize>(
    status: StatusCode,
    context: &RequestContext,
    page: &P,
) -> Response {
    match context.format {
        ResponseFormat::Json => {
            (status, Extension(ErrorPageRendered), axum::Json(page)).into_response()
        }
        ResponseFormat::Html => {
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
    }
}

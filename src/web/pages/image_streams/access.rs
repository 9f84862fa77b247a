//! `/images/{project}/{stream}/access`: who may pull from and push to an image stream, and why.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::header::stream_header;
use crate::app::access::{AccessView, SubjectRights};
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::StreamActions;
use crate::app::section::{Section, UnavailableReason};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ImagePath, SubjectQuery};
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{StreamTab, Tabs};
use registry_model::{Subject, SubjectKind};

#[derive(Template, Serialize)]
#[template(path = "image_streams/access.html")]
struct StreamAccessPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: AccessView,
    #[serde(skip)]
    actions: StreamActions,
    /// Untrusted.
    #[serde(skip)]
    typed_name: String,
    #[serde(skip)]
    kind: SubjectKind,
}

impl StreamAccessPage {
    fn header(&self) -> PageHeader {
        let view = &self.view;
        stream_header(
            self.chrome.lang,
            &view.project,
            &view.stream,
            self.actions,
            view.facts.as_ref(),
        )
    }

    fn tabs(&self) -> Tabs {
        let view = &self.view;
        Tabs::for_stream(
            self.chrome.lang,
            &view.project,
            &view.stream,
            StreamTab::Access,
        )
    }

    /// The form that gives `role` to the subject.
    fn grant_link(&self, subject: &Subject, role: &str) -> String {
        links::grant_role(
            &self.view.project,
            subject.kind.as_str(),
            &subject.name_with_project(),
            role,
        )
    }

    /// Whether the typed name is not valid for any subject.
    fn is_invalid_name(&self) -> bool {
        !self.typed_name.is_empty() && self.view.asked.is_none()
    }

    /// Whether the user lacks the right to create access reviews for other users.
    fn cannot_review(&self) -> bool {
        self.view
            .everybody
            .missing()
            .is_some_and(|missing| missing.why == UnavailableReason::NotAllowed)
    }

    /// The subjects with a right: those of the system, or all others.
    fn subjects(&self, system: bool) -> Vec<&SubjectRights> {
        let all = self
            .view
            .everybody
            .ready()
            .map(Vec::as_slice)
            .unwrap_or_default();
        all.iter()
            .filter(|one| one.is_system_subject() == system)
            .collect()
    }
}

pub(in crate::web) async fn show_stream_access(
    caller: SignedIn,
    path: ImagePath,
    query: SubjectQuery,
) -> Result<Response, WebError> {
    if path.reference.is_some() {
        return Err(Failure::NotFound(PageSubject::Page).into());
    }
    let (project, stream) = (path.project, path.stream);
    let console = caller.app();
    let (view, actions) = tokio::join!(
        console.stream_access(
            &project,
            &stream,
            query.subject(&project),
            caller.user_name(),
        ),
        console.stream_actions(&project)
    );
    let view = view?;
    let title = format!(
        "{} · {project}/{stream}",
        caller.context.lang.msg("tab-access")
    );
    let (typed, kind) = (query.name, query.kind.unwrap_or(SubjectKind::User));
    Ok(render(
        &caller.context,
        &StreamAccessPage {
            chrome: caller.chrome(Area::Images, title),
            view,
            actions,
            typed_name: typed,
            kind,
        },
    ))
}

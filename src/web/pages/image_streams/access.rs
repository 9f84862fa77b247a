//! `/images/{project}/{stream}/access`: who may pull from and push to an image stream, and why.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::header::stream_frame;
use crate::app::access::{AccessView, SubjectGroup, SubjectRights};
use crate::app::section::{Section, UnavailableReason};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ImagePath, SubjectQuery};
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{PageFrame, StreamTab};
use registry_model::{Subject, SubjectKind};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "image_streams/access.html")]
pub(super) struct StreamAccessPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    frame: PageFrame,
    #[serde(flatten)]
    view: AccessView,
    /// Untrusted.
    #[serde(skip)]
    typed_name: String,
    #[serde(skip)]
    kind: SubjectKind,
}

impl StreamAccessPage {
    /// The forms that grant pull and push to the subject.
    fn grant_links(&self, subject: &Subject) -> (Option<String>, Option<String>) {
        let link = |role| {
            links::grant_role(
                &self.view.project,
                subject.kind.as_str(),
                &subject.name_with_project(),
                role,
            )
        };
        (Some(link("registry-viewer")), Some(link("registry-editor")))
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

    /// The page that explains the rights of a subject in the list.
    fn check_link(&self, who: &Subject) -> String {
        let (kind, name) = (who.kind.as_str(), who.name_with_project());
        links::check_stream_access(&self.view.project, &self.view.stream, kind, &name)
    }

    /// The groups besides the members, without empty ones: id, subjects and title of each.
    fn other_groups(&self) -> Vec<(&'static str, Vec<&SubjectRights>, Message)> {
        let lang = self.chrome.lang;
        let groups = [
            ("others", SubjectGroup::Others, lang.msg("access-others")),
            (
                "robots",
                SubjectGroup::System,
                lang.msg("access-system-subjects"),
            ),
        ];
        groups
            .into_iter()
            .map(|(id, group, title)| (id, self.subjects(group), title))
            .filter(|(_, subjects, _)| !subjects.is_empty())
            .collect()
    }

    /// The subjects with a right in one of the groups.
    fn subjects(&self, group: SubjectGroup) -> Vec<&SubjectRights> {
        let all = self
            .view
            .everybody
            .ready()
            .map(Vec::as_slice)
            .unwrap_or_default();
        all.iter().filter(|one| one.group() == group).collect()
    }
}

pub(in crate::web) async fn show_stream_access(
    caller: SignedIn,
    path: ImagePath,
    query: SubjectQuery,
) -> Result<Response, WebError> {
    let (project, stream) = path.into_stream()?;
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
    let lang = caller.context.lang;
    let title = format!("{} · {project}/{stream}", lang.msg("tab-access"));
    let (of, tab) = ((&project, &stream), StreamTab::Access);
    let (typed, kind) = (query.name, query.kind.unwrap_or(SubjectKind::User));
    Ok(render(
        &caller.context,
        &StreamAccessPage {
            chrome: caller.chrome(Area::Images, title),
            frame: stream_frame(lang, of, actions, view.facts.as_ref(), tab),
            view,
            typed_name: typed,
            kind,
        },
    ))
}

//! `/images/{project}/{stream}/access`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::super::extract::Whom;
use crate::console::{AccessView, Granted, Section};
use crate::model::{ImageStreamName, ProjectName, SubjectKind};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::filters;
use crate::web::render::{Area, Chrome, page};

#[derive(Template, Serialize)]
#[template(path = "stream-access.html")]
struct AccessPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: AccessView,
    /// What was typed. Untrusted.
    #[serde(skip)]
    typed: String,
    #[serde(skip)]
    kind: SubjectKind,
}

impl AccessPage {
    /// Whether a name was typed that nobody can have.
    fn is_no_name(&self) -> bool {
        !self.typed.is_empty() && self.view.asked.is_none()
    }

    /// People and what was given here, or the robots of the cluster.
    fn rows(&self, system: bool) -> Vec<&Granted> {
        let all = self.view.everybody.ready().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|one| one.is_of_the_system() == system).collect()
    }
}

/// Who can, and why.
pub(super) async fn access(who: &SignedIn, project: &ProjectName, stream: &ImageStreamName, whom: &Whom) -> Result<Response, Refused> {
    let view = who.console().access(project, stream, whom.subject(project)).await?;
    let title = who.context.lang.msg("access-why").to_string();
    let (typed, kind) = (whom.name.clone(), whom.kind.unwrap_or(SubjectKind::User));
    Ok(page(&who.context, &AccessPage { chrome: who.chrome(Area::Images, title), view, typed, kind }))
}

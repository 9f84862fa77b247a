//! `/images/{project}/{stream}/access`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::access::{AccessView, Granted};
use crate::app::failure::{Failure, Subject};
use crate::app::section::{Section, Why};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{OfStream, Whom};
use crate::web::filters;
use crate::web::render::{Area, Chrome, page};
use registry_model::SubjectKind;

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

    /// Whether the person's roles do not include the right to know who else can.
    fn may_not_review(&self) -> bool {
        self.view
            .everybody
            .missing()
            .is_some_and(|missing| missing.why == Why::NotAllowed)
    }

    /// People and what was given here, or the robots of the cluster.
    fn rows(&self, system: bool) -> Vec<&Granted> {
        let all = self
            .view
            .everybody
            .ready()
            .map(Vec::as_slice)
            .unwrap_or_default();
        all.iter()
            .filter(|one| one.is_of_the_system() == system)
            .collect()
    }
}

/// Who can, and why.
pub(in crate::web) async fn access(
    who: SignedIn,
    of: OfStream,
    whom: Whom,
) -> Result<Response, Refused> {
    if of.reference.is_some() {
        return Err(Failure::NotFound(Subject::Page).into());
    }
    let view = who
        .console()
        .access(
            &of.project,
            &of.stream,
            whom.subject(&of.project),
            who.user_name(),
        )
        .await?;
    let title = who.context.lang.msg("access-why").to_string();
    let (typed, kind) = (whom.name, whom.kind.unwrap_or(SubjectKind::User));
    Ok(page(
        &who.context,
        &AccessPage {
            chrome: who.chrome(Area::Images, title),
            view,
            typed,
            kind,
        },
    ))
}

//! `/projects/{project}/delete`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::projects::ProjectDeletion;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::InProject;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::ProjectName;

#[derive(Template, Serialize)]
#[template(path = "delete-project.html")]
struct DeleteProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectDeletion,
    #[serde(skip)]
    name: Field,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
}

pub(in crate::web) async fn project_to_delete(
    who: SignedIn,
    InProject(name): InProject,
) -> Result<Response, Refused> {
    show(&who, &name, "", Mistakes::default(), None).await
}

/// Deletes the project, if its name was typed.
pub(in crate::web) async fn delete_project(
    who: SignedIn,
    InProject(name): InProject,
    sent: Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let typed = sent.text("name");
    let mut mistakes = Mistakes::default();
    if typed != name.as_str() {
        mistakes.add(
            "name",
            lang.msg("delete-project-mistyped").arg("project", &name),
        );
        return show(&who, &name, typed, mistakes, None).await;
    }
    match who.console().delete_project(&name).await {
        Ok(()) => Ok(who.done(
            Done::new(lang.msg("project-deleted").arg("project", &name)),
            links::PROJECTS,
        )),
        Err(failed) => show(&who, &name, typed, mistakes, Some(failed.refusal()?)).await,
    }
}

async fn show(
    who: &SignedIn,
    name: &ProjectName,
    typed: &str,
    mut mistakes: Mistakes,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let view = who.console().project_deletion(name).await?;
    let trouble = refusal.map(|refusal| Trouble::of(refusal, lang, &[], &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let label = lang.msg("delete-project-confirm").arg("project", name);
    let page = DeleteProjectPage {
        chrome: who.chrome(Area::Projects, lang.msg("delete-project").to_string()),
        name: Field::new("name", label, typed, &mistakes).required(),
        view,
        mistakes,
        trouble,
    };
    Ok(page_with(status, &who.context, &page))
}

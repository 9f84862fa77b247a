//! `/projects/{project}/delete`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::projects::ProjectDeletion;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::ProjectName;

#[derive(Template, Serialize)]
#[template(path = "projects/delete.html")]
struct DeleteProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectDeletion,
    #[serde(skip)]
    name: FormField,
    mistakes: FieldErrors,
    trouble: Option<SubmitError>,
}

pub(in crate::web) async fn confirm_delete_project(
    who: SignedIn,
    ProjectPath(name): ProjectPath,
) -> Result<Response, WebError> {
    render_confirmation(&who, &name, "", FieldErrors::default(), None).await
}

/// Deletes the project, if its name was typed.
pub(in crate::web) async fn delete_project(
    who: SignedIn,
    ProjectPath(name): ProjectPath,
    sent: FormData,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let typed = sent.text("name");
    let mut mistakes = FieldErrors::default();
    if typed != name.as_str() {
        mistakes.add(
            "name",
            lang.msg("delete-project-mistyped").arg("project", &name),
        );
        return render_confirmation(&who, &name, typed, mistakes, None).await;
    }
    match who.app().delete_project(&name).await {
        Ok(()) => Ok(who.redirect_with_flash(
            Flash::new(lang.msg("project-deleted").arg("project", &name)),
            links::PROJECTS,
        )),
        Err(failed) => {
            render_confirmation(&who, &name, typed, mistakes, Some(failed.into_refusal()?)).await
        }
    }
}

async fn render_confirmation(
    who: &SignedIn,
    name: &ProjectName,
    typed: &str,
    mut mistakes: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let view = who.app().project_deletion(name).await?;
    let trouble =
        refusal.map(|refusal| SubmitError::from_change_error(refusal, lang, &[], &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let label = lang.msg("delete-project-confirm").arg("project", name);
    let page = DeleteProjectPage {
        chrome: who.chrome(Area::Projects, lang.msg("delete-project").to_string()),
        name: FormField::new("name", label, typed, &mistakes).with_required(),
        view,
        mistakes,
        trouble,
    };
    Ok(render_with_status(status, &who.context, &page))
}

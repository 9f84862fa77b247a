//! `/projects/{project}/delete`: deletes a project.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::projects::{DeletionImpact, ProjectDeletion};
use crate::app::section::Section;
use crate::app::usage::USAGE_SECTION_TIMEOUT;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::ProjectName;

#[derive(Template, Serialize)]
#[template(path = "projects/delete.html")]
struct DeleteProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectDeletion,
    impact: Section<DeletionImpact>,
    #[serde(skip)]
    name: FormField,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl DeleteProjectPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below_project(lang, &self.view.project.name)
            .with_current(lang.msg("delete-project"))
    }
}

pub(in crate::web) async fn confirm_delete_project(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
) -> Result<Response, WebError> {
    render_confirmation(&caller, &name, "", FieldErrors::default(), None).await
}

/// Deletes the project if the typed name matches.
pub(in crate::web) async fn delete_project(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let typed = form.text("name");
    let mut field_errors = FieldErrors::default();
    if typed != name.as_str() {
        field_errors.add(
            "name",
            lang.msg("delete-project-mistyped").arg("project", &name),
        );
        return render_confirmation(&caller, &name, typed, field_errors, None).await;
    }
    match caller.app().delete_project(&name).await {
        Ok(()) => Ok(caller.redirect_with_flash(
            Flash::new(lang.msg("project-deleted").arg("project", &name)),
            links::PROJECTS,
        )),
        Err(failed) => {
            render_confirmation(
                &caller,
                &name,
                typed,
                field_errors,
                Some(failed.into_refusal()?),
            )
            .await
        }
    }
}

async fn render_confirmation(
    caller: &SignedIn,
    name: &ProjectName,
    typed: &str,
    mut field_errors: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let app = caller.app();
    // Boxed, because a page polls it deep in its stack.
    let impact = Box::pin(app.project_deletion_impact(name, USAGE_SECTION_TIMEOUT));
    let (view, impact) = tokio::join!(app.project_deletion(name), impact);
    let view = view?;
    let submit_error = refusal
        .map(|refusal| SubmitError::from_change_error(refusal, lang, &[], &mut field_errors));
    let status = field_errors.status(submit_error.as_ref());
    let title = lang
        .msg("delete-project-title")
        .arg("project", name)
        .to_string();
    let label = lang.msg("delete-project-confirm").arg("project", name);
    let page = DeleteProjectPage {
        chrome: caller.chrome(Area::Projects, title),
        name: FormField::new("name", label, typed, &field_errors).with_required(),
        view,
        impact: Section::from(impact),
        field_errors,
        submit_error,
    };
    Ok(render_with_status(status, &caller.context, &page))
}
